"""Follow-ups: what a request that was sent needs next, while its cause is still there.

A denial, a question, "nothing found", silence beyond the addressee's usual time, a granted request without effect: each
makes one draft, in the way that the addressee expects it, once. The request stays as it is until the follow-up is sent.
"""

from dataclasses import replace
from datetime import datetime

from deliverwatch.core.remediation.draft import PROGRAM, UNDER_WAY, Action, Draft, DraftState, DraftStep
from deliverwatch.core.remediation.form import LetterKind
from deliverwatch.core.remediation.life import next_letter
from deliverwatch.core.remediation.make import make_draft
from deliverwatch.flows.case_files import CaseFiles
from deliverwatch.flows.draft_desk import CaseStore, DraftDesk
from deliverwatch.flows.load_cases import load_case_files
from deliverwatch.flows.one_by_one import each_by_itself
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.renew_drafts import handed_over, open_cause, write


async def follow_up_drafts(store: CaseStore, desk: DraftDesk, clock: Clock) -> list[Draft]:
    """The drafts made."""
    now = clock.now()
    under_way = await store.drafts(states=tuple(UNDER_WAY))
    due = {draft.id: letter for draft in under_way if (letter := _letter(desk, draft, now)) is not None}
    if not due:
        return []
    files = await load_case_files(store, desk, now)
    drafts = [each for each in files.drafts if each.id in due]
    made = await each_by_itself(drafts, lambda draft: _follow_up(store, files, draft, due[draft.id]))
    return [each for each in made if each is not None]


def _letter(desk: DraftDesk, draft: Draft, now: datetime) -> LetterKind | None:
    form = desk.forms.forms.get(draft.form)
    return next_letter(draft, form, now) if form is not None else None


async def _follow_up(store: CaseStore, files: CaseFiles, draft: Draft, letter: LetterKind) -> Draft | None:
    cause = await open_cause(files, draft)
    if cause is None or handed_over(files, draft) is not None or any(_waits(each, draft) for each in files.drafts):
        return None
    case = files.case(cause, draft)
    zones = tuple(holder.service_time_zone for holder in case.holders)
    made = make_draft(case, files.desk.words, letter, files.desk.due_at(zones, files.now), files.desk.repair)
    if any(each.id == made.id for each in files.drafts):
        return None
    return await _add(store, files, draft, replace(made, ticket=draft.ticket))


def _waits(follow_up: Draft, draft: Draft) -> bool:
    return follow_up.follow_up_of == draft.id and follow_up.state is not DraftState.CLOSED


async def _add(store: CaseStore, files: CaseFiles, draft: Draft, made: Draft) -> Draft | None:
    step = DraftStep(files.now, made.state, PROGRAM, f"follows up {draft.id}", Action.PREPARED)
    if not await store.add_draft(made, step, *files.desk.tell(made, step, files.now)):
        return None
    if made.letter in (LetterKind.NO_ANSWER, LetterKind.STILL_REFUSED):
        await _looked_at(store, files, draft, made)
    return made


async def _looked_at(store: CaseStore, files: CaseFiles, draft: Draft, made: Draft) -> None:
    """The time that was waited for is over, and is not waited for again."""
    seen = replace(draft, follow_up_at=None, version=draft.version + 1)
    step = DraftStep(files.now, seen.state, PROGRAM, f"{made.letter}: followed up in {made.id}", Action.RENEWED)
    await write(store, files, seen, step)
