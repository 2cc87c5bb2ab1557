"""What a help desk is told of a draft: each step, as one JSON document, in the order of the steps.

The message is made with the step and committed with it, so that what is told is what was done. Its id comes from the
draft and its version: however often a step is told, it is the same message.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from deliverwatch.core.alerting import Audience, Notification, notification_id
from deliverwatch.core.remediation.draft import Draft, DraftStep

CHANNEL = "webhook"

Document = Callable[[Draft, Sequence[DraftStep]], Mapping[str, Any]]


def webhook_notification(
    draft: Draft, step: DraftStep, host: str, now: datetime, document: Document
) -> tuple[Notification, bytes]:
    """`host`: what is shown of the help desk's address; the address itself, which may hold a password, stays in the
    settings. `document`: a draft as JSON values."""
    identity = notification_id("draft-step", draft.id, str(draft.version), CHANNEL)
    told = {
        "event": f"draft.{step.action}",
        "at": step.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "by": _whole(step.by),
        "note": _whole(step.note) if step.note else None,
        "draft": document(draft, ()),
    }
    customers = (draft.customer,) if draft.customer is not None else ()
    note = Notification(identity, identity, Audience.OPERATOR, CHANNEL, host, customers, now)
    return note, json.dumps(told).encode("ascii")


def _whole(text: str) -> str:
    """Half a character, which a command line lets through and JSON parsers refuse, is shown."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
