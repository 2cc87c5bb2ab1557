"""How times, amounts and lines are written in what people read."""

import textwrap
from datetime import UTC, datetime, timedelta, tzinfo

_WIDTH = 72


def at(moment: datetime, zone: tzinfo = UTC) -> str:
    """ "Mon 16 Nov 2026 09:41 EST"."""
    return f"{moment.astimezone(zone):%a %d %b %Y %H:%M %Z}"


def lasting(length: timedelta) -> str:
    """In hours and minutes, cut, never rounded up: "5 h 59 min"."""
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    if not hours and not minutes:
        return "less than 1 min" if length else "0 min"
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def lasting_days(length: timedelta) -> str:
    return f"{length.days} days" if length >= timedelta(days=2) else lasting(length)


def percent(ratio: float) -> str:
    """Cut to one decimal, so that 100% means all of it: "99.9%"."""
    tenths = int(ratio * 1000)
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths / 10:.1f}%"


def counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: list[str]) -> str:
    """ "A, B and C"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
