"""The rows of the weekly report's tables, in words. Everything foreign goes through `in_mail` here.

What opened together and stands alike is one row, under the names of its ranges.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from deliverwatch.core.blocklist import AccessTerms
from deliverwatch.core.events import Ending
from deliverwatch.core.incidents import ranges
from deliverwatch.core.inventory import Language
from deliverwatch.core.remediation.draft import DraftKind, DraftState
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verification import UnverifiableList, UnverifiedList, UnverifiedWatch
from deliverwatch.core.visible import visible
from deliverwatch.core.week_listings import ReportedListing
from deliverwatch.core.week_requests import ReportedDraft
from deliverwatch.core.weekly import NotWatched, WeeklyReport
from deliverwatch.render.consequences import impact_means, impact_word, where_it_hurts, whom_it_hits
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import how_many, named, spelled
from deliverwatch.render.tongue import day_and_time, listed, marked, say, say_n, spoken
from deliverwatch.render.week_requests import addressed, state_of, we_do, you_do
from deliverwatch.render.week_whys import said_why
from deliverwatch.render.words import lasting, lasting_days

_MOST_RANGES = 6
_LONGEST_WHY = 160

_KINDS: Mapping[SubjectKind, str] = {
    SubjectKind.IPV4: marked("IPv4"),
    SubjectKind.IPV6: marked("IPv6"),
    SubjectKind.DOMAIN: marked("domains"),
}
_ENDED_AT: Mapping[Ending, str] = {
    Ending.DELISTED: marked("delisted {when}"),
    Ending.VOID: marked("void {when}"),
    Ending.LIST_ENDED: marked("no longer watched {when}"),
    Ending.WITHDRAWN: marked("no longer yours {when}"),
}
_TAKES: Mapping[AccessTerms, str] = {
    AccessTerms.OPEN: marked("to be switched on, and nothing else"),
    AccessTerms.TERMS: marked("to meet the terms of its operator"),
    AccessTerms.REGISTRATION: marked("registration, with its operator, of the address that we ask from"),
    AccessTerms.KEY: marked("an account with its operator, and the key of it"),
}
"""In short, for languages that the catalogue is not written in."""


@dataclass(frozen=True, slots=True)
class Times:
    """Local times of one report; the year is said only where it is not the report's."""

    zone: tzinfo
    year: int

    def __call__(self, moment: datetime) -> str:
        return day_and_time(moment, self.zone, with_year=moment.astimezone(self.zone).year != self.year)


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
    listing, opened_at = group[0], _opened_at(group)
    draft, tam = newest_draft([each.key for each in group], report), visible(report.customer.tam.name, 100)
    return Item(
        what=_listed_on(group),
        since=f"{times(opened_at)} ({lasting_days(report.covered.end - opened_at)})",
        means=say("Impact {impact}: {means}", impact=impact_word(listing.impact), means=_means(listing)),
        we_do=we_do(draft, DraftKind.LISTING, times),
        you_do=not_theirs() if listing.shared else you_do(draft, DraftKind.LISTING, listing.stream, tam),
        lookup_url=listing.lookup_url,
    )


def _listed_on(group: Sequence[ReportedListing]) -> str:
    names, list_name = _ranges(group), in_mail(group[0].list_name, 80)
    return say_n(
        "{names} is listed on {list}",
        "{names} are listed on {list}",
        how_many(names),
        names=named(names),
        list=list_name,
    )


def not_theirs() -> str:
    return say("Nothing: we run this asset, and others send from it too.")


def _ranges(group: Sequence[ReportedListing]) -> list[str]:
    return ranges(each.subject for each in group)


def _opened_at(group: Sequence[ReportedListing]) -> datetime:
    return min(each.opened_at for each in group)


def _means(listing: ReportedListing) -> str:
    """What it accuses is worth a sentence where that is not the reader's own doing."""
    hits = whom_it_hits(listing.scope) if listing.scope is not None else ""
    return " ".join(each for each in (impact_means(listing.impact), where_it_hurts(listing.used_by), hits) if each)


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
    return ListingRow(
        place=_place(listing),
        subject=spelled(names, _MOST_RANGES) if len(names) > 1 else named(names),
        list_name=in_mail(listing.list_name, 80),
        impact=impact_word(listing.impact),
        meaning=in_mail("; ".join(meanings), 120),
        since=times(_opened_at(group)),
        state=_stands(listing, times, open_at_end=open_at_end),
        open=open_at_end,
    )


def _stands(listing: ReportedListing, times: Times, *, open_at_end: bool) -> str:
    """It may have ended between the week and the report."""
    if listing.closed_at is None or listing.ended is None:
        return say("open") if open_at_end else ""
    end = say(_ENDED_AT[listing.ended], when=times(listing.closed_at))
    return say("open at the end, {later}", later=end) if open_at_end else end


def _place(listing: ReportedListing) -> str:
    stream = in_mail(listing.stream, 60) if listing.stream else None
    pool = in_mail(listing.pool, 60) if listing.pool else None
    if stream and pool:
        return say("{stream} (pool {pool})", stream=stream, pool=pool)
    if pool:
        return say("pool {pool}", pool=pool)
    return stream or (say("Domains") if listing.subject.kind is SubjectKind.DOMAIN else say("Without a pool"))


def correction(group: Sequence[ReportedListing], times: Times) -> Row:
    note = say(
        "We took it for listed on {list} since {since}; the list gave false answers then. It counts in no figure.",
        list=in_mail(group[0].list_name, 80),
        since=times(_opened_at(group)),
    )
    return Row(named(_ranges(group)), say("taken back"), note)


def draft_row(draft: ReportedDraft, times: Times) -> Row:
    note = addressed(draft)
    if draft.reference:
        note = say("{request}, reference {reference}", request=note, reference=in_mail(draft.reference, 80))
    return Row(spelled(ranges(draft.subjects), _MOST_RANGES), state_of(draft, times), note)


def unverified_row(each: UnverifiedList) -> Row:
    whys = [_why(each.why)] if each.why else []
    if each.not_asked_for:
        whys.append(say("no round was run for {length}", length=lasting(each.not_asked_for)))
    if each.at_end:
        whys.append(say("still so at the end"))
    told = "; ".join(whys) or say("no reason recorded")
    return Row(
        in_mail(each.list_name, 80),
        say("{length} of {whole}", length=lasting(each.unverified_for), whole=lasting(each.due_for)),
        say("{impact} impact; {why}", impact=impact_word(each.impact), why=told),
    )


def watch_row(watch: UnverifiedWatch) -> Row:
    why = _why(watch.why) if watch.why else say("no reason recorded")
    return Row(
        say("{subject} on {list}", subject=named([watch.subject.value]), list=in_mail(watch.list_name, 80)),
        lasting(watch.unverified_for),
        f"{why}; {say('still so at the end')}" if watch.at_end else why,
    )


def _why(recorded: str) -> str:
    return in_mail(said_why(recorded), _LONGEST_WHY)


def unverifiable_row(each: UnverifiableList) -> Row:
    kinds = listed([say(_KINDS[kind]) for kind in each.kinds])
    return Row(
        in_mail(each.list_name, 80),
        say("cannot be verified"),
        say("publishes no test points for {kinds}: what it says of them is in no figure", kinds=kinds),
    )


def not_watched_row(each: NotWatched) -> Row:
    state = say("{impact} impact", impact=impact_word(each.impact))
    return Row(in_mail(each.list_name, 80), state, visible(_takes(each), 200))


def _takes(each: NotWatched) -> str:
    """The catalogue says it in English, and at more length."""
    return each.takes if spoken() is Language.EN else say(_TAKES[each.terms])
