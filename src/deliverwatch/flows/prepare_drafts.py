"""Open listings and blocks that nobody works on -> drafts, one for each cause at each addressee.

Only what is verified makes one: not a listing that is doubted or on a list that cannot be believed at the moment, nor
one on a list that only informs. What joins a cause whose draft nobody has pulled yet goes into that one. What goes
wrong with one draft is told when all the others are made.
"""

from collections.abc import Iterable
from dataclasses import replace

from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation.draft import PROGRAM, Action, Draft, DraftState, DraftStep
from deliverwatch.core.remediation.form import LetterKind
from deliverwatch.core.remediation.make import cause_key, make_draft
from deliverwatch.flows.case_files import CaseFiles
from deliverwatch.flows.doubts import load_doubts
from deliverwatch.flows.draft_desk import APART, CaseStore, Cause, DraftDesk
from deliverwatch.flows.load_cases import load_case_files
from deliverwatch.flows.one_by_one import each_by_itself
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.renew_drafts import carried_on, still_open, write


async def prepare_drafts(store: CaseStore, desk: DraftDesk, clock: Clock) -> int:
    """Returns how many drafts were made."""
    listings = await _believed(store, desk, await store.undrafted_listings())
    blocks = await store.undrafted_blocks()
    if not listings and not blocks:
        return 0
    files = await load_case_files(store, desk, clock.now())
    causes = await files.causes(listings, blocks)
    return sum(await each_by_itself(causes, lambda cause: _prepare(store, files, cause)))


async def _believed(store: CaseStore, desk: DraftDesk, listings: Iterable[Listing]) -> list[Listing]:
    """On lists that matter, as far as their word holds now."""
    leading = [each for each in listings if each.list_id in desk.blocklists and desk.blocklists[each.list_id].leads]
    if not leading:
        return []
    doubts = await load_doubts(store)
    return [each for each in leading if not doubts.about(each)]


async def _prepare(store: CaseStore, files: CaseFiles, cause: Cause) -> int:
    case = files.case(cause)
    zones = tuple(holder.service_time_zone for holder in case.holders)
    draft = make_draft(
        case, files.desk.words, LetterKind.REQUEST, files.desk.due_at(zones, files.now), files.desk.repair
    )
    waiting = _joined(files, cause, cause_key(case))
    if waiting is not None:
        return await _join(store, files, cause, waiting)
    draft = replace(draft, id=_free_id(files, draft.id))
    step = DraftStep(files.now, draft.state, PROGRAM, action=Action.PREPARED)
    return int(await store.add_draft(draft, step, *files.desk.tell(draft, step, files.now)))


def _free_id(files: CaseFiles, id_: str) -> str:
    """Somebody may hold an asset again who has a draft about the same listing behind them."""
    taken = sum(draft.id == id_ or draft.id.startswith(f"{id_}-") for draft in files.drafts)
    return f"{id_}-{taken + 1}" if taken else id_


def _joined(files: CaseFiles, cause: Cause, key: str) -> Draft | None:
    """The draft of the same cause that nobody has touched yet, and that has room; of many, the newest takes all."""
    alike = [draft for draft in files.drafts if draft.cause == key and _is_untouched(draft)]
    if len(alike) >= APART:
        return alike[0]
    most = cause.addressee.form.most
    return next((each for each in alike if len(each.episodes) + len(cause.subjects) <= most), None)


def _is_untouched(draft: Draft) -> bool:
    return draft.state is DraftState.PREPARED and not draft.edits and draft.letter is LetterKind.REQUEST


async def _join(store: CaseStore, files: CaseFiles, cause: Cause, waiting: Draft) -> int:
    """No draft is made: the subjects are added to the one that waits."""
    listings, blocks = still_open(files, waiting)
    whole = Cause(cause.addressee, (*listings, *cause.listings), (*blocks, *cause.episodes))
    made = make_draft(files.case(whole), files.desk.words, waiting.letter, waiting.due_at, files.desk.repair)
    joined = replace(carried_on(waiting, made), episodes=(*waiting.episodes, *sorted(cause.keys)))
    added = ", ".join(str(each) for each in cause.subjects)
    step = DraftStep(files.now, joined.state, PROGRAM, f"joined by {added}", Action.RENEWED)
    await write(store, files, joined, step)
    return 0
