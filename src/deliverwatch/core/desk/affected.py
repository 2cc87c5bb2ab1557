"""Customers, worst first by how much of their mail is affected.

What affects mail: open listings on lists that lead, and open blocks. The share is that of all mail which was measured
for the customer, each message once however many listings its sender has. Three things are told apart: a share that was
measured, senders that were idle while the customer's mail was measured (nothing is affected now), and what was not
measured, which may be all of it. So those with a share come first, by it; then those whose share nobody knows, by the
gravest listing; then those whose listed senders are idle.

Of a sender that others use, how much they all send is nobody's to know: whoever does not see all of them is told no
share of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.inventory import Customer
from deliverwatch.core.mail_share import Attempts, MailShares
from deliverwatch.core.subjects import Subject, SubjectKind

Parties = Mapping[str, Collection[str]]
"""By subject: the customers concerned."""


class Listed(NamedTuple):
    """What counts of an open listing."""

    list_id: str
    subject: Subject
    impact: Impact
    incident: str


class Blocked(NamedTuple):
    """What counts of an open block."""

    provider: str
    subject: Subject


@dataclass(frozen=True, slots=True)
class Affected:
    """`listings`: incidents on lists that lead; `subjects`: listed there, or blocked. `where`: ids of these lists, the
    gravest first, and of the mailbox providers that block. `share` None: not known."""

    customer: Customer
    listings: int
    blocks: int
    subjects: int
    where: tuple[str, ...]
    worst: Impact
    share: float | None

    @property
    def rank(self) -> tuple[bool, float, int, int, str]:
        """Smaller is worse."""
        idle = self.share == 0
        return idle, -(self.share or 0), -self.worst.rank, -self.subjects, self.customer.name.casefold()


@dataclass(slots=True)
class _Trouble:
    listings: list[Listed] = field(default_factory=list)
    blocks: list[Blocked] = field(default_factory=list)

    @property
    def subjects(self) -> set[Subject]:
        return {each.subject for each in self.listings} | {each.subject for each in self.blocks}


def worst_first(
    customers: Mapping[str, Customer],
    listings: Iterable[Listed],
    blocks: Iterable[Blocked],
    parties: Parties,
    shares: MailShares,
    *,
    sees_all: bool,
) -> list[Affected]:
    """Those with open trouble. `customers`: whom the viewer sees; `listings`: on lists that lead."""
    troubles: dict[str, _Trouble] = defaultdict(_Trouble)
    for listing in listings:
        for party in parties.get(listing.subject.value, ()):
            troubles[party].listings.append(listing)
    for block in blocks:
        for party in parties.get(block.subject.value, ()):
            troubles[party].blocks.append(block)
    within = None if sees_all else frozenset(customers)
    found = [_affected(customers[id_], each, shares, within) for id_, each in troubles.items() if id_ in customers]
    return sorted(found, key=lambda each: each.rank)


def _affected(customer: Customer, trouble: _Trouble, shares: MailShares, within: frozenset[str] | None) -> Affected:
    gravest = sorted(trouble.listings, key=lambda each: -each.impact.rank)
    blocking = sorted({each.provider for each in trouble.blocks})
    return Affected(
        customer=customer,
        listings=len({each.incident for each in trouble.listings}),
        blocks=len(trouble.blocks),
        subjects=len(trouble.subjects),
        where=tuple(dict.fromkeys((*blocking, *(each.list_id for each in gravest)))),
        worst=Impact.CRITICAL if blocking else gravest[0].impact,
        share=_share(trouble, shares.theirs(customer.id), within),
    )


def _share(
    trouble: _Trouble, theirs: Sequence[tuple[Attempts, frozenset[str]]], within: frozenset[str] | None
) -> float | None:
    told = [attempts for attempts, owners in theirs if within is None or owners <= within]
    total = sum(each.attempted or 0 for each in told)
    if not total:
        return None
    listed = {each.subject.value for each in trouble.listings}
    blocked = {(each.subject.value, each.provider) for each in trouble.blocks}
    hit = sum(each.attempted or 0 for each in told if _is_hit(each, listed, blocked))
    if not hit and not _all_measured(trouble, len(told) == len(theirs)):
        return None
    return hit / total


def _is_hit(each: Attempts, listed: Collection[str], blocked: Collection[tuple[str, str]]) -> bool:
    names = (each.ip, each.domain)
    return any(name and (name in listed or (name, each.provider) in blocked) for name in names)


def _all_measured(trouble: _Trouble, all_told: bool) -> bool:
    """Whether "none" is an answer: a domain may stand in mail without sending it, and of what is not told one knows
    nothing."""
    return all_told and all(each.kind is not SubjectKind.DOMAIN for each in trouble.subjects)
