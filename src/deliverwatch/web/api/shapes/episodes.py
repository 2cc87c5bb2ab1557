"""Listings, and what mailbox providers do: blocks, throttles, findings, warnings."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, Field

from deliverwatch.core.block import EpisodeEnd, EpisodeKind
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.events import Ending
from deliverwatch.web.api.shapes.common import CustomerId, Facts, Instant, Ip, Ratio
from deliverwatch.web.api.shapes.examples import EPISODE, LISTING

Share = Annotated[Ratio | None, Field(description="Of the customers' mail of the last 24 hours; null: not measured.")]
Cause = Annotated[Facts | None, Field(description="Where to look first; no proof.")]


class ListingEvidence(BaseModel):
    path: str
    reason: Annotated[str | None, Field(description="The list's own text, as it was sent.")]


class ListingShape(BaseModel):
    example: ClassVar[Facts] = LISTING

    subject: Ip
    list_: Annotated[str, Field(alias="list", examples=["spamhaus-zen"])]
    incident: str
    opened_at: Instant
    confirmed_at: Instant
    closed_at: Instant | None
    ended: Ending | None
    codes: Annotated[list[str], Field(examples=[["127.0.0.2"]])]
    meanings: list[str]
    impact: Impact
    mail_share: Share
    evidence: ListingEvidence
    likely_cause: Cause


class EpisodeShape(BaseModel):
    example: ClassVar[Facts] = EPISODE

    id: str
    kind: EpisodeKind
    provider: Annotated[str | None, Field(examples=["microsoft_consumer"])]
    subject: Ip
    subject_kind: str
    class_: Annotated[str | None, Field(alias="class", examples=["ip_block"])]
    what: str
    opened_at: Instant
    last_seen_at: Instant
    closed_at: Instant | None
    ended: EpisodeEnd | None
    mail_share: Share
    customers: list[CustomerId]
    evidence: Facts
    likely_cause: Cause
