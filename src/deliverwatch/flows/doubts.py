"""Which open listings rest on the word of a list that cannot be believed at the moment."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from deliverwatch.core.listing import Listing, Watch
from deliverwatch.core.zone_health import ZoneState, believed
from deliverwatch.flows.ports import Store


@dataclass(frozen=True, slots=True)
class Doubts:
    """`doubted`: watches that opened while their list may have been lying. `zones`: a list's states, by its id."""

    doubted: Collection[Watch]
    zones: Mapping[str, Sequence[ZoneState]]

    def about(self, listing: Listing) -> bool:
        is_doubted = Watch(listing.list_id, listing.subject) in self.doubted
        return is_doubted or not believed(self.zones.get(listing.list_id, ()), listing.subject.kind)


async def load_doubts(store: Store) -> Doubts:
    states = await store.watch_states()
    zones: dict[str, list[ZoneState]] = defaultdict(list)
    for (list_id, _), zone in (await store.zone_states()).items():
        zones[list_id].append(zone)
    return Doubts({watch for watch, state in states.items() if state.doubted}, zones)
