"""What is known of a warm-up, in sentences: state and why, what holds it, what the next day allows, when it is done.

A sentence gives the numbers it rests on and no more: messages "offered" are at most so many where retries cannot be
told from messages, a provider that tells no complaints is not measured, and a day that nobody counted is not known. The
texts hold foreign words (names of lists, reasons that people gave, pools), as they are: each output puts them through
its own encoder. `names`: of mailbox providers, by id; of "Gmail, Google Workspace" the first name is said. What only
the command line says (steps, single providers) is in English alone.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo

from deliverwatch.core.warmup.day import Because, DayState
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.warmup.pools import OverPlan
from deliverwatch.core.warmup.run import ALL_PROVIDERS, HoldCause, RunEnd, WarmupStep
from deliverwatch.core.warmup.status import HoldView, NextDay, ProviderStatus, RunStatus
from deliverwatch.render.tongue import marked, number, percent_as_set, say, say_n
from deliverwatch.render.warmup_days import above_plan, became_of, day_words, on_day, told
from deliverwatch.render.warmup_holds import held, refused_then
from deliverwatch.render.warmup_terms import (
    BECAUSE,
    OVER_PLAN,
    STATES,
    STEPS,
    sentence,
    state_word,
)
from deliverwatch.render.words import at

Names = Mapping[str, str]

_MOST_HOLDS = 3
_SOON_DAYS = range(WarmupPolicy().stops_soon_days + 1)
_NOT_BEGUN, _FIRST_DAY = marked("not begun"), marked("first day")
_BEGINNING = {0: _NOT_BEGUN, 1: _FIRST_DAY}
_BEGINNING_OF_SHARED = {Because.NOT_BEGUN: _NOT_BEGUN, Because.FIRST_DAY: _FIRST_DAY}
_ENDED: Mapping[RunEnd, str] = {
    RunEnd.DONE: marked("Gone through to its last stage."),
    RunEnd.OFF: marked("The sending platform ended its warm-up."),
    RunEnd.FINISHED: marked("A person ended it."),
}
_ENDED_ON: Mapping[RunEnd, str] = {
    RunEnd.DONE: marked("Gone through to its last stage on {day}."),
    RunEnd.OFF: marked("The sending platform ended its warm-up on {day}."),
    RunEnd.FINISHED: marked("A person ended it on {day}."),
}
_ENDED_AT_STAGE: Mapping[RunEnd, str] = {
    RunEnd.OFF: marked("The sending platform ended its warm-up on {day}, at stage {stage} of {stages}."),
    RunEnd.FINISHED: marked("A person ended it on {day}, at stage {stage} of {stages}."),
}


def provider_name(provider: str, names: Names) -> str:
    """The first of its names; `ALL_PROVIDERS`: of a measure, all that are not named."""
    return names.get(provider, provider).partition(",")[0] if provider else say("all others")


def limit(ratio: float) -> str:
    """A limit as it was set: "0.15%"."""
    return percent_as_set(ratio)


def because(following: NextDay) -> str:
    """Completes "..., because"."""
    return say(BECAUSE[following.because])


def is_beginning(status: RunStatus) -> bool:
    """Before a day of it is over, nothing is known; that is no fault."""
    return _beginning(status) is not None


def state_words(status: RunStatus) -> str:
    """Its state in a word or two."""
    beginning = _beginning(status)
    return say(beginning) if beginning is not None else state_word(status.state, status.run.ended)


def reason(status: RunStatus, names: Names) -> str:
    """Why the run is in its state, in one sentence; of one that is shared as far as that tells no figures."""
    match status.state:
        case DayState.HELD | DayState.READY_TO_RELEASE:
            return _holds(status.state, status.holds, names)
        case DayState.DONE | DayState.OFF:
            return _ended(status)
        case _ if status.shared:
            return sentence(state_words(status))
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
    where = provider_name(hold.provider, names) if hold.provider != ALL_PROVIDERS else ""
    since = at(hold.since, zone) if isinstance(hold.since, datetime) else on_day(hold.since)
    over = say("the cause is over") if hold.over else ""
    return "; ".join(filter(None, (held(hold, where, since), refused_then(hold, gate, zone), over)))


def forecast(status: RunStatus) -> str | None:
    """When it is done, or why nobody can tell; None: it is over."""
    if status.run.ended is not None:
        return None
    if status.expected_finish_on is not None:
        return expected(status.expected_finish_on)
    if status.state in (DayState.HELD, DayState.READY_TO_RELEASE):
        return say("No finish date while it is held.")
    return say("No finish date: too few days count, or too little is known.")


def expected(finish_on: date) -> str:
    return say("Expected to be done on {day}, if it goes on like this.", day=on_day(finish_on))


def stops_soon(status: RunStatus) -> bool:
    """Whether the platform may end its warm-up within days. Before that each stage has such a date."""
    stops_on = status.platform_stops_on
    return stops_on is not None and (stops_on - status.next.on).days in _SOON_DAYS


def platform_words(status: RunStatus) -> str | None:
    """What the sending platform does of its own; None: nothing that is worth a word. The day is reckoned from when the
    stage was first seen here, and it may have been reached before."""
    if status.platform_stops_on is not None and stops_soon(status):
        return say(
            "The platform ends its warm-up on {day} at the latest, if no new stage is reached before; unless an "
            "engagement age is set there.",
            day=on_day(status.platform_stops_on),
        )
    return say("The platform itself stays on its stage.") if status.by_platform else None


def demand_words(following: NextDay) -> str | None:
    """The next day's demand against its allowance; None: unknown, or nothing to compare."""
    if following.demand is None or following.allowance is None:
        return None
    demand, day = number(following.demand), on_day(following.on)
    more = following.demand - following.allowance
    if more > 0:
        return say(_MORE_THAN_ALLOWED, demand=demand, day=day, more=number(more))
    return say(_WITHIN_ALLOWED, demand=demand, day=day, allowance=number(following.allowance))


_MORE_THAN_ALLOWED = marked("About {demand} messages are likely to be offered on {day}, {more} more than allowed.")
_WITHIN_ALLOWED = marked("About {demand} messages are likely to be offered on {day}, {allowance} are allowed.")


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
    if not found:
        return sentence(say(STATES[state]))
    told, more = "; ".join(found[:_MOST_HOLDS]), len(found) - _MOST_HOLDS
    if more > 0:
        told = say_n("{holds}; and {n} more", "{holds}; and {n} more", more, holds=told)
    if state is DayState.READY_TO_RELEASE:
        return say("Ready to be released by a person: {holds}.", holds=told)
    return sentence(told)


def _refused(status: RunStatus, names: Names) -> str:
    refusing = [each for each in status.providers if each.state is DayState.BEHIND_REFUSED and each.counts is not None]
    if not refusing:
        return _of_day(status)
    return sentence("; ".join(_refused_at(each, names) for each in refusing))


def _refused_at(provider: ProviderStatus, names: Names) -> str:
    counts = became_of(provider.counts) if provider.counts is not None else say("not known")
    return say("at {provider} {counts}", provider=provider_name(provider.provider, names), counts=counts)


def _over(status: RunStatus) -> str:
    if status.judged is None or status.over_plan_why is None:
        return _of_day(status)
    return above_plan(status.judged, say(OVER_PLAN[OverPlan(status.over_plan_why)]))


def _stepped_back(status: RunStatus) -> str:
    """By whom and why, where that is the reader's to know."""
    step, stages = status.stepped_back, len(status.run.plan.stages)
    if step is not None:
        return f"{step.by} stepped it back to stage {status.stage} of {stages}{told(step.reason)}."
    return say("A person stepped it back to stage {stage} of {stages}.", stage=status.stage, stages=stages)


def _ended(status: RunStatus) -> str:
    run, end = status.run, _end(status)
    if run.ended_on is None:
        return say(_ENDED[end])
    words = _ENDED_ON[end] if status.shared else _ENDED_AT_STAGE.get(end, _ENDED_ON[end])
    return say(words, day=on_day(run.ended_on), stage=status.stage, stages=len(run.plan.stages))


def _end(status: RunStatus) -> RunEnd:
    if status.run.ended is RunEnd.FINISHED:
        return RunEnd.FINISHED
    return RunEnd.OFF if status.state is DayState.OFF else RunEnd.DONE


def _of_day(status: RunStatus) -> str:
    """Of the last judged day alone."""
    return day_words(status.state, status.judged) if status.judged is not None else _not_judged(status)


def _not_judged(status: RunStatus) -> str:
    if status.day == 0:
        return say("It begins on {day}.", day=on_day(status.run.started_on))
    if status.state is DayState.UNKNOWN:
        return say("No day of it is over and counted yet.")
    return sentence(say(STATES[status.state]))
