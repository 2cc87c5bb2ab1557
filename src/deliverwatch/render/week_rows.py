"""The rows of the weekly report's tables, in words. Everything foreign goes through `in_mail` here.

What opened together and stands alike is one row, under the names of its ranges.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from deliverwatch.core.blocklist import Scope
from deliverwatch.core.events import Ending
from deliverwatch.core.incidents import ranges
from deliverwatch.core.remediation.draft import DraftKind, DraftState
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verification import UnverifiableList, UnverifiedList, UnverifiedWatch
from deliverwatch.core.visible import visible
from deliverwatch.core.week_listings import ReportedListing
from deliverwatch.core.week_requests import ReportedDraft
from deliverwatch.core.weekly import NotWatched, WeeklyReport
from deliverwatch.render.consequences import accuses, impact_means, where_it_hurts
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import named, spelled
from deliverwatch.render.tongue import listed
from deliverwatch.render.week_requests import addressed, state_of, we_do, you_do
from deliverwatch.render.words import lasting, lasting_days

_MOST_RANGES = 6
NOT_THEIRS = "Nothing: we run this asset, and others send from it too."

_KINDS: Mapping[SubjectKind, str] = {
    SubjectKind.IPV4: "IPv4",
    SubjectKind.IPV6: "IPv6",
    SubjectKind.DOMAIN: "domains",
}

ENDED: Mapping[Ending, str] = {
    Ending.DELISTED: "delisted",
    Ending.VOID: "void",
    Ending.LIST_ENDED: "no longer watched",
    Ending.WITHDRAWN: "no longer yours",
}


@dataclass(frozen=True, slots=True)
class Times:
    """Local times of one report; the year is said only where it is not the report's."""

    zone: tzinfo
    year: int

    def __call__(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        year = f" {local.year}" if local.year != self.year else ""
        return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that needs the reader."""

    what: str
    since: str
    means: str
    we_do: str
    you_do: str
    lookup_url: str | None


@dataclass(frozen=True, slots=True)
class ListingRow:
    place: str
    subject: str
    list_name: str
    impact: str
    meaning: str
    since: str
    state: str
    open: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a plain table: what it is about, how it stands, and more on it."""

    name: str
    state: str
    note: str


def item(group: Sequence[ReportedListing], report: WeeklyReport, times: Times) -> Item:
    listing, names, opened_at = group[0], _ranges(group), _opened_at(group)
    are = "are" if len(names) > 1 else "is"
    draft, tam = newest_draft([each.key for each in group], report), visible(report.customer.tam.name, 100)
    return Item(
        what=f"{named(names)} {are} listed on {in_mail(listing.list_name, 80)}",
        since=f"{times(opened_at)} ({lasting_days(report.covered.end - opened_at)})",
        means=f"Impact {listing.impact}: {_means(listing)}",
        we_do=we_do(draft, DraftKind.LISTING, times),
        you_do=NOT_THEIRS if listing.shared else you_do(draft, DraftKind.LISTING, listing.stream, tam),
        lookup_url=listing.lookup_url,
    )


def _ranges(group: Sequence[ReportedListing]) -> list[str]:
    return ranges(each.subject for each in group)


def _opened_at(group: Sequence[ReportedListing]) -> datetime:
    return min(each.opened_at for each in group)


def _means(listing: ReportedListing) -> str:
    """What it accuses is worth a sentence where that is not the reader's own doing."""
    wide = listing.scope in (Scope.NETWORK, Scope.ASN)
    scope = f"It {accuses(listing.scope)}." if listing.scope is not None and wide else ""
    return " ".join(each for each in (impact_means(listing.impact), where_it_hurts(listing.used_by), scope) if each)


def newest_draft(keys: Collection[str], report: WeeklyReport) -> ReportedDraft | None:
    """Of those that are not over."""
    mine = (each for each in reversed(report.drafts) if each.state is not DraftState.CLOSED)
    return next((each for each in mine if not set(keys).isdisjoint(each.keys)), None)


def listing_row(group: Sequence[ReportedListing], report: WeeklyReport, times: Times) -> ListingRow:
    """Of several ends the last is told."""
    listing = max(group, key=lambda each: each.closed_at or each.opened_at)
    meanings = dict.fromkeys(meaning for each in group for meaning in each.meanings)
    names = _ranges(group)
    open_at_end = listing.open_at(report.covered.end)
    state = "open" if open_at_end else ""
    if listing.closed_at is not None and listing.ended is not None:
        end = f"{ENDED[listing.ended]} {times(listing.closed_at)}"
        state = f"open at the end, {end}" if open_at_end else end
    return ListingRow(
        place=_place(listing),
        subject=spelled(names, _MOST_RANGES) if len(names) > 1 else named(names),
        list_name=in_mail(listing.list_name, 80),
        impact=listing.impact,
        meaning=in_mail("; ".join(meanings), 120),
        since=times(_opened_at(group)),
        state=state,
        open=open_at_end,
    )


def _place(listing: ReportedListing) -> str:
    stream = in_mail(listing.stream, 60) if listing.stream else None
    pool = f"pool {in_mail(listing.pool, 60)}" if listing.pool else None
    if stream and pool:
        return f"{stream} ({pool})"
    return stream or pool or ("Domains" if listing.subject.kind is SubjectKind.DOMAIN else "Without a pool")


def correction(group: Sequence[ReportedListing], times: Times) -> Row:
    name, since = in_mail(group[0].list_name, 80), times(_opened_at(group))
    note = f"We took it for listed on {name} since {since}; the list gave false answers then. It counts in no figure."
    return Row(named(_ranges(group)), "taken back", note)


def draft_row(draft: ReportedDraft, times: Times) -> Row:
    reference = f", reference {in_mail(draft.reference, 80)}" if draft.reference else ""
    return Row(spelled(ranges(draft.subjects), _MOST_RANGES), state_of(draft, times), f"{addressed(draft)}{reference}")


def unverified_row(each: UnverifiedList) -> Row:
    whys = [in_mail(each.why, 160)] if each.why else []
    if each.not_asked_for:
        whys.append(f"no round was run for {lasting(each.not_asked_for)}")
    if each.at_end:
        whys.append("still so at the end")
    return Row(
        in_mail(each.list_name, 80),
        f"{lasting(each.unverified_for)} of {lasting(each.due_for)}",
        f"{each.impact} impact; {'; '.join(whys) or 'no reason recorded'}",
    )


def watch_row(watch: UnverifiedWatch) -> Row:
    why = in_mail(watch.why, 160) if watch.why else "no reason recorded"
    return Row(
        f"{in_mail(watch.subject.value, 253)} on {in_mail(watch.list_name, 80)}",
        lasting(watch.unverified_for),
        f"{why}; still so at the end" if watch.at_end else why,
    )


def unverifiable_row(each: UnverifiableList) -> Row:
    kinds = listed([_KINDS[kind] for kind in each.kinds])
    return Row(
        in_mail(each.list_name, 80),
        "cannot be verified",
        f"publishes no test points for {kinds}: what it says of them is in no figure",
    )


def not_watched_row(each: NotWatched) -> Row:
    return Row(in_mail(each.list_name, 80), f"{each.impact} impact", visible(each.takes, 200))
