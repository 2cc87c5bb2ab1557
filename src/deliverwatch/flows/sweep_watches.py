"""Ends what is open on watches that no longer exist: the asset is not ours any more, or the list is not watched.

Neither is a delisting, and both are told for what they are.
"""

from collections.abc import Collection

from deliverwatch.core import listing
from deliverwatch.core.events import Ending, Event
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.listing import ListingState, Watch
from deliverwatch.flows.check_blocklists import notify
from deliverwatch.flows.ports import Clock, Store


async def sweep_watches(store: Store, clock: Clock, lists_on: Collection[str], operators: tuple[str, ...]) -> int:
    """Returns how many watches were ended."""
    now = clock.now()
    inventory = await store.inventory()
    holdings = Holdings(inventory.assets)
    states: dict[Watch, ListingState] = {}
    events: list[Event] = []
    for watch, state in (await store.watch_states()).items():
        if not holdings.on(watch.subject, now.date()):
            ending = Ending.WITHDRAWN
        elif watch.list_id not in lists_on:
            ending = Ending.LIST_ENDED
        else:
            continue
        states[watch], happened = listing.end(state, watch, now, ending)
        events += happened
    if states:
        await store.commit_endings(states, events, notify(events, inventory, operators))
    return len(states)
