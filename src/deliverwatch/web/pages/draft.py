"""`/drafts/{id}`: one request to one addressee, with all that whoever sends it needs, and what to do next.

Nothing is sent from here: a person copies it into the addressee's form, or opens it as mail, and records what came of
it. The acts are in `draft_acts`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory import Language
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import UNDER_WAY, WAITING, Draft
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.render.draft_markdown import markdown
from deliverwatch.render.draft_ways import plain
from deliverwatch.render.draft_words import CHANNELS, LETTERS, named_in_order
from deliverwatch.render.due_words import is_overdue
from deliverwatch.render.tongue import marked, say
from deliverwatch.web.doors import house, not_found, person
from deliverwatch.web.draft_edit import editable
from deliverwatch.web.draft_mail import mail_ways, message
from deliverwatch.web.draft_names import OUTCOMES, QUESTIONS, STATES, Causes
from deliverwatch.web.draft_next import next_of
from deliverwatch.web.draft_queue import Desk, holder
from deliverwatch.web.draft_view import (
    blockers_of,
    evidence_of,
    fields_of,
    form_link,
    missing_of,
    steps_of,
    text_of,
)
from deliverwatch.web.frame import done, page
from deliverwatch.web.posted import Wrong

_DONE: Mapping[str, str] = {
    "pull": marked("You have taken it on. It was brought up to date."),
    "edit": marked("Your changes are kept."),
    "unchanged": marked("Nothing was changed."),
    "overrule": marked("Your reason is kept."),
    "ask": marked("The customer was asked by mail."),
    "answer-of-customer": marked("What the customer said is kept."),
    "submit": marked("It is recorded as sent."),
    "answer": marked("The answer is recorded."),
    "close": marked("It is closed."),
    "link": marked("The ticket is kept."),
}
_AS_FILE = "attachment; filename={}"


def add(router: APIRouter) -> None:
    @router.api_route("/drafts/{draft_id}", methods=["GET", "HEAD"])
    async def draft(draft_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]) -> HTMLResponse:
        return await shown(request, await the_draft(house(request).app, viewer, draft_id))

    @router.api_route("/drafts/{draft_id}/text.txt", methods=["GET", "HEAD"])
    async def text(draft_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]) -> Response:
        return _file(plain(await the_draft(house(request).app, viewer, draft_id)), "text/plain; charset=utf-8")

    @router.api_route("/drafts/{draft_id}/mail.eml", methods=["GET", "HEAD"])
    async def mail(draft_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]) -> Response:
        app = house(request).app
        found = await the_draft(app, viewer, draft_id)
        try:
            content = message(found, app.settings.requester.mailbox)
        except NotPossible:
            raise not_found() from None
        return _file(content, "message/rfc822", f"{found.id}.eml")

    @router.api_route("/drafts/{draft_id}/evidence.md", methods=["GET", "HEAD"])
    async def evidence(draft_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]) -> Response:
        app = house(request).app
        found = await the_draft(app, viewer, draft_id)
        content = await app.remediation.evidence(found.id)
        return _file(content, "text/markdown; charset=utf-8", f"{found.id}-evidence.md")

    @router.api_route("/drafts/{draft_id}/draft.md", methods=["GET", "HEAD"])
    async def whole(draft_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]) -> Response:
        app = house(request).app
        found = await the_draft(app, viewer, draft_id)
        content = markdown(found, await app.store.draft_steps(found.id))
        return _file(content, "text/markdown; charset=utf-8", f"{found.id}.md")


def _file(content: str | bytes, kind: str, name: str | None = None) -> Response:
    headers = {"Content-Disposition": _AS_FILE.format(name)} if name is not None else None
    return Response(content, media_type=kind, headers=headers)


async def the_draft(app: App, viewer: Viewer, draft_id: str) -> Draft:
    """One that the viewer may see."""
    found = await app.store.draft(draft_id) if draft_id.isascii() and draft_id.isprintable() else None
    if found is None or not viewer.sees(found.customer):
        raise not_found()
    return found


async def shown(
    request: Request, draft: Draft, wrong: Wrong | None = None, given: Mapping[str, str] | None = None
) -> HTMLResponse:
    """`wrong`: with what was just tried; `given`: what was written then."""
    app = house(request).app
    values = await _values(app, draft)
    return page(
        request,
        "draft.html.j2",
        wrong.status if wrong is not None else HTTPStatus.OK,
        notice=done(request, _DONE) if wrong is None else "",
        wrong=wrong,
        given=given or {},
        **values,
    )


async def _values(app: App, draft: Draft) -> dict[str, Any]:
    desk = Desk((await app.desk.snapshot()).customers, app.calendars, Causes(app), app.clock.now())
    mine = {draft.customer} if draft.customer is not None else None
    follow_ups = await app.store.draft_heads(mine, follow_up_of=draft.id)
    waiting = next((each for each in follow_ups if each.state in WAITING), None)
    return {
        "draft": draft,
        "next": next_of(draft, waiting),
        "follow_up": waiting,
        "follow_ups": follow_ups,
        "fields": fields_of(draft),
        "text": text_of(draft),
        "editable": editable(draft),
        "missing": missing_of(draft),
        "blockers": blockers_of(draft),
        "evidence": evidence_of(draft),
        "steps": steps_of(draft, await app.store.draft_steps(draft.id)),
        "requests": await _requests(app, draft),
        **_head(desk, draft),
        **_ways(app, draft),
        **_names(),
    }


def _head(desk: Desk, draft: Draft) -> dict[str, Any]:
    customer = desk.customer(draft.customer)
    due = draft.due_at if draft.state in WAITING and draft.channel is not FormChannel.NONE else None
    again = draft.follow_up_at if draft.state in UNDER_WAY else None
    return {
        "title": desk.causes.about(draft.kind, draft.subjects, draft.provider),
        "subjects": named_in_order(draft.subjects),
        "holder": holder(draft.customer, customer),
        "letter": say(LETTERS[draft.letter]),
        "state": say(STATES[draft.state]),
        "due": desk.due(due, customer) if due is not None else None,
        "is_overdue": is_overdue(due, desk.now),
        "look_again": desk.again(again, customer) if again is not None else None,
        "is_waiting": draft.state in WAITING,
        "can_ask": customer is not None and bool(customer.contacts),
    }


def _ways(app: App, draft: Draft) -> dict[str, Any]:
    return {
        "channel": say(CHANNELS[draft.channel]),
        "form_link": form_link(draft, app.remediation.forms.forms.values()),
        "mail": mail_ways(draft, app.settings.requester.mailbox),
        "all_as_text": plain(draft),
    }


def _names() -> dict[str, Any]:
    return {
        "outcomes": {str(outcome): say(words) for outcome, words in OUTCOMES.items()},
        "states": {str(state): say(words) for state, words in STATES.items()},
        "questions": {name: say(words) for name, words in QUESTIONS.items()},
        "languages": [str(each) for each in Language],
    }


async def _requests(app: App, draft: Draft) -> list[ActionRequest]:
    """To the customer, about this draft: newest first."""
    return [each for each in await app.store.action_requests(customer=draft.customer) if each.draft == draft.id]
