"""The settings of [reports]: how they look, when the TAM sees them first, and where they and their bounces go.

A colour is taken only if white can be read on it, a logo only if it is small enough to travel in each mail.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from deliverwatch.settings import values as read

DEFAULT_COLOUR = "#1f5f99"
LONGEST_PREVIEW = timedelta(hours=16)
_COLOUR = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)
_ENOUGH_CONTRAST = 4.5
"""For text of any size (WCAG 2.2, success criterion 1.4.3)."""
_LONGEST = {"brand": 40, "footer": 300}


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """`preview`: service time in which the TAM can look at a report before it goes; None: none. `from_`: None: the
    author of all other mail. `unsubscribe`: the mailbox that takes them; None: the TAM's. `bounces`: a maildir."""

    preview: timedelta | None
    archive: Path | None
    from_: str | None
    brand: str | None
    logo: Path | None
    colour: str
    footer: str | None
    private: bool
    unsubscribe: str | None
    bounces: Path | None

    @property
    def sender(self) -> str | None:
        """The bare address of `from_`, for the envelope."""
        return parseaddr(self.from_)[1] if self.from_ is not None else None


def preview(value: Any) -> timedelta | None:
    """In service time: with more than two days of it, the week shown would hardly have begun."""
    if value in ("0", 0) and value is not False:
        return None
    length = read.duration(value)
    if length > LONGEST_PREVIEW:
        raise ValueError(f"{value!r} of service time is too early to look at a week: expected at most 16h")
    return length


def colour(value: Any) -> str:
    match = _COLOUR.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'expected a colour such as "{DEFAULT_COLOUR}", found {read.described(value)}')
    contrast = contrast_with_white(*(int(part, 16) for part in match.groups()))
    if contrast < _ENOUGH_CONTRAST:
        raise ValueError(
            f"{value!r} has a contrast of {int(contrast * 10) / 10} to white and cannot be read: expected "
            f"{_ENOUGH_CONTRAST} or more, so a darker colour"
        )
    return str(value).lower()


def contrast_with_white(red: int, green: int, blue: int) -> float:
    """WCAG 2.2, "contrast ratio" and "relative luminance"."""
    luminance = 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)
    return 1.05 / (luminance + 0.05)


def _linear(channel: int) -> float:
    share = channel / 255
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


def brand(value: Any) -> str:
    return _short("brand", value)


def footer(value: Any) -> str:
    return _short("footer", value)


def _short(name: str, value: Any) -> str:
    words = read.text(value)
    if len(words) > _LONGEST[name]:
        raise ValueError(f"has {len(words)} characters: expected at most {_LONGEST[name]}")
    return words


def unsubscribe(value: Any) -> str:
    """A mailbox, as such or as a mailto: address."""
    return read.mailbox(value.removeprefix("mailto:") if isinstance(value, str) else value)
