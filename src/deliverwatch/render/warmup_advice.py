"""What a deliverability engineer would say to each state of a warm-up, with the reason and whose advice it is.

It is said to whoever sends, the account manager or the customer, on the command line and in the report: short, one
thing to do first, and no promise of an inbox. The same state asks for different things by its cause: a listing is
mended at its source, delays by mailing less to that one receiver, a signature by mending it. Sources are the published
guides for warm-up, as read on 2026-11-22; where no guide says anything it is a rule of this program, and named as
that.

It is `marked`, for `say`; where a customer is told something else in its place, that stands in `week_guidance`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from deliverwatch.core.warmup.day import Because, DayState
from deliverwatch.core.warmup.days import NOBODY_TELLS
from deliverwatch.core.warmup.pools import OverPlan
from deliverwatch.core.warmup.run import HoldCause, RunEnd
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.render.tongue import marked
from deliverwatch.render.warmup_words import is_beginning

_SPARKPOST_GUIDE = marked("SparkPost, IP warm-up overview, read 2026-11-22")
_SPARKPOST = marked("SparkPost, automated IP warm-up, read 2026-11-22")
_SES = marked("Amazon SES, dedicated IP warming, read 2026-11-22")
_SENDER_RULES = marked("Google and Yahoo, sender guidelines, read 2026-11-22")
_OUR_RULE = marked("a rule of deliverwatch")


@dataclass(frozen=True, slots=True)
class Advice:
    """`text`: what to do. `source`: whose advice it is, in a few words."""

    text: str
    why: str
    source: str


def advice(state: DayState, cause: HoldCause | None = None, ended: RunEnd | None = None) -> Advice:
    """`cause`: of the hold, where the state is HELD. `ended`: how the run did, if it did."""
    if state is DayState.HELD and cause is not None:
        return _WHILE_HELD[cause]
    return _FINISHED if ended is RunEnd.FINISHED else _IN_STATE[state]


def advice_for(status: RunStatus) -> Advice:
    """By the cause that still holds it, if only at one provider; of several the first. Where the counts are not known
    either, both are said. Of a run without a day there is nothing to mend."""
    if status.run.ended is not None:
        return advice(status.state, ended=status.run.ended)
    cause = next((hold.cause for hold in status.holds if not hold.over), None)
    if cause is None:
        return _not_held(status)
    held = advice(DayState.HELD, cause)
    return _both(held, _not_held(status)) if status.state is DayState.UNKNOWN else held


def _not_held(status: RunStatus) -> Advice:
    if is_beginning(status):
        return _TO_BEGIN
    state = status.state
    if state is DayState.UNKNOWN and status.judged is not None and status.judged.unknown == NOBODY_TELLS:
        return _NO_SOURCE
    if state is DayState.OVER_PLAN and status.over_plan_why is not None:
        return _OVER_PLAN.get(OverPlan(status.over_plan_why), _IN_STATE[state])
    if state is DayState.FELL_BACK and status.next.because is Because.STEPPED_BACK:
        return _STEPPED_BACK
    return _IN_STATE[state]


def _both(first: Advice, second: Advice) -> Advice:
    sources = dict.fromkeys([first.source, second.source])
    return Advice(f"{first.text} {second.text}", f"{first.why} {second.why}", "; ".join(sources))


_IN_STATE: Mapping[DayState, Advice] = {
    DayState.ON_PLAN: Advice(
        marked("Go on as planned, the most engaged recipients first."),
        marked("Regular mail in small steps, to people who want it, is what receivers know a new address by."),
        _SPARKPOST_GUIDE,
    ),
    DayState.BEHIND_NO_TRAFFIC: Advice(
        marked("Send what the plan allows, or move another stream of wanted mail to this address."),
        marked(
            "Too little was offered. That is no matter of reputation; but receivers get to know an address by its "
            "mail, not by the days that pass."
        ),
        _SPARKPOST,
    ),
    DayState.BEHIND_REFUSED: Advice(
        marked(
            "Where delays run into time-outs, mail less to that receiver, only to those who opened or clicked most "
            "lately. Where mail is blocked, do the same for all mail."
        ),
        marked(
            "Delays that end in delivery are normal in a warm-up. Delays that time out in quantity, and blocks, are "
            "not."
        ),
        _SPARKPOST_GUIDE,
    ),
    DayState.OVER_PLAN: Advice(
        marked("Give the pool an overflow pool for what is beyond the allowance, or send less through it."),
        marked("Where a whole pool is new and has no overflow pool, its addresses carry the excess, above the plan."),
        _SPARKPOST,
    ),
    DayState.HELD: Advice(
        marked("Keep the volume where it is, and end the cause of the hold before it grows again."),
        marked("A hold is a stop of the growth, not of the mail."),
        _OUR_RULE,
    ),
    DayState.READY_TO_RELEASE: Advice(
        "See that what caused the hold will not come back, then release it, and go on from the volume that was sent "
        "meanwhile, not from where the plan would be by now.",
        marked(
            "The cause is over. Receivers know the volume that they have seen, and a jump to more is what the plan "
            "avoids."
        ),
        _OUR_RULE,
    ),
    DayState.IDLE: Advice(
        marked("Send again before 30 days without mail are over; after that begin again at the first stage."),
        marked("Receivers keep the history of an address for about 30 days."),
        marked("SendGrid, Braze and MailWizz, warm-up guides, read 2026-11-22"),
    ),
    DayState.SKIPPED: Advice(
        marked("Find out who raised the stage, and lower it at the platform to the volume that was really delivered."),
        marked("Receivers know the volume that they have seen, not the stages that were left out."),
        _OUR_RULE,
    ),
    DayState.FELL_BACK: Advice(
        marked(
            "Find out what lowered the stage: a person here, somebody at the platform, or another pool. Go on from "
            "there."
        ),
        marked(
            "A stage that fell grows again by the mail that is delivered; at the platform it can be lowered by API, "
            "and not raised."
        ),
        _SPARKPOST,
    ),
    DayState.DONE: Advice(
        marked("Go on sending regularly at about the volume you have reached, and grow slowly."),
        marked(
            "An address stays known by regular mail: Amazon SES advises about 1,000 messages a day at each provider to "
            "stay warm."
        ),
        _SES,
    ),
    DayState.OFF: Advice(
        marked("Find out why the platform ended its warm-up. Take it up again, or keep to the plan by hand."),
        marked(
            "It ended before the last stage, so the address is no warmer than the mail it has delivered. SparkPost "
            "ends a warm-up by itself after 10 days without a new stage, unless an engagement age is set."
        ),
        _SPARKPOST,
    ),
    DayState.UNKNOWN: Advice(
        "Mend the source of the counts first. Until they are there, stay at the volume of the last known day.",
        marked("A day that was not measured is neither good nor bad: it moves nothing, and holds nothing."),
        _OUR_RULE,
    ),
}

_OVER_PLAN: Mapping[OverPlan, Advice] = {
    OverPlan.PLATFORM_OFF: Advice(
        marked("Turn the platform's warm-up on again, or cap the volume yourself."),
        marked("Its own warm-up of the IP is off, so nothing limits the volume there."),
        _SPARKPOST,
    ),
    OverPlan.OTHERS_SILENT: Advice(
        marked("Spread the mail over all IPs of the pool."),
        marked("The others sent nothing, so this one carried their part."),
        _OUR_RULE,
    ),
}
_STEPPED_BACK = Advice(
    "Go on at the next allowance.",
    "A person lowered the stage; from there the plan goes on as before.",
    _OUR_RULE,
)
_NO_SOURCE = Advice(
    "No source tells of this address: no day of it can be judged. Set one up: docs/ingest.md. Until then stay at the "
    "volume of the last known day.",
    "A day that was not measured is neither good nor bad: it moves nothing, and holds nothing.",
    _OUR_RULE,
)
_FINISHED = Advice(
    marked("Send no more from here than it has carried so far, and begin another warm-up before it is to carry more."),
    marked(
        "A person ended it, wherever it was: receivers know the volume that they have seen, and nothing is held or "
        "counted against a plan any more."
    ),
    _OUR_RULE,
)
_TO_BEGIN = Advice(
    marked("Begin with those who opened or clicked in the last 30 days, and send on each day of the plan."),
    marked("What receivers see of a new address first is what they judge it by."),
    _SPARKPOST_GUIDE,
)

ONLY_THE_ENGAGED = marked(
    "Until then pause what need not be sent there, and send there only to people who opened or clicked in the last 30 "
    "days, no more than now."
)
_BLOCKED = marked(
    "Find which mailing or list caused it and stop it, then ask the provider. Until then pause what need not be sent "
    "there, and send there only to people who opened or clicked in the last 30 days, no more than now."
)

_WHILE_HELD: Mapping[HoldCause, Advice] = {
    HoldCause.LISTING: Advice(
        marked(
            "Find what led to the listing and stop it, then ask for the removal. Until then keep the volume where it "
            "is, and mail only those who opened or clicked lately."
        ),
        marked("Receivers that use the list may refuse or filter mail from a listed address."),
        marked("AcelleMail, warm-up schedule (hold on any bad sign), read 2026-11-22"),
    ),
    HoldCause.BLOCK: Advice(
        _BLOCKED,
        marked("A block ends when the provider sees mail that is wanted, which silence does not show."),
        _OUR_RULE,
    ),
    HoldCause.PERSON: Advice(
        marked("Go by the reason that was given, and ask who gave it before you release."),
        marked("Whoever held it knows what the counts do not show."),
        _OUR_RULE,
    ),
    HoldCause.BOUNCE: Advice(
        marked(
            "Take out the addresses that bounced, and the list they came with if nobody knows its origin, before you "
            "mail more."
        ),
        marked("Many hard bounces look like a bought or old list. Guides want bounces below 2 to 5 %."),
        marked("AcelleMail, Braze and Amazon SES, limits for bounces, read 2026-11-22"),
    ),
    HoldCause.DEFERRAL: Advice(
        marked(
            "Mail less to that receiver, only to those who opened or clicked most lately, until delays end in delivery."
        ),
        marked(
            "Delays that end in delivery are normal in a warm-up. These had not been delivered by the end of the day, "
            "two days in a row."
        ),
        _SPARKPOST_GUIDE,
    ),
    HoldCause.COMPLAINT: Advice(
        marked(
            "Stop the mailing that is complained about, mail only those who asked for it and opened or clicked lately, "
            "and see that one-click unsubscribing works."
        ),
        marked("Google and Yahoo want complaints below 0.1 %, and act from 0.3 % on."),
        _SENDER_RULES,
    ),
    HoldCause.REFUSED: Advice(
        _BLOCKED,
        marked("Too much was refused with a verdict against the sender. More volume would confirm it."),
        _SPARKPOST_GUIDE,
    ),
    HoldCause.AUTHENTICATION: Advice(
        marked("Mend SPF, DKIM, DMARC or the reverse name, whichever the replies name. There is nobody to be asked."),
        marked("It is a fault of the set-up, not of the reputation: a smaller volume does not fix it."),
        _SENDER_RULES,
    ),
}
