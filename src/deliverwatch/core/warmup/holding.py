"""What the holds of a day hold: the whole run, or single mailbox providers.

A listing accuses the address itself, so that the whole run keeps its volume, and the providers known to use the list
are named. A block or a gate holds its provider; the run goes on elsewhere, unless the held providers took most of its
mail. A held provider keeps the stage that it had, or where the plan has no number for it, what it was offered the day
before; when it is held no more it catches up, a stage for each day that counts. A throttle is normal while an address
is warmed up: its provider does not grow while it lasts, and nobody has to release it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from deliverwatch.core.warmup.day import DayInputs
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.warmup.run import ALL_PROVIDERS, GateHold, Hold, HoldCause, RunState, Track


class HoldsOfDay(NamedTuple):
    """`whole`: the run is held. `over`: every cause is, so that a person may release. `providers`: held ones."""

    whole: bool
    over: bool
    providers: frozenset[str]


_NONE = HoldsOfDay(False, False, frozenset())


def holds_of_day(
    holds: Collection[Hold],
    gate_holds: Collection[GateHold],
    offered: Mapping[str, int],
    policy: WarmupPolicy,
    *,
    was_held: bool,
) -> HoldsOfDay:
    """`offered`: messages per provider on the last day with mail. `was_held`: the run as a whole, and nobody has
    released it since; that held providers are sent less meanwhile is no release."""
    if not holds and not gate_holds:
        return _NONE
    providers = frozenset(hold.provider for hold in holds) | {hold.provider for hold in gate_holds}
    whole = was_held or ALL_PROVIDERS in providers or any(hold.cause is HoldCause.LISTING for hold in holds)
    over = all(hold.ended_at is not None for hold in holds) and all(hold.over for hold in gate_holds)
    return HoldsOfDay(whole or take_most(providers, offered, policy), over, providers - {ALL_PROVIDERS})


def take_most(providers: Iterable[str], offered: Mapping[str, int], policy: WarmupPolicy) -> bool:
    held = sum(offered.get(provider, 0) for provider in providers)
    return held > policy.whole_ratio * sum(offered.values())


def offered_of(before: RunState, day: DayInputs) -> Mapping[str, int]:
    """Of this day if it is known and has mail, else of the last one that had."""
    if day.unknown is not None or not any(counts.attempted for counts in day.providers.values()):
        return before.last_offered
    return {provider: counts.attempted for provider, counts in day.providers.items()}


def tracks_after(
    plan: WarmupPlan,
    before: RunState,
    day: DayInputs,
    kept: frozenset[str],
    stage: int,
    *,
    grows: bool,
    back: str | None,
) -> dict[str, Track]:
    """`kept`: providers that do not grow. `stage`: the run's for the next day. `grows`: the day counts for those that
    catch up. `back`: the provider whose gate says to go back."""
    tracks: dict[str, Track] = {}
    for provider in kept:
        tracks[provider] = before.tracks.get(provider) or _begun(before, day, provider)
        if provider == back:
            tracks[provider] = _one_back(tracks[provider])
        tracks[provider] = _at_most(plan, tracks[provider], stage)
    for provider, track in before.tracks.items():
        if provider not in kept and plan.caps(provider):
            reached = track.stage + grows
            if reached < stage:
                tracks[provider] = track._replace(stage=reached)
    return tracks


def _begun(before: RunState, day: DayInputs, provider: str) -> Track:
    offered = before.last_offered.get(provider)
    if offered is None and provider in day.providers and day.unknown is None:
        offered = day.providers[provider].attempted
    return Track(before.stage, offered)


def _at_most(plan: WarmupPlan, track: Track, stage: int) -> Track:
    """A run that goes back takes its held providers along, and does not take them up again."""
    stage = min(track.stage, stage)
    offered = min(track.offered, plan.allowance(stage)) if track.offered is not None else None
    return Track(stage, offered)


def _one_back(track: Track) -> Track:
    offered = track.offered // 2 if track.offered is not None else None
    return Track(max(track.stage - 1, 1), offered)


def provider_allowance(
    plan: WarmupPlan, stage: int, tracks: Mapping[str, Track], provider: str, hours: int = 24
) -> int | None:
    """None: the plan has no number for this provider, and it is not held."""
    track = tracks.get(provider)
    own = plan.provider_allowance(min(stage, track.stage) if track is not None else stage, provider, hours)
    if own is not None or track is None or track.offered is None:
        return own
    return min(track.offered, plan.allowance(stage, hours))
