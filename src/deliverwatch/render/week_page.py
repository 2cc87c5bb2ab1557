"""The weekly report in words: every sentence, figure and row that both parts of the mail print.

A template has nothing left to do but place them. Tables are cut to what a mail can hold; each says how many rows it
left out.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.verification import ENOUGH_VERIFIED_RATIO
from deliverwatch.core.visible import visible
from deliverwatch.core.week_listings import ReportedListing, together
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.render.encode import in_mail
from deliverwatch.render.tongue import listed, percent
from deliverwatch.render.week_blocks import block_item, open_blocks
from deliverwatch.render.week_guidance import Guidance, guidance
from deliverwatch.render.week_practice import PracticeRows, practice_rows
from deliverwatch.render.week_rows import (
    ENDED,
    Item,
    ListingRow,
    Row,
    Times,
    correction,
    draft_row,
    item,
    listing_row,
    not_watched_row,
    unverifiable_row,
    unverified_row,
    watch_row,
)
from deliverwatch.render.week_verdict import verdict
from deliverwatch.render.week_warmups import Room, WarmupRows, room_beside, warmup_rows
from deliverwatch.render.words import at, counted, lasting

MOST_ITEMS = 5
MOST_BLOCKS = 3
MOST_LISTINGS = 30
MOST_FOR_INFORMATION = 15
MOST_ROWS = 12
MOST_HELD = 3
MOST_GUIDANCE = 6
_ADVICE_IN_ROWS = 2
"""What a piece of advice weighs, with its repair."""

_Line = TypeVar("_Line")


@dataclass(frozen=True, slots=True)
class Cut(Generic[_Line]):
    """The first rows of a table, and how many more there are."""

    rows: tuple[_Line, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Figure:
    value: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class WeekPage:
    """`tone`: bad, unsure or good. `verified_width`: the length of the bar, in whole percent. `held`: warm-ups that
    need the reader; `guidance`: what to do about the others."""

    customer: str
    week: str
    dates: str
    so_far: str
    tone: str
    state: str
    summary: str
    sentence: str
    doubts: str
    figures: tuple[Figure, ...]
    verified_width: int
    items: Cut[Item]
    blocked: Cut[Item]
    listings: Cut[ListingRow]
    for_information: Cut[ListingRow]
    warmups: WarmupRows
    held: Cut[Guidance]
    guidance: Cut[Guidance]
    corrections: Cut[Row]
    drafts: Cut[Row]
    practice: PracticeRows
    unverified: Cut[Row]
    unverified_watches: Cut[Row]
    unverifiable: Cut[Row]
    not_watched: Cut[Row]
    coverage: str
    zone: str
    made_at: str
    tam_name: str
    tam: str

    @property
    def places(self) -> dict[str, list[ListingRow]]:
        found: dict[str, list[ListingRow]] = defaultdict(list)
        for row in self.listings.rows:
            found[row.place].append(row)
        return found


def week_page(report: WeeklyReport) -> WeekPage:
    zone = ZoneInfo(report.zone_name)
    times = Times(zone, report.span.end.astimezone(zone).year)
    doubts = _doubts(report)
    tam = report.customer.tam
    groups = together(report.listings, report.covered.end)
    leading = [group for group in groups if group[0].leads]
    found = verdict(report)
    needed, others = _guidance(report, zone)
    page = WeekPage(
        customer=in_mail(report.customer.name, 100),
        week=report.week,
        dates=_dates(report, zone),
        so_far=_so_far(report, times),
        tone=found.tone,
        state=found.state,
        summary=found.summary,
        sentence=found.sentence,
        doubts=f"We could not verify enough: {listed(doubts)}." if doubts else "",
        figures=_figures(report),
        verified_width=int(report.verified_ratio * 100),
        items=_items(leading, report, times),
        blocked=_cut([block_item(group, report, times) for group in open_blocks(report)], MOST_BLOCKS),
        listings=_rows(leading, report, times, MOST_LISTINGS),
        for_information=_rows([group for group in groups if not group[0].leads], report, times, MOST_FOR_INFORMATION),
        warmups=WarmupRows(),
        held=_cut(needed, MOST_HELD),
        guidance=_cut([*needed[MOST_HELD:], *others], MOST_GUIDANCE),
        corrections=_cut([correction(group, times) for group in together(report.corrections, report.covered.end)]),
        drafts=_cut([draft_row(draft, times) for draft in report.drafts]),
        practice=practice_rows(report.practice, zone, times, has_warmups=bool(report.warmups)),
        unverified=_cut([unverified_row(each) for each in report.unverified]),
        unverified_watches=_cut([watch_row(each) for each in report.unverified_watches]),
        unverifiable=_cut([unverifiable_row(each) for each in report.unverifiable]),
        not_watched=_cut([not_watched_row(each) for each in report.not_watched]),
        coverage=_coverage(report),
        zone=report.zone_name,
        made_at=at(report.made_at, zone),
        tam_name=visible(tam.name, 100),
        tam=", ".join(visible(part, 100) for part in (tam.name, tam.email, tam.phone) if part),
    )
    told = {ip for each in page.held.rows for ip in each.ips}
    return replace(page, warmups=warmup_rows(report.warmups, report.made_at, zone, _room(page), told))


def _room(page: WeekPage) -> Room:
    tables = (page.items, page.listings, page.for_information, page.corrections, page.drafts, page.unverified)
    others = (page.unverified_watches, page.unverifiable, page.not_watched)
    advice = _ADVICE_IN_ROWS * len(page.practice.rows)
    return room_beside(sum(len(cut.rows) for cut in (*tables, *others)) + len(page.blocked.rows) + advice)


def _cut(rows: Sequence[_Line], most: int = MOST_ROWS) -> Cut[_Line]:
    return Cut(tuple(rows[:most]), len(rows[most:]))


def _items(leading: Sequence[Sequence[ReportedListing]], report: WeeklyReport, times: Times) -> Cut[Item]:
    open_now = [group for group in leading if group[0].open_at(report.covered.end)]
    return _cut([item(group, report, times) for group in open_now], MOST_ITEMS)


def _guidance(report: WeeklyReport, zone: ZoneInfo) -> tuple[list[Guidance], list[Guidance]]:
    """Of the warm-ups that need the reader, and of the others."""
    tam = visible(report.customer.tam.name, 100)
    needed = [each for each in report.warmups if each.needs_the_reader]
    others = [each for each in report.warmups if not each.needs_the_reader]
    return guidance(needed, tam, zone), guidance(others, tam, zone)


def _rows(
    groups: Sequence[Sequence[ReportedListing]], report: WeeklyReport, times: Times, most: int
) -> Cut[ListingRow]:
    """Open ones first."""
    rows = [listing_row(group, report, times) for group in groups]
    return _cut([row for row in rows if row.open] + [row for row in rows if not row.open], most)


def _doubts(report: WeeklyReport) -> list[str]:
    """Why "not listed" may not be said of the rest; empty when it may."""
    if report.enough_verified:
        return []
    if not report.due_for:
        return [_nothing_due(report)]
    doubts = [
        f"{in_mail(each.list_name, 60)} is not watched" for each in report.not_watched if each.impact is Impact.CRITICAL
    ]
    doubts += [
        f"{in_mail(each.list_name, 60)} was not verified for {lasting(each.unverified_for)}"
        for each in report.unverified
        if each.impact is Impact.CRITICAL and not each.enough
    ]
    watches = (watch for watch in report.unverified_watches if watch.impact is Impact.CRITICAL and not watch.enough)
    unanswered = Counter(in_mail(watch.list_name, 60) for watch in watches)
    doubts += [f"{name} gave no usable answer for {counted(n, 'subject')}" for name, n in unanswered.items()]
    if report.verified_ratio < ENOUGH_VERIFIED_RATIO:
        doubts.append(f"only {percent(report.verified_ratio)} of the watch-hours were verified")
    return doubts


def _figures(report: WeeklyReport) -> tuple[Figure, ...]:
    ends = Counter(each.ended for each in report.listings if not each.open_at(report.covered.end))
    told = [f"{count} {ENDED[ending]}" for ending, count in sorted(ends.items()) if ending is not None]
    open_others = sum(not each.leads and each.open_at(report.covered.end) for each in report.listings)
    notes = ["" if report.enough_verified else "that we know of"]
    notes += [f"{open_others:,} on less important lists"] if open_others else []
    hours = report.due_for // timedelta(hours=1)
    return (
        Figure(f"{report.open_at_end:,}", "Open at the end", ", ".join(filter(None, notes))),
        Figure(f"{report.opened:,}", "New this week", ""),
        Figure(f"{report.closed:,}", "Ended this week", ", ".join(told)),
        Figure(percent(report.verified_ratio), "Verified", f"of {counted(hours, 'watch-hour')}"),
    )


def _coverage(report: WeeklyReport) -> str:
    """What may be said when no list has to be named."""
    if not report.due_for:
        return f"{_nothing_due(report).capitalize()} in this week."
    if report.unverifiable:
        return "None of the lists that can be verified went a whole interval without it."
    return "No list went a whole interval without being verified."


def _nothing_due(report: WeeklyReport) -> str:
    if report.unverifiable:
        return "nothing of yours was watched on a list that can be verified"
    return "nothing of yours was watched"


def _dates(report: WeeklyReport, zone: ZoneInfo) -> str:
    """ "16-22 Nov 2026"; months and years are repeated only where they differ."""
    first = report.span.begin.astimezone(zone)
    last = (report.span.end - timedelta(hours=12)).astimezone(zone)
    shown = f"{last.day} {last:%b} {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{shown}"
    return f"{first.day} {first:%b}{f' {first.year}' if first.year != last.year else ''} - {shown}"


def _so_far(report: WeeklyReport, times: Times) -> str:
    if report.covered.end == report.span.end:
        return ""
    return f"The week is not over: this is how it stood on {times(report.covered.end)}."
