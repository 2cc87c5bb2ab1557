"""A customer's week by place: by the mail stream and pool of their IPs, and by each of their domains.

Beside the listings of a place stand the watch-hours in which nothing is known of it: a place without listings that was
not looked at is no better than one that was listed, and reads so. A subject counts where it was last; a listing where
it began.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from deliverwatch.core.coverage import Gap, Span, total
from deliverwatch.core.inventory import Asset
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verification import Coverage, ListCoverage, Stake, can_be_verified, deciding_spans
from deliverwatch.core.week_listings import ReportedListing


class Place(NamedTuple):
    """`domain`: of sending domains, each its own place."""

    stream: str | None
    pool: str | None
    domain: str | None


@dataclass(frozen=True, slots=True)
class PlaceWeek:
    """`open_at_end`, `listed`, `listed_before`: listings; in the week and the one before (None: not known). `due_for`,
    `unverified_for`: watch-hours of all lists that can be verified."""

    place: Place
    open_at_end: int
    listed: int
    listed_before: int | None
    due_for: timedelta
    unverified_for: timedelta

    @property
    def is_quiet(self) -> bool:
        """There is nothing to tell of it, and it was watched."""
        return bool(self.due_for) and not (self.listed or self.listed_before or self.unverified_for)


class _Watched(NamedTuple):
    due_for: timedelta = timedelta(0)
    unverified_for: timedelta = timedelta(0)


def places_of_week(
    coverage: Coverage,
    checked: Sequence[ListCoverage],
    every: Mapping[str, timedelta],
    listings: Sequence[ReportedListing],
    before: Sequence[ReportedListing] | None,
) -> tuple[PlaceWeek, ...]:
    """The worst first. `checked`: what `coverage` says of each list. `before`: the listings of the week before."""
    watched = _watched(coverage, checked, every)
    now, last = _by_place(listings), _by_place(before or ())
    at = coverage.period.end
    found = [
        PlaceWeek(
            place,
            sum(each.open_at(at) for each in now.get(place, ())),
            len(now.get(place, ())),
            None if before is None else len(last.get(place, ())),
            *watched.get(place, _Watched()),
        )
        for place in {**watched, **now, **last}
    ]
    return tuple(sorted(found, key=_worst_first))


def place_of(listing: ReportedListing) -> Place:
    return _place(
        listing.stream, listing.pool, listing.subject.value, is_domain=listing.subject.kind is SubjectKind.DOMAIN
    )


def _place(stream: str | None, pool: str | None, name: str, *, is_domain: bool) -> Place:
    return Place(None, None, name) if is_domain else Place(stream, pool, None)


def _worst_first(each: PlaceWeek) -> tuple[object, ...]:
    name = tuple(part or "" for part in each.place)
    return -each.open_at_end, -each.listed, -each.unverified_for, each.place.domain is not None, name


def _by_place(listings: Iterable[ReportedListing]) -> dict[Place, list[ReportedListing]]:
    found: dict[Place, list[ReportedListing]] = defaultdict(list)
    for each in listings:
        found[place_of(each)].append(each)
    return found


def _watched(
    coverage: Coverage, checked: Sequence[ListCoverage], every: Mapping[str, timedelta]
) -> dict[Place, _Watched]:
    """A list that was verified throughout was so in every place, and only the others are looked at once more."""
    stakes: dict[Place, list[Stake]] = defaultdict(list)
    for stake in coverage.stakes:
        stakes[_last_place(stake.assets, coverage.customer_id, coverage.period)].append(stake)
    gaps = _gaps_by_place(coverage)
    found: dict[Place, _Watched] = {}
    for place, some in stakes.items():
        here = replace(coverage, stakes=some, gaps=gaps[place])
        lists = [(each, here.of(each.blocklist, every[each.blocklist.id])) for each in checked if _has_holes(each)]
        of_holes = [each for _, each in lists if each is not None]
        found[place] = _Watched(
            sum((_due_for(each, some) for each in checked), timedelta(0)),
            sum((each.due_for - each.verified_for for each in of_holes), timedelta(0)),
        )
    return found


def _has_holes(checked: ListCoverage) -> bool:
    return checked.verified_for < checked.due_for


def _due_for(checked: ListCoverage, stakes: Iterable[Stake]) -> timedelta:
    of = checked.blocklist
    mine = (stake for stake in stakes if of.covers(stake.kind) and can_be_verified(of, stake.kind))
    return sum((total(stake.spans) * stake.count for stake in mine), timedelta(0))


def _last_place(assets: Sequence[Asset], customer_id: str, period: Span) -> Place:
    mine = [(span, asset) for asset, span in deciding_spans(assets, customer_id) if span.within(period).length]
    _, asset = max(mine, key=_end)
    return _place(asset.stream, asset.pool, asset.name, is_domain=asset.is_domain)


def _end(piece: tuple[Span, Asset]) -> datetime:
    return piece[0].end


def _gaps_by_place(coverage: Coverage) -> dict[Place, dict[str, list[Gap]]]:
    found: dict[Place, dict[str, list[Gap]]] = defaultdict(lambda: defaultdict(list))
    for list_id, gaps in coverage.gaps.items():
        for gap in gaps:
            assets = coverage.holdings.of(gap.watch.subject)
            if any(span.within(coverage.period).length for _, span in deciding_spans(assets, coverage.customer_id)):
                place = _last_place(assets, coverage.customer_id, coverage.period)
                found[place][list_id].append(gap)
    return found
