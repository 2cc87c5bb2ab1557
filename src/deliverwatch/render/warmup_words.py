"""What is known of a warm-up, in sentences: state and why, what holds it, what the next day allows, when it is done.

A sentence gives the numbers it rests on and no more: messages "offered" are at most so many where retries cannot be
told from messages, a provider that tells no complaints is not measured, and a day that nobody counted is not known. The
texts hold foreign words (names of lists, reasons that people gave, pools), as they are: each output puts them through
its own encoder. `names`: of mailbox providers, by id; of "Gmail, Google Workspace" the first name is said.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo

from deliverwatch.core.warmup.day import Because, DayState
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.warmup.pools import OverPlan
from deliverwatch.core.warmup.run import ALL_PROVIDERS, HoldCause, RunEnd, WarmupStep
from deliverwatch.core.warmup.status import HoldView, NextDay, ProviderStatus, RunStatus
from deliverwatch.render.warmup_days import became_of, day_words, on_day, told
from deliverwatch.render.warmup_terms import BECAUSE, MEASURED, OVER_PLAN, STATES, STEPS, state_word
from deliverwatch.render.words import at

Names = Mapping[str, str]

_MOST_HOLDS = 3
_SOON_DAYS = range(WarmupPolicy().stops_soon_days + 1)
_NOT_BEGUN, _FIRST_DAY = "not begun", "first day"
_BEGINNING = {0: _NOT_BEGUN, 1: _FIRST_DAY}
_BEGINNING_OF_SHARED = {Because.NOT_BEGUN: _NOT_BEGUN, Because.FIRST_DAY: _FIRST_DAY}


def provider_name(provider: str, names: Names) -> str:
    """The first of its names; `ALL_PROVIDERS`: of a measure, all that are not named."""
    return names.get(provider, provider).partition(",")[0] if provider else "all others"


def limit(ratio: float) -> str:
    """A limit as it was set: "0.15%"."""
    return f"{ratio * 100:g}%"


def because(following: NextDay) -> str:
    """Completes "..., because"."""
    return BECAUSE[following.because]


def is_beginning(status: RunStatus) -> bool:
    """Before a day of it is over, nothing is known; that is no fault."""
    return _beginning(status) is not None


def state_words(status: RunStatus) -> str:
    """Its state in a word or two."""
    return _beginning(status) or state_word(status.state, status.run.ended)


def reason(status: RunStatus, names: Names) -> str:
    """Why the run is in its state, in one sentence; of one that is shared as far as that tells no figures."""
    match status.state:
        case DayState.HELD | DayState.READY_TO_RELEASE:
            return _holds(status.state, status.holds, names)
        case DayState.DONE | DayState.OFF:
            return _ended(status)
        case _ if status.shared:
            return f"{state_words(status).capitalize()}."
        case DayState.BEHIND_REFUSED:
            return _refused(status, names)
        case DayState.OVER_PLAN:
            return _over(status)
        case DayState.FELL_BACK if status.next.because is Because.STEPPED_BACK:
            return _stepped_back(status)
    return _of_day(status)


def provider_reason(provider: ProviderStatus, names: Names) -> str:
    """The same for one provider: of its own counts and holds."""
    if provider.state in (DayState.HELD, DayState.READY_TO_RELEASE) and provider.holds:
        return _holds(provider.state, provider.holds, names)
    if provider.counts is None:
        return f"{STATES[provider.state].capitalize()}."
    if not provider.counts.attempted and not provider.counts.delivered:
        return f"{STATES[provider.state].capitalize()}: no mail was offered there."
    of = f" {provider.allowed:,} messages were allowed." if provider.allowed is not None else ""
    return f"{STATES[provider.state].capitalize()}: {became_of(provider.counts)}.{of}"


def holds_words(holds: Iterable[HoldView], names: Names, zone: tzinfo = UTC) -> list[str]:
    """Those that go on first: they are what keeps it held. A block, and the gate that measured it, are one."""
    found = sorted(holds, key=lambda hold: hold.over)
    gates = {hold.provider: hold for hold in found if hold.cause is HoldCause.REFUSED}
    told = {hold.provider for hold in found if hold.cause is HoldCause.BLOCK and _covers(hold, gates)}
    return [
        hold_words(hold, names, zone, gates.get(hold.provider) if hold.provider in told else None)
        for hold in found
        if hold.cause is not HoldCause.REFUSED or hold.provider not in told
    ]


def _covers(block: HoldView, gates: Mapping[str, HoldView]) -> bool:
    gate = gates.get(block.provider)
    return gate is not None and (gate.over or not block.over)


def hold_words(hold: HoldView, names: Names, zone: tzinfo = UTC, gate: HoldView | None = None) -> str:
    """ "held at Gmail since Wed 25 Nov 2026: 60 of 900 messages bounced, above 5%". `gate`: of a block, what measured
    it."""
    where = f" at {provider_name(hold.provider, names)}" if hold.provider != ALL_PROVIDERS else ""
    since = at(hold.since, zone) if isinstance(hold.since, datetime) else on_day(hold.since)
    over = "; the cause is over" if hold.over else ""
    return f"held{where} since {since}{_cause(hold)}{_refused_then(hold, gate, zone)}{over}"


def forecast(status: RunStatus) -> str | None:
    """When it is done, or why nobody can tell; None: it is over."""
    if status.run.ended is not None:
        return None
    if status.expected_finish_on is not None:
        return f"Expected to be done on {on_day(status.expected_finish_on)}, if it goes on like this."
    if status.state in (DayState.HELD, DayState.READY_TO_RELEASE):
        return "No finish date while it is held."
    return "No finish date: too few days count, or too little is known."


def stops_soon(status: RunStatus) -> bool:
    """Whether the platform may end its warm-up within days. Before that each stage has such a date."""
    stops_on = status.platform_stops_on
    return stops_on is not None and (stops_on - status.next.on).days in _SOON_DAYS


def platform_words(status: RunStatus) -> str | None:
    """What the sending platform does of its own; None: nothing that is worth a word. The day is reckoned from when the
    stage was first seen here, and it may have been reached before."""
    if status.platform_stops_on is not None and stops_soon(status):
        return (
            f"The platform ends its warm-up on {on_day(status.platform_stops_on)} at the latest, if no new stage is "
            "reached before; unless an engagement age is set there."
        )
    return "The platform itself stays on its stage." if status.by_platform else None


def demand_words(following: NextDay) -> str | None:
    """The next day's demand against its allowance; None: unknown, or nothing to compare."""
    if following.demand is None or following.allowance is None:
        return None
    likely = f"About {following.demand:,} messages are likely to be offered on {on_day(following.on)}"
    more = following.demand - following.allowance
    return f"{likely}, {more:,} more than allowed." if more > 0 else f"{likely}, {following.allowance:,} are allowed."


def step_words(step: WarmupStep) -> str:
    stage = f" to stage {step.stage}" if step.stage is not None else ""
    return f"{STEPS[step.kind]}{stage} by {step.by}" + (f": {step.reason}" if step.reason else "")


def _beginning(status: RunStatus) -> str | None:
    """None: a day of it is over. One that is shared does not say which day it is."""
    if status.state is not DayState.UNKNOWN or status.judged is not None:
        return None
    return _BEGINNING_OF_SHARED.get(status.next.because) if status.shared else _BEGINNING.get(status.day)


def _holds(state: DayState, holds: Iterable[HoldView], names: Names) -> str:
    found = holds_words(holds, names)
    told = "; ".join(found[:_MOST_HOLDS])
    more = f"; and {len(found) - _MOST_HOLDS} more" if len(found) > _MOST_HOLDS else ""
    if not told:
        return f"{STATES[state].capitalize()}."
    ready = f"Ready to be released by a person: {told}" if state is DayState.READY_TO_RELEASE else None
    return f"{ready or told[0].upper() + told[1:]}{more}."


def _cause(hold: HoldView) -> str:
    facts = hold.facts
    match hold.cause:
        case HoldCause.LISTING:
            name = facts.get("list_name") or facts.get("list_id")
            return f" by the listing on {name}" if name else " by a listing"
        case HoldCause.BLOCK:
            blocks = "blocked" if hold.over else "blocks"
            return f": it {blocks} this address" if hold.provider else " by a block"
        case HoldCause.PERSON:
            why = f": {facts['reason']}" if facts.get("reason") else ""
            return f" by {facts['by']}{why}" if facts.get("by") else f" by a person{why}"
    return _by_gate(hold)


def _refused_then(hold: HoldView, gate: HoldView | None, zone: tzinfo) -> str:
    facts = gate.facts if gate is not None and hold.cause is HoldCause.BLOCK else {}
    if gate is None or facts.get("found") is None or facts.get("of") is None:
        return ""
    same = isinstance(hold.since, datetime) and hold.since.astimezone(zone).date() == gate.since
    on = "that day" if same or isinstance(gate.since, datetime) else on_day(gate.since)
    return f"; on {on} {facts['found']:,} of {facts['of']:,} messages there were refused"


def _by_gate(hold: HoldView) -> str:
    facts, measured = hold.facts, MEASURED[hold.cause]
    if facts.get("found") is None or facts.get("of") is None:
        return f": too many messages {measured}"
    per = f" {facts['denominator']}" if facts.get("denominator") else ""
    above = f", above {limit(facts['above_ratio'])}" if facts.get("above_ratio") is not None else ""
    return f": {facts['found']:,} of {facts['of']:,} messages{per} {measured}{above}"


def _refused(status: RunStatus, names: Names) -> str:
    refusing = [each for each in status.providers if each.state is DayState.BEHIND_REFUSED and each.counts is not None]
    if not refusing:
        return _of_day(status)
    told = [f"at {provider_name(each.provider, names)} {became_of(each.counts)}" for each in refusing if each.counts]
    sentence = "; ".join(told)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _over(status: RunStatus) -> str:
    sentence = _of_day(status)
    why = OVER_PLAN[OverPlan(status.over_plan_why)] if status.over_plan_why is not None else None
    return f"{sentence[:-1]}, since {why}." if why else sentence


def _stepped_back(status: RunStatus) -> str:
    """By whom and why, where that is the reader's to know."""
    step = status.stepped_back
    by, why = (step.by, told(step.reason)) if step is not None else ("A person", "")
    return f"{by} stepped it back to stage {status.stage} of {len(status.run.plan.stages)}{why}."


def _ended(status: RunStatus) -> str:
    run = status.run
    on = f" on {on_day(run.ended_on)}" if run.ended_on is not None else ""
    stage = f", at stage {status.stage} of {len(run.plan.stages)}" if not status.shared else ""
    if run.ended is RunEnd.FINISHED:
        return f"A person ended it{on}{stage}."
    if status.state is DayState.OFF:
        return f"The sending platform ended its warm-up{on}{stage}."
    return f"Gone through to its last stage{on}."


def _of_day(status: RunStatus) -> str:
    """Of the last judged day alone."""
    return day_words(status.state, status.judged) if status.judged is not None else _not_judged(status)


def _not_judged(status: RunStatus) -> str:
    if status.day == 0:
        return f"It begins on {on_day(status.run.started_on)}."
    if status.state is DayState.UNKNOWN:
        return "No day of it is over and counted yet."
    return f"{STATES[status.state].capitalize()}."
