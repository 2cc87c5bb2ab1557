"""Keeps what changed in the week before each listing and block, while it is still remembered.

It is looked for when there is one, and once more a day after that, since a log may have been read by half then. Where
nothing was counted yet it is looked for again for two days, and then left unknown. What opened and ended before anybody
looked has a cause as well, for two weeks.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from deliverwatch.core.cause import WEEK, likely_cause
from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.own_counts import facts_of_days
from deliverwatch.core.told_twice import Spaces
from deliverwatch.flows.delivery_ports import EpisodeStore
from deliverwatch.flows.ports import Clock

_DAY = timedelta(days=1)
_LATE_AT_MOST = timedelta(days=2)
_AGAIN_AFTER = timedelta(days=1)
_LOOKED_BACK = timedelta(days=14)


async def find_causes(store: EpisodeStore, clock: Clock, spaces: Spaces) -> int:
    """Returns how many were found."""
    found, now = 0, clock.now()
    for key, subject, opened_at, before in await store.causes_wanted(now - _LOOKED_BACK):
        if before is not None and not _is_made_again(before, now):
            continue
        facts = await _counted(store, subject.value, opened_at, spaces)
        cause = likely_cause(facts, opened_at, spaces) or before
        if cause:
            await store.keep_cause(key, {**cause, "made_at": now.isoformat(), "is_final": before is not None})
            found += 1
        elif before is None and now - opened_at > _LATE_AT_MOST:
            await store.keep_cause(key, {})
    return found


async def _counted(
    store: EpisodeStore, sender: str, until: datetime, spaces: Spaces
) -> list[tuple[FactKey, FactCounts]]:
    """From events, and by sources themselves where no other told events."""
    told = await store.traffic(until - 2 * WEEK, {sender}, until)
    stated = await store.measures(until - 2 * WEEK - _DAY, until, sender)
    return told + facts_of_days(stated, told, until, spaces)


def _is_made_again(cause: Mapping[str, Any], now: datetime) -> bool:
    """Not what was left unknown."""
    return bool(cause) and not cause["is_final"] and now - datetime.fromisoformat(cause["made_at"]) >= _AGAIN_AFTER
