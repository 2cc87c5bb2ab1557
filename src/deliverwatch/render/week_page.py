"""The weekly report in words: every sentence, figure and row that both parts of the mail print.

A template has nothing left to do but place them. Tables are cut to what a mail can hold; each says how many rows it
left out. What needs the reader is five items at the most, of each kind in turn: a sixth would be read by nobody.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from deliverwatch.core.bulletin import BulletinItem
from deliverwatch.core.visible import visible
from deliverwatch.core.week_listings import ReportedListing, together
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.render.encode import in_mail
from deliverwatch.render.tongue import on, say
from deliverwatch.render.week_blocks import block_item, open_blocks
from deliverwatch.render.week_checked import coverage, doubts
from deliverwatch.render.week_effect import request_row, with_effect
from deliverwatch.render.week_figures import Figure, MailRows, figures, mail_rows, restated_rows
from deliverwatch.render.week_guidance import Guidance, guidance
from deliverwatch.render.week_places import PlaceRow, place_rows
from deliverwatch.render.week_practice import PracticeRows, practice_rows
from deliverwatch.render.week_providers import provider_rows
from deliverwatch.render.week_rows import (
    Item,
    ListingRow,
    Row,
    Times,
    correction,
    item,
    listing_row,
    not_watched_row,
    unverifiable_row,
    unverified_row,
    watch_row,
)
from deliverwatch.render.week_verdict import verdict
from deliverwatch.render.week_warmups import Room, WarmupRows, room_beside, warmup_rows
from deliverwatch.render.words import at

MOST_NEEDS = 5
_MOST_OF_A_KIND = 3
"""Of blocks, and of warm-ups, among these."""
_ADVICE_IN_ROWS = 2
"""What a piece of advice weighs, with its repair."""
_LONGEST_NOTE = 1_200

_Line = TypeVar("_Line")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows the tables may have. `beside`: how many more are counted where warm-ups get their room."""

    listings: int = 30
    for_information: int = 15
    rows: int = 12
    guidance: int = 6
    beside: int = 0

    def part(self, quarters: int) -> "Limits":
        listings, for_information, rows, guidance = (
            size * quarters // 4 for size in (self.listings, self.for_information, self.rows, self.guidance)
        )
        return Limits(listings, for_information, rows, guidance, beside=1_000)


WIDE = Limits()
LIMITS = (WIDE, WIDE.part(3), WIDE.part(2), WIDE.part(1))
"""The narrower ones are for reports of long names and long reasons, of which fewer have room."""


@dataclass(frozen=True, slots=True)
class Cut(Generic[_Line]):
    """The first rows of a table, and how many more there are."""

    rows: tuple[_Line, ...]
    more: int


@dataclass(frozen=True, slots=True)
class News:
    """One item of the bulletin. `source`: an https address."""

    on: str
    title: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class WeekPage:
    """`tone`: bad, unsure or good. `verified_width`: the length of the bar, in whole percent. `items`, `blocked`,
    `held`: listings, blocks and warm-ups that need the reader; `guidance`: what to do about the other warm-ups.
    `note`: the TAM's words."""

    language: str
    customer: str
    week: str
    dates: str
    so_far: str
    tone: str
    state: str
    summary: tuple[str, ...]
    sentence: str
    doubts: str
    note: str
    figures: tuple[Figure, ...]
    verified_width: int
    mail: MailRows
    restated: Cut[Row]
    items: Cut[Item]
    blocked: Cut[Item]
    by_place: Cut[PlaceRow]
    listings: Cut[ListingRow]
    for_information: Cut[ListingRow]
    providers: Cut[Row]
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
    unmeasured: str
    news: tuple[News, ...]
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

    @property
    def label_width(self) -> int:
        """Of the column of figures in the text."""
        return max(len(figure.label) for figure in self.figures) + 3

    @property
    def needs_you(self) -> bool:
        return bool(self.items.rows or self.blocked.rows or self.held.rows)


def week_page(report: WeeklyReport, limits: Limits = WIDE) -> WeekPage:
    zone = ZoneInfo(report.zone_name)
    times = Times(zone, report.span.end.astimezone(zone).year)
    tam = report.customer.tam
    groups = together(report.listings, report.covered.end)
    leading = [group for group in groups if group[0].leads]
    found = verdict(report)
    open_listings, blocks = _items(leading, report, times), _blocked(report, times)
    needed, others = _guidance(report, zone)
    shares = _in_turn([len(open_listings), *(min(len(each), _MOST_OF_A_KIND) for each in (blocks, needed))], MOST_NEEDS)
    page = WeekPage(
        language=report.customer.language,
        customer=in_mail(report.customer.name, 100),
        week=report.week,
        dates=_dates(report, zone),
        so_far=_so_far(report, times),
        tone=found.tone,
        state=found.state,
        summary=found.summary,
        sentence=found.sentence,
        doubts=doubts(report),
        note=in_mail(report.note, _LONGEST_NOTE),
        figures=figures(report),
        verified_width=int(report.verified_ratio * 100),
        mail=mail_rows(report),
        restated=_cut(restated_rows(report), limits.rows),
        items=_cut(open_listings, shares[0]),
        blocked=_cut(blocks, shares[1]),
        by_place=_cut(place_rows(report.places), limits.rows),
        listings=_rows(leading, report, times, limits.listings),
        for_information=_rows([group for group in groups if not group[0].leads], report, times, limits.for_information),
        providers=_cut(provider_rows(report, times), limits.rows),
        warmups=WarmupRows(),
        held=_cut(needed, shares[2]),
        guidance=_cut([*needed[shares[2] :], *others], limits.guidance),
        corrections=_cut(
            [correction(group, times) for group in together(report.corrections, report.covered.end)], limits.rows
        ),
        drafts=_cut([request_row(draft, times) for draft in report.drafts], limits.rows),
        practice=practice_rows(report.practice, zone, times, has_warmups=bool(report.warmups)),
        unverified=_cut([unverified_row(each) for each in report.unverified], limits.rows),
        unverified_watches=_cut([watch_row(each) for each in report.unverified_watches], limits.rows),
        unverifiable=_cut([unverifiable_row(each) for each in report.unverifiable], limits.rows),
        not_watched=_cut([not_watched_row(each) for each in report.not_watched], limits.rows),
        coverage=coverage(report),
        unmeasured="" if report.mail.is_measured else say("Your own mail was not measured."),
        news=tuple(_news(each) for each in report.bulletin),
        zone=report.zone_name,
        made_at=at(report.made_at, zone),
        tam_name=visible(tam.name, 100),
        tam=", ".join(visible(part, 100) for part in (tam.name, tam.email, tam.phone) if part),
    )
    told = {ip for each in page.held.rows for ip in each.ips}
    return replace(page, warmups=warmup_rows(report.warmups, report.made_at, zone, _room(page, limits), told))


def _room(page: WeekPage, limits: Limits) -> Room:
    tables = (page.items, page.listings, page.for_information, page.corrections, page.drafts, page.unverified)
    others = (page.unverified_watches, page.unverifiable, page.not_watched, page.by_place, page.providers)
    advice = _ADVICE_IN_ROWS * len(page.practice.rows)
    return room_beside(
        limits.beside
        + sum(len(cut.rows) for cut in (*tables, *others))
        + len(page.blocked.rows)
        + len(page.news)
        + advice
    )


def _cut(rows: Sequence[_Line], most: int) -> Cut[_Line]:
    return Cut(tuple(rows[:most]), len(rows[most:]))


def _in_turn(wanted: Sequence[int], most: int) -> list[int]:
    """How many of each kind, one of each in turn."""
    given = [0] * len(wanted)
    while sum(given) < most and given != list(wanted):
        for kind, count in enumerate(wanted):
            given[kind] += given[kind] < count and sum(given) < most
    return given


def _items(leading: Sequence[Sequence[ReportedListing]], report: WeeklyReport, times: Times) -> list[Item]:
    open_now = [group for group in leading if group[0].open_at(report.covered.end)]
    return [with_effect(item(group, report, times), {each.key for each in group}, report, times) for group in open_now]


def _blocked(report: WeeklyReport, times: Times) -> list[Item]:
    return [
        with_effect(block_item(group, report, times), {each.key for each in group}, report, times)
        for group in open_blocks(report)
    ]


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


def _news(each: BulletinItem) -> News:
    text, title = in_mail(each.text, 600), in_mail(each.title, 140)
    return News(on(each.on, say("d MMM yyyy")), title, text, visible(each.source, 300))


def _dates(report: WeeklyReport, zone: ZoneInfo) -> str:
    """ "16-22 Nov 2026"; months and years are repeated only where they differ."""
    first = report.span.begin.astimezone(zone).date()
    last = (report.span.end - timedelta(hours=12)).astimezone(zone).date()
    if first.year != last.year:
        return say("{first} - {last}", first=on(first, say("d MMM yyyy")), last=on(last, say("d MMM yyyy")))
    if first.month != last.month:
        return say("{first} - {last}", first=on(first, say("d MMM")), last=on(last, say("d MMM yyyy")))
    return say("{first}-{last}", first=on(first, say("d")), last=on(last, say("d MMM yyyy")))


def _so_far(report: WeeklyReport, times: Times) -> str:
    if report.covered.end == report.span.end:
        return ""
    return say("The week is not over: this is how it stood on {when}.", when=times(report.covered.end))
