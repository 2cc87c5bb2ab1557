"""Every state, decision, cause and step of a warm-up in a few words: one table each, complete, as the tests see to.

The words are those of GLOSSARY.md; sentences with the numbers of a day are made of them in `warmup_words`. What the
weekly report and the pages say of them is `marked`; `MEASURED` is of the command line and the alerts alone.
"""

from collections.abc import Mapping

from deliverwatch.core.warmup.day import Because, DayState, Decision
from deliverwatch.core.warmup.pools import OverPlan
from deliverwatch.core.warmup.run import HoldCause, RunEnd, StepKind
from deliverwatch.render.tongue import marked, say

STATES: Mapping[DayState, str] = {
    DayState.ON_PLAN: marked("on plan"),
    DayState.BEHIND_NO_TRAFFIC: marked("behind: no traffic"),
    DayState.BEHIND_REFUSED: marked("behind: refused"),
    DayState.OVER_PLAN: marked("above plan"),
    DayState.HELD: marked("held"),
    DayState.READY_TO_RELEASE: marked("ready to release"),
    DayState.IDLE: marked("idle"),
    DayState.SKIPPED: marked("skipped stages"),
    DayState.FELL_BACK: marked("fell back"),
    DayState.DONE: marked("done"),
    DayState.OFF: marked("switched off"),
    DayState.UNKNOWN: marked("not known"),
}
FINISHED = marked("finished")
DECISIONS: Mapping[Decision, str] = {
    Decision.ADVANCE: marked("advance"),
    Decision.REPEAT: marked("repeat"),
    Decision.HOLD: marked("hold"),
    Decision.STEP_BACK: marked("step back"),
}
BECAUSE: Mapping[Because, str] = {
    Because.ENOUGH_DELIVERED: marked("enough of the allowance was delivered"),
    Because.DAY_WITH_MAIL: marked("a day with enough mail has passed"),
    Because.DAY_PASSED: marked("a day has passed, and the plan goes by the calendar"),
    Because.DAY_PASSED_WITHOUT_MAIL: marked(
        "the plan goes by the calendar, although too little mail was sent to warm an IP"
    ),
    Because.STAGE_LASTS: marked("the day counted, and the stage takes more of them"),
    Because.TOO_LITTLE_OFFERED: marked("too little was offered for the day to count"),
    Because.REFUSED: marked("too much of what was offered was not delivered"),
    Because.NO_MAIL: marked("no mail was offered"),
    Because.NOT_A_PLAN_DAY: marked("the plan does not count this day of the week"),
    Because.NOT_KNOWN: marked("the day's counts are not known"),
    Because.CANNOT_TELL: marked(
        "attempts are counted with their retries, so it cannot be told whether enough was offered"
    ),
    Because.HELD: marked("it is held"),
    Because.READY: marked("the cause of the hold is over, and nobody has released it yet"),
    Because.RELEASED: marked("it was released, and goes on from the volume it was held at"),
    Because.GATE_STEPS_BACK: marked("a gate of the plan was passed by so much that it goes back one stage"),
    Because.IDLE_TOO_LONG: marked("there was no mail for so long that receivers forget the address"),
    Because.STEPPED_BACK: marked("a person stepped it back"),
    Because.AMENDED: marked("the plan was amended"),
    Because.PLATFORM_STAYS: marked("the sending platform stays on its stage, and says itself when it moves"),
    Because.FIRST_DAY: marked("it is the first day"),
    Because.NOT_BEGUN: marked("it has not begun"),
    Because.LAST_STAGE_DONE: marked("the last stage is done"),
    Because.PLATFORM_OFF: marked("the sending platform ended its warm-up"),
    Because.PERSON_FINISHED: marked("it was ended before the end of its plan"),
}
OVER_PLAN: Mapping[OverPlan, str] = {
    OverPlan.NO_OVERFLOW: marked(
        "all of the pool is new and no other pool takes what is too much, so its IPs carry it"
    ),
    OverPlan.PLATFORM_OFF: marked("the platform's own warm-up of the IP is off, so nothing limits it there"),
    OverPlan.OTHERS_SILENT: marked("other IPs of the pool sent nothing, so this one carried their part"),
}
STEPS: Mapping[StepKind, str] = {
    StepKind.STARTED: marked("started"),
    StepKind.HELD: marked("held"),
    StepKind.RELEASED: marked("released"),
    StepKind.STEPPED_BACK: marked("stepped back"),
    StepKind.AMENDED: marked("plan amended"),
    StepKind.FINISHED: marked("finished"),
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
    return say(FINISHED) if state is DayState.DONE and ended is RunEnd.FINISHED else say(STATES[state])


def sentence(words: str) -> str:
    """Words that begin small, as a sentence of their own."""
    return f"{words[:1].upper()}{words[1:]}."
