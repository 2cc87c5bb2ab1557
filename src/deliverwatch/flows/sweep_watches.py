"""What time and imports do besides the rounds: to listings that are open, and to lists over which there are none.

The asset is not ours any more, or the list is not watched: then the listing is ended. Neither is a delisting, and both
are told for what they are. The asset went from one customer to another: then the listing goes on, the former customer
hears that it is theirs no longer, and the new one, who never heard of its beginning, that there is one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

from deliverwatch.core import listing
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.incidents import gather
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.listing import Listing, ListingState, Watch
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.flows.held import Held
from deliverwatch.flows.hold_warmups import HoldingStore, follow_in_warmups
from deliverwatch.flows.ports import Clock, Store
from deliverwatch.flows.run_rounds import Watchlist
from deliverwatch.flows.silence import list_stale
from deliverwatch.flows.tell import about, hushed, notify

_TOLD_AT_MOST = 10_000  # beyond it the store still drops what it has; only whoever became a reader since reads it late


async def sweep_watches(
    store: HoldingStore, clock: Clock, watchlist: Watchlist, held: Held, running_for: timedelta
) -> int:
    """Returns how many watches were ended. `running_for`: since when rounds could have been made."""
    now = clock.now()
    lists_on = {blocklist.id for blocklist in watchlist.blocklists} - watchlist.dry_run
    holdings = held.inventory.holdings
    states: dict[Watch, ListingState] = {}
    events: list[Event] = []
    before = await store.watch_states()
    for watch, state in before.items():
        if not holdings.on(watch.subject, now.date()):
            ending = Ending.WITHDRAWN
        elif watch.list_id not in lists_on:
            ending = Ending.LIST_ENDED
        else:
            continue
        states[watch], happened = listing.end(state, watch, now, ending)
        events += happened
    unsure = {watch for watch, state in before.items() if state.doubted}  # told when it is known to be true
    events += await _handed_over(store, holdings, {*states, *unsure}, now)
    events = _gathered([about(event, None, holdings) for event in events], watchlist)
    holds, held_events = await follow_in_warmups(store, events, held.inventory.assets)
    events += held_events
    events += await _stale_lists(store, watchlist, held.kinds, now, running_for)
    if states or events:
        notifications = notify(events, held.inventory.customers, watchlist.routing)
        await store.commit_endings(states, events, notifications, holds)
    return len(states)


def _gathered(events: Sequence[Event], watchlist: Watchlist) -> list[Event]:
    """What ends together is told together."""
    by_id = {blocklist.id: blocklist for blocklist in watchlist.blocklists}
    by_list: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_list[event.list_id].append(event)
    return [
        _aloud_or_not(event, watchlist)
        for list_id, some in by_list.items()
        for event in gather(by_id.get(list_id), some, len(some), watchlist.domain_of)
    ]


def _aloud_or_not(event: Event, watchlist: Watchlist) -> Event:
    """What began in silence ends in it. A list that is off by now told what it told."""
    only_informs = any(each.id == event.list_id and not each.leads for each in watchlist.blocklists)
    return hushed(event) if only_informs else event


async def _stale_lists(
    store: Store, watchlist: Watchlist, held: Collection[SubjectKind], now: datetime, running_for: timedelta
) -> list[Event]:
    """Lists over which no verified round was written for long, whatever kept it from being made or written."""
    stale = []
    for blocklist in watchlist.blocklists:
        if blocklist.kinds.isdisjoint(held) or blocklist.id in watchlist.dry_run:
            continue
        patience_for = watchlist.policy.stale_after(watchlist.every[blocklist.id])
        load = await store.load_round(blocklist.id, now)
        since = load.last_verified_at
        if since is None or load.stale_told or min(now - since, running_for) < patience_for:
            continue
        stale.append(list_stale(blocklist.id, since, now, "no round could be made or written", 0))
    return stale


async def _handed_over(store: Store, holdings: Holdings, but: Collection[Watch], now: datetime) -> list[Event]:
    """Those not told yet."""
    going_on = [each for each in await store.listings(open_only=True) if Watch(each.list_id, each.subject) not in but]
    found = [event for each in going_on for event in _turns(each, holdings, now)]
    if not found:
        return []
    told = {event.key for event in await store.events([EventKind.LISTING_HANDED_OVER], _TOLD_AT_MOST)}
    return [event for event in found if event.key not in told]


def _turns(of: Listing, holdings: Holdings, now: datetime) -> Iterator[Event]:
    """One for each day since the listing opened on which other customers came to be concerned."""
    subject = of.subject
    before = holdings.parties(subject, of.opened_at.date())
    for day in holdings.turns(subject, of.opened_at.date(), now.date()):
        after = holdings.parties(subject, day)
        yield _event(of, before, after, day, now)
        before = after


def _event(of: Listing, before: tuple[str, ...], after: tuple[str, ...], day: date, now: datetime) -> Event:
    kind = EventKind.LISTING_HANDED_OVER
    facts = {
        "opened_at": of.opened_at.isoformat(),
        "codes": list(of.codes),
        "meanings": list(of.meanings),
        "impact": of.impact,
        "reason": of.reason,
        "before": list(before),
        "after": list(after),
        "handed_over_on": day.isoformat(),
    }
    key = f"{kind}/{of.list_id}/{of.subject}/{of.opened_at.isoformat()}/{day}/{','.join(after)}"
    return Event(key, kind, now, of.list_id, of.subject, facts)
