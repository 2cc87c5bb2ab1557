"""Reports, lists, sources, replies, alerts, silences, events, and who asks."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, Field

from deliverwatch.core.access import Act, Scope
from deliverwatch.core.routing import Family
from deliverwatch.web.api.shapes.common import CustomerId, Facts, Instant
from deliverwatch.web.api.shapes.desk_examples import (
    ALERT,
    ALERT_TRAIL,
    ENDED,
    FOUND,
    LIFTED,
    LIST,
    LIST_WITH_HEALTH,
    NEW_TOKEN,
    REPLY,
    RESENT,
    REVOKED,
    SOURCE,
    TOKEN,
)
from deliverwatch.web.api.shapes.drafts import DraftShape
from deliverwatch.web.api.shapes.episodes import EpisodeShape, ListingShape
from deliverwatch.web.api.shapes.examples import EVENT, ME, REPORT, SILENCE
from deliverwatch.web.api.shapes.inventory import CustomerShape


class ReportShape(BaseModel):
    example: ClassVar[Facts] = REPORT

    id: str
    customer: CustomerId
    week: Annotated[str, Field(examples=["2026-W47"])]
    made_at: Instant
    subject: str
    to: list[str]
    figures: Facts


class ListShape(BaseModel):
    """As `deliverwatch lists --json` has it, of which the most used are named here."""

    example: ClassVar[Facts] = LIST

    id: Annotated[str, Field(examples=["spamhaus-zen"])]
    name: str
    on: bool
    state: Annotated[str, Field(examples=["on"])]
    way: Annotated[str, Field(examples=["dns"])]
    leads: bool
    zone: str | None
    kinds: list[str]
    polarity: str
    impact: str
    codes: list[Facts]
    lookup_url: str | None
    removal: str


class ListHealthShape(BaseModel):
    path: str
    health: str
    since: Instant | None
    detail: str | None
    stopped_at: Instant | None
    ask_again_at: Instant | None


class ListWithHealthShape(ListShape):
    example: ClassVar[Facts] = LIST_WITH_HEALTH

    health: list[ListHealthShape]
    last_round_at: Instant | None
    last_round_verified: bool | None


class LiftedShape(BaseModel):
    example: ClassVar[Facts] = LIFTED

    list_: Annotated[str, Field(alias="list")]
    lifted: Annotated[int, Field(description="On how many paths it was stopped.")]


class SourceShape(BaseModel):
    example: ClassVar[Facts] = SOURCE

    id: Annotated[str, Field(examples=["sparkpost-webhook"])]
    title: str
    configured: bool
    state: str
    failing_since: Instant | None
    failure: str | None
    waiting_for: list[str]
    lost: Facts | None
    last_event_at: Instant | None
    last_ingest_at: Instant | None
    read: int | None
    accepted: int | None
    duplicates: int | None
    rejected: int | None
    not_measured: list[str]


class ReplyShape(BaseModel):
    example: ClassVar[Facts] = REPLY

    template: str
    replies: int
    looks_like_block: bool
    first_at: Instant
    last_at: Instant


class MessageShape(BaseModel):
    id: str
    recipient: str
    channel: str
    audience: str
    state: str
    standing: str
    because: str | None
    created_at: Instant
    not_before: Instant | None
    digest_at: Instant | None
    sent_at: Instant | None
    attempts: int
    last_error: str | None
    about: str | None


class EventHeadShape(BaseModel):
    number: Annotated[int, Field(examples=[4711])]
    kind: Annotated[str, Field(examples=["listing_opened"])]
    family: Family
    at: Instant
    list_: Annotated[str | None, Field(alias="list")]
    provider: str | None
    subject: str | None
    customers: list[CustomerId]


class NamedEventShape(EventHeadShape):
    title: str


class AlertShape(NamedEventShape):
    example: ClassVar[Facts] = ALERT

    notifications: list[MessageShape]


class AlertTrailShape(AlertShape):
    example: ClassVar[Facts] = ALERT_TRAIL

    event: str
    part_of: AlertShape | None
    inhibited_by: list[NamedEventShape]
    silences: list[str]
    why: list[str]


class ResentShape(BaseModel):
    example: ClassVar[Facts] = RESENT

    id: str
    resent: bool


class EventShape(EventHeadShape):
    example: ClassVar[Facts] = EVENT

    facts: Facts


class SilenceShape(BaseModel):
    example: ClassVar[Facts] = SILENCE

    id: Annotated[str, Field(examples=["s-0a1b2c3d"])]
    begins_at: Instant
    until_at: Instant
    ended_at: Instant | None
    by: str
    reason: str
    customer: CustomerId | None
    subject: str | None
    place: str | None
    kind: Family | None


class EndedShape(BaseModel):
    example: ClassVar[Facts] = ENDED

    id: str
    ended: bool


class FoundShape(BaseModel):
    example: ClassVar[Facts] = FOUND

    customers: list[CustomerShape]
    listings: list[ListingShape]
    blocks: list[EpisodeShape]
    drafts: list[DraftShape]
    reports: list[ReportShape]
    events: list[EventShape]


class MeShape(BaseModel):
    example: ClassVar[Facts] = ME

    account: Annotated[str, Field(examples=["robin"])]
    by: str
    acts: list[Act]
    sees_all: bool
    customers: Annotated[list[CustomerId] | None, Field(description="null: all of them.")]
    token: str | None


class TokenShape(BaseModel):
    example: ClassVar[Facts] = TOKEN

    id: str
    account: str
    name: Annotated[str, Field(examples=["help desk"])]
    scope: Scope
    customers: list[CustomerId] | None
    hint: Annotated[str, Field(description="Its last four characters.")]
    created_at: Instant
    expires_at: Instant
    last_used_at: Instant | None
    revoked_at: Instant | None


class NewTokenShape(TokenShape):
    example: ClassVar[Facts] = NEW_TOKEN

    text: Annotated[str, Field(description="The token itself. It is shown this once.")]


class RevokedShape(BaseModel):
    example: ClassVar[Facts] = REVOKED

    id: str
    revoked: bool
