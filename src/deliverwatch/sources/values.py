"""Single values of foreign records, in their normal form, or a ValueError that says what was expected.

Sending platforms write the same thing in many ways: a number as text, a time as seconds or as ISO 8601 (both in one
vendor's documents), an address with a port. Values repeat from record to record, so what they mean is remembered; none
that is longer than it can be, so that memory stays bounded whatever comes.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar

from deliverwatch.core.masking import MASK, without_people
from deliverwatch.core.visible import visible

MOST_REPLY = 4096
"""Characters of a reply that are read; longer ones exist only to harm."""
_MOST_DOMAIN = 253  # octets, of one that is not ASCII too (RFC 6531 §3.3); it is part of keys in the database
_MOST_HOST = 400  # a domain with an address behind it
_MOST_ADDRESS = 100
_MOST_NAME = 120
_MOST_TIME = 64
_REMEMBERED = 1 << 14
_IN_NO_DOMAIN = re.compile(r"[\s!-,/:-@\[-^`{-~\uff20\ufe6b]")
"""All signs of ASCII but dot, hyphen and underscore, and what looks like "@": there a person's name may stand before
one, however the "@" is written (percent-encoded, as an entity, with an equals sign)."""
_LOCAL_PART = re.compile(r'(?:"[^"]*"|[^\s<>"@,;:]+)@+')
_NOBODYS = re.compile(r"[0-9A-Fa-fTZ:.+\-/ \[\]]{0,60}")  # what times and IP addresses are made of
_EARLIEST, _LATEST = 946_684_800, 4_102_444_800  # 2000 to 2100: anything else is a mistake of unit


Meaning = TypeVar("Meaning")


class Remembered(dict[str, Meaning], Generic[Meaning]):
    """What texts mean, looked up by the text: readers of a million records do without a call where one came before. All
    are forgotten when they are too many; a text of more than `longest` characters is not remembered."""

    def __init__(self, meaning_of: Callable[[str], Meaning], longest: int) -> None:
        super().__init__()
        self._meaning_of = meaning_of
        self._longest = longest

    def __missing__(self, text: str) -> Meaning:
        meaning = self._meaning_of(text)
        if len(text) <= self._longest:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[text] = meaning
        return meaning


def address(text: str) -> str:
    """An IP address, with or without brackets and port."""
    return ADDRESSES[text]


def _address(text: str) -> str:
    whole = text[:_MOST_ADDRESS].strip()
    bare = whole
    if whole.startswith("["):
        bare = whole[1:].partition("]")[0].removeprefix("IPv6:")
    elif whole.count(":") == 1:
        bare = whole.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        raise ValueError(f"expected an IP address, found {_found(whole)}") from None


def addresses(named: Mapping[str, str]) -> dict[str, str]:
    """Sending IPs by the name of an instance, host, pool or binding, as the settings have them."""
    return {each: address(ip) for each, ip in named.items()}


def domain(text: str) -> str | None:
    """A domain in lower case; None for what is none."""
    return DOMAINS[text]


def _domain(text: str) -> str | None:
    if len(text) > _MOST_HOST:
        return None
    name = text.strip().rstrip(".").lower()
    if not name or _IN_NO_DOMAIN.search(name) or not name.isprintable():
        return None
    return name if len(name.encode()) <= _MOST_DOMAIN else None


def domain_of(mailbox: str) -> str | None:
    """The domain of a mail address; the rest of it goes no further."""
    _, sign, name = mailbox.rpartition("@")
    return DOMAINS[name.rstrip("> \t")] if sign else None


def host(text: str) -> str | None:
    """The name of a receiver's host: "mx.example (192.0.2.1)", "dns;mx.example", "mx.example.[192.0.2.1]:25"; None for
    a bare address, which names nobody."""
    return HOSTS[text]


def _host(text: str) -> str | None:
    if len(text) > _MOST_HOST:
        return None
    bare = text.strip().removeprefix("dns;").partition(" ")[0].partition("[")[0].partition("(")[0]
    name = domain(bare)
    return None if name is None or name.replace(".", "").isdigit() else name


@lru_cache(_REMEMBERED)
def at_seconds(value: str | int | float) -> datetime:
    """Seconds since 1970, as a number or as text."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        seconds = -1.0
    if not _EARLIEST <= seconds <= _LATEST:
        raise ValueError(f"expected seconds since 1970, found {_found(str(value))}")
    return datetime.fromtimestamp(seconds, UTC)


@lru_cache(_REMEMBERED)
def at_iso(text: str, zone: tzinfo | None = UTC) -> datetime:
    """ISO 8601. `zone`: of a time without one."""
    try:
        at = datetime.fromisoformat(text.strip())
        at = at.replace(tzinfo=zone) if at.tzinfo is None else at
        seconds = at.timestamp()
    except (ValueError, OverflowError):
        seconds = -1.0
    if not _EARLIEST <= seconds <= _LATEST:
        raise ValueError(f"expected a time such as 2026-11-26T10:00:00Z, found {_found(text)}")
    return at.astimezone(UTC)


def moment(text: str, zone: tzinfo | None = UTC) -> datetime:
    """A time in either way of writing it. `zone`: of a time without one."""
    short = text[:_MOST_TIME]
    return at_seconds(short) if "-" not in short and short[:1].isdigit() else at_iso(short, zone)


def moments(zone: tzinfo | None = UTC) -> Remembered[datetime]:
    """`moment` of texts, for one zone."""
    return Remembered(partial(moment, zone=zone), _MOST_TIME)


def reply(text: str) -> str | None:
    """What a receiver said, no longer than is read; None for nothing."""
    return text[:MOST_REPLY].strip() or None


def name(value: Any) -> str | None:
    """A name somebody gave (pool, campaign), one visible line; None for nothing. A mail address in it loses its local
    part: some name a mailing after the person it goes to."""
    if value is None or value == "":
        return None
    return NAMES[value if type(value) is str else str(value)]


def _named(text: str) -> str | None:
    shown = visible(text[: 4 * _MOST_NAME], 4 * _MOST_NAME)
    return visible(without_people(_LOCAL_PART.sub(f"{MASK}@", shown)), _MOST_NAME).strip() or None


MOMENTS = moments()
ADDRESSES = Remembered(_address, _MOST_ADDRESS)
DOMAINS = Remembered(_domain, _MOST_HOST)
HOSTS = Remembered(_host, _MOST_HOST)
NAMES = Remembered(_named, 4 * _MOST_NAME)
"""As `moment`, `address`, `domain`, `host` and `name` have them."""


def _found(text: str) -> str:
    """For a sentence about it: shown only where it cannot be somebody's name or address."""
    return repr(text) if _NOBODYS.fullmatch(text) else "other text"
