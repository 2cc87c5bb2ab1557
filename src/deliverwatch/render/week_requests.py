"""What was asked for a customer, in their words: what we do about a listing or block, what they do, what came of it.

An answer is told as it was recorded, and no more: "granted" is no effect, and no answer is none that is recorded. When
we mean to look or to ask again is ours alone, and no promise.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum, auto

from deliverwatch.core.remediation.draft import DraftKind, DraftState, RequestOutcome
from deliverwatch.core.week_requests import ReportedDraft
from deliverwatch.render.encode import in_mail
from deliverwatch.render.tongue import marked, say

_Moment = Callable[[datetime], str]


class _Letter(Enum):
    """What a draft is, in the words for it: each language has its own."""

    REMOVAL_REQUEST = auto()
    REQUEST = auto()
    FOLLOW_UP = auto()


ANSWERS: Mapping[RequestOutcome, str] = {
    RequestOutcome.GRANTED: marked("granted"),
    RequestOutcome.DENIED: marked("denied"),
    RequestOutcome.MORE_INFORMATION: marked("more information is wanted"),
    RequestOutcome.NOTHING_FOUND: marked("nothing was found there"),
}
_WE_GO_ON: Mapping[DraftKind, str] = {
    DraftKind.LISTING: marked("We look again in every round."),
    DraftKind.BLOCK: marked("We go on reading the replies from there."),
}
_NONE_YET: Mapping[DraftKind, str] = {
    DraftKind.LISTING: marked("No removal request is under way yet."),
    DraftKind.BLOCK: marked("No request is under way yet."),
}
_ENDS: Mapping[DraftKind, str] = {
    DraftKind.LISTING: marked("{addressee} takes no requests: the listing ends {ends}."),
    DraftKind.BLOCK: marked("{addressee} takes no requests: the block ends {ends}."),
}
_COMES_BACK: Mapping[DraftKind, str] = {
    DraftKind.LISTING: marked("Keep the cause away: a listing that comes back is harder to remove."),
    DraftKind.BLOCK: marked("Keep the cause away: a block that comes back is harder to remove."),
}
_ABOUT: Mapping[DraftKind, str] = {
    DraftKind.LISTING: marked("listing on {about}"),
    DraftKind.BLOCK: marked("block at {about}"),
}
_ABOUT_AND_ENDS: Mapping[DraftKind, str] = {
    DraftKind.LISTING: marked("listing on {about}: ends {ends}"),
    DraftKind.BLOCK: marked("block at {about}: ends {ends}"),
}
_TO_ABOUT: Mapping[DraftKind, str] = {
    DraftKind.LISTING: marked("to {addressee}, about the listing on {about}"),
    DraftKind.BLOCK: marked("to {addressee}, about the block at {about}"),
}
_TO_ABOUT_THERE: Mapping[DraftKind, str] = {
    DraftKind.LISTING: marked("to {addressee}, about the listing there"),
    DraftKind.BLOCK: marked("to {addressee}, about the block there"),
}
_PREPARED: Mapping[_Letter, str] = {
    _Letter.REMOVAL_REQUEST: marked("A removal request to {addressee} is being prepared."),
    _Letter.REQUEST: marked("A request to {addressee} is being prepared."),
    _Letter.FOLLOW_UP: marked("A follow-up to {addressee} is being prepared."),
}
_PULLED: Mapping[_Letter, str] = {
    _Letter.REMOVAL_REQUEST: marked("A removal request to {addressee} is being checked and completed."),
    _Letter.REQUEST: marked("A request to {addressee} is being checked and completed."),
    _Letter.FOLLOW_UP: marked("A follow-up to {addressee} is being checked and completed."),
}
_SUBMITTED: Mapping[_Letter, str] = {
    _Letter.REMOVAL_REQUEST: marked("The removal request was sent {when} to {addressee}; no answer is recorded yet."),
    _Letter.REQUEST: marked("The request was sent {when} to {addressee}; no answer is recorded yet."),
    _Letter.FOLLOW_UP: marked("The follow-up was sent {when} to {addressee}; no answer is recorded yet."),
}


def state_of(draft: ReportedDraft, when: _Moment) -> str:
    """For a cell of a table."""
    if draft.asks_nobody:
        return say("ends by itself; nobody can be asked") if draft.ends else say("no requests are taken")
    told = _state(draft, when)
    return say("follow-up: {state}", state=told) if draft.follows_up else told


def _state(draft: ReportedDraft, when: _Moment) -> str:
    match draft.state:
        case DraftState.PREPARED:
            return say("being prepared")
        case DraftState.PULLED:
            return say("being checked")
        case DraftState.SUBMITTED:
            return _sent(draft, when)
        case DraftState.ANSWERED:
            return _answered(draft, when)
        case DraftState.CLOSED:
            came_to = _answered(draft, when) if draft.answered_at is not None else _sent(draft, when)
            return say("{state}; closed", state=came_to)


def _sent(draft: ReportedDraft, when: _Moment) -> str:
    return say("sent {when}", when=_sent_at(draft, when))


def _sent_at(draft: ReportedDraft, when: _Moment) -> str:
    assert draft.submitted_at is not None  # what was never sent is closed, and left out
    return when(draft.submitted_at)


def _answered(draft: ReportedDraft, when: _Moment) -> str:
    return say("answered {when}: {answer}", when=_answered_at(draft, when), answer=_answer(draft))


def _answered_at(draft: ReportedDraft, when: _Moment) -> str:
    assert draft.answered_at is not None
    return when(draft.answered_at)


def _answer(draft: ReportedDraft) -> str:
    return say(ANSWERS[draft.outcome]) if draft.outcome is not None else say("no outcome is recorded")


def addressed(draft: ReportedDraft) -> str:
    """To whom, and about what."""
    about, addressee = in_mail(draft.about, 80), in_mail(draft.addressee, 80)
    if not draft.asks_nobody:
        words = _TO_ABOUT_THERE if about == addressee else _TO_ABOUT
        return say(words[draft.kind], addressee=addressee, about=about)
    if draft.ends:
        return say(_ABOUT_AND_ENDS[draft.kind], about=about, ends=in_mail(draft.ends, 160))
    return say(_ABOUT[draft.kind], about=about)


def we_do(draft: ReportedDraft | None, kind: DraftKind, when: _Moment) -> str:
    going_on = say(_WE_GO_ON[kind])
    if draft is None:
        return f"{going_on} {say(_NONE_YET[kind])}"
    if draft.asks_nobody:
        return f"{going_on} {_takes_none(draft, kind)}"
    letter, addressee = _letter(draft, kind), in_mail(draft.addressee, 80)
    match draft.state:
        case DraftState.PREPARED:
            return say(_PREPARED[letter], addressee=addressee)
        case DraftState.PULLED:
            return say(_PULLED[letter], addressee=addressee)
        case DraftState.SUBMITTED:
            return say(_SUBMITTED[letter], addressee=addressee, when=_sent_at(draft, when))
        case DraftState.ANSWERED:
            return f"{_has_answered(draft, addressee, when)} {going_on}"
        case DraftState.CLOSED:
            return going_on


def _letter(draft: ReportedDraft, kind: DraftKind) -> _Letter:
    if draft.follows_up:
        return _Letter.FOLLOW_UP
    return _Letter.REMOVAL_REQUEST if kind is DraftKind.LISTING else _Letter.REQUEST


def _takes_none(draft: ReportedDraft, kind: DraftKind) -> str:
    addressee = in_mail(draft.addressee, 80)
    if draft.ends:
        return say(_ENDS[kind], addressee=addressee, ends=in_mail(draft.ends, 160))
    return say("{addressee} takes no requests.", addressee=addressee)


def _has_answered(draft: ReportedDraft, addressee: str, when: _Moment) -> str:
    moment = _answered_at(draft, when)
    return say("{addressee} answered {when}: {answer}.", addressee=addressee, when=moment, answer=_answer(draft))


def you_do(draft: ReportedDraft | None, kind: DraftKind, stream: str | None, tam: str) -> str:
    """Of a sender that is theirs alone."""
    if draft is None:
        return _stop_the_cause_for_the_request(stream, tam)
    if draft.asks_nobody or draft.no_effect_at is not None:
        return _stop_the_cause(stream, tam)
    if draft.outcome is RequestOutcome.MORE_INFORMATION:
        addressee = in_mail(draft.addressee, 80)
        return say("{tam} needs your help with what {addressee} wants to know.", tam=tam, addressee=addressee)
    if draft.state is DraftState.SUBMITTED or draft.outcome is RequestOutcome.GRANTED:
        return say(_COMES_BACK[kind])
    return _stop_the_cause_for_the_request(stream, tam)


def _stop_the_cause_for_the_request(stream: str | None, tam: str) -> str:
    if not stream:
        return say(
            "Find and stop the cause, then tell {tam} what was changed and when: the request needs it.",
            tam=tam,
        )
    return say(
        "Find and stop the cause in the mail stream {stream}, then tell {tam} what was changed and when: the request "
        "needs it.",
        stream=in_mail(stream, 60),
        tam=tam,
    )


def _stop_the_cause(stream: str | None, tam: str) -> str:
    if not stream:
        return say("Find and stop the cause, and tell {tam} what was changed and when.", tam=tam)
    return say(
        "Find and stop the cause in the mail stream {stream}, and tell {tam} what was changed and when.",
        stream=in_mail(stream, 60),
        tam=tam,
    )
