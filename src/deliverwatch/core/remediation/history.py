"""How a draft came to stand where it does, as a sentence: who did what, when.

Said to whoever wants to do something with it that its state does not allow: that it "is submitted" helps nobody who
does not know by whom, and under which reference.
"""

from collections.abc import Mapping, Sequence

from deliverwatch.core.instants import instant
from deliverwatch.core.remediation.draft import Action, Draft, DraftState, DraftStep

_NOT_SENT = ", and nobody has recorded that it was sent"
_THEN: Mapping[DraftState, str] = {DraftState.PREPARED: _NOT_SENT, DraftState.PULLED: _NOT_SENT}


def how_it_came_here(draft: Draft, steps: Sequence[DraftStep]) -> str:
    """`steps`: oldest first."""
    step = _last_into(draft.state, steps)
    if step is None:
        return f"it is {draft.state}"
    return f"it was {draft.state} by {step.by} on {instant(step.at)}{_more(draft, step)}"


def _last_into(state: DraftState, steps: Sequence[DraftStep]) -> DraftStep | None:
    actions = {str(state)} | ({str(Action.HANDED_OVER)} if state is DraftState.CLOSED else set())
    return next((step for step in reversed(steps) if step.state is state and step.action in actions), None)


def _more(draft: Draft, step: DraftStep) -> str:
    if draft.state is DraftState.SUBMITTED:
        return f", reference {draft.reference}"
    if draft.state in _THEN:
        return _THEN[draft.state]
    return f": {step.note}" if step.note else ""
