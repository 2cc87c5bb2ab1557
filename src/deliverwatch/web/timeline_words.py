"""The entries of a customer's timeline in words: one sentence each, what is known beside it, and where it leads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.desk.timeline import Entry, Matter
from deliverwatch.core.events import Ending, EventKind
from deliverwatch.core.practice import Check
from deliverwatch.core.remediation.draft import Action
from deliverwatch.core.visible import visible
from deliverwatch.core.warmup.day import RunNews
from deliverwatch.core.warmup.run import StepKind
from deliverwatch.render.likely_cause import cause_words
from deliverwatch.render.practice_shown import said_of
from deliverwatch.render.practice_words import check_name
from deliverwatch.render.tongue import marked, say, say_n, spoken
from deliverwatch.web.draft_names import ACTIONS, Causes
from deliverwatch.web.episode_words import ENDED_EPISODE, ENDED_LISTING, what_of

_MOST_NAMED = 4
_LONGEST = 300

MATTERS: Mapping[Matter, str] = {
    Matter.LISTING: marked("listing"),
    Matter.BLOCK: marked("block"),
    Matter.THROTTLE: marked("throttle"),
    Matter.FINDING: marked("finding"),
    Matter.WARNING: marked("warning"),
    Matter.WARMUP: marked("warm-up"),
    Matter.INVENTORY: marked("inventory"),
    Matter.ADVICE: marked("advice"),
    Matter.DRAFT: marked("request"),
    Matter.REPORT: marked("report"),
}
_SENTENCES: Mapping[str, str] = {
    EventKind.LISTING_OPENED: marked("{subjects}: listed on {where}"),
    EventKind.LISTING_CHANGED: marked("{subjects}: the listing on {where} has changed"),
    EventKind.LISTING_CLOSED: marked("{subjects}: no longer listed on {where}"),
    EventKind.LISTING_HANDED_OVER: marked("{subjects}: changed hands while listed on {where}"),
    EventKind.LISTING_UNSTABLE: marked("{subjects}: comes and goes on {where}"),
    EventKind.LISTING_SETTLED: marked("{subjects}: has settled on {where}"),
    EventKind.BLOCK_OPENED: marked("{subjects}: blocked at {where}"),
    EventKind.BLOCK_CLOSED: marked("{subjects}: the block at {where} is over"),
    EventKind.THROTTLE_STARTED: marked("{subjects}: slowed down at {where}"),
    EventKind.THROTTLE_ENDED: marked("{subjects}: the throttle at {where} is over"),
    EventKind.FINDING_OPENED: marked("{subjects}: refused at {where} for its authentication"),
    EventKind.FINDING_CLOSED: marked("{subjects}: no longer refused at {where} for its authentication"),
    EventKind.WARNING_STARTED: marked("{subjects}: {what}"),
    EventKind.WARNING_ENDED: marked("{subjects}: the warning is over: {what}"),
    EventKind.WARMUP_HELD: marked("{subjects}: the warm-up is held"),
    EventKind.WARMUP_READY: marked("{subjects}: the warm-up is ready to be released"),
    EventKind.WARMUP_RELEASED: marked("{subjects}: the warm-up was released"),
    EventKind.WARMUP_STEPPED_BACK: marked("{subjects}: the warm-up was stepped back"),
    EventKind.WARMUP_ENDED: marked("{subjects}: the warm-up is over"),
    EventKind.WARMUP_UNPLANNED: marked("{subjects}: warmed up by the sending platform, and there is no run of it here"),
    EventKind.REPORT_CONTACT_LOST: marked("{address} gets no more reports"),
    StepKind.STARTED: marked("{subjects}: the warm-up was started by {by}"),
    StepKind.AMENDED: marked("{subjects}: the plan of the warm-up was amended by {by}"),
    "held_from": marked("{subjects}: theirs from this day on"),
    "watched_from": marked("{subjects}: taken into the inventory, and watched since then"),
    "held_until": marked("{subjects}: no longer theirs from this day on"),
    "advice_given": marked("{check} {subjects}: advice given"),
    "advice_overruled": marked("{check} {subjects}: overruled by {by}"),
    "advice_mended": marked("{check} {subjects}: mended"),
    "advice_taken_back": marked("{check} {subjects}: the advice was taken back, it was never true"),
}
_SHARED: Mapping[str, str] = {
    "held_from": marked("{subjects}: shared with them from this day on"),
    "held_until": marked("{subjects}: no longer shared with them from this day on"),
}
_NOTICES: Mapping[str, str] = {
    RunNews.OVER_PLAN: marked("{subjects}: the warm-up went above its plan"),
    RunNews.FELL_BACK: marked("{subjects}: the warm-up is lower at the sending platform than before"),
    RunNews.SKIPPED: marked("{subjects}: the sending platform left out stages of the warm-up"),
    RunNews.IDLE: marked("{subjects}: the warm-up is idle, no mail was offered"),
    RunNews.AGAINST_HOLD: marked("{subjects}: the warm-up is held, and the sending platform has advanced all the same"),
    RunNews.STOPS_SOON: marked("{subjects}: the sending platform is about to end the warm-up"),
    "goes_on": marked("{subjects}: the warm-up is not over, as data that came in late say"),
    "handed_over": marked("{subjects}: the warm-up is over, somebody else holds the address now"),
}
_NEWS = marked("{subjects}: there is news of the warm-up")
_BAD = frozenset({EventKind.LISTING_OPENED, EventKind.BLOCK_OPENED})
_UNSURE = frozenset(
    {
        *(EventKind.THROTTLE_STARTED, EventKind.FINDING_OPENED, EventKind.WARNING_STARTED, EventKind.WARMUP_HELD),
        *(EventKind.LISTING_UNSTABLE, EventKind.REPORT_CONTACT_LOST),
    }
)
_WITH_CAUSE = frozenset({EventKind.LISTING_OPENED, EventKind.BLOCK_OPENED})


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """`on`: where its time is known by the day alone (`at` is its midnight, UTC). `notes`: what is known beside it."""

    at: datetime
    exact: bool
    tone: str
    matter: str
    sentence: str
    notes: tuple[str, ...]
    path: str | None


def timeline_lines(entries: Iterable[Entry], names: Causes) -> list[TimelineLine]:
    return [
        TimelineLine(
            each.at,
            each.exact,
            "bad" if each.what in _BAD else "unsure" if each.what in _UNSURE else "plain",
            say(MATTERS[each.matter]),
            _sentence(each, names),
            tuple(note for note in _notes(each) if note),
            _path(each),
        )
        for each in entries
    ]


def _sentence(entry: Entry, names: Causes) -> str:
    if entry.matter is Matter.DRAFT:
        return _of_draft(entry)
    if entry.what == "report_made":
        return _of_report(entry.facts)
    template = _SENTENCES.get(entry.what, _NEWS)
    if entry.what == EventKind.WARMUP_NOTICE:
        template = _NOTICES.get(str(entry.facts.get("what")), _NEWS)
    elif entry.facts.get("shared") and entry.what in _SHARED:
        template = _SHARED[entry.what]
    return say(template, **_places(entry, names)).strip()


def _places(entry: Entry, names: Causes) -> dict[str, str]:
    check = entry.facts.get("check")
    return {
        "subjects": _subjects(entry.subjects),
        "where": names.name(entry.where) if entry.where else say("a provider"),
        "what": what_of(str(entry.facts.get("what") or "")),
        "by": visible(entry.by, 80),
        "address": visible(str(entry.facts.get("address") or ""), 254),
        "check": check_name(Check(check), spoken()) if check else "",
    }


def _of_draft(entry: Entry) -> str:
    return say(
        "Request to {addressee} about {subjects}: {step}",
        addressee=visible(str(entry.facts["addressee"]), 80),
        subjects=_subjects(entry.subjects),
        step=say(ACTIONS[Action(entry.what)]),
    )


def _of_report(facts: Mapping[str, Any]) -> str:
    return say_n(
        "Weekly report of {week} made, for {n} reader",
        "Weekly report of {week} made, for {n} readers",
        facts["readers"],
        week=facts["week"],
    )


def _subjects(names: tuple[str, ...]) -> str:
    shown, more = ", ".join(visible(name, 253) for name in names[:_MOST_NAMED]), len(names) - _MOST_NAMED
    return say_n("{names} and {n} more", "{names} and {n} more", more, names=shown) if more > 0 else shown


def _notes(entry: Entry) -> Iterable[str]:
    facts = entry.facts
    yield _ended(entry.matter, facts.get("ended"))
    if entry.matter is Matter.LISTING:
        yield visible("; ".join(map(str, facts.get("meanings") or ())), _LONGEST)
    if entry.what == EventKind.WARNING_STARTED and "record" in facts:
        yield say("Before: {records}", records=_records(facts.get("before")))
        yield say("Now: {records}", records=_records(facts.get("now")))
    if entry.what in _WITH_CAUSE:
        yield say("What changed before: {cause}", cause=cause_words(entry.cause, visible))
    if entry.matter is Matter.ADVICE:
        yield visible(said_of(str(facts["found"]), entry.subjects, several=len(entry.subjects) > 1), _LONGEST)
    if entry.matter is Matter.WARMUP:
        yield visible(str(facts.get("reason") or ""), _LONGEST)
    if entry.matter is Matter.DRAFT and entry.by:
        yield say("By {name}", name=visible(entry.by, 80))


def _ended(matter: Matter, ended: str | None) -> str:
    if ended is None:
        return ""
    if matter is Matter.LISTING:
        return say(ENDED_LISTING[Ending(ended)])
    if matter in (Matter.BLOCK, Matter.THROTTLE, Matter.FINDING, Matter.WARNING):
        return say(ENDED_EPISODE[EpisodeEnd(ended)])
    return ""


def _records(values: object) -> str:
    shown = [visible(str(each), 200) for each in values] if isinstance(values, list | tuple) else []
    return "; ".join(shown) or say("nothing")


def _path(entry: Entry) -> str | None:
    match entry.matter:
        case Matter.LISTING:
            return f"/lists/{quote(entry.where)}" if entry.where else None
        case Matter.WARMUP:
            one = len(entry.subjects) == 1 and "/" not in entry.subjects[0]
            return f"/warmups/{quote(entry.subjects[0], safe=':')}" if one else None
        case Matter.DRAFT:
            return f"/drafts/{quote(entry.id)}"
        case Matter.REPORT:
            return f"/reports/{quote(entry.id)}" if entry.what == "report_made" else None
    return None
