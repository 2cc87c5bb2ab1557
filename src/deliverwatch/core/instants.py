"""A moment as people read it."""

from datetime import UTC, datetime


def instant(at: datetime) -> str:
    """To the minute, with its zone: letters cross many."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
