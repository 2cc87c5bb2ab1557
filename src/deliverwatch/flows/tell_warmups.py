"""What the days and holds of a warm-up bring that is worth an event.

Each is told once; that late data take back a gate's hold, or an end, is told to those who heard of it. What happened
longer ago than a week is history when it is first learnt of (a run that begins in the past): kept, and told to nobody;
so is all that is learnt of a run which somebody finished. What one pass finds of several runs of the same customers is
one message, and says only what is the same of all of them.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from deliverwatch.core.alerting import LATE_DATA
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.incidents import gather_by
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warmup.day import News, RunNews
from deliverwatch.core.warmup.run import RunEnd, WarmupRun
from deliverwatch.core.warmup.status import WarmupDay
from deliverwatch.flows.tell import about, hushed

GOES_ON = "goes_on"
_NEWS_FOR = timedelta(days=7)
_ALIKE = ("what", "on", "cause", "causes", "provider", "providers", "end", "ended", "why")
_OF_ALL = ("members", "member_count", "parties", "own")
_KINDS = {
    RunNews.HELD: EventKind.WARMUP_HELD,
    RunNews.READY: EventKind.WARMUP_READY,
    RunNews.STEPPED_BACK: EventKind.WARMUP_STEPPED_BACK,
    RunNews.ENDED: EventKind.WARMUP_ENDED,
}

Stored = Mapping[date, WarmupDay]


def run_event(
    kind: EventKind, run: WarmupRun, holdings: Holdings, at: datetime, which: str, facts: Mapping[str, Any]
) -> Event:
    """With the customers it concerns. `which`: what tells it from others of its kind and run."""
    key, list_id = f"{kind}/{run.id}/{which}", str(facts.get("list_id", ""))
    more = {"run_id": run.id, "plan": run.plan.id}
    return about(Event(key, kind, at, list_id, parse_subject(run.ip), {**facts, **more}), None, holdings)


def events_of(
    run: WarmupRun,
    days: Sequence[WarmupDay],
    stored: Stored,
    holdings: Holdings,
    providers: Mapping[str, str],
    now: datetime,
) -> list[Event]:
    """`days`: as they are judged now; `stored`: as they were. `providers`: their names by id."""

    def event(kind: EventKind, day: WarmupDay, news: News, **more: str) -> Event:
        found = {"what": news.what, "on": news.on.isoformat(), **news.facts, **more}
        if news.facts.get("provider"):
            found["provider_name"] = providers.get(news.facts["provider"], news.facts["provider"])
        return run_event(kind, run, holdings, now, _which(news, day, stored), found)

    told = [
        (news.on, event(_KINDS.get(news.what, EventKind.WARMUP_NOTICE), day, news))
        for day in days
        for news in day.result.news
        if not _is_known(news, stored.get(day.result.on))
    ]
    back = [
        (news.on, event(EventKind.WARMUP_RELEASED, day, news, why=LATE_DATA)) for day, news in _taken_back(days, stored)
    ]
    back += [(news.on, event(EventKind.WARMUP_NOTICE, day, news, what=GOES_ON)) for day, news in _ends(days, stored)]
    is_finished = run.ended is RunEnd.FINISHED
    return [hushed(each) if is_finished or now.date() - on > _NEWS_FOR else each for on, each in (*told, *back)]


def _which(news: News, day: WarmupDay, stored: Stored) -> str:
    """What a day brings when it is judged again may come, go and come back: each time is another event."""
    at = f"/{news.facts['provider']}/{news.facts['cause']}" if news.what is RunNews.HELD else ""
    again = f"/{day.digest[:8]}" if day.result.on in stored else ""
    return f"{news.what}/{news.on}{at}{again}"


def _is_known(news: News, before: WarmupDay | None) -> bool:
    """`before`: the day as it was judged last."""
    if before is None:
        return False
    if news.what is RunNews.HELD:
        return _of_gate(news) in _gates(before)
    return any(each.what is news.what for each in before.result.news)


def _taken_back(days: Iterable[WarmupDay], stored: Stored) -> Iterator[tuple[WarmupDay, News]]:
    """Holds of gates that were told of a day, and are no longer found on it, nor later."""
    now = {**stored, **{day.result.on: day for day in days}}
    for day in days:
        on = day.result.on
        still = {gate for later, each in now.items() if later >= on for gate in _gates(each)}
        for news in stored[on].result.news if on in stored else ():
            if news.what is RunNews.HELD and _of_gate(news) not in still:
                yield day, news


def _ends(days: Iterable[WarmupDay], stored: Stored) -> Iterator[tuple[WarmupDay, News]]:
    """Those that were told of a day, while the run is not over any more."""
    now = {**stored, **{day.result.on: day for day in days}}
    if now[max(now)].after.ended is not None:
        return
    for day in days:
        before = stored.get(day.result.on)
        for news in before.result.news if before is not None else ():
            if news.what is RunNews.ENDED:
                yield day, news


def _of_gate(news: News) -> tuple[str, str]:
    return news.facts["cause"], news.facts["provider"]


def _gates(day: WarmupDay) -> set[tuple[str, str]]:
    return {(hold.cause, hold.provider) for hold in day.after.gate_holds}


def gathered(events: Sequence[Event]) -> list[Event]:
    """Those of one cause and of the same customers with one that leads them. What is not the same of all is in its
    `own`."""
    members: dict[str, list[Event]] = defaultdict(list)
    together = gather_by(events, _cause)
    for before, after in zip(events, together, strict=True):
        members[after.facts.get("incident", after.key)].append(before)
    return [_of_all(each, members[each.key]) if "members" in each.facts else each for each in together]


def _cause(event: Event) -> Hashable:
    alike = (str(event.facts.get(fact)) for fact in _ALIKE)
    return event.kind, event.list_id, tuple(event.facts["parties"]), *alike


def _of_all(lead: Event, group: Sequence[Event]) -> Event:
    first = group[0].facts
    alike = {name: value for name, value in first.items() if all(each.facts.get(name) == value for each in group)}
    whole = {name: lead.facts[name] for name in _OF_ALL}
    own = {name: value for name, value in first.items() if name not in alike} | whole["own"]
    return replace(lead, facts={**alike, **whole, "own": own})
