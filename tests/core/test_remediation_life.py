"""What comes next for a request, in every state and with every outcome."""

from dataclasses import replace

import pytest

from core.remediation_samples import DAY, HOUR, NOW, form, listed, sent
from deliverwatch.core.remediation.draft import DraftState, RequestOutcome, may_become
from deliverwatch.core.remediation.form import Answer, FollowUpWay, LetterKind
from deliverwatch.core.remediation.life import EFFECT_FOR, NO_ANSWER_FOR, look_again_at, next_letter

FORM = form()
DUE, NOT_YET = NOW - HOUR, NOW + HOUR
S, R, L = DraftState, RequestOutcome, LetterKind


def draft(state, outcome=None, follow_up_at=DUE, **changes):
    answered_at = NOW - HOUR if outcome is not None else None
    whole = sent(listed(FORM), state=state)
    return replace(whole, outcome=outcome, answered_at=answered_at, follow_up_at=follow_up_at, **changes)


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("outcome", [None, *R])
def test_the_letter_of_each_state_and_outcome(state, outcome):
    expected = {
        (S.SUBMITTED, None): L.NO_ANSWER,
        (S.ANSWERED, R.GRANTED): L.STILL_REFUSED,
        (S.ANSWERED, R.DENIED): L.DENIED,
        (S.ANSWERED, R.MORE_INFORMATION): L.MORE_INFORMATION,
        (S.ANSWERED, R.NOTHING_FOUND): L.NOTHING_FOUND,
    }
    if state is S.SUBMITTED and outcome is not None:
        return
    assert next_letter(draft(state, outcome), FORM, NOW) == expected.get((state, outcome))


@pytest.mark.parametrize(
    ("state", "outcome", "expected"),
    [
        (S.SUBMITTED, None, None),
        (S.ANSWERED, R.GRANTED, None),
        (S.ANSWERED, R.DENIED, L.DENIED),
        (S.ANSWERED, R.MORE_INFORMATION, L.MORE_INFORMATION),
        (S.ANSWERED, R.NOTHING_FOUND, L.NOTHING_FOUND),
    ],
)
@pytest.mark.parametrize("follow_up_at", [NOT_YET, None])
def test_silence_and_effect_are_waited_for_and_answers_are_not(state, outcome, expected, follow_up_at):
    assert next_letter(draft(state, outcome, follow_up_at), FORM, NOW) == expected


@pytest.mark.parametrize(("round_", "expected"), [(0, L.DENIED), (1, None), (2, None)])
def test_the_second_denial_has_no_letter(round_, expected):
    assert next_letter(draft(S.ANSWERED, R.DENIED, round=round_), FORM, NOW) == expected
    assert next_letter(draft(S.ANSWERED, R.NOTHING_FOUND, round=round_), FORM, NOW) == L.NOTHING_FOUND


@pytest.mark.parametrize("letter", [each for each in L if each is not L.REQUEST])
def test_what_an_addressee_does_not_expect_is_not_written(letter):
    stoic = form(follow_up={letter: FollowUpWay.NONE})
    for state, outcome in [(S.SUBMITTED, None), *((S.ANSWERED, outcome) for outcome in R)]:
        assert next_letter(draft(state, outcome), stoic, NOW) is not letter


def test_who_never_answers_is_not_asked_why():
    silent = form(answer=Answer(replies=False), follow_up={L.NO_ANSWER: FollowUpWay.AGAIN})
    assert next_letter(draft(S.SUBMITTED), silent, NOW) is None
    assert look_again_at(draft(S.SUBMITTED), silent) is None


def test_silence_is_asked_about_once():
    assert next_letter(draft(S.SUBMITTED, letter=L.NO_ANSWER), FORM, NOW) is None
    assert next_letter(draft(S.SUBMITTED, letter=L.DENIED), FORM, NOW) is L.NO_ANSWER


def test_that_it_is_still_refused_is_said_once():
    assert next_letter(draft(S.ANSWERED, R.GRANTED, letter=L.STILL_REFUSED), FORM, NOW) is None
    assert next_letter(draft(S.ANSWERED, R.GRANTED, letter=L.DENIED), FORM, NOW) is L.STILL_REFUSED


def test_when_to_look_again():
    quick = form(answer=Answer(usual_for=2 * DAY))
    assert look_again_at(draft(S.SUBMITTED), quick) == NOW - DAY + 2 * DAY
    assert look_again_at(draft(S.SUBMITTED), FORM) == NOW - DAY + NO_ANSWER_FOR
    assert look_again_at(draft(S.ANSWERED, R.GRANTED), FORM) == NOW - HOUR + EFFECT_FOR
    for outcome in (R.DENIED, R.MORE_INFORMATION, R.NOTHING_FOUND):
        assert look_again_at(draft(S.ANSWERED, outcome), FORM) is None
    for state in (S.PREPARED, S.PULLED, S.CLOSED):
        assert look_again_at(draft(state), FORM) is None


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("wanted", S)
def test_a_draft_only_goes_forward(state, wanted):
    allowed = {
        ("prepared", "pulled"), ("prepared", "submitted"), ("prepared", "closed"),
        ("pulled", "pulled"), ("pulled", "submitted"), ("pulled", "closed"),
        ("submitted", "answered"), ("submitted", "closed"),
        ("answered", "answered"), ("answered", "closed"),
    }  # fmt: skip
    assert may_become(state, wanted) == ((state, wanted) in allowed)
