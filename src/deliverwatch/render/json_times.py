"""Times in JSON documents: RFC 3339 in UTC with Z, to the second, wherever a document is printed or answered."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_TIMES = frozenset({"since", "until", "accepted_since", "made_at"})


def instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as they were kept, their times written as everywhere."""
    return {
        name: instant(datetime.fromisoformat(value)) if name in _TIMES and isinstance(value, str) else value
        for name, value in facts.items()
    }
