"""What comes next in the life of a request that was sent.

An answer is not an effect: a granted request is over when the mail is accepted or the list is verified clear, and is
followed up when it is not. A denial gets one follow-up, the one the addressee expects; after the second, mediation
beyond the standard form is what is left, which is not this program's (Tier 2).
"""

from datetime import datetime, timedelta

from deliverwatch.core.remediation.draft import UNDER_WAY, Draft, DraftState, RequestOutcome
from deliverwatch.core.remediation.form import FollowUpWay, Form, LetterKind

EFFECT_FOR = timedelta(hours=48)
"""What a granted request may take to be felt: copies and caches of the list, the provider's own roll-out (Microsoft
says up to 48 h)."""

NO_ANSWER_FOR = timedelta(days=7)
"""When nothing is known of an addressee's usual time."""

MOST_DENIALS = 2

_AFTER = {
    RequestOutcome.DENIED: LetterKind.DENIED,
    RequestOutcome.MORE_INFORMATION: LetterKind.MORE_INFORMATION,
    RequestOutcome.NOTHING_FOUND: LetterKind.NOTHING_FOUND,
}


def look_again_at(draft: Draft, form: Form) -> datetime | None:
    """When a sent or answered draft needs somebody's attention by itself."""
    if draft.state is DraftState.SUBMITTED and draft.submitted_at is not None:
        return draft.submitted_at + (form.answer.usual_for or NO_ANSWER_FOR) if form.answer.replies else None
    if draft.outcome is RequestOutcome.GRANTED and draft.answered_at is not None:
        return draft.answered_at + EFFECT_FOR
    return None


def next_letter(draft: Draft, form: Form, now: datetime) -> LetterKind | None:
    """The follow-up that a request needs now, its cause still being there; None: none."""
    if draft.state not in UNDER_WAY:
        return None
    letter = _after_answer(draft, now) if draft.state is DraftState.ANSWERED else _after_silence(draft, form, now)
    return letter if letter is not None and form.way_of(letter) is not FollowUpWay.NONE else None


def _after_answer(draft: Draft, now: datetime) -> LetterKind | None:
    if draft.outcome is RequestOutcome.GRANTED and draft.letter is LetterKind.STILL_REFUSED:
        return None
    if draft.outcome is RequestOutcome.GRANTED:
        due = draft.follow_up_at is not None and now >= draft.follow_up_at
        return LetterKind.STILL_REFUSED if due else None
    if draft.outcome is RequestOutcome.DENIED and draft.round + 1 >= MOST_DENIALS:
        return None
    return _AFTER.get(draft.outcome) if draft.outcome is not None else None


def _after_silence(draft: Draft, form: Form, now: datetime) -> LetterKind | None:
    """A question about silence is asked once."""
    due = draft.follow_up_at is not None and now >= draft.follow_up_at
    asks = due and form.answer.replies and draft.letter is not LetterKind.NO_ANSWER
    return LetterKind.NO_ANSWER if asks else None
