"""The weekly report of one customer, as a value: what was listed, what was verified, and what was not.

The report speaks of one ISO week, cut in the customer's service zone, as far as it had passed when the report was
made, beside the week before (`core.week_before`). Everything in it goes through the customer's own assets
(`core.week_listings`). A void listing is told as a correction and counts in no figure, so that `opened`, `closed` and
`open_at_end` add up with what was open before.

It never says "all clear" unless every critical list (one with any code of critical impact) that covers their subjects
is on and verified (`core.verification`), and 95 % of the watch-hours of all lists that are on and can be verified.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from deliverwatch.core.blocklist import AccessTerms, Blocklist, Impact
from deliverwatch.core.bulletin import BulletinItem
from deliverwatch.core.coverage import Gap, Span
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Customer
from deliverwatch.core.missed_lists import is_critical, missed_lists
from deliverwatch.core.practice import Advice, CheckResult
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.told_twice import Spaces
from deliverwatch.core.verification import (
    ENOUGH_VERIFIED_RATIO,
    Coverage,
    ListCoverage,
    UnverifiableList,
    UnverifiedList,
    UnverifiedWatch,
    stakes,
    unverifiable_kinds,
)
from deliverwatch.core.week_before import (
    UNKNOWN_WEEK,
    FigureName,
    LastWeek,
    WeekBefore,
    counts_by_name,
    look_back,
    mail_by_name,
)
from deliverwatch.core.week_blocks import ReportedBlock, reported_blocks
from deliverwatch.core.week_facts import WeekFacts
from deliverwatch.core.week_listings import ListingCounts, ReportedListing, counts_of, reported_listings
from deliverwatch.core.week_mail import NOT_MEASURED, Counted, WeekMail, can_grow, week_mail
from deliverwatch.core.week_places import PlaceWeek, places_of_week
from deliverwatch.core.week_practice import NEVER_CHECKED, WeekPractice, week_practice
from deliverwatch.core.week_requests import ReportedDraft, reported_drafts, told_episodes
from deliverwatch.core.week_warmups import ReportedWarmup

_Named = TypeVar("_Named", UnverifiedList, UnverifiedWatch)


class WeekVerdict(StrEnum):
    """LISTED: something is listed at the week's end, or was. ALL_CLEAR: verified. NOT_VERIFIED: nothing seen, but not
    enough checked to say so."""

    ALL_CLEAR = "all_clear"
    LISTED = "listed"
    NOT_VERIFIED = "not_verified"


@dataclass(frozen=True, slots=True)
class NotWatched:
    """A list that matters and is off. `terms`: what it takes to turn it on; `takes`: that in the catalogue's words."""

    list_id: str
    list_name: str
    impact: Impact
    terms: AccessTerms
    takes: str


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """`covered`: the part of the week that had passed. `due_for`, `verified_for`: watch-hours of all lists on that can
    be verified; `lists_watched` counts these. `unverifiable`: the other lists that are on.

    `enough_verified`: "not listed" may be said of what is not in `listings`. `mail_can_grow`: its counts are not final
    yet. `note`: the TAM's words.
    """

    customer: Customer
    week: str
    span: Span
    covered: Span
    zone_name: str
    made_at: datetime
    verdict: WeekVerdict
    enough_verified: bool
    subjects_watched: int
    lists_watched: int
    opened: int
    closed: int
    open_at_end: int
    due_for: timedelta
    verified_for: timedelta
    listings: tuple[ReportedListing, ...]
    corrections: tuple[ReportedListing, ...]
    unverified: tuple[UnverifiedList, ...]
    unverified_watches: tuple[UnverifiedWatch, ...]
    unverifiable: tuple[UnverifiableList, ...]
    not_watched: tuple[NotWatched, ...]
    drafts: tuple[ReportedDraft, ...]
    warmups: tuple[ReportedWarmup, ...] = ()
    blocks: tuple[ReportedBlock, ...] = ()
    practice: WeekPractice = NEVER_CHECKED
    places: tuple[PlaceWeek, ...] = ()
    mail: WeekMail = NOT_MEASURED
    mail_can_grow: bool = False
    before: WeekBefore = UNKNOWN_WEEK
    bulletin: tuple[BulletinItem, ...] = ()
    note: str = ""

    @property
    def verified_ratio(self) -> float:
        """0 when nothing was due: what was not watched was not verified."""
        return self.verified_for / self.due_for if self.due_for else 0.0

    @property
    def figures(self) -> dict[str, int | float | None]:
        """By name, for the next report to compare with."""
        counts = ListingCounts(self.open_at_end, self.opened, self.closed)
        return {
            **counts_by_name(counts),
            **mail_by_name(self.mail),
            FigureName.VERIFIED_RATIO: self.verified_ratio,
            FigureName.WATCH_HOURS: self.due_for // timedelta(hours=1),
        }

    @property
    def listing_keys(self) -> tuple[str, ...]:
        """The episodes it tells of as real: what a correction must reach if one of them turns out void."""
        return tuple(dict.fromkeys(listing.key for listing in self.listings))


def assemble(
    *,
    customer: Customer,
    week: str,
    span: Span,
    zone_name: str,
    made_at: datetime,
    facts: WeekFacts,
    lists_on: Sequence[Blocklist],
    lists_off: Sequence[Blocklist],
    every: Mapping[str, timedelta],
    endings: Mapping[str, str] | None = None,
    warmups: Iterable[ReportedWarmup] = (),
    provider_names: Mapping[str, str] | None = None,
    practice: Sequence[CheckResult] = (),
    advice: Iterable[Advice] = (),
    counted: Iterable[Counted] = (),
    last_week: LastWeek | None = None,
    spaces: Spaces | None = None,
    bulletin: Iterable[BulletinItem] = (),
    note: str = "",
) -> WeeklyReport:
    """Takes everybody's facts and keeps this customer's; `warmups`, `practice` and `advice` are theirs already. The
    listings of `facts` must reach back to the begin of `last_week`. `endings`: when what goes by a form ends by itself.
    `counted`: mail of the week. `spaces`: see `core.told_twice`."""
    covered = Span(span.begin, min(span.end, made_at))
    holdings, listings = facts.holdings, facts.listings.get(customer.id, ())
    mine = stakes(holdings, customer.id, covered)
    catalogue = {blocklist.id: blocklist for blocklist in (*lists_off, *lists_on)}
    seen = reported_listings(customer.id, holdings, listings, catalogue, covered)
    told = tuple(listing for listing in seen if listing.ended is not Ending.VOID)
    coverage = Coverage(
        covered, customer.id, holdings, mine, facts.rounds, _gaps_by_list(facts.gaps.get(customer.id, ()))
    )
    checked = [each for each in (coverage.of(blocklist, every[blocklist.id]) for blocklist in lists_on) if each]
    kinds = {stake.kind for stake in mine}
    not_watched = _not_watched(lists_on, lists_off, kinds)
    due_for = sum((each.due_for for each in checked), timedelta(0))
    verified_for = sum((each.verified_for for each in checked), timedelta(0))
    enough = _enough_verified(checked, not_watched, due_for, verified_for)
    providers, own = provider_names or {}, spaces or {}
    blocks = reported_blocks(customer.id, holdings, facts.episodes.get(customer.id, ()), providers, covered)
    names = {**providers, **{each.id: each.name for each in catalogue.values()}}
    counts = counts_of(told, covered)
    told_before, before = look_back(customer.id, holdings, listings, catalogue, last_week, due_for, own)
    return WeeklyReport(
        customer=customer,
        week=week,
        span=span,
        covered=covered,
        zone_name=zone_name,
        made_at=made_at,
        verdict=WeekVerdict.LISTED if told else WeekVerdict.ALL_CLEAR if enough else WeekVerdict.NOT_VERIFIED,
        enough_verified=enough,
        subjects_watched=sum(stake.count for stake in mine),
        lists_watched=len(checked),
        opened=counts.opened,
        closed=counts.closed,
        open_at_end=counts.open_at_end,
        due_for=due_for,
        verified_for=verified_for,
        listings=told,
        corrections=tuple(listing for listing in seen if listing.ended is Ending.VOID),
        unverified=_worst_first(each.unverified for each in checked if each.unverified is not None),
        unverified_watches=_worst_first(watch for each in checked for watch in each.watches),
        unverifiable=_unverifiable(lists_on, kinds),
        not_watched=not_watched,
        drafts=reported_drafts(facts.drafts, customer.id, told_episodes(told, blocks, coverage), names, endings or {}),
        warmups=tuple(warmups),
        blocks=blocks,
        practice=week_practice(practice, advice, covered),
        places=places_of_week(coverage, checked, every, told, told_before if before.listings else None),
        mail=week_mail(customer.id, holdings, counted, own),
        mail_can_grow=can_grow(covered, made_at),
        before=before,
        bulletin=tuple(bulletin),
        note=note,
    )


def _gaps_by_list(gaps: Iterable[Gap]) -> dict[str, list[Gap]]:
    found: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        found[gap.watch.list_id].append(gap)
    return found


def _enough_verified(
    checked: Iterable[ListCoverage], not_watched: Iterable[NotWatched], due_for: timedelta, verified_for: timedelta
) -> bool:
    critical = [each for each in checked if is_critical(each.blocklist)]
    return (
        bool(due_for)
        and verified_for >= ENOUGH_VERIFIED_RATIO * due_for
        and all(each.enough for each in critical)
        and not any(each.impact is Impact.CRITICAL for each in not_watched)
    )


def _not_watched(
    lists_on: Iterable[Blocklist], lists_off: Iterable[Blocklist], kinds: set[SubjectKind]
) -> tuple[NotWatched, ...]:
    return tuple(
        NotWatched(each.id, each.name, each.worst_impact, each.access.terms, each.access.note)
        for each in missed_lists(lists_on, lists_off)
        if each.kinds & kinds
    )


def _unverifiable(lists_on: Iterable[Blocklist], kinds: Iterable[SubjectKind]) -> tuple[UnverifiableList, ...]:
    found = [
        UnverifiableList(blocklist.id, blocklist.name, blocklist.worst_impact, without_proof)
        for blocklist in lists_on
        if blocklist.accuses and (without_proof := unverifiable_kinds(blocklist, kinds))
    ]
    return tuple(sorted(found, key=lambda each: (-each.impact.rank, each.list_name)))


def _worst_first(found: Iterable[_Named]) -> tuple[_Named, ...]:
    return tuple(sorted(found, key=lambda each: (-each.impact.rank, -each.unverified_for, each.list_name)))
