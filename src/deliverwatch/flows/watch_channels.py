"""Whether we can tell anybody: a channel that takes nothing any more is found, and said through the others.

It is failing when something that is owed on it was tried three times, and nothing has gone out on it since. It is well
when something went out again. Both are events, made in the order of what happened and once each; where mail is the only
channel, the status page and the log say what no message can.
"""

from datetime import datetime

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.receivers import Routing
from deliverwatch.flows.alert_ports import ChannelTrouble
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.tell import notify

_KEPT_IN_MIND = 100


async def watch_channels(store: WholeStore, clock: Clock, routing: Routing) -> list[Event]:
    """What changed."""
    now, failing = clock.now(), await _failing(store)
    troubles = {each.channel: each for each in await store.channel_troubles(failing)}
    events = [_fails(each, now) for channel, each in troubles.items() if channel not in failing]
    events += [_is_well(channel, since, now) for channel, since in failing.items() if channel not in troubles]
    if events:
        told = [
            note for event in events for note in notify([event], (), routing) if note.channel != event.facts["channel"]
        ]
        await store.commit_endings({}, events, told)
    return events


async def _failing(store: WholeStore) -> dict[str, datetime]:
    """Channels that were found failing and not well since: from when on."""
    found: dict[str, Event] = {}
    for event in await store.events((EventKind.CHANNEL_FAILING, EventKind.CHANNEL_WELL), _KEPT_IN_MIND):
        found.setdefault(event.facts["channel"], event)
    return {
        channel: datetime.fromisoformat(event.facts["since"])
        for channel, event in found.items()
        if event.kind is EventKind.CHANNEL_FAILING
    }


def _fails(trouble: ChannelTrouble, now: datetime) -> Event:
    since = trouble.since.isoformat()
    facts = {"channel": trouble.channel, "since": since, "why": trouble.why, "owed": trouble.owed}
    kind = EventKind.CHANNEL_FAILING
    return Event(f"{kind}/{trouble.channel}/{since}", kind, now, "", facts=facts)


def _is_well(channel: str, since: datetime, now: datetime) -> Event:
    kind = EventKind.CHANNEL_WELL
    facts = {"channel": channel, "since": since.isoformat()}
    return Event(f"{kind}/{channel}/{since.isoformat()}", kind, now, "", facts=facts)
