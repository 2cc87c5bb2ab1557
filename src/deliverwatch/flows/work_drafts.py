"""What a person does with a draft: pull, edit, overrule, ask the customer, submit, record the answer, close.

Each step is kept with who and when. Pulling makes it up to date. What two people edited does not go over each other:
an edit that was made to what somebody else has changed since is refused, with both texts.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from deliverwatch.core.errors import DraftChanged, NotPossible, unknown_name
from deliverwatch.core.remediation.draft import (
    WAITING,
    Action,
    Blocker,
    Draft,
    DraftState,
    DraftStep,
    Edit,
    RequestOutcome,
    may_become,
)
from deliverwatch.core.remediation.edits import edit_base, with_edits
from deliverwatch.core.remediation.fields import TEXT
from deliverwatch.core.remediation.history import how_it_came_here
from deliverwatch.core.remediation.life import MOST_DENIALS, look_again_at
from deliverwatch.core.visible import visible
from deliverwatch.flows.case_files import CaseFiles
from deliverwatch.flows.draft_desk import CaseStore, DraftDesk
from deliverwatch.flows.follow_up_drafts import follow_up_drafts
from deliverwatch.flows.load_cases import load_case_files
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.renew_drafts import ended, handed_over, renewed_draft

_TIER_2 = "tier 2"
_SHOWS_IT = frozenset({Action.PULLED, Action.EDITED})
"""After these a person knows what stands in it."""


async def find(store: CaseStore, draft_id: str, version: int | None = None) -> Draft:
    """`version`: at which it must be, to be changed from there. Whoever changes it after this makes writing fail."""
    draft = await store.draft(draft_id) if draft_id.isascii() else None
    if draft is None:
        raise NotPossible(f"there is no draft {visible(draft_id, 80)}: `deliverwatch drafts list` shows them")
    if version is not None and draft.version != version:
        raise DraftChanged(f"draft {draft_id} is at version {draft.version}, not {version}: read it again")
    return draft


class Desk:
    """One person's work on drafts. `version`: of the draft that it is done to, or not at all; None: as it is now."""

    def __init__(self, store: CaseStore, desk: DraftDesk, clock: Clock, by: str, version: int | None = None) -> None:
        self._store, self._desk, self._clock, self._by, self._version = store, desk, clock, by, version

    async def pull(self, draft_id: str) -> Draft:
        """As it is by the facts of now."""
        draft = await self._movable(draft_id, DraftState.PULLED)
        files = await self._load()
        await self._stop_if_ended(files, draft)
        if (moved := handed_over(files, draft)) is not None:
            await self._close(draft, Action.HANDED_OVER, moved)
            raise NotPossible(f"draft {draft.id} must not be sent: {moved}. It is closed.")
        fresh = await renewed_draft(files, draft) or replace(draft, version=draft.version + 1)
        pulled = replace(fresh, state=DraftState.PULLED, pulled_by=self._by, pulled_at=self._clock.now())
        return await self._write(pulled, Action.PULLED, facts=pulled.as_shown)

    async def edit(self, draft_id: str, values: Mapping[str, str], version: int | None = None) -> Draft:
        """`values`: by name of the field, "text" for the text. `version`: of the draft that was edited; without it, as
        this person saw it last. Raises DraftChanged with both texts."""
        draft = await self._waiting(draft_id)
        known = {field.name for field in draft.fields} | {TEXT}
        for name in values:
            if name not in known:
                raise NotPossible(unknown_name("field", name, known))
        await self._refuse_overwriting(draft, values, version)
        base = edit_base(draft.facts)
        edits = [Edit(name, value, self._by, self._clock.now(), base) for name, value in values.items()]
        kept = [each for each in draft.edits if each.field not in values]
        after = with_edits(replace(draft, version=draft.version + 1), (*kept, *edits))
        before = {name: _value(draft, name) for name in values}
        return await self._write(
            after, Action.EDITED, ", ".join(values), {"before": before, "after": dict(values), **after.as_shown}
        )

    async def _refuse_overwriting(self, draft: Draft, values: Mapping[str, str], version: int | None) -> None:
        if version is not None and not 1 <= version <= draft.version:
            raise NotPossible(f"draft {draft.id} has no version {version}: it is at {draft.version}")
        steps = await self._store.draft_steps(draft.id)
        since = steps[version:] if version is not None else _after_own(steps, self._by)
        for step in since:
            clash = sorted(set(step.facts.get("after", {})) & set(values))
            if step.action is Action.EDITED and step.by != self._by and clash:
                texts = "\n".join(
                    f"{name}, as {step.by} left it: {_value(draft, name)}\n{name}, as yours: {values[name]}"
                    for name in clash
                )
                then = f"Go on from what is there: `deliverwatch drafts pull {draft.id}`, then edit again."
                what = f"{step.by} edited draft {draft.id} meanwhile. Nothing was changed."
                raise DraftChanged(f"{what}\n{texts}\n{then}")

    async def overrule(self, draft_id: str, check: str, reason: str) -> Draft:
        """What stands against sending it, of that name."""
        _refuse_blank("the reason", reason)
        draft = await self._waiting(draft_id)
        standing = [each for each in draft.blockers if each.check == check and each.stands]
        if not standing:
            named = {each.check for each in draft.blockers if each.stands}
            raise NotPossible(f"draft {draft_id}: {unknown_name('blocker', check, named)}")
        blockers = tuple(self._overruled(each, reason) if each in standing else each for each in draft.blockers)
        after = replace(draft, blockers=blockers, version=draft.version + 1)
        return await self._write(after, Action.OVERRULED, f"{check}: {reason}")

    def _overruled(self, blocker: Blocker, reason: str) -> Blocker:
        at = f"{self._clock.now():%Y-%m-%dT%H:%M:%SZ}"
        return replace(blocker, overruled_by=self._by, overruled_at=at, overruled_because=reason)

    async def link(self, draft_id: str, ticket: str) -> Draft:
        """With the help desk's own ticket."""
        if not ticket.isprintable() or urlsplit(ticket).scheme not in ("https", "http"):
            raise NotPossible(f"{visible(ticket, 80)!r} is no web address: expected https://...")
        draft = await self._find(draft_id)
        return await self._write(replace(draft, ticket=ticket, version=draft.version + 1), Action.LINKED, ticket)

    async def submit(self, draft_id: str, reference: str) -> Draft:
        """Records that it was sent, as this person saw it last. Refused when its cause is over: then it is closed, with
        the evidence. One whose asset went to somebody else meanwhile is recorded, and closed."""
        _refuse_blank("the reference", reference)
        draft = await self._movable(draft_id, DraftState.SUBMITTED)
        files = await self._load()
        await self._stop_if_ended(files, draft)
        now = draft.next_at(self._clock.now())
        after = replace(
            draft,
            state=DraftState.SUBMITTED,
            submitted_at=now,
            submitted_by=self._by,
            reference=reference,
            version=draft.version + 1,
        )
        written = await self._write(
            self._with_follow_up(after), Action.SUBMITTED, reference, await self._as_sent(draft)
        )
        if draft.follow_up_of is not None:
            await self._close_followed(draft)
        if (moved := handed_over(files, draft)) is not None:
            return await self._close(written, Action.HANDED_OVER, f"{moved}; it was sent before that was known")
        return written

    async def _as_sent(self, draft: Draft) -> dict[str, Any]:
        """What was copied: the draft may have been renewed, or edited by somebody else, since."""
        steps = await self._store.draft_steps(draft.id)
        seen = [step for step in steps if step.by == self._by and step.action in _SHOWS_IT]
        shown = {name: seen[-1].facts[name] for name in draft.as_shown} if seen else draft.as_shown
        return {
            **shown,
            "changed_since": shown != draft.as_shown,
            "missing": [each.field for each in draft.missing],
            "against": [each.check for each in draft.stands_against],
        }

    async def _close_followed(self, draft: Draft) -> None:
        followed = await self._store.draft(draft.follow_up_of or "")
        if followed is not None and may_become(followed.state, DraftState.CLOSED):
            closed = replace(followed, state=DraftState.CLOSED, follow_up_at=None, version=followed.version + 1)
            with contextlib.suppress(DraftChanged):  # what was sent is kept already; its cause closes it in time
                await self._write(closed, Action.CLOSED, f"followed up in {draft.id}")

    async def answer(self, draft_id: str, outcome: RequestOutcome, note: str) -> tuple[Draft, Draft | None]:
        """With the follow-up that it needs, if any."""
        _refuse_blank("the note", note)
        draft = await self._find(draft_id)
        if _is_closed_unanswered(draft):
            return await self._answer_late(draft, outcome, note), None
        draft = await self._movable(draft_id, DraftState.ANSWERED)
        await self._drop_follow_ups(draft)
        after = replace(self._answered(draft, outcome, note), state=DraftState.ANSWERED)
        others = tuple(each for each in draft.blockers if each.check != _TIER_2)  # an answer may be put right later
        final = outcome is RequestOutcome.DENIED and draft.round + 1 >= MOST_DENIALS
        after = replace(after, blockers=(*others, _tier_2(after)) if final else others)
        written = await self._write(self._with_follow_up(after), Action.ANSWERED, note, {"outcome": str(outcome)})
        made = await follow_up_drafts(self._store, self._desk, self._clock)
        return written, next((each for each in made if each.follow_up_of == draft.id), None)

    def _answered(self, draft: Draft, outcome: RequestOutcome, note: str) -> Draft:
        at = draft.next_at(self._clock.now())
        return replace(draft, outcome=outcome, note=note, answered_at=at, version=draft.version + 1)

    async def _answer_late(self, draft: Draft, outcome: RequestOutcome, note: str) -> Draft:
        """After its cause was over: kept, and nothing follows from it."""
        after = self._answered(draft, outcome, note)
        return await self._write(after, Action.ANSWERED, note, {"outcome": str(outcome)})

    async def _drop_follow_ups(self, draft: Draft) -> None:
        """Those that wait were made from silence, or from an answer before this one."""
        for each in await self._store.drafts(customer=draft.customer, states=tuple(WAITING)):
            if each.follow_up_of == draft.id:
                closed = replace(each, state=DraftState.CLOSED, version=each.version + 1)
                await self._write(closed, Action.CLOSED, f"another answer to {draft.id} has come")

    async def close(self, draft_id: str, reason: str) -> Draft:
        _refuse_blank("the reason", reason)
        draft = await self._movable(draft_id, DraftState.CLOSED)
        closed = replace(draft, state=DraftState.CLOSED, note=reason, follow_up_at=None, version=draft.version + 1)
        return await self._write(closed, Action.CLOSED, reason)

    def _with_follow_up(self, draft: Draft) -> Draft:
        form = self._desk.forms.forms.get(draft.form)
        return replace(draft, follow_up_at=look_again_at(draft, form) if form is not None else None)

    async def _load(self) -> CaseFiles:
        return await load_case_files(self._store, self._desk, self._clock.now())

    async def _stop_if_ended(self, files: CaseFiles, draft: Draft) -> None:
        if (why := ended(files, draft)) is not None:
            await self._close(draft, Action.CLOSED, why)
            raise NotPossible(f"draft {draft.id} need not be sent: {why}. It is closed.")

    async def _close(self, draft: Draft, action: Action, why: str) -> Draft:
        closed = replace(draft, state=DraftState.CLOSED, note=why, follow_up_at=None, version=draft.version + 1)
        return await self._write(closed, action, why, release=action is Action.HANDED_OVER)

    async def _find(self, draft_id: str) -> Draft:
        return await find(self._store, draft_id, self._version)

    async def _movable(self, draft_id: str, wanted: DraftState) -> Draft:
        draft = await self._find(draft_id)
        if not may_become(draft.state, wanted):
            steps = await self._store.draft_steps(draft_id)
            raise NotPossible(f"draft {draft_id} cannot be {wanted}: {how_it_came_here(draft, steps)}")
        return draft

    async def _waiting(self, draft_id: str) -> Draft:
        draft = await self._find(draft_id)
        if draft.state not in WAITING:
            raise NotPossible(f"draft {draft_id} is {draft.state}: only what has not been sent can be changed")
        return draft

    async def _write(
        self,
        draft: Draft,
        action: Action,
        note: str | None = None,
        facts: Mapping[str, Any] | None = None,
        *,
        release: bool = False,
    ) -> Draft:
        at = draft.next_at(self._clock.now())
        draft = replace(draft, changed_at=at)
        step = DraftStep(at, draft.state, self._by, note, action, facts or {})
        await self._store.move_draft(draft, step, *self._desk.tell(draft, step, at), release=release)
        return draft


def _is_closed_unanswered(draft: Draft) -> bool:
    return draft.state is DraftState.CLOSED and draft.submitted_at is not None and draft.outcome is None


def _refuse_blank(what: str, text: str) -> None:
    if not text.strip():
        raise NotPossible(f"{what} is empty: it is kept with the draft, for whoever looks at it next")


def _value(draft: Draft, name: str) -> str | None:
    if name == TEXT:
        return draft.text
    return next((field.value for field in draft.fields if field.name == name), None)


def _after_own(steps: Sequence[DraftStep], by: str) -> Sequence[DraftStep]:
    """Those after this person saw it last; all, for who has not."""
    seen = (number for number, step in enumerate(steps) if step.by == by and step.action in _SHOWS_IT)
    last = max(seen, default=None)
    return steps[last + 1 :] if last is not None else steps


def _tier_2(draft: Draft) -> Blocker:
    found = f"{draft.addressee} has denied it {draft.round + 1} times"
    fix = f"what is left is mediation beyond the standard form: `deliverwatch drafts evidence {draft.id}` hands it over"
    return Blocker(_TIER_2, found, fix)
