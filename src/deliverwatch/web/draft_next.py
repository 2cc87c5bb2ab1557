"""What a person is to do next with a draft: one thing, by its state.

What the program itself waits for (mail that is accepted, a list that is clear) is said as that, so that nobody looks
for a button. Where nobody takes requests nothing is to be sent, and to put the draft aside is what is left.
"""

from enum import StrEnum

from deliverwatch.core.remediation.draft import Draft, DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.flows.desk_ports import DraftHead

TIER_2 = "tier 2"
"""The blocker that a second denial leaves (`flows.work_drafts`)."""


class Next(StrEnum):
    """ANSWER: to be recorded when it comes; LATE: it came after the cause was over. FOLLOW_UP: another draft goes on.
    HAND_OVER: mediation, which is not this program's. WAIT: for the effect."""

    PULL = "pull"
    SUBMIT = "submit"
    PUT_ASIDE = "put_aside"
    ANSWER = "answer"
    FOLLOW_UP = "follow_up"
    HAND_OVER = "hand_over"
    WAIT = "wait"
    LATE = "late"
    NOTHING = "nothing"


def next_of(draft: Draft, follow_up: DraftHead | None) -> Next:
    """`follow_up`: the one that waits, if any."""
    match draft.state:
        case DraftState.PREPARED:
            return Next.PULL
        case DraftState.PULLED:
            return Next.PUT_ASIDE if draft.channel is FormChannel.NONE else Next.SUBMIT
        case DraftState.SUBMITTED:
            return Next.FOLLOW_UP if follow_up is not None else Next.ANSWER
        case DraftState.ANSWERED if any(each.check == TIER_2 for each in draft.stands_against):
            return Next.HAND_OVER
        case DraftState.ANSWERED:
            return Next.FOLLOW_UP if follow_up is not None else Next.WAIT
    never_answered = draft.submitted_at is not None and draft.outcome is None
    return Next.LATE if never_answered else Next.NOTHING
