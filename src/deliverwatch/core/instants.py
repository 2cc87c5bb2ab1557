"""A moment as people read it, and as programs do."""

from datetime import UTC, datetime


def instant(at: datetime) -> str:
    """To the minute, with its zone: letters cross many."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def rfc3339(at: datetime) -> str:
    """For programs: "2026-11-18T12:00:00Z"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
