"""What a person does with a draft, as posts of its page: each goes on to the page again, or says there what is wrong.

The desk decides (`App.remediation`). Before it is asked, what is about to be done is written into the audit trail. An
edit names the version that it was made to; what somebody else changed meanwhile is never written over: both texts are
shown, and a person chooses.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from deliverwatch.app import App
from deliverwatch.core.access import Act, Viewer
from deliverwatch.core.errors import DraftChanged, NotPossible
from deliverwatch.core.inventory import Language
from deliverwatch.core.remediation.customer_word import Said
from deliverwatch.core.remediation.draft import Draft, RequestOutcome
from deliverwatch.core.visible import visible
from deliverwatch.render.tongue import say
from deliverwatch.web.doors import house, person
from deliverwatch.web.draft_edit import Edits, clashes, edits
from deliverwatch.web.draft_names import QUESTIONS
from deliverwatch.web.frame import page
from deliverwatch.web.pages.draft import shown, the_draft
from deliverwatch.web.posted import Wrong, line, posted
from deliverwatch.web.request_ids import request_id

_MOST_SAID = 2000


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be done, and what is written down of it. `field`: beside which it is said when it was not possible."""

    facts: Mapping[str, Any]
    do: Callable[[App, str], Awaitable[object]]
    field: str = ""


Reads = Callable[[Draft, Mapping[str, str]], Deed | Wrong]


def add(router: APIRouter) -> None:
    @router.post("/drafts/{draft_id}/edit")
    async def edit(draft_id: str, request: Request, viewer: Annotated[Viewer, Depends(person(Act.WORK))]) -> Response:
        return await _edit(request, viewer, await the_draft(house(request).app, viewer, draft_id))

    @router.post("/drafts/{draft_id}/{act}")
    async def acted(
        draft_id: str, act: str, request: Request, viewer: Annotated[Viewer, Depends(person(Act.WORK))]
    ) -> Response:
        draft = await the_draft(house(request).app, viewer, draft_id)
        if act not in _ACTS:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        told = await posted(request)
        return await _act(request, viewer, draft, act, told)


async def _act(request: Request, viewer: Viewer, draft: Draft, act: str, told: Mapping[str, str]) -> Response:
    app, deed = house(request).app, _ACTS[act](draft, told)
    if isinstance(deed, Wrong):
        return await shown(request, draft, deed, told)
    await app.access.record(viewer, f"draft.{act}", draft.id, deed.facts, request_id(request))
    try:
        await deed.do(app, viewer.by)
    except NotPossible as why:
        now = await the_draft(app, viewer, draft.id)
        wrong = Wrong(act, deed.field, visible(str(why), _MOST_SAID), HTTPStatus.CONFLICT)
        return await shown(request, now, wrong, told)
    return _back(draft, act)


def _back(draft: Draft, done: str) -> Response:
    return RedirectResponse(f"/drafts/{quote(draft.id)}?done={done}", HTTPStatus.SEE_OTHER)


def _pull(draft: Draft, _: Mapping[str, str]) -> Deed | Wrong:
    return Deed({}, lambda app, by: app.remediation.desk(by).pull(draft.id))


def _ask(draft: Draft, _: Mapping[str, str]) -> Deed | Wrong:
    return Deed({}, lambda app, by: app.remediation.ask_customer(draft.id, by))


def _submit(draft: Draft, told: Mapping[str, str]) -> Deed | Wrong:
    reference = line("submit", told, "reference", say("Say how it went out, or the reference that they gave."))
    if isinstance(reference, Wrong):
        return reference
    facts = {"reference": reference, "version": draft.version}
    return Deed(facts, lambda app, by: app.remediation.desk(by).submit(draft.id, reference), "reference")


def _answer(draft: Draft, told: Mapping[str, str]) -> Deed | Wrong:
    if told.get("outcome") not in tuple(RequestOutcome):
        return Wrong("answer", "outcome", say("Choose what they answered."))
    outcome = RequestOutcome(told["outcome"])
    note = line("answer", told, "note", say("Say in a few words what they wrote: the next draft may quote it."))
    if isinstance(note, Wrong):
        return note
    facts = {"outcome": str(outcome), "note": note}
    return Deed(facts, lambda app, by: app.remediation.desk(by).answer(draft.id, outcome, note), "outcome")


def _close(draft: Draft, told: Mapping[str, str]) -> Deed | Wrong:
    reason = line("close", told, "reason", say("Say why it is put aside: whoever looks next wants to know."))
    if isinstance(reason, Wrong):
        return reason
    return Deed({"reason": reason}, lambda app, by: app.remediation.desk(by).close(draft.id, reason), "reason")


def _link(draft: Draft, told: Mapping[str, str]) -> Deed | Wrong:
    ticket = line("link", told, "ticket", say("Give the address of the ticket."))
    if isinstance(ticket, Wrong):
        return ticket
    return Deed({"ticket": ticket}, lambda app, by: app.remediation.desk(by).link(draft.id, ticket), "ticket")


def _overrule(draft: Draft, told: Mapping[str, str]) -> Deed | Wrong:
    check = told.get("check", "")
    reason = line(f"overrule {check}", told, "reason", say("Say why it is sent nevertheless: the reason is kept."))
    if isinstance(reason, Wrong):
        return reason
    facts = {"check": visible(check, 80), "reason": reason}
    return Deed(facts, lambda app, by: app.remediation.desk(by).overrule(draft.id, check, reason))


def _answer_of_customer(draft: Draft, told: Mapping[str, str]) -> Deed | Wrong:
    said_by = line("answer-of-customer", told, "said_by", say("Say who at the customer said so."))
    if isinstance(said_by, Wrong):
        return said_by
    answers = {name: " ".join(told[name].split()) for name in QUESTIONS if told.get(name, "").strip()}
    if (wrong := _wrong_answers(answers)) is not None:
        return wrong
    language = told.get("language", "")
    said = Said(answers, said_by, Language(language) if language in tuple(Language) else Language.EN)
    facts = {"said_by": said_by, "answers": sorted(answers)}
    return Deed(facts, lambda app, by: app.remediation.keep_answer(draft.id, by, said))


def _wrong_answers(answers: Mapping[str, str]) -> Wrong | None:
    if not answers:
        return Wrong("answer-of-customer", "cause", say("Write down at least one thing that they said."))
    for name, words in answers.items():
        if len(words) > _MOST_SAID:
            why = say("{count} characters are too many: {most} at most.", count=len(words), most=_MOST_SAID)
            return Wrong("answer-of-customer", name, why)
    if "changed_on" in answers and not _is_day(answers["changed_on"]):
        return Wrong("answer-of-customer", "changed_on", say("This is not a day: expected a date like 2026-11-24."))
    return None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_ACTS: Mapping[str, Reads] = {
    "pull": _pull,
    "ask": _ask,
    "submit": _submit,
    "answer": _answer,
    "close": _close,
    "link": _link,
    "overrule": _overrule,
    "answer-of-customer": _answer_of_customer,
}


async def _edit(request: Request, viewer: Viewer, draft: Draft) -> Response:
    app, told = house(request).app, await posted(request)
    made = edits(draft, told)
    if isinstance(made, Wrong):
        return await shown(request, draft, made, told)
    if not made.values:
        return _back(draft, "unchanged")
    facts = {"fields": sorted(made.values), "version": made.version}
    await app.access.record(viewer, "draft.edit", draft.id, facts, request_id(request))
    try:
        await app.remediation.desk(viewer.by).edit(draft.id, made.values, made.version)
    except DraftChanged:
        return _both_texts(request, await the_draft(app, viewer, draft.id), made)
    except NotPossible as why:
        now = await the_draft(app, viewer, draft.id)
        wrong = Wrong("edit", "", visible(str(why), _MOST_SAID), HTTPStatus.CONFLICT)
        return await shown(request, now, wrong, told)
    return _back(draft, "edit")


def _both_texts(request: Request, now: Draft, made: Edits) -> Response:
    return page(request, "draft_conflict.html.j2", HTTPStatus.CONFLICT, draft=now, clashes=clashes(now, made))
