"""Every state, decision, cause and step of a warm-up in a few words: one table each, complete, as the tests see to.

The words are those of GLOSSARY.md; sentences with the numbers of a day are made of them in `warmup_words`.
"""

from collections.abc import Mapping

from deliverwatch.core.warmup.day import Because, DayState, Decision
from deliverwatch.core.warmup.pools import OverPlan
from deliverwatch.core.warmup.run import HoldCause, RunEnd, StepKind

STATES: Mapping[DayState, str] = {
    DayState.ON_PLAN: "on plan",
    DayState.BEHIND_NO_TRAFFIC: "behind: no traffic",
    DayState.BEHIND_REFUSED: "behind: refused",
    DayState.OVER_PLAN: "above plan",
    DayState.HELD: "held",
    DayState.READY_TO_RELEASE: "ready to release",
    DayState.IDLE: "idle",
    DayState.SKIPPED: "skipped stages",
    DayState.FELL_BACK: "fell back",
    DayState.DONE: "done",
    DayState.OFF: "switched off",
    DayState.UNKNOWN: "not known",
}
FINISHED = "finished"
DECISIONS: Mapping[Decision, str] = {
    Decision.ADVANCE: "advance",
    Decision.REPEAT: "repeat",
    Decision.HOLD: "hold",
    Decision.STEP_BACK: "step back",
}
BECAUSE: Mapping[Because, str] = {
    Because.ENOUGH_DELIVERED: "enough of the allowance was delivered",
    Because.DAY_WITH_MAIL: "a day with enough mail has passed",
    Because.DAY_PASSED: "a day has passed, and the plan goes by the calendar",
    Because.DAY_PASSED_WITHOUT_MAIL: "the plan goes by the calendar, although too little mail was sent to warm an IP",
    Because.STAGE_LASTS: "the day counted, and the stage takes more of them",
    Because.TOO_LITTLE_OFFERED: "too little was offered for the day to count",
    Because.REFUSED: "too much of what was offered was not delivered",
    Because.NO_MAIL: "no mail was offered",
    Because.NOT_A_PLAN_DAY: "the plan does not count this day of the week",
    Because.NOT_KNOWN: "the day's counts are not known",
    Because.CANNOT_TELL: "attempts are counted with their retries, so it cannot be told whether enough was offered",
    Because.HELD: "it is held",
    Because.READY: "the cause of the hold is over, and nobody has released it yet",
    Because.RELEASED: "it was released, and goes on from the volume it was held at",
    Because.GATE_STEPS_BACK: "a gate of the plan was passed by so much that it goes back one stage",
    Because.IDLE_TOO_LONG: "there was no mail for so long that receivers forget the address",
    Because.STEPPED_BACK: "a person stepped it back",
    Because.AMENDED: "the plan was amended",
    Because.PLATFORM_STAYS: "the sending platform stays on its stage, and says itself when it moves",
    Because.FIRST_DAY: "it is the first day",
    Because.NOT_BEGUN: "it has not begun",
    Because.LAST_STAGE_DONE: "the last stage is done",
    Because.PLATFORM_OFF: "the sending platform ended its warm-up",
    Because.PERSON_FINISHED: "it was ended before the end of its plan",
}
OVER_PLAN: Mapping[OverPlan, str] = {
    OverPlan.NO_OVERFLOW: "all of the pool is new and no other pool takes what is too much, so its IPs carry it",
    OverPlan.PLATFORM_OFF: "the platform's own warm-up of the IP is off, so nothing limits it there",
    OverPlan.OTHERS_SILENT: "other IPs of the pool sent nothing, so this one carried their part",
}
STEPS: Mapping[StepKind, str] = {
    StepKind.STARTED: "started",
    StepKind.HELD: "held",
    StepKind.RELEASED: "released",
    StepKind.STEPPED_BACK: "stepped back",
    StepKind.AMENDED: "plan amended",
    StepKind.FINISHED: "finished",
}
MEASURED: Mapping[HoldCause, str] = {
    HoldCause.BOUNCE: "bounced",
    HoldCause.DEFERRAL: "were neither delivered nor bounced by the end of the day",
    HoldCause.COMPLAINT: "were complained about",
    HoldCause.REFUSED: "were refused with a verdict against the sender",
    HoldCause.AUTHENTICATION: "were refused for their authentication",
}


def state_word(state: DayState, ended: RunEnd | None) -> str:
    """What a person finished is over, and was not gone through to its end."""
    return FINISHED if state is DayState.DONE and ended is RunEnd.FINISHED else STATES[state]
