"""What listings and blocks do to the warm-ups of their addresses, in the transaction of the event.

Whoever writes such events asks here for the holds that go with them, and for what is to be told of these: it concerns
the customers of the day, and runs of the same customers that one listing of a range or one judging of a provider holds
are one message. Which holds these are is `core.warmup.hold_causes`.
"""

from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import NamedTuple, Protocol

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.events import Event
from deliverwatch.core.incidents import gather_by
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.subjects import Subject
from deliverwatch.core.warmup.hold_causes import follow, matters, may_hold
from deliverwatch.core.warmup.run import NO_HOLD_CHANGES, Hold, HoldChanges, WarmupRun
from deliverwatch.flows.ports import Store
from deliverwatch.flows.tell import about, hushed
from deliverwatch.flows.warmup_ports import WarmupStore


class HoldingStore(Store, WarmupStore, Protocol):
    """The store of watches, with the warm-ups of what is watched."""


class OpenWarmups(NamedTuple):
    """`holds`: those of the runs that nobody has released. `gated`: ids of runs that a gate of their plan holds."""

    runs: tuple[WarmupRun, ...] = ()
    holds: tuple[Hold, ...] = ()
    gated: frozenset[str] = frozenset()


NO_WARMUPS = OpenWarmups()


async def open_warmups(store: WarmupStore) -> OpenWarmups:
    """Gates are looked up for runs that something else holds: only of these it may be the last cause that ends."""
    runs = tuple(await store.warmups(open_only=True))
    if not runs:
        return NO_WARMUPS
    ids = {run.id for run in runs}
    holds = tuple(hold for hold in await store.warmup_holds(unreleased=True) if hold.run_id in ids)
    held = {hold.run_id for hold in holds if hold.ended_at is None}
    days = await store.last_warmup_days(held) if held else {}
    gated = (id_ for id_, day in days.items() if any(not gate.over for gate in day.after.gate_holds))
    return OpenWarmups(runs, holds, frozenset(gated))


async def warmups_for(store: WarmupStore, blocklist: Blocklist) -> OpenWarmups:
    """None for a round over a list that can hold nobody."""
    return await open_warmups(store) if may_hold(blocklist) else NO_WARMUPS


async def follow_in_warmups(
    store: WarmupStore, events: Sequence[Event], assets: Iterable[Asset]
) -> tuple[HoldChanges, list[Event]]:
    """For events that no round over a list brought: blocks, and what ends by itself."""
    if not any(matters(event) for event in events):
        return NO_HOLD_CHANGES, []
    return changes_of(events, await open_warmups(store), None, assets)


def changes_of(
    events: Sequence[Event],
    warmups: OpenWarmups,
    blocklist: Blocklist | None,
    assets: Iterable[Asset],
    restless: Collection[Subject] = (),
) -> tuple[HoldChanges, list[Event]]:
    """`restless`: subjects that come and go on the list, which was told once: their holds are kept quietly."""
    if not warmups.runs or not any(matters(event) for event in events):
        return NO_HOLD_CHANGES, []
    changes, found = follow(events, warmups.runs, blocklist, warmups.holds, warmups.gated)
    holdings = Holdings(assets)
    told = [about(event, None, holdings) for event in found]
    return changes, gather_by([hushed(each) if each.subject in restless else each for each in told], _cause)


def _cause(event: Event) -> Hashable:
    """Equal for runs of the same customers that one message about their cause tells of."""
    facts = event.facts
    return event.kind, facts["told_by"], tuple(facts["parties"]), tuple(facts["providers"])
