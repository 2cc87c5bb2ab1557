"""How much of a customer's mail an episode hits.

The share is that of the mail offered from one sender to one mailbox provider in all that was offered for the customers
who hold or share the sender, at all providers, within the same span. Mail belongs to whoever holds the IP it left from;
where that is nobody's, to whoever holds the sending domain. What was not measured has no share, which is not zero.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
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
    """Of one span that ends on `day`. `attempts`: each mail once (`core.told_twice`)."""

    def __init__(self, attempts: Iterable[Attempts], holdings: Holdings, day: date) -> None:
        self._attempts = [each for each in attempts if each.attempted]
        self._holdings, self._day = holdings, day
        self._parties = lru_cache(None)(self._parties_of)

    def of(self, subject: Subject, provider: str | None = None) -> float | None:
        """0 to 1; `provider` None: at all of them. None: nothing was measured of the sender, or nobody holds it."""
        owners = self._parties(subject.value)
        theirs = [each for each in self._attempts if not owners.isdisjoint(self._owners(each))]
        total = sum(each.attempted or 0 for each in theirs)
        hit = [each for each in theirs if provider in (None, each.provider) and subject.value in (each.ip, each.domain)]
        return round(sum(each.attempted or 0 for each in hit) / total, 4) if hit and total else None

    def hit(self, subject: Subject) -> dict[str, float | bool]:
        """What an event says of it: `mail_share`, or `idle` of an IP where the mail of its customers was measured and
        none came from there. Nothing where nothing is known: a domain may stand in mail without sending it."""
        share = self.of(subject)
        if share is not None:
            return {"mail_share": share}
        if subject.kind is SubjectKind.DOMAIN:
            return {}
        owners = self._parties(subject.value)
        measured = any(not owners.isdisjoint(self._owners(each)) for each in self._attempts)
        return {"idle": True} if measured else {}

    def _owners(self, attempts: Attempts) -> frozenset[str]:
        return self._parties(attempts.ip) or self._parties(attempts.domain)

    def _parties_of(self, name: str) -> frozenset[str]:
        try:
            return frozenset(self._holdings.parties(parse_subject(name), self._day)) if name else frozenset()
        except ValueError:  # a name that only a log could hold
            return frozenset()
