"""How much of a customer's mail an episode hits.

The share is that of the mail offered from one sender to one mailbox provider in all that was offered for the customers
who hold or share the sender, at all providers, within the same span. Mail belongs to whoever holds the IP it left from;
where that is nobody's, to whoever holds the sending domain. What was not measured has no share, which is not zero.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import NamedTuple

from deliverwatch.core.inventory import Holdings
from deliverwatch.core.subjects import Subject, SubjectKind, parse_subject


class Attempts(NamedTuple):
    """All that one sender offered to one mailbox provider in a span, as one source tells. None: not measured. Empty
    text: not known."""

    ip: str
    domain: str
    provider: str
    attempted: int | None
    delivered: int | None = None
    deferred: int | None = None
    complaints: int | None = None
    source: str = ""


class MailShares:
    """Of one span that ends on `day`. `attempts`: each mail once (`core.told_twice`). Those of one sender, and what was
    offered for one customer, are found without going through all: thousands of listings may ask."""

    def __init__(self, attempts: Iterable[Attempts], holdings: Holdings, day: date) -> None:
        self._attempts = [each for each in attempts if each.attempted]
        self._holdings, self._day = holdings, day
        self._parties = lru_cache(None)(self._parties_of)

    def of(self, subject: Subject, provider: str | None = None) -> float | None:
        """0 to 1; `provider` None: at all of them. None: nothing was measured of the sender, or nobody holds it."""
        owners = self._parties(subject.value)
        hit = [
            each
            for each in self._by_name.get(subject.value, ())
            if provider in (None, each.provider) and not owners.isdisjoint(self._owners(each))
        ]
        total = sum(self._offered[group] for group in self._groups_of(owners))
        return round(sum(each.attempted or 0 for each in hit) / total, 4) if hit and total else None

    def hit(self, subject: Subject) -> dict[str, float | bool]:
        """What an event says of it: `mail_share`, or `idle` of an IP where the mail of its customers was measured and
        none came from there. Nothing where nothing is known: a domain may stand in mail without sending it."""
        share = self.of(subject)
        if share is not None:
            return {"mail_share": share}
        if subject.kind is SubjectKind.DOMAIN:
            return {}
        return {"idle": True} if self._groups_of(self._parties(subject.value)) else {}

    def _groups_of(self, owners: frozenset[str]) -> set[frozenset[str]]:
        """The sets of owners that any of these are in."""
        return {group for owner in owners for group in self._groups.get(owner, ())}

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Attempts]]:
        named: dict[str, list[Attempts]] = defaultdict(list)
        for each in self._attempts:
            for name in {each.ip, each.domain}:
                named[name].append(each)
        return named

    @cached_property
    def _offered(self) -> Mapping[frozenset[str], int]:
        """By the set of owners whose mail it is."""
        offered: dict[frozenset[str], int] = defaultdict(int)
        for each in self._attempts:
            offered[self._owners(each)] += each.attempted or 0
        return offered

    @cached_property
    def _groups(self) -> Mapping[str, Sequence[frozenset[str]]]:
        """By each owner the sets that they are in."""
        groups: dict[str, list[frozenset[str]]] = defaultdict(list)
        for group in self._offered:
            for owner in group:
                groups[owner].append(group)
        return groups

    def theirs(self, party: str) -> Sequence[tuple[Attempts, frozenset[str]]]:
        """What was offered for a customer, each with all customers whose mail it is."""
        return self._by_party.get(party, ())

    @cached_property
    def _by_party(self) -> Mapping[str, Sequence[tuple[Attempts, frozenset[str]]]]:
        found: dict[str, list[tuple[Attempts, frozenset[str]]]] = defaultdict(list)
        for each in self._attempts:
            owners = self._owners(each)
            for party in owners:
                found[party].append((each, owners))
        return found

    def _owners(self, attempts: Attempts) -> frozenset[str]:
        return self._parties(attempts.ip) or self._parties(attempts.domain)

    def _parties_of(self, name: str) -> frozenset[str]:
        try:
            return frozenset(self._holdings.parties(parse_subject(name), self._day)) if name else frozenset()
        except ValueError:  # a name that only a log could hold
            return frozenset()
