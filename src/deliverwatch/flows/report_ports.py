"""The store as the life of weekly reports sees it: what a person decided about one before it goes, and who may get it.

At the beginning of the preview window the TAM is told of a report and can look at it, add a note, hold it or skip it;
at its time it is made from what is known then, and goes out with the note. A contact whose mail came back, or who
unsubscribed, gets no more reports until a person says so, and is a task for the TAM until they have seen to it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from deliverwatch.core.alerting import Notification
from deliverwatch.core.events import Event
from deliverwatch.flows.ports import ReportRun


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
    """WELL: it was lost once, and a person restored it."""

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

    @property
    def is_lost(self) -> bool:
        return self.state is not ContactState.WELL


@dataclass(frozen=True, slots=True)
class Unarchived:
    """A report that is not in the archive yet. `content`: the message as it went to the first of its readers."""

    run: ReportRun
    content: bytes | None


class ReportStore(Protocol):
    async def reported(self, week: str) -> frozenset[str]:
        """The customers whose report of the week was made."""

    async def told_bulletins(self, customer: str) -> frozenset[str]:
        """Ids of the items that the customer's reports have told."""

    async def report_words(self, *, customer: str | None = None, week: str | None = None) -> list[ReportWord]:
        """Newest week first; at most one for a customer and week."""

    async def keep_report_word(
        self, word: ReportWord, events: Sequence[Event] = (), notifications: Sequence[Notification] = ()
    ) -> bool:
        """Replaces what was said before; False, and nothing written: the report was made."""

    async def contacts(self, *, customer: str | None = None) -> list[Contact]:
        """Those that anything happened to, newest first."""

    async def contact_lost(
        self, contact: Contact, known: Collection[str], event: Event, notifications: Sequence[Notification]
    ) -> bool | None:
        """With what tells the TAM, in one transaction. `known`: the addresses lost before, which the event takes into
        account. Nothing is written where it is lost already (False), nor where another was lost meanwhile (None)."""

    async def keep_contact(self, contact: Contact) -> None:
        """Restored, or seen to."""

    async def token_owner(self, digest: str) -> tuple[str, str] | None:
        """Customer and address of an unsubscribe token; it stands itself in the mail alone."""

    async def report(self, report_id: str) -> ReportRun | None: ...

    async def unarchived(self, limit: int) -> list[Unarchived]:
        """Oldest first."""

    async def archived(self, report_id: str, now: datetime) -> None: ...
