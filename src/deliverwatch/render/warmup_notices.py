"""What the alerts about warm-ups say of each end, of each thing that is worth a look, and of how a hold was over.

Texts name their facts in braces, and are left out where one of them is not known, or not the reader's to know.
"""

from collections.abc import Mapping
from typing import NamedTuple

from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.events import Ending
from deliverwatch.core.warmup.day import RunNews
from deliverwatch.core.warmup.run import HoldCause, RunEnd

GO_ON = "We go on judging each day."

ENDS: Mapping[str, tuple[str, str, str]] = {
    RunEnd.DONE: (
        "it has gone through its plan",
        "Whether receivers know the address by now, and whether mail reaches the inbox, was not measured.",
        "Go on sending without long gaps: receivers forget an address after about 30 days.",
    ),
    RunEnd.OFF: (
        "the sending platform ended its own warm-up before the last stage",
        "Nothing limits the volume there any more, and the address may not be warm.",
        "Find out who or what ended it, and start it again or limit the volume by other means.",
    ),
    RunEnd.FINISHED: (
        "a person ended it",
        "Its plan was not gone through, so the address may not be warm.",
        "Nothing, if it is not used any more; else raise its volume slowly.",
    ),
}


class Notice(NamedTuple):
    """`what` completes a sentence that begins "The warm-up of ... is"; `more`, as far as its facts are known."""

    state: str
    what: str
    more: tuple[str, ...]
    means: str
    you_do: str
    is_held: bool = False
    we_do: str = GO_ON


_STAGES = " (stage {before}, now {stage})"
NOTICES: Mapping[str, Notice] = {
    RunNews.OVER_PLAN: Notice(
        "ABOVE PLAN",
        "above its plan",
        (": {delivered:,} messages were delivered, {allowed:,} allowed",),
        "More than was agreed reached providers that do not know the address yet.",
        "Send no more than the plan allows, and let the rest go elsewhere: to an overflow pool, if there is one.",
    ),
    RunNews.FELL_BACK: Notice(
        "FELL BACK",
        "lower at the sending platform than before",
        (_STAGES, ", in pool {pool} (before: {pool_before})"),
        "Somebody lowered it there, or gave the address to another pool.",
        "Find out who did so and why; amend the plan if it is to stay so.",
    ),
    RunNews.SKIPPED: Notice(
        "SKIPPED STAGES",
        "ahead at the sending platform: stages were left out",
        (_STAGES, ", days between: {days}"),
        "The volume grows faster there than was agreed.",
        "Find out who raised it; lower it at the platform, or amend the plan.",
    ),
    RunNews.IDLE: Notice(
        "IDLE",
        "idle: no mail was offered",
        (" for {days} days", "; after {restart_after_days} the plan begins again"),
        "Receivers forget an address without mail after about 30 days (SendGrid, Braze).",
        "Send what the plan allows, or finish the run.",
    ),
    RunNews.AGAINST_HOLD: Notice(
        "AGAINST THE HOLD",
        "held, and the sending platform has advanced all the same",
        (_STAGES,),
        "The platform does not know of the hold: the volume may grow there.",
        "Limit the volume at the platform, or release the run if it need not be held.",
        is_held=True,
    ),
    RunNews.STOPS_SOON: Notice(
        "ENDS SOON",
        "about to be ended by the sending platform",
        (" on {on} at the latest", ", in {days} days"),
        "The platform ends a warm-up without a new stage for some days, unless an engagement age is set there; then "
        "nothing limits the volume.",
        "Send enough for the next stage before that day, or prepare to limit the volume by other means.",
    ),
    "goes_on": Notice(
        "GOES ON",
        "not over: we told that it was, and data that came in late say otherwise",
        (),
        "Its plan was not gone through yet.",
        "Go on sending as the plan says; `deliverwatch warmup status` shows where it is.",
    ),
    "handed_over": Notice(
        "HANDED OVER",
        "over: the address is held by somebody else now",
        (),
        "The plan was agreed with whoever held it before, and goes on for nobody.",
        "If the address is still to be warmed up, its holder of now agrees on a plan, and a person starts a run.",
        we_do="We have ended the run, and judge it no longer; listings and blocks are told as ever.",
    ),
}

OVER: Mapping[tuple[str, str], str] = {
    (HoldCause.LISTING, Ending.DELISTED): "{where} no longer lists {it}",
    (HoldCause.LISTING, Ending.VOID): "{where} was wrong, there never was a listing",
    (HoldCause.LISTING, Ending.LIST_ENDED): "{where} is not watched any more, so {it} may still be listed there",
    (HoldCause.LISTING, Ending.WITHDRAWN): "{it} belongs to somebody else now, and may still be listed on {where}",
    (HoldCause.BLOCK, EpisodeEnd.ACCEPTED): "{where} accepts mail again",
    (HoldCause.BLOCK, EpisodeEnd.BY_HAND): "a person said that the block at {where} is over, which was not measured",
    (HoldCause.BLOCK, EpisodeEnd.WITHDRAWN): "{it} belongs to somebody else now, and may still be blocked at {where}",
}
