"""What people do with a draft: pull, edit, overrule, ask the customer, submit, answer, close, link.

Each may name in `If-Match` the version that it is made to; then it is made to that version, or not at all: the version
goes down with the act, which reads the draft at it and writes over that alone.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from deliverwatch.core.access import Viewer
from deliverwatch.core.inventory import Language
from deliverwatch.core.remediation.customer_word import ActionRequest, Said
from deliverwatch.core.remediation.draft import Draft, RequestOutcome
from deliverwatch.core.remediation.facts import QUESTIONS
from deliverwatch.remediation import Remediation
from deliverwatch.render.draft_document import document
from deliverwatch.web.api.asking import Works, app_of, record
from deliverwatch.web.api.bodies import Body, Line, Prose, Reason, WithReason, example
from deliverwatch.web.api.drafts import find
from deliverwatch.web.api.etags import is_wanted, names_one, of_version
from deliverwatch.web.api.idempotency import once
from deliverwatch.web.api.operations import acts, answer
from deliverwatch.web.api.path_ids import DraftId
from deliverwatch.web.api.problems import Faulty, problem
from deliverwatch.web.api.request_headers import IDEMPOTENCY_KEY, IF_MATCH
from deliverwatch.web.api.shapes.drafts import ActionRequestShape, AnsweredDraftShape, DraftShape

_HEADERS = (IDEMPOTENCY_KEY, IF_MATCH)

Do = Callable[[Remediation, int | None], Awaitable[Draft]]
"""(remediation, version of the draft, if one was named) -> the draft as it is then."""


class Edit(Body):
    """`fields`: by name, "text" for the text."""

    model_config = example(fields={"text": "Please look again."}, version=3)

    fields: Annotated[
        dict[Line, Prose], Field(min_length=1, max_length=100, examples=[{"what_changed": "The form was closed."}])
    ]
    version: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="Of the draft that was edited; null: as you saw it last.")
    ] = None


class Overrule(WithReason):
    model_config = example(check="practice", reason="mended today")

    check: Line


class Submit(Body):
    model_config = example(reference="SRX 1234")

    reference: Annotated[Reason, Field(description="The addressee's ticket, or how it went out.", examples=["SR123"])]


class Answer(Body):
    model_config = example(outcome="denied", note="not qualified for mitigation")

    outcome: RequestOutcome
    note: Reason


class Link(Body):
    model_config = example(ticket="https://desk.esp.example/tickets/17")

    ticket: Annotated[Line, Field(examples=["https://desk.esp.example/tickets/17"])]


class Told(Body):
    """What the customer said. `answers`: by question."""

    model_config = example(answers={"cause": "a form without confirmation"}, said_by="Kim")

    answers: Annotated[dict[Line, Reason], Field(min_length=1, max_length=20)]
    said_by: Line
    language: Language = Language.EN


def add(router: APIRouter) -> None:
    @acts(
        router, "/drafts/{draft_id}/pull", "drafts.pull", "Take it on, brought up to date", DraftShape, headers=_HEADERS
    )
    async def pull(draft_id: DraftId, request: Request, viewer: Works) -> Response:
        """By the facts of now; one whose cause is over is closed instead, which is 409."""

        def do(remediation: Remediation, version: int | None) -> Awaitable[Draft]:
            return remediation.desk(viewer.by, version).pull(draft_id)

        return await _act(request, viewer, draft_id, "pull", {}, do)

    @acts(
        router, "/drafts/{draft_id}/edits", "drafts.edit", "Change what has not been sent", DraftShape, headers=_HEADERS
    )
    async def edit(draft_id: DraftId, body: Edit, request: Request, viewer: Works) -> Response:
        """Refused, with both texts, when somebody else changed the same meanwhile."""

        def do(remediation: Remediation, version: int | None) -> Awaitable[Draft]:
            return remediation.desk(viewer.by, version).edit(draft_id, body.fields, body.version)

        return await _act(request, viewer, draft_id, "edit", {"fields": sorted(body.fields)}, do)

    _add_overrule(router)
    _add_endings(router)
    _add_conversations(router)


def _add_overrule(router: APIRouter) -> None:
    @acts(
        router, "/drafts/{draft_id}/overrule", "drafts.overrule", "Send it nevertheless", DraftShape, headers=_HEADERS
    )
    async def overrule(draft_id: DraftId, body: Overrule, request: Request, viewer: Works) -> Response:
        """One check that stands against it, with the reason why it does not count."""

        def do(remediation: Remediation, version: int | None) -> Awaitable[Draft]:
            return remediation.desk(viewer.by, version).overrule(draft_id, body.check, body.reason)

        return await _act(request, viewer, draft_id, "overrule", body.model_dump(), do)


def _add_endings(router: APIRouter) -> None:
    @acts(router, "/drafts/{draft_id}/submit", "drafts.submit", "Record that it was sent", DraftShape, headers=_HEADERS)
    async def submit(draft_id: DraftId, body: Submit, request: Request, viewer: Works) -> Response:
        """Nothing is sent to anybody: a person did it, and keeps the reference here."""

        def do(remediation: Remediation, version: int | None) -> Awaitable[Draft]:
            return remediation.desk(viewer.by, version).submit(draft_id, body.reference)

        return await _act(request, viewer, draft_id, "submit", body.model_dump(), do)

    @acts(router, "/drafts/{draft_id}/close", "drafts.close", "Put it aside", DraftShape, headers=_HEADERS)
    async def close(draft_id: DraftId, body: WithReason, request: Request, viewer: Works) -> Response:
        """Without sending it, or without waiting for an answer any longer."""

        def do(remediation: Remediation, version: int | None) -> Awaitable[Draft]:
            return remediation.desk(viewer.by, version).close(draft_id, body.reason)

        return await _act(request, viewer, draft_id, "close", body.model_dump(), do)

    @acts(
        router,
        "/drafts/{draft_id}/link",
        "drafts.link",
        "Keep where a help desk carries it",
        DraftShape,
        headers=_HEADERS,
    )
    async def link(draft_id: DraftId, body: Link, request: Request, viewer: Works) -> Response:
        """An address of the web, shown beside the draft."""

        def do(remediation: Remediation, version: int | None) -> Awaitable[Draft]:
            return remediation.desk(viewer.by, version).link(draft_id, body.ticket)

        return await _act(request, viewer, draft_id, "link", body.model_dump(), do)


def _add_conversations(router: APIRouter) -> None:
    @acts(
        router,
        "/drafts/{draft_id}/answer",
        "drafts.answer",
        "Record the addressee's answer",
        AnsweredDraftShape,
        headers=_HEADERS,
    )
    async def answer_(draft_id: DraftId, body: Answer, request: Request, viewer: Works) -> Response:
        """What is to be sent next is prepared."""

        async def work() -> Response:
            version = await _begin(request, viewer, draft_id, "answer", body.model_dump(mode="json"))
            desk = app_of(request).remediation.desk(viewer.by, version)
            draft, follow_up = await desk.answer(draft_id, body.outcome, body.note)
            told = {**document(draft), "follow_up": follow_up.id if follow_up is not None else None}
            return answer(request, told, tag=of_version(draft.version))

        return await _worked(request, viewer, draft_id, work)

    @acts(
        router, "/drafts/{draft_id}/ask", "drafts.ask", "Ask the customer by mail", ActionRequestShape, headers=_HEADERS
    )
    async def ask(draft_id: DraftId, request: Request, viewer: Works) -> Response:
        """In their language, what only they know and the form needs."""

        async def work() -> Response:
            version = await _begin(request, viewer, draft_id, "ask", {})
            return answer(request, _asked(await app_of(request).remediation.ask_customer(draft_id, viewer.by, version)))

        return await _worked(request, viewer, draft_id, work)

    _add_told(router)


def _add_told(router: APIRouter) -> None:
    @acts(router, "/drafts/{draft_id}/told", "drafts.told", "Keep what the customer said", DraftShape, headers=_HEADERS)
    async def told(draft_id: DraftId, body: Told, request: Request, viewer: Works) -> Response:
        """By question, in their own words; the draft is made anew with it, as long as it was not sent."""
        unknown = sorted(set(body.answers) - set(QUESTIONS))
        if unknown:
            raise Faulty(*((f"body.answers.{each}", f"expected one of {', '.join(QUESTIONS)}") for each in unknown))
        said = Said(body.answers, body.said_by, body.language)

        def do(remediation: Remediation, version: int | None) -> Awaitable[Draft]:
            return remediation.keep_answer(draft_id, viewer.by, said, version)

        return await _act(request, viewer, draft_id, "told", {"answers": sorted(body.answers)}, do)


async def _act(request: Request, viewer: Viewer, draft_id: str, what: str, facts: dict[str, Any], do: Do) -> Response:
    async def work() -> Response:
        version = await _begin(request, viewer, draft_id, what, facts)
        draft = await do(app_of(request).remediation, version)
        return answer(request, document(draft), tag=of_version(draft.version))

    return await _worked(request, viewer, draft_id, work)


class _OtherVersion(Exception):
    pass


async def _begin(request: Request, viewer: Viewer, draft_id: str, what: str, facts: dict[str, Any]) -> int | None:
    """The version that it is to be done to; None: any."""
    draft = await find(request, viewer, draft_id)
    if not is_wanted(request, of_version(draft.version)):
        raise _OtherVersion
    await record(request, viewer, f"draft.{what}", draft_id, **facts)
    return draft.version if names_one(request) else None


async def _worked(request: Request, viewer: Viewer, draft_id: str, work: Callable[[], Awaitable[Response]]) -> Response:
    async def checked() -> Response:
        try:
            return await work()
        except _OtherVersion:
            why = f"Draft {draft_id} is not at that version any more: read it again."
            return problem(HTTPStatus.PRECONDITION_FAILED, why)

    return await once(request, viewer, lambda: find(request, viewer, draft_id), checked)


def _asked(asked: ActionRequest) -> dict[str, Any]:
    return {
        "id": asked.id,
        "draft": asked.draft,
        "customer": asked.customer,
        "language": asked.language,
        "questions": list(asked.questions),
        "sent_to": list(asked.sent_to),
    }
