"""Everybody's facts of one week, in order by whose they are: made once, for the reports of all whose week it is.

A report goes through the customer's own assets, and an installation has a thousand customers: each of their reports
must not go through the listings, gaps and blocks of all the others. Which of a subject's facts are a customer's in the
end is decided where they are cut (`core.week_listings`, `core.week_blocks`); here they are only near.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from deliverwatch.core.block import Episode
from deliverwatch.core.coverage import Cycle, Gap, Rounds, Span
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation.draft import Draft
from deliverwatch.core.subjects import Subject

_Fact = TypeVar("_Fact", Listing, Gap, Episode)


@dataclass(frozen=True, slots=True)
class WeekFacts:
    """`rounds`: by list. `listings`, `gaps`, `episodes`: by each customer who ever held or shared the subject."""

    holdings: Holdings
    rounds: Mapping[str, Rounds]
    listings: Mapping[str, Sequence[Listing]]
    gaps: Mapping[str, Sequence[Gap]]
    episodes: Mapping[str, Sequence[Episode]]
    drafts: Sequence[Draft]


def week_facts(
    covered: Span,
    holdings: Holdings,
    listings: Iterable[Listing],
    cycles: Iterable[Cycle],
    gaps: Iterable[Gap],
    episodes: Iterable[Episode],
    drafts: Iterable[Draft],
) -> WeekFacts:
    """`covered`: as much of the week as has passed. `cycles` must reach back one interval before it."""

    @cache
    def parties(subject: Subject) -> frozenset[str]:
        return frozenset(party for asset in holdings.of(subject) for party in asset.parties)

    return WeekFacts(
        holdings,
        _by_list(cycles, covered),
        _by_party(listings, lambda listing: parties(listing.subject)),
        _by_party(gaps, lambda gap: parties(gap.watch.subject)),
        _by_party(episodes, lambda episode: parties(episode.subject)),
        list(drafts),
    )


def _by_list(cycles: Iterable[Cycle], covered: Span) -> dict[str, Rounds]:
    found: dict[str, list[Cycle]] = defaultdict(list)
    for cycle in cycles:
        if cycle.started_at < covered.end:
            found[cycle.list_id].append(cycle)
    return {list_id: Rounds(some, covered.begin) for list_id, some in found.items()}


def _by_party(facts: Iterable[_Fact], parties: Callable[[_Fact], Iterable[str]]) -> dict[str, list[_Fact]]:
    found: dict[str, list[_Fact]] = defaultdict(list)
    for fact in facts:
        for party in parties(fact):
            found[party].append(fact)
    return dict(found)
