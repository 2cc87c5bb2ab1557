"""What was asked for a customer, in their words: what we do about a listing or block, what they do, what came of it.

An answer is told as it was recorded, and no more: "granted" is no effect, and no answer is none that is recorded. When
we mean to look or to ask again is ours alone, and no promise.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from deliverwatch.core.remediation.draft import DraftKind, DraftState, RequestOutcome
from deliverwatch.core.week_requests import ReportedDraft
from deliverwatch.render.encode import in_mail

_Moment = Callable[[datetime], str]

ANSWERS: Mapping[RequestOutcome, str] = {
    RequestOutcome.GRANTED: "granted",
    RequestOutcome.DENIED: "denied",
    RequestOutcome.MORE_INFORMATION: "more information is wanted",
    RequestOutcome.NOTHING_FOUND: "nothing was found there",
}
_WHAT: Mapping[DraftKind, str] = {DraftKind.LISTING: "removal request", DraftKind.BLOCK: "request"}
_WE_GO_ON: Mapping[DraftKind, str] = {
    DraftKind.LISTING: "We look again in every round.",
    DraftKind.BLOCK: "We go on reading the replies from there.",
}


def state_of(draft: ReportedDraft, when: _Moment) -> str:
    """For a cell of a table."""
    if draft.asks_nobody:
        return "ends by itself; nobody can be asked" if draft.ends else "no requests are taken"
    told = _state(draft, when)
    return f"follow-up: {told}" if draft.follows_up else told


def _state(draft: ReportedDraft, when: _Moment) -> str:
    if draft.state is DraftState.CLOSED:
        return f"{_answered(draft, when) if draft.answered_at is not None else _sent(draft, when)}; closed"
    return {
        DraftState.PREPARED: "being prepared",
        DraftState.PULLED: "being checked",
        DraftState.SUBMITTED: _sent(draft, when),
        DraftState.ANSWERED: _answered(draft, when),
    }[draft.state]


def _sent(draft: ReportedDraft, when: _Moment) -> str:
    return f"sent{_on(draft.submitted_at, when)}"


def _answered(draft: ReportedDraft, when: _Moment) -> str:
    return f"answered{_on(draft.answered_at, when)}: {_answer(draft)}"


def _on(moment: datetime | None, when: _Moment) -> str:
    return f" {when(moment)}" if moment is not None else ""


def _answer(draft: ReportedDraft) -> str:
    return ANSWERS[draft.outcome] if draft.outcome is not None else "no outcome is recorded"


def addressed(draft: ReportedDraft) -> str:
    """To whom, and about what."""
    about, addressee = in_mail(draft.about, 80), in_mail(draft.addressee, 80)
    where = f"{draft.kind} {_PLACE[draft.kind]} {about}"
    if draft.asks_nobody:
        return f"{where}: ends {in_mail(draft.ends, 160)}" if draft.ends else where
    return f"to {addressee}, about the {where if about != addressee else f'{draft.kind} there'}"


_PLACE: Mapping[DraftKind, str] = {DraftKind.LISTING: "on", DraftKind.BLOCK: "at"}


def we_do(draft: ReportedDraft | None, kind: DraftKind, when: _Moment) -> str:
    if draft is None:
        return f"{_WE_GO_ON[kind]} No {_WHAT[kind]} is under way yet."
    addressee = in_mail(draft.addressee, 80)
    if draft.asks_nobody:
        ends = f": the {kind} ends {in_mail(draft.ends, 160)}" if draft.ends else ""
        return f"{_WE_GO_ON[kind]} {addressee} takes no requests{ends}."
    what = "follow-up" if draft.follows_up else _WHAT[kind]
    return {
        DraftState.PREPARED: f"A {what} to {addressee} is being prepared.",
        DraftState.PULLED: f"A {what} to {addressee} is being checked and completed.",
        DraftState.SUBMITTED: f"The {what} was {_sent(draft, when)} to {addressee}; no answer is recorded yet.",
        DraftState.ANSWERED: f"{addressee} {_answered(draft, when)}. {_WE_GO_ON[kind]}",
    }.get(draft.state, _WE_GO_ON[kind])


def you_do(draft: ReportedDraft | None, kind: DraftKind, stream: str | None, tam: str) -> str:
    """Of a sender that is theirs alone."""
    of_stream = f" in the mail stream {in_mail(stream, 60)}" if stream else ""
    if draft is None:
        return f"Find and stop the cause{of_stream}, then tell {tam} what was changed and when: the request needs it."
    if draft.asks_nobody:
        return f"Find and stop the cause{of_stream}, and tell {tam} what was changed and when."
    if draft.outcome is RequestOutcome.MORE_INFORMATION:
        return f"{tam} needs your help with what {in_mail(draft.addressee, 80)} wants to know."
    if draft.state is DraftState.SUBMITTED or draft.outcome is RequestOutcome.GRANTED:
        return f"Keep the cause away: a {kind} that comes back is harder to remove."
    return f"Find and stop the cause{of_stream}, then tell {tam} what was changed and when: the request needs it."
