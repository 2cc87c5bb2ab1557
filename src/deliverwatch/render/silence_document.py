"""A silence as a JSON document."""

from typing import Any

from deliverwatch.core.silences import Silence
from deliverwatch.render.json_times import instant


def silence_document(silence: Silence) -> dict[str, Any]:
    return {
        "id": silence.id,
        "begins_at": instant(silence.begins_at),
        "until_at": instant(silence.until_at),
        "ended_at": instant(silence.ended_at),
        "by": silence.by,
        "reason": silence.reason,
        "customer": silence.customer,
        "subject": silence.subject,
        "place": silence.place,
        "kind": silence.family,
    }
