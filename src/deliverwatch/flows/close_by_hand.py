"""A person ends an episode: acceptance that nobody measures ends none by itself.

It is told like any other end, with the reason that was given. Judging leaves it closed; verdicts of later hours may
open another.
"""

from dataclasses import replace

from deliverwatch.core.block import Episode, EpisodeEnd
from deliverwatch.core.episode_ids import episode_id
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.reconcile import Change, ended
from deliverwatch.core.visible import visible
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.flows.hold_warmups import follow_in_warmups
from deliverwatch.flows.judge import JudgingDesk, JudgingStore, events_about
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.tell import notify

_LONGEST_REASON = 500


async def close_by_hand(store: JudgingStore, clock: Clock, desk: JudgingDesk, id_: str, reason: str) -> Episode:
    """Raises NotPossible for an unknown id, for what is over already, and without a reason."""
    if not reason.strip():
        raise NotPossible("expected a reason why it is over: whoever looks next wants to know")
    episode = next((each for each in await store.episodes() if episode_id(each) == id_), None)
    if episode is None:
        raise NotPossible(f"no block, throttle, finding or warning has the id {visible(id_, 60)!r}: see `blocks`")
    if episode.closed_at is not None:
        raise NotPossible(f"{id_} ended at {episode.closed_at:%Y-%m-%d %H:%M} (UTC) already")
    now, inventory = clock.now(), await store.inventory()
    after = replace(episode, evidence={**episode.evidence, "reason": visible(reason.strip(), _LONGEST_REASON)})
    change = Change(episode, ended(after, now, EpisodeEnd.BY_HAND).after)
    events = events_about([change], inventory.holdings, now, desk)
    holds, held = await follow_in_warmups(store, events, inventory.assets)
    notifications = notify([*events, *held], inventory.customers, desk.routing)
    await store.commit_episodes(EpisodeChanges([change.after], [*events, *held], notifications, holds))
    return change.after
