"""Drafts that nobody has sent yet, as they are by the facts of now; and those whose cause is over.

A waiting draft is made again from what is recorded: a new reply, the customer's answer, a check that passes now. What a
person edited stays. What is over closes with the evidence: a listing that is verified clear, a block whose provider
accepts mail again, a listing that never was. An asset that went to somebody else takes its cause along and leaves the
draft, and what its holder said, behind.
"""

from dataclasses import replace
from datetime import timedelta

from deliverwatch.core.block import Episode, EpisodeEnd
from deliverwatch.core.errors import DraftChanged
from deliverwatch.core.events import Ending
from deliverwatch.core.instants import instant
from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation.addressee import SERVED_AT, listing_addressee
from deliverwatch.core.remediation.case import Addressee
from deliverwatch.core.remediation.draft import PROGRAM, WAITING, Action, Blocker, Draft, DraftState, DraftStep
from deliverwatch.core.remediation.edits import with_edits
from deliverwatch.core.remediation.form import LetterKind
from deliverwatch.core.remediation.make import make_draft
from deliverwatch.flows.case_files import CaseFiles
from deliverwatch.flows.draft_desk import CaseStore, Cause, DraftDesk
from deliverwatch.flows.load_cases import load_case_files, load_causes
from deliverwatch.flows.one_by_one import each_by_itself
from deliverwatch.flows.ports import Clock

_TOLD_WITHIN = timedelta(days=2)
_OPEN = (DraftState.PREPARED, DraftState.PULLED, DraftState.SUBMITTED, DraftState.ANSWERED)


async def close_overtaken(store: CaseStore, desk: DraftDesk, clock: Clock) -> int:
    """Returns how many drafts were closed."""
    if not await store.drafts(states=_OPEN):
        return 0
    files = await load_causes(store, desk, clock.now())
    closed = 0
    for draft in [each for each in files.drafts if each.state in _OPEN]:
        if (why := ended(files, draft)) is not None:
            closed += await _close(store, files, draft, why, Action.CLOSED)
        elif (why := handed_over(files, draft)) is not None:
            closed += await _close(store, files, draft, why, Action.HANDED_OVER)
        elif (why := _followed_up(files, draft)) is not None:
            closed += await _close(store, files, draft, why, Action.CLOSED)
    return closed


async def renew_all(store: CaseStore, desk: DraftDesk, clock: Clock) -> int:
    """Those that wait, as far as something but their figures changed. Returns how many did."""
    if not await store.drafts(states=tuple(WAITING)):
        return 0
    files = await load_case_files(store, desk, clock.now())
    waiting = [each for each in files.drafts if each.state in WAITING]
    return sum(await each_by_itself(waiting, lambda draft: _renew(store, files, draft)))


async def _renew(store: CaseStore, files: CaseFiles, draft: Draft) -> int:
    fresh = await renewed_draft(files, draft)
    return await _write_renewed(store, files, draft, fresh) if fresh is not None and changes(draft, fresh) else 0


async def renewed_draft(files: CaseFiles, draft: Draft) -> Draft | None:
    """As it is by the facts of now, with its edits and overruled blockers; None: nothing of its cause is
    open, or it is somebody else's by now."""
    cause = await open_cause(files, draft)
    if cause is None or handed_over(files, draft) is not None:
        return None
    follows = next((each for each in files.drafts if each.id == draft.follow_up_of), None)
    made = make_draft(files.case(cause, follows), files.desk.words, draft.letter, draft.due_at, files.desk.repair)
    return with_edits(carried_on(draft, made), draft.edits)


def carried_on(draft: Draft, made: Draft) -> Draft:
    """What happened to it stays."""
    overruled = {each.key: each for each in draft.blockers if not each.stands}
    return replace(
        made,
        id=draft.id,
        state=draft.state,
        created_at=draft.created_at,
        changed_at=draft.changed_at,
        episodes=draft.episodes,
        blockers=tuple(_still_overruled(each, overruled.get(each.key)) for each in made.blockers),
        pulled_by=draft.pulled_by,
        pulled_at=draft.pulled_at,
        follow_up_of=draft.follow_up_of,
        round=draft.round,
        ticket=draft.ticket,
        version=draft.version + 1,
    )


def _still_overruled(blocker: Blocker, before: Blocker | None) -> Blocker:
    """Whatever its figures are by now."""
    return blocker if before is None else replace(before, found=blocker.found, fix=blocker.fix)


async def open_cause(files: CaseFiles, draft: Draft) -> Cause | None:
    """What of its listings or blocks is open."""
    listings, blocks = still_open(files, draft)
    if not listings and not blocks:
        return None
    if blocks:
        return Cause(await _provider_addressee(files, draft), (), tuple(blocks))
    blocklist = files.desk.blocklists.get(draft.provider)
    if blocklist is None:
        return None
    return Cause(listing_addressee(files.desk.forms, blocklist, listings[0].codes), tuple(listings), ())


async def _provider_addressee(files: CaseFiles, draft: Draft) -> Addressee:
    """What was sent belongs to whom it was sent to; and what waits goes elsewhere only when that is known."""
    form = files.desk.forms.forms.get(draft.form)
    through = next((line.what for line in draft.evidence if SERVED_AT in line.what), None)
    before = Addressee(draft.provider, draft.addressee, form, through) if form is not None else None
    if before is not None and (draft.submitted_at is not None or draft.letter is not LetterKind.REQUEST):
        return before
    now = await files.provider_addressee(draft.provider)
    return before if before is not None and now.doubt is not None and now.form is not form else now


def still_open(files: CaseFiles, draft: Draft) -> tuple[list[Listing], list[Episode]]:
    listings = [files.listings[key] for key in draft.episodes if key in files.listings]
    blocks = [files.blocks[key] for key in draft.episodes if key in files.blocks]
    return [each for each in listings if each.closed_at is None], [each for each in blocks if each.closed_at is None]


def changes(before: Draft, after: Draft) -> list[str]:
    """What is different but figures that move."""
    names = {*before.facts, *after.facts}
    found = sorted(name for name in names if before.facts.get(name) != after.facts.get(name))
    found += [name for name in ("form", "subjects") if getattr(before, name) != getattr(after, name)]
    if [(b.check, b.stands) for b in before.blockers] != [(b.check, b.stands) for b in after.blockers]:
        found.append("blockers")
    if [each.field for each in before.missing] != [each.field for each in after.missing]:
        found.append("missing")
    return list(dict.fromkeys(found))


async def _write_renewed(store: CaseStore, files: CaseFiles, before: Draft, fresh: Draft) -> int:
    what = ", ".join(changes(before, fresh))
    step = DraftStep(files.now, fresh.state, PROGRAM, f"changed: {what}", Action.RENEWED)
    return await write(store, files, fresh, step)


def ended(files: CaseFiles, draft: Draft) -> str | None:
    """The evidence that all of its cause is over; None: it is not, or it is not known."""
    listings = [files.listings[key] for key in draft.episodes if key in files.listings]
    blocks = [files.blocks[key] for key in draft.episodes if key in files.blocks]
    ends = [*(each.closed_at for each in listings), *(each.closed_at for each in blocks)]
    if len(ends) < len(draft.episodes) or None in ends:
        return None
    return "; ".join(dict.fromkeys([*map(_listing_ended, listings), *map(_block_ended, blocks)]))


def _listing_ended(listing: Listing) -> str:
    assert listing.closed_at is not None
    at = instant(listing.closed_at)
    match listing.ended:
        case Ending.VOID:
            return f"{listing.subject} never was listed: the list lied ({at})"
        case Ending.LIST_ENDED:
            return f"{listing.subject}: the list is not watched any more ({at})"
        case Ending.WITHDRAWN:
            return f"{listing.subject} is not ours any more ({at})"
    return f"{listing.subject} is verified clear since {at}"


def _block_ended(block: Episode) -> str:
    assert block.closed_at is not None
    at = instant(block.closed_at)
    if block.ended is EpisodeEnd.ACCEPTED:
        count = block.evidence.get("accepted")
        deliveries = f", {count:,} deliveries" if isinstance(count, int) else ""
        return f"{block.subject}: mail is accepted again since {at}{deliveries}"
    words = {EpisodeEnd.WITHDRAWN: "is not ours any more", EpisodeEnd.BY_HAND: "was closed by hand"}
    return f"{block.subject} {words.get(block.ended, 'is over') if block.ended else 'is over'} ({at})"


def handed_over(files: CaseFiles, draft: Draft) -> str | None:
    """Whether what is open of it is somebody else's by now."""
    listings, blocks = still_open(files, draft)
    subjects = [*(each.subject for each in listings), *(each.subject for each in blocks)]
    if not subjects or not files.assets(subjects):
        return None
    customer = files.customer_of(subjects)
    if (customer.id if customer is not None else None) == draft.customer:
        return None
    under_way = f"; it lies with {draft.addressee}" if draft.state not in WAITING else ""
    return f"{', '.join(draft.subjects)} is held by somebody else now{under_way}"


def _followed_up(files: CaseFiles, draft: Draft) -> str | None:
    """What was sent instead of it, where nobody lived to close it then."""
    sent = (each.id for each in files.drafts if each.follow_up_of == draft.id and each.submitted_at is not None)
    return next((f"followed up in {id_}" for id_ in sent), None)


async def _close(store: CaseStore, files: CaseFiles, draft: Draft, why: str, action: Action) -> int:
    note = draft.note if draft.state is DraftState.ANSWERED and draft.note else why
    closed = replace(draft, state=DraftState.CLOSED, note=note, follow_up_at=None, version=draft.version + 1)
    step = DraftStep(files.now, DraftState.CLOSED, PROGRAM, why, action)
    return await write(store, files, closed, step, release=action is Action.HANDED_OVER)


async def write(store: CaseStore, files: CaseFiles, draft: Draft, step: DraftStep, *, release: bool = False) -> int:
    """Somebody who was faster is left alone: it is looked at again."""
    at = draft.next_at(files.now)
    draft, step = replace(draft, changed_at=at), replace(step, at=at)
    try:
        await store.move_draft(draft, step, *files.desk.tell(draft, step, at), release=release)
    except DraftChanged:
        return 0
    return 1


async def tell_of_void(store: CaseStore, desk: DraftDesk, clock: Clock) -> None:
    """What the store closed, in the transaction that found a listing void, is told to the help desk afterwards. Telling
    it again is the same message."""
    now = clock.now()
    for draft in await store.drafts(states=(DraftState.CLOSED,), since=now - _TOLD_WITHIN):
        for version, step in enumerate(await store.draft_steps(draft.id), start=1):
            if step.by == PROGRAM and step.action is Action.CLOSED:
                notifications, contents = desk.tell(replace(draft, version=version), step, step.at)
                await store.tell_of_draft(draft.id, notifications, contents)
