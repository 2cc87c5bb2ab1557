"""Values of a JSON record by their key, of whatever type the platform sends that day.

One vendor's documents hold the same field as text, number and boolean. A value that is absent, null or empty is None;
one of a kind that cannot be meant is None for a name, and a ValueError with the field's name for what is counted by.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from deliverwatch.flows.source_ports import ReaderOptions
from deliverwatch.sources import values

Record = Mapping[str, Any]
_MOST_ID = 128
_MOST_DOMAIN = 255
_MOST_MAILBOX = 1024
_MOST_COUNT = 1 << 53
_DIAGNOSTIC_TYPE = re.compile(r"\A(?:smtp|x-[a-z-]{1,20});\s*", re.IGNORECASE)
_CODE = re.compile(r"[245][0-9]{2}")


def mapping(record: Any, key: str) -> Record:
    """The object below `key`, an empty one if it is not there."""
    value = record.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{key}: expected an object")
    return value


def text(record: Record, key: str) -> str | None:
    value = record.get(key)
    if type(value) is str:
        return value or None
    if type(value) is int:
        return str(value)
    return None


def kind(record: Any, key: str) -> str:
    """The text that says what a record is."""
    value = record.get(key) if isinstance(record, dict) else None
    if type(value) is not str or not value:
        raise ValueError(f"expected an object with {key!r}")
    return value


def name(record: Record, key: str) -> str | None:
    """A name somebody gave: one visible line."""
    value = text(record, key)
    return None if value is None else values.name(value)


def address(record: Record, key: str) -> str | None:
    value = record.get(key)
    if value is None or value == "":
        return None
    if type(value) is not str:
        raise ValueError(f"{key}: expected an IP address")
    try:
        return values.address(value)
    except ValueError as problem:
        raise ValueError(f"{key}: {problem}") from None


def sending_ip(found: str | None, options: ReaderOptions, *names: str | None) -> str | None:
    """Our sending IP: as the record has it, else by what the operator says of a pool or server, else of the file."""
    if found is not None:
        return found
    said = next((options.instances[each] for each in names if each and each in options.instances), options.ip)
    return None if said is None else values.address(said)


def domain(record: Record, key: str) -> str | None:
    value = record.get(key)
    return values.DOMAINS[value] if type(value) is str and len(value) <= _MOST_DOMAIN else None


def domain_of(record: Record, key: str) -> str | None:
    """The domain of a mail address; the rest goes no further."""
    return mailbox_domain(record.get(key))


def mailbox_domain(mailbox: Any) -> str | None:
    return values.domain_of(mailbox) if type(mailbox) is str and len(mailbox) <= _MOST_MAILBOX else None


def host(record: Record, key: str) -> str | None:
    value = record.get(key)
    return values.host(value) if type(value) is str and len(value) <= _MOST_DOMAIN else None


def reply(record: Record, *keys: str) -> str | None:
    """The first of the texts that is there."""
    return next((found for key in keys if type(said := record.get(key)) is str and (found := values.reply(said))), None)


def diagnostic(record: Record, key: str) -> str | None:
    """A Diagnostic-Code (RFC 3464 §2.3.6) without its type: "smtp; 550 ..."."""
    words = reply(record, key)
    return words and (_DIAGNOSTIC_TYPE.sub("", words) or None)


def with_code(words: str | None, code: str | None) -> str | None:
    """A reply as it was said, where its code is kept apart: "550", "5.1.1 Unknown" -> "550 5.1.1 Unknown"."""
    if words is None or code is None or not _CODE.fullmatch(code) or words.startswith(code):
        return words
    return f"{code} {words}"[: values.MOST_REPLY]


def at(record: Record, key: str) -> datetime:
    """A time as seconds, as text of seconds, or as ISO 8601."""
    return moment(record.get(key), key)


def moment(value: Any, key: str) -> datetime:
    try:
        if type(value) is str:
            return values.MOMENTS[value]
        if type(value) is int or type(value) is float:
            return values.at_seconds(value)
    except ValueError as problem:
        raise ValueError(f"{key}: {problem}") from None
    raise ValueError(f"{key}: expected a time")


def count(record: Record, key: str) -> int | None:
    """How many; None where it is not told. Numbers come as text too."""
    value = record.get(key)
    if value is None or value == "":
        return None
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= 16:
        value = int(value)
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value <= _MOST_COUNT:
        raise ValueError(f"{key}: expected a count")
    return value


def again(record: Record, key: str, first: int) -> bool | None:
    """Whether an earlier attempt was made, by a number that is `first` at the first one."""
    value = record.get(key)
    if type(value) is str and value.isdecimal() and len(value) <= 9:
        value = int(value)
    return value > first if type(value) is int else None


def event_id(*parts: str | None) -> str | None:
    """The parts of an id as one; None when one is missing. A long one is kept as its digest."""
    whole = parts[0] if len(parts) == 1 else None if None in parts else ":".join(part or "" for part in parts)
    return whole if whole is None or len(whole) <= _MOST_ID else digest_of(whole)


def digest_of(*parts: str | None) -> str | None:
    """An id made of what must not be kept."""
    if None in parts:
        return None
    return blake2b("\0".join(part or "" for part in parts).encode(errors="replace"), digest_size=16).hexdigest()
