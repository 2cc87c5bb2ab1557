"""One function per kind of value: what TOML gives, checked, or a ValueError with a sentence for each thing wrong."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from deliverwatch.core.errors import unknown_name
from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.mailbox import parse_mailbox
from deliverwatch.core.service_hours import Hours, HoursChange

T = TypeVar("T")

_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")
_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_SIZE = re.compile(r"([0-9]{1,9}) ?(KiB|MiB)")
_SIZES = {"KiB": 1 << 10, "MiB": 1 << 20}
_LARGEST = 1 << 30
_ENDPOINT = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\[\]:]+))(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_AUTHOR = re.compile(r"[^<>@,;]*<(?P<address>[^<>\s]+)>|(?P<alone>[^<>\s]+)")
_LIST_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HOURS = re.compile(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})")
_DNS_PORT = 53


class DayKind(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"expected text in quotes, found {described(value)}")
    if not value.isprintable():
        raise ValueError("holds control characters or line breaks: expected one line of text")
    return value.strip()


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, found {described(value)}")
    return value


def port(value: Any) -> int:
    if type(value) is not int or not 0 < value < 65536:
        raise ValueError(f"expected a port from 1 to 65535, found {described(value)}")
    return value


def duration(value: Any) -> timedelta:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError(f'expected a duration such as "500ms", "30s", "5m", "1h" or "1d", found {described(value)}')
    try:
        return int(match[1]) * _UNITS[match[2]]
    except OverflowError:
        raise ValueError(f"{value!r} is longer than anybody will wait") from None


def size(value: Any) -> int:
    """Bytes, as a number or with a unit."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    number = int(match[1]) * _SIZES[match[2]] if match is not None else value
    if type(number) is not int or not 0 < number <= _LARGEST:
        raise ValueError(f'expected a size such as "32MiB", or a number of bytes up to 1 GiB, found {described(value)}')
    return number


def several(one: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    def read(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise ValueError(f"expected a list in [ ], found {described(value)}")
        return tuple(dict.fromkeys(each(one, value)))

    return read


def each(one: Callable[[Any], T], values: Iterable[Any]) -> list[T]:
    """All of them, or ValueError with the sentences about all that are wrong."""
    good: list[T] = []
    wrong: list[str] = []
    for value in values:
        try:
            good.append(one(value))
        except ValueError as error:
            wrong += error.args
    if wrong:
        raise ValueError(*wrong)
    return good


def secret(value: Any) -> SecretStr:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("expected one line of text (the value is not shown)")
    return SecretStr(value)


def account_key(value: Any) -> SecretStr:
    """A key becomes a label of a query name: anything else would ask for another name (RFC 1035 §2.3.1)."""
    if not isinstance(value, str) or not _LABEL.fullmatch(value):
        raise ValueError("expected a key of letters, digits and hyphens, at most 63 (the value is not shown)")
    return SecretStr(value)


def store_url(value: Any) -> SecretStr:
    if not isinstance(value, str):
        raise ValueError("expected sqlite:///FILE or postgresql+psycopg://... in quotes")
    if value.startswith(("postgresql://", "postgres://")):
        raise ValueError("expected postgresql+psycopg://... (the driver is a part of the address)")
    if not value.startswith("postgresql+psycopg://") and not re.match(r"sqlite:///.", value):
        raise ValueError("expected sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE")
    return SecretStr(value)


def without_password(url: str) -> str:
    return re.sub(r"(?i)(password=)[^&]*", r"\1***", re.sub(r"(://[^:/@]*):.*@", r"\1:***@", url))


def list_id(value: Any) -> str:
    if not isinstance(value, str) or not _LIST_ID.fullmatch(value):
        raise ValueError(f"expected the id of a list, such as spamcop-scbl, found {described(value)}")
    return value


def mailbox(value: Any) -> str:
    return parse_mailbox(text(value))


def author(value: Any) -> str:
    """ "Name <name@domain>" or an address alone."""
    whole = text(value)
    match = _AUTHOR.fullmatch(whole)
    if match is None:
        raise ValueError(f"{whole!r} is not an author: expected Name <name@domain>, or name@domain")
    parse_mailbox(match["address"] or match["alone"])
    return whole


def host(value: Any) -> str:
    name = text(value)
    try:
        return str(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        if _HOST.fullmatch(name):
            return name
    raise ValueError(f"{name!r} is not a host: expected a name or an address, without the port")


def resolver(value: Any) -> str:
    return _endpoint(text(value), _DNS_PORT, "a resolver")


def listen(value: Any) -> str:
    whole = text(value)
    if whole.startswith("localhost:"):
        whole = whole.replace("localhost", "127.0.0.1", 1)
    return _endpoint(whole, None, "an address to listen on")


def _endpoint(whole: str, usual_port: int | None, what: str) -> str:
    expected = "an IP address, or address:port" if usual_port else "address:port"
    match = _ENDPOINT.fullmatch(whole)
    name = (match["v6"] or match["host"]) if match else whole
    number = int(match["port"]) if match and match["port"] else usual_port
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        raise ValueError(f"{whole!r} is not {what}: expected {expected}, IPv6 as [address]:port") from None
    if number is None or not 0 < number < 65536 or "%" in name:
        raise ValueError(f"{whole!r} is not {what}: expected {expected}, with a port from 1 to 65535")
    return f"{address}:{number}" if address.version == 4 else f"[{address}]:{number}"


def web_address(value: Any) -> str:
    whole = text(value)
    parts = urlsplit(whole)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{whole!r} is not a web address: expected https://host")
    return whole.rstrip("/")


def webhook(value: Any) -> SecretStr:
    """Its path or query is often all that keeps strangers out, so it is a secret as a whole. What is sent names
    customers: it travels encrypted, or not at all."""
    if isinstance(value, str) and is_private(value):
        return SecretStr(value)
    raise ValueError("expected https://..., or http:// to an address of this machine (the value is not shown)")


def is_private(url: str) -> bool:
    """Whether what is sent there cannot be read on the way: it is encrypted, or does not leave this machine."""
    if not (url.isascii() and url.isprintable()) or " " in url or (parts := split_url(url)) is None:
        return False
    encrypted = parts.scheme == "https" and parts.hostname
    on_this_machine = parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname)
    return bool(encrypted or on_this_machine)


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def network(value: Any) -> Network:
    try:
        return ipaddress.ip_network(text(value))
    except ValueError:
        raise ValueError(f"expected a network such as 192.0.2.0/24, found {described(value)}") from None


def split_url(url: str) -> SplitResult | None:
    """None: it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read here, since only reading it finds it wrong
    except ValueError:
        return None
    return parts


def _is_loopback(name: str) -> bool:
    """Of a name nobody knows: another machine may answer to it."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def folder(value: Any) -> Path:
    return Path(text(value))


def changes(value: Any) -> tuple[HoursChange, ...]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError("expected tables, each begun with [[calendar.changes]]")
    return tuple(each(_numbered, enumerate(value, start=1)))


def _numbered(numbered: tuple[int, Mapping[str, Any]]) -> HoursChange:
    number, change = numbered
    try:
        return _change(change)
    except ValueError as error:
        raise ValueError(f"change {number}: {error}") from None


def _change(change: Mapping[str, Any]) -> HoursChange:
    known = ("zone", "from", "until", "hours", "day")
    for key in change:
        if key not in known:
            raise ValueError(unknown_name("key", key, known))
    for key in ("zone", "from"):
        if key not in change:
            raise ValueError(f"the key {key!r} is missing")
    if "hours" not in change and "day" not in change:
        raise ValueError('changes nothing: expected hours = "09:00-13:00", or day = "open" or "closed"')
    if change.get("day") == DayKind.CLOSED and "until" not in change:
        raise ValueError("closes the service for ever: give it a last day with until")
    from_on, until_on = _day(change["from"]), _day(change["until"]) if "until" in change else None
    if until_on is not None and until_on < from_on:
        raise ValueError(f"is from {from_on} until {until_on}: the last day is before the first")
    return HoursChange(
        zone=word(ServiceZone, change["zone"]),
        from_on=from_on,
        until_on=until_on,
        hours=_hours(change["hours"]) if "hours" in change else None,
        open=word(DayKind, change["day"]) is DayKind.OPEN if "day" in change else None,
    )


_Word = TypeVar("_Word", bound=StrEnum)


def word(kind: type[_Word], value: Any) -> _Word:
    if isinstance(value, str) and value in set(kind):
        return kind(value)
    raise ValueError(unknown_name("word", str(value), kind))


def _day(value: Any) -> date:
    """A date as TOML has it, without quotes, or with."""
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"expected a day such as 2026-12-24, found {described(value)}") from None


def _hours(value: Any) -> Hours:
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    try:
        hours = Hours(time.fromisoformat(match[1]), time.fromisoformat(match[2])) if match else None
    except ValueError:
        hours = None
    if hours is None or hours.opens >= hours.closes:
        raise ValueError(f'expected hours such as "09:00-17:00", found {described(value)}')
    return hours


def described(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {value[:80]!r}"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return f"{value}"
