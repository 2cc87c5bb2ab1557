"""Drafts: requests to list operators and mailbox providers."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, Field

from deliverwatch.core.remediation.draft import DraftKind, DraftState, RequestOutcome
from deliverwatch.core.remediation.form import FormChannel, LetterKind
from deliverwatch.web.api.shapes.common import CustomerId, Facts, Instant, Ip
from deliverwatch.web.api.shapes.work_examples import ACTION_REQUEST, ANSWERED_DRAFT, DRAFT, DRAFT_STEP, WHOLE_DRAFT


class FieldShape(BaseModel):
    name: str
    label: str
    value: str | None
    limit: int | None
    source: str | None
    required: bool
    values: list[str | None]
    edited_by: str | None


class MissingShape(BaseModel):
    field: str
    why: str


class BlockerShape(BaseModel):
    check: str
    found: str | None
    fix: str | None
    about: str | None
    overruled_by: str | None
    overruled_at: str | None
    overruled_because: str | None


class EvidenceShape(BaseModel):
    at: str | None
    what: str | None


class DraftShape(BaseModel):
    example: ClassVar[Facts] = DRAFT

    id: str
    customer: CustomerId | None
    form: str
    provider: str
    addressee: str | None
    kind: DraftKind
    letter: LetterKind
    channel: FormChannel
    url: str | None
    to: str | None
    subjects: list[Ip]
    episodes: list[str]
    state: DraftState
    follow_up_of: str | None
    missing: list[MissingShape]
    blockers: list[BlockerShape]
    fields: list[FieldShape]
    text: str | None
    text_english: str | None
    language: str
    caveat: str | None
    steps: list[str]
    evidence: list[EvidenceShape]
    facts: dict[str, str | None]
    edits: list[Facts]
    created_at: Instant
    changed_at: Instant
    due_at: Instant | None
    pulled_by: str | None
    pulled_at: Instant | None
    submitted_by: str | None
    submitted_at: Instant | None
    reference: str | None
    answered_at: Instant | None
    outcome: RequestOutcome | None
    note: str | None
    follow_up_at: Instant | None
    ticket: str | None
    round: int
    version: int


class DraftStepShape(BaseModel):
    example: ClassVar[Facts] = DRAFT_STEP

    at: Instant
    state: DraftState
    by: str | None
    note: str | None
    action: str
    facts: Facts


class WholeDraftShape(DraftShape):
    example: ClassVar[Facts] = WHOLE_DRAFT

    history: Annotated[list[DraftStepShape], Field(description="Oldest first.")]


class AnsweredDraftShape(DraftShape):
    example: ClassVar[Facts] = ANSWERED_DRAFT

    follow_up: Annotated[str | None, Field(description="The id of the draft that was prepared in answer to it.")]


class ActionRequestShape(BaseModel):
    example: ClassVar[Facts] = ACTION_REQUEST

    id: str
    draft: str
    customer: CustomerId | None
    language: str
    questions: list[str]
    sent_to: list[str]
