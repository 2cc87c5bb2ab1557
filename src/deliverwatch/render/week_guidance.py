"""What the weekly report says of a warm-up's state: why it is so, what we do, what the customer does, and who says so.

Advice is said once for all IPs that are in one state for one cause, so that a range that one listing holds is one
piece of advice. Where the advice is for whoever acts at our side (`render.warmup_advice`), the customer is told their
own part.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from deliverwatch.core.incidents import ranges
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warmup.day import Because, DayState
from deliverwatch.core.warmup.run import ALL_PROVIDERS, HoldCause, RunEnd
from deliverwatch.core.week_warmups import ReportedWarmup
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import named
from deliverwatch.render.tongue import listed, marked, say, say_n
from deliverwatch.render.warmup_advice import ONLY_THE_ENGAGED, Advice, advice, advice_for
from deliverwatch.render.warmup_terms import sentence
from deliverwatch.render.warmup_words import hold_words, holds_words, is_beginning, provider_name, reason, state_words

_MOST_HOLDS = 3
_LONGEST_WHY = 1000
_HELD = marked(
    "We advise to keep the volume where it is, and have changed nothing at your sending platform. When the cause is "
    "over, {tam} decides on the release."
)
_WE: Mapping[DayState, str] = {
    DayState.HELD: _HELD,
    DayState.BEHIND_REFUSED: marked("We go on counting, at each receiver. The allowance does not grow on such a day."),
    DayState.READY_TO_RELEASE: marked(
        "{tam} decides on the release. We have changed nothing at your sending platform."
    ),
    DayState.OFF: marked("Our plan ended with it. Another begins when {tam} starts it."),
    DayState.DONE: marked("The plan is over. We watch the address as before."),
    DayState.UNKNOWN: marked("We judge a day when its counts are here. Until then it moves nothing."),
}
_WE_FINISHED = marked(
    "A person ended it before its plan did. We watch the address as before, and count it against no plan."
)
_WE_JUDGE = marked("We judge each day when it is over, and again while its numbers grow.")
_YOU: Mapping[DayState, str] = {
    DayState.READY_TO_RELEASE: marked(
        "See that the cause will not come back, and go on from the volume that was sent meanwhile, not from where the "
        "plan would be by now."
    ),
    DayState.UNKNOWN: marked("Stay at the volume of the last known day until the counts are here."),
}
_YOU_REFUSED = marked("Find which mailing or list caused it and stop it; we ask the provider.")
_REFUSED = frozenset({HoldCause.BLOCK, HoldCause.REFUSED})
_YOU_BY_PERSON = marked("Keep the volume where it is, and ask {tam} for the reason.")
_YOU_STEPPED_BACK = marked("Go on at the next allowance. {tam} can tell you why the stage was lowered.")
_YOU_SHARED = marked("Nothing: we run this address, and others send from it too.")


@dataclass(frozen=True, slots=True)
class Guidance:
    """`because`: why, and whose advice it is. `ips`: whom it is about."""

    ips: frozenset[str]
    about: str
    why: str
    we_do: str
    you_do: str
    because: str


def state_of(warmup: ReportedWarmup) -> str:
    """A hold at one provider is said beside the state of the whole."""
    status = warmup.status
    state = say("ended by a person") if status.run.ended is RunEnd.FINISHED else state_words(status)
    if not warmup.holds or status.state is DayState.HELD:
        return state
    where = [provider_name(hold.provider, warmup.names) for hold in warmup.holds if hold.provider != ALL_PROVIDERS]
    if not where:
        return say("{state}, held", state=state)
    return say("{state}, held at {providers}", state=state, providers=in_mail(listed(list(dict.fromkeys(where))), 160))


def why(warmup: ReportedWarmup, zone: tzinfo) -> str:
    """What holds it or waits for its release; else the reason of its state."""
    return in_mail(" ".join(_held_by(warmup, zone)) or _reason(warmup), _LONGEST_WHY)


def rest_of_why(warmup: ReportedWarmup, zone: tzinfo, *, told: bool) -> str:
    """What a card says. `told`: `why` was, above."""
    held = _held_by(warmup, zone)
    if told:
        return in_mail(_reason(warmup) if held else "", _LONGEST_WHY)
    return in_mail(" ".join(filter(None, [_reason(warmup), *held])), _LONGEST_WHY)


def _held_by(warmup: ReportedWarmup, zone: tzinfo) -> list[str]:
    holds = holds_words(warmup.status.holds, warmup.names, zone) if warmup.status.run.ended is None else []
    told = [sentence(each) for each in holds[:_MOST_HOLDS]]
    more = len(holds) - _MOST_HOLDS
    return [*told, say_n("And {n} more.", "And {n} more.", more)] if more > 0 else told


def _reason(warmup: ReportedWarmup) -> str:
    """It would be figures for one that is shared; that it is on plan its rows say."""
    state = warmup.status.state
    is_told = state not in (DayState.HELD, DayState.READY_TO_RELEASE, DayState.ON_PLAN)
    if not is_told or (warmup.shared and state is not DayState.OFF):
        return ""
    return reason(warmup.status, warmup.names)


def guidance(warmups: Iterable[ReportedWarmup], tam: str, zone: tzinfo) -> list[Guidance]:
    """In the order of the first of each kind. `tam`: who acts for the customer."""
    groups: dict[tuple[object, ...], list[ReportedWarmup]] = defaultdict(list)
    for each in warmups:
        groups[_kind(each)].append(each)
    return [_guidance(group, tam, zone) for group in groups.values()]


def _kind(warmup: ReportedWarmup) -> tuple[object, ...]:
    status = warmup.status
    holds = tuple((hold.cause, hold.provider, hold.facts.get("list_id")) for hold in warmup.holds)
    stepped_back, waits = _was_stepped_back(warmup), _waits_for_release(warmup)
    return status.state, status.run.ended, warmup.shared, stepped_back, waits, holds, status.over_plan_why


def _waits_for_release(warmup: ReportedWarmup) -> bool:
    return warmup.status.run.ended is None and bool(warmup.status.holds) and not warmup.holds


def _was_stepped_back(warmup: ReportedWarmup) -> bool:
    """By a person, not by the platform."""
    return warmup.status.next.because is Because.STEPPED_BACK


def _guidance(group: Sequence[ReportedWarmup], tam: str, zone: tzinfo) -> Guidance:
    first = group[0]
    names = named(ranges(parse_subject(each.ip) for each in group))
    you_do, because = _you_do(first, tam)
    return Guidance(
        ips=frozenset(each.ip for each in group),
        about=f"{names}: {state_of(first)}",
        why=why(first, zone) if len(group) == 1 else _why_of_all(group, zone),
        we_do=_we_do(first, tam),
        you_do=you_do,
        because=because,
    )


def _state(warmup: ReportedWarmup) -> DayState:
    return DayState.HELD if warmup.holds else warmup.status.state


def _we_do(warmup: ReportedWarmup, tam: str) -> str:
    if warmup.status.run.ended is RunEnd.FINISHED:
        return say(_WE_FINISHED)
    if is_beginning(warmup.status) and not warmup.holds:
        return say(_WE_JUDGE)
    state = DayState.READY_TO_RELEASE if _waits_for_release(warmup) else _state(warmup)
    return say(_WE.get(state, _WE_JUDGE), tam=tam)


def _you_do(warmup: ReportedWarmup, tam: str) -> tuple[str, str]:
    """What, and why."""
    if warmup.shared:
        return say(_YOU_SHARED), ""
    if _was_stepped_back(warmup):
        return say(_YOU_STEPPED_BACK, tam=tam), ""
    cause = warmup.holds[0].cause if warmup.holds else None
    if cause is HoldCause.PERSON:
        return say(_YOU_BY_PERSON, tam=tam), ""
    counsel = advice_for(warmup.status) if cause is None else advice(DayState.HELD, cause)
    return _counselled(warmup, counsel, cause), f"{say(counsel.why)} ({say(counsel.source)})"


def _counselled(warmup: ReportedWarmup, counsel: Advice, cause: HoldCause | None) -> str:
    """Their own part, where the advice is for us."""
    if cause in _REFUSED:
        return f"{say(_YOU_REFUSED)} {say(ONLY_THE_ENGAGED)}"
    if cause is None and not is_beginning(warmup.status) and warmup.status.state in _YOU:
        return say(_YOU[warmup.status.state])
    return say(counsel.text)


def _why_of_all(group: Sequence[ReportedWarmup], zone: tzinfo) -> str:
    """What holds them, since the first of them was held, and without the counts of one: these are each one's own."""
    told = []
    for nth, hold in enumerate(group[0].holds):
        since = min((each.holds[nth].since for each in group), key=str)
        facts = {name: value for name, value in hold.facts.items() if name not in ("found", "of")}
        told.append(sentence(hold_words(replace(hold, since=since, facts=facts), group[0].names, zone)))
    return in_mail(" ".join(told), _LONGEST_WHY)
