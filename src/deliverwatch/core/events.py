"""What happened: immutable facts worth telling, written with the state change that caused them.

`facts` holds only JSON values (strings, numbers, booleans, null, lists, maps), so that everything made from an event
(alert, draft, report) can be made again from the database. An event with `quiet` among them is kept and shown, and sent
to nobody: it belongs to another event that is, or to a list that only informs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from deliverwatch.core.subjects import Subject


class EventKind(StrEnum):
    LISTING_OPENED = "listing_opened"
    LISTING_CHANGED = "listing_changed"
    LISTING_CLOSED = "listing_closed"
    LISTING_HANDED_OVER = "listing_handed_over"
    LISTING_UNSTABLE = "listing_unstable"
    LISTING_SETTLED = "listing_settled"
    CODE_UNEXPLAINED = "code_unexplained"
    LIST_BLIND = "list_blind"
    LIST_FAILING = "list_failing"
    LIST_QUARANTINED = "list_quarantined"
    LIST_RECOVERED = "list_recovered"
    LIST_STALE = "list_stale"
    WATCHES_STALE = "watches_stale"
    RESOLVER_TROUBLE = "resolver_trouble"
    RESOLVER_WELL = "resolver_well"
    BLOCK_OPENED = "block_opened"
    BLOCK_CLOSED = "block_closed"
    THROTTLE_STARTED = "throttle_started"
    THROTTLE_ENDED = "throttle_ended"
    FINDING_OPENED = "finding_opened"
    FINDING_CLOSED = "finding_closed"
    WARNING_STARTED = "warning_started"
    WARNING_ENDED = "warning_ended"
    PLATFORM_DIFFERS = "platform_differs"
    SENDERS_UNWATCHED = "senders_unwatched"
    WARMUP_HELD = "warmup_held"
    WARMUP_READY = "warmup_ready"
    WARMUP_RELEASED = "warmup_released"
    WARMUP_STEPPED_BACK = "warmup_stepped_back"
    WARMUP_ENDED = "warmup_ended"
    WARMUP_NOTICE = "warmup_notice"
    WARMUP_UNPLANNED = "warmup_unplanned"
    STILL_LISTED = "still_listed"
    STILL_BLOCKED = "still_blocked"
    REPORT_WAITS = "report_waits"
    REPORT_CONTACT_LOST = "report_contact_lost"
    CHANNEL_FAILING = "channel_failing"
    CHANNEL_WELL = "channel_well"


class Ending(StrEnum):
    """Why a listing is over. DELISTED: the list says clear. VOID: the list lied, it never was. LIST_ENDED: we stopped
    watching the list, or it died. WITHDRAWN: the asset is no longer ours."""

    DELISTED = "delisted"
    VOID = "void"
    LIST_ENDED = "list_ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Event:
    """`key` is unique per event and derived from its cause, so that writing it twice writes it once.
    `list_id` is empty for what is no list's affair."""

    key: str
    kind: EventKind
    at: datetime
    list_id: str
    subject: Subject | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
