"""The store as the life of weekly reports sees it: what a person decided about one before it goes, and who may get it.

A report is made at the beginning of the preview window and shown to the TAM, who can add a note, hold it or skip it; at
its time it is made anew from what is known then, and goes out with the note. A contact whose mail came back, or who
unsubscribed, gets no more reports until a person says so, and is a task for the TAM until they have seen to it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from deliverwatch.core.alerting import Notification
from deliverwatch.core.events import Event


class WeekPlan(StrEnum):
    """SENT by itself when it is due; HELD until it is let go; SKIPPED for good."""

    SENT = "sent"
    HELD = "held"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ReportWord:
    """What a person said of one customer's report of one week. `note`: printed in the report, in the TAM's words."""

    customer: str
    week: str
    plan: WeekPlan
    note: str
    reason: str
    by: str
    at: datetime


class ContactState(StrEnum):
    WELL = "well"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Contact:
    """`why`: the receiver's words, or how they unsubscribed. `seen_to_at`: when the TAM had done with it; None: it is a
    task."""

    customer: str
    address: str
    state: ContactState
    at: datetime
    why: str
    seen_to_at: datetime | None = None


class ReportStore(Protocol):
    async def report_words(self, *, customer: str | None = None, week: str | None = None) -> list[ReportWord]:
        """Newest week first; at most one for a customer and week."""

    async def keep_report_word(self, word: ReportWord) -> bool:
        """Replaces what was said before; False, and nothing written: the report has gone out."""

    async def contacts(self, *, customer: str | None = None) -> list[Contact]:
        """Those that anything happened to."""

    async def contact_lost(self, contact: Contact, event: Event, notifications: list[Notification]) -> bool:
        """With what tells the TAM, in one transaction; False: known already in that state."""

    async def keep_contact(self, contact: Contact) -> None:
        """Restored, or seen to."""

    async def keep_unsubscribe_token(self, digest: str, customer: str, address: str, now: datetime) -> None:
        """`digest`: of the token, which itself stands in the mail alone."""

    async def token_owner(self, digest: str) -> tuple[str, str] | None:
        """Customer and address."""
