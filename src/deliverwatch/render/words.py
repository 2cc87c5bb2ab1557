"""How times, amounts and lines are written in what people read."""

import textwrap
from datetime import UTC, datetime, timedelta, tzinfo

from deliverwatch.render.tongue import day_and_time, number, say, say_n

_WIDTH = 72


def at(moment: datetime, zone: tzinfo = UTC) -> str:
    """ "Mon 16 Nov 2026 09:41 EST"."""
    return f"{day_and_time(moment, zone, with_year=True)} {moment.astimezone(zone):%Z}"


def lasting(length: timedelta) -> str:
    """In hours and minutes, cut, never rounded up: "5 h 59 min"."""
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    if not hours and not minutes:
        return say("less than 1 min") if length else say("{minutes} min", minutes=0)
    in_hours = say("{hours} h", hours=number(hours)) if hours else ""
    in_minutes = say("{minutes} min", minutes=minutes) if minutes else ""
    return " ".join(filter(None, (in_hours, in_minutes)))


def lasting_days(length: timedelta) -> str:
    return say_n("{n} day", "{n} days", length.days) if length >= timedelta(days=2) else lasting(length)


def counted(count: int, one: str, many: str | None = None) -> str:
    """For what is written in English alone; `tongue.say_n` is for the rest."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
