"""Which holds follow from listings and blocks, and when a run they held is ready to be released.

An open listing of impact high or critical holds the mailbox providers known to use that list (`Blocklist.used_by`), or
all, if none is known: an address that is refused somewhere gains nothing from more mail. An open block holds its
provider. What is believed counts, told or not: of an incident only the event that leads is told, and each of its
members is held; a list that only informs holds as well. A listing that becomes less bad goes on holding until it
closes, and what was over before anybody learnt of it holds nothing.

When the last cause of a run is over the run is ready, not released: that is for a person. `follow` goes with the events
as they are written; `reconcile_holds` mends what they missed, from what is open now.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from deliverwatch.core.block import Episode, EpisodeKind, episode_key
from deliverwatch.core.blocklist import Blocklist, Impact
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.listing import Listing, Watch, opening_key
from deliverwatch.core.service_hours import wall_instant
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.warmup.run import ALL_PROVIDERS, Hold, HoldCause, HoldChanges, WarmupRun

END_NOT_SEEN = "not_seen"
"""How a cause ended of which is only known that it is open no more."""

_LISTED = (EventKind.LISTING_OPENED, EventKind.LISTING_CHANGED)
_OPENED = (*_LISTED, EventKind.BLOCK_OPENED)
_CLOSED = (EventKind.LISTING_CLOSED, EventKind.BLOCK_CLOSED)


class _Cause(NamedTuple):
    """One open listing or block. `key`: of the episode; `facts`: for the words of its holds."""

    key: str
    cause: HoldCause
    providers: tuple[str, ...]
    opened_at: datetime
    facts: Mapping[str, Any]


def matters(event: Event) -> bool:
    """Whether it can open or end a hold: nothing of runs need be loaded for any other."""
    if event.subject is None or event.subject.kind is SubjectKind.DOMAIN:
        return False
    return event.kind in _CLOSED or (event.kind in _OPENED and _is_bad_enough(event))


def may_hold(blocklist: Blocklist) -> bool:
    """Whether any of its listings can."""
    addresses = blocklist.kinds - {SubjectKind.DOMAIN}
    return bool(addresses) and blocklist.accuses and _is_bad(blocklist.worst_impact)


def follow(
    events: Sequence[Event],
    runs: Iterable[WarmupRun],
    blocklist: Blocklist | None,
    holds: Sequence[Hold] = (),
    gated: Collection[str] = (),
) -> tuple[HoldChanges, list[Event]]:
    """What the events of one list (`blocklist`) or of one judging (None) change, and what is to be told of that.
    `runs`: the open ones; `holds`: theirs that nobody has released; `gated`: ids of runs that a gate holds."""
    by_ip = {run.ip: run for run in runs if run.ended is None}
    mattering = [event for event in events if matters(event)]
    over = {_episode_of(event): event for event in mattering if event.kind in _CLOSED}
    there = {(hold.run_id, hold.key) for hold in holds}
    held = [
        (event, run, _cause_of(event, blocklist))
        for event in mattering
        if event.kind in _OPENED and (run := by_ip.get(_ip(event))) is not None
        if (key := _episode_of(event)) not in over and (run.id, key) not in there
    ]
    opened = tuple(hold for _, run, cause in held for hold in _holds(run, cause))
    going = [hold for hold in holds if hold.ended_at is None]
    ended = {hold.key: (over[hold.key].at, str(over[hold.key].facts["ended"])) for hold in going if hold.key in over}
    still = {hold.run_id for hold in (*going, *opened) if hold.key not in over} | set(gated)
    leads = {event.key: event for event in events}
    told = [_held(event, run, cause, leads) for event, run, cause in held]
    return HoldChanges(opened, ended), [*told, *_ready(going, by_ip.values(), over, still, leads)]


def reconcile_holds(
    runs: Iterable[WarmupRun],
    holds: Sequence[Hold],
    listings: Iterable[Listing],
    blocks: Iterable[Episode],
    lists: Mapping[str, Blocklist],
    now: datetime,
) -> HoldChanges:
    """What is missing of the runs' holds, and what holds without a cause.

    `holds`: of these runs, released ones too: what a person released while its cause went on stays released.
    `listings`, `blocks`: all that are open; those that are over may be among them, and tell how and when a hold's cause
    ended. `lists`: the catalogue, by id. `now`: when, where that is not known.
    """
    causes: dict[str, Listing | Episode] = {each.key: each for each in listings}
    causes |= {each.key: each for each in blocks}
    by_ip = {run.ip: run for run in runs if run.ended is None}
    there = {(hold.run_id, hold.key) for hold in holds}
    opened = [
        hold
        for each in causes.values()
        if (run := by_ip.get(each.subject.value)) is not None and _still_holds(each) and (run.id, each.key) not in there
        for hold in _holds(run, _cause_of_open(each, lists))
    ]
    return HoldChanges(tuple(opened), dict(_ends(holds, causes, now)))


def not_before(changes: HoldChanges, judged_until: Mapping[str, datetime]) -> HoldChanges:
    """A hold that was missed begins after what was judged without it. `judged_until`: by run, of those of which a day
    was."""
    opened = (
        replace(hold, opened_at=max(hold.opened_at, judged_until.get(hold.run_id, hold.opened_at)))
        for hold in changes.opened
    )
    return HoldChanges(tuple(opened), changes.ended)


def _ends(
    holds: Iterable[Hold], causes: Mapping[str, Listing | Episode], now: datetime
) -> Iterator[tuple[str, tuple[datetime, str]]]:
    for hold in holds:
        if hold.ended_at is not None or hold.cause not in (HoldCause.LISTING, HoldCause.BLOCK):
            continue
        cause = causes.get(hold.key)
        if cause is None:
            yield hold.key, (now, END_NOT_SEEN)
        elif cause.closed_at is not None:
            yield hold.key, (cause.closed_at, str(cause.ended or END_NOT_SEEN))


def _still_holds(cause: Listing | Episode) -> bool:
    if cause.closed_at is not None:
        return False
    return cause.kind is EpisodeKind.BLOCK if isinstance(cause, Episode) else _is_bad(cause.impact)


def _is_bad_enough(event: Event) -> bool:
    return event.kind not in _LISTED or _is_bad(Impact(event.facts["impact"]))


def _is_bad(impact: Impact) -> bool:
    return impact.rank >= Impact.HIGH.rank


def _ip(event: Event) -> str:
    assert event.subject is not None
    return event.subject.value


def _opened_at(event: Event) -> datetime:
    return datetime.fromisoformat(event.facts["opened_at"])


def _holds_since(event: Event) -> datetime:
    """A listing that became bad enough later did not hold before."""
    return event.at if event.kind is EventKind.LISTING_CHANGED else _opened_at(event)


def _episode_of(event: Event) -> str:
    """The key of the episode that an event opened, changed or closed."""
    assert event.subject is not None
    if event.list_id:
        return opening_key(Watch(event.list_id, event.subject), _opened_at(event))
    facts = event.facts
    return episode_key(EpisodeKind.BLOCK, facts["provider"], event.subject, facts["what"], _opened_at(event))


def _cause_of(event: Event, blocklist: Blocklist | None) -> _Cause:
    key, facts = _episode_of(event), event.facts
    if event.kind in _LISTED:
        return _listed(key, event.list_id, blocklist, _holds_since(event), facts["codes"], facts["meanings"])
    return _blocked(key, facts["provider"], facts["class"], _opened_at(event), facts.get("provider_name"))


def _cause_of_open(each: Listing | Episode, lists: Mapping[str, Blocklist]) -> _Cause:
    if isinstance(each, Listing):
        blocklist = lists.get(each.list_id)
        return _listed(each.key, each.list_id, blocklist, each.opened_at, each.codes, each.meanings)
    return _blocked(each.key, each.provider, each.class_, each.opened_at, None)


def _listed(
    key: str,
    list_id: str,
    blocklist: Blocklist | None,
    opened_at: datetime,
    codes: Iterable[str],
    meanings: Iterable[str],
) -> _Cause:
    users = {} if blocklist is None else {each.provider: each.name for each in blocklist.used_by if each.provider}
    facts = {
        "list_id": list_id,
        "list_name": list_id if blocklist is None else blocklist.name,
        "codes": list(codes),
        "meanings": list(meanings),
        "provider_names": list(users.values()),
    }
    return _Cause(key, HoldCause.LISTING, tuple(users) or (ALL_PROVIDERS,), opened_at, facts)


def _blocked(key: str, provider: str, class_: str | None, opened_at: datetime, name: str | None) -> _Cause:
    facts = {"provider": provider, "class": class_, "provider_names": [name or provider]}
    return _Cause(key, HoldCause.BLOCK, (provider,), opened_at, facts)


def _holds(run: WarmupRun, cause: _Cause) -> tuple[Hold, ...]:
    """From when the run began, if its address was listed or blocked before."""
    begins_at = max(wall_instant(run.started_on, time(), ZoneInfo(run.zone)), cause.opened_at)
    return tuple(Hold(run.id, cause.key, cause.cause, each, begins_at, cause.facts) for each in cause.providers)


def _held(event: Event, run: WarmupRun, cause: _Cause, leads: Mapping[str, Event]) -> Event:
    facts = {"providers": list(cause.providers), "opened_at": cause.opened_at.isoformat(), **cause.facts}
    return _event(EventKind.WARMUP_HELD, event, run, cause.key, {"cause": cause.cause, **facts}, leads)


def _ready(
    going: Sequence[Hold],
    runs: Iterable[WarmupRun],
    over: Mapping[str, Event],
    still: Collection[str],
    leads: Mapping[str, Event],
) -> Iterator[Event]:
    """One for each run of which the last cause is among those that are over."""
    for run in runs:
        ends = [hold for hold in going if hold.run_id == run.id and hold.key in over]
        if not ends or run.id in still:
            continue
        last = max(ends, key=lambda hold: (over[hold.key].at, hold.key))
        event = over[last.key]
        facts = {
            **last.facts,
            "cause": last.cause,
            "providers": [hold.provider for hold in ends if hold.key == last.key],
            "opened_at": event.facts["opened_at"],
            "held_since": min(hold.opened_at for hold in ends).isoformat(),
            "ended": event.facts["ended"],
        }
        yield _event(EventKind.WARMUP_READY, event, run, last.key, facts, leads)


def _event(
    kind: EventKind, by: Event, run: WarmupRun, key: str, facts: Mapping[str, Any], leads: Mapping[str, Event]
) -> Event:
    """`told_by`: the event by which the cause was told. Account managers wait for what follows from a mass listing as
    they wait for the listing itself."""
    told_by = by.facts.get("incident", by.key)
    mass = leads[told_by].facts.get("mass") if told_by in leads else None
    more = {"run_id": run.id, "plan": run.plan.id, "told_by": told_by, **({"mass": mass} if mass else {})}
    return Event(f"{kind}/{run.id}/{key}", kind, by.at, by.list_id, by.subject, {**facts, **more})
