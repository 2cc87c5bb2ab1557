"""What a person does with a draft: pull, submit, answer, close. Each step is kept with who and when."""

from dataclasses import replace
from typing import Any

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.remediation import Draft, DraftState, DraftStep, may_become
from deliverwatch.flows.ports import Clock, Store


async def move(
    store: Store, clock: Clock, draft_id: str, wanted: DraftState, by: str, note: str | None = None, **changes: Any
) -> Draft:
    """Takes a draft one step on. Raises NotPossible when it does not exist, or its state does not allow the step."""
    draft = await find(store, draft_id)
    if not may_become(draft.state, wanted):
        raise NotPossible(f"draft {draft_id} is {draft.state}: it cannot become {wanted}")
    after = replace(draft, state=wanted, note=note or draft.note, version=draft.version + 1, **changes)
    await store.move_draft(after, DraftStep(clock.now(), wanted, by, note))
    return after


async def find(store: Store, draft_id: str) -> Draft:
    draft = await store.draft(draft_id)
    if draft is None:
        raise NotPossible(f"there is no draft {draft_id}: `deliverwatch drafts list` shows them")
    return draft
