"""The tables of remediation: drafts and what was done with them, best practice, what customers were asked and said.

A draft is written over as it is renewed and edited; its steps never are. `draft_episode` says which listings and blocks
a draft is about. Of a first request these are led on by it, so that one episode has one such draft however many workers
prepare them; a follow-up leads on nothing. The last result of each practice check is kept, the advice that came of it
for good: advice and action requests are the register of what a customer was told and did.

Every index names who needs it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from deliverwatch.store.columns import ForeignText, Serial
from deliverwatch.store.tables import Base, only

LEADS = "leads"  # in the words of the index, or it is not used


class DraftRow(Base, table=True):
    """`customer` NULL: the ESP's own asset, or one that several share. `provider`, `form`: catalogue ids."""

    __tablename__ = "draft"
    __table_args__ = (
        # drafts: those that wait or are under way, at every tick; counts
        Index("ix_draft_state", "state"),
        # drafts since
        Index("ix_draft_changed_at", "changed_at"),
        # draft_heads: newest first, of all and of some customers
        Index("ix_draft_created_at_id", "created_at", "id"),
        Index("ix_draft_customer", "customer", "created_at", "id"),
        # draft_heads: those that follow one
        Index("ix_draft_follow_up_of", "follow_up_of", **only("follow_up_of IS NOT NULL")),
    )

    id: str = Field(primary_key=True)
    customer: str | None = Field(foreign_key="customer.id")
    form: str
    form_digest: str
    provider: str
    addressee: str = Field(sa_type=ForeignText)
    kind: str
    letter: str
    channel: str
    url: str | None
    to: str | None
    caveat: str | None = Field(sa_type=ForeignText)
    steps: list[str] = Field(sa_type=JSON)
    subjects: list[str] = Field(sa_type=JSON)
    episodes: list[str] = Field(sa_type=JSON)
    cause: str = Field(sa_type=ForeignText)
    state: str
    language: str
    text: str = Field(sa_type=ForeignText)
    text_english: str | None = Field(sa_type=ForeignText)
    fields: list[dict[str, Any]] = Field(sa_type=JSON)
    facts: dict[str, str] = Field(sa_type=JSON)
    edits: list[dict[str, Any]] = Field(sa_type=JSON)
    missing: list[dict[str, Any]] = Field(sa_type=JSON)
    blockers: list[dict[str, Any]] = Field(sa_type=JSON)
    evidence: list[dict[str, Any]] = Field(sa_type=JSON)
    created_at: datetime
    changed_at: datetime
    due_at: datetime | None
    follow_up_of: str | None = Field(foreign_key="draft.id")
    round: int
    pulled_by: str | None = Field(sa_type=ForeignText)
    pulled_at: datetime | None
    submitted_by: str | None = Field(sa_type=ForeignText)
    submitted_at: datetime | None
    reference: str | None = Field(sa_type=ForeignText)
    answered_at: datetime | None
    outcome: str | None
    note: str | None = Field(sa_type=ForeignText)
    follow_up_at: datetime | None
    ticket: str | None = Field(sa_type=ForeignText)
    version: int


class DraftEpisodeRow(Base, table=True):
    """`episode_key`: of a listing or a provider's block, so it is no foreign key."""

    __tablename__ = "draft_episode"
    __table_args__ = (
        # undrafted_listings, undrafted_blocks; and an episode is led on by one draft at most
        Index("uq_draft_episode_leads", "episode_key", unique=True, **only(LEADS)),
        # a void listing: all drafts about it
        Index("ix_draft_episode_episode_key", "episode_key"),
    )

    draft_id: str = Field(primary_key=True, foreign_key="draft.id")
    episode_key: str = Field(primary_key=True)
    leads: bool


class DraftStepRow(Base, table=True):
    """Append-only."""

    __tablename__ = "draft_step"
    __table_args__ = (
        # draft_steps
        Index("ix_draft_step_draft_id", "draft_id"),
    )

    id: int = Field(primary_key=True, sa_type=Serial)
    draft_id: str = Field(foreign_key="draft.id")
    at: datetime
    state: str
    action: str
    by: str = Field(sa_type=ForeignText)
    note: str | None = Field(sa_type=ForeignText)
    facts: dict[str, Any] = Field(sa_type=JSON)


class PracticeResultRow(Base, table=True):
    """The last one of each. `subject`: empty text for the customer as a whole."""

    __tablename__ = "practice_result"

    customer: str = Field(primary_key=True, foreign_key="customer.id")
    check: str = Field(primary_key=True)
    subject: str = Field(primary_key=True, sa_type=ForeignText)
    outcome: str
    found: str = Field(sa_type=ForeignText)
    at: datetime
    source: str = Field(sa_type=ForeignText)
    problem: str | None
    facts: dict[str, str] = Field(sa_type=JSON)


class AdviceRow(Base, table=True):
    __tablename__ = "advice"
    __table_args__ = (
        # advice of one customer
        Index("ix_advice_customer", "customer"),
    )

    id: str = Field(primary_key=True)
    customer: str = Field(foreign_key="customer.id")
    check: str
    subject: str = Field(sa_type=ForeignText)
    problem: str
    facts: dict[str, str] = Field(sa_type=JSON)
    found: str = Field(sa_type=ForeignText)
    opened_at: datetime
    told_at: datetime | None
    mended_at: datetime | None
    overruled_by: str | None = Field(sa_type=ForeignText)
    overruled_at: datetime | None
    overruled_because: str | None = Field(sa_type=ForeignText)


class ActionRequestRow(Base, table=True):
    """`answered_at` NULL: nothing was said yet. `advice`: ids."""

    __tablename__ = "action_request"
    __table_args__ = (
        # action_requests of one customer
        Index("ix_action_request_customer", "customer"),
    )

    id: str = Field(primary_key=True)
    customer: str | None = Field(foreign_key="customer.id")
    draft: str = Field(foreign_key="draft.id")
    asked_at: datetime
    asked_by: str = Field(sa_type=ForeignText)
    language: str
    questions: list[str] = Field(sa_type=JSON)
    sent_to: list[str] = Field(sa_type=JSON)
    advice: list[str] = Field(sa_type=JSON)
    answers: dict[str, str] = Field(sa_type=JSON)
    answer_language: str | None
    answered_at: datetime | None
    answered_by: str | None = Field(sa_type=ForeignText)
    kept_by: str | None = Field(sa_type=ForeignText)
