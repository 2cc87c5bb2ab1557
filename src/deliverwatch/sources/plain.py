"""The plain form for everybody else: what a record of `csv` or `json` holds, by the names of its fields.

A record with `at` and `outcome` is an event; one with `period_start` and `period_hours` holds counts over a period.
docs/sources.md ("Plain CSV and JSON") describes the fields. Values are texts (CSV) or as JSON has them. What is empty,
null or left out is not known, and for counts "not measured". It is a form of our own, so that a name nobody knows and
a value that does not fit are said, not passed over.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Item, Measure, Speaker
from deliverwatch.flows.source_ports import ReaderOptions
from deliverwatch.sources import values

Record = Mapping[str, Any]

_MOST_ID = 200
_MOST_HOURS = 24 * 31
_MOST_DIGITS = 12
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_COUNTS = ("attempted", "delivered", "deferred", "bounced", "complaints")
_EVENT = frozenset(
    {
        *("at", "outcome", "ip", "recipient", "recipient_domain", "host", "provider", "domain", "dkim_domain"),
        *("link_domain", "pool", "campaign", "subaccount", "retry", "speaker", "reply", "expired", "event_id"),
    }
)
_MEASURE = frozenset(
    {
        *("period_start", "period_hours", "ip", "domain", "provider", "pool", "campaign", "subaccount", "as_of"),
        *_COUNTS,
    }
)
FIELDS = _EVENT | _MEASURE


def item(record: Record, options: ReaderOptions) -> Item:
    """Raises ValueError, in words for `Rejection.why`."""
    given = {name: value for name, value in record.items() if value is not None and str(value).strip()}
    if "period_start" in given:
        _check_names(given, _MEASURE, "a record with period_start")
        return _measure(given, options)
    _check_names(given, _EVENT, "a record of an event")
    return _event(given, options)


def unknown(names: list[str]) -> str | None:
    """The sentence about names that are no fields."""
    strange = sorted(set(names) - FIELDS)
    if not strange:
        return None
    shown = ", ".join(values.name(name) or "an empty one" for name in strange[:5])
    return f"unknown field {shown}: its values are passed over"


def _check_names(given: Record, fields: frozenset[str], what: str) -> None:
    wrong = sorted((given.keys() & FIELDS) - fields)
    if wrong:
        raise ValueError(f"{wrong[0]} does not belong to {what}")


def _event(given: Record, options: ReaderOptions) -> Item:
    return DeliveryEvent(
        _moment(given, "at", options),
        _one_of(given, "outcome", DeliveryOutcome),
        _ip(given, options),
        _domain(given, "recipient_domain") or _recipient_domain(given),
        _domain(given, "host"),
        _name(given, "provider"),
        _domain(given, "domain"),
        _domain(given, "dkim_domain"),
        _domain(given, "link_domain"),
        _name(given, "pool"),
        _name(given, "campaign"),
        _name(given, "subaccount"),
        _flag(given, "retry"),
        _one_of(given, "speaker", Speaker) if "speaker" in given else Speaker.RECEIVER,
        values.reply(_text(given, "reply")) if "reply" in given else None,
        _flag(given, "expired") or False,
        _event_id(given),
    )


def _measure(given: Record, options: ReaderOptions) -> Item:
    counts = {name: _count(given, name) for name in _COUNTS}
    if all(count is None for count in counts.values()):
        raise ValueError(f"expected at least one of {', '.join(_COUNTS)}")
    return Measure(
        _moment(given, "period_start", options),
        timedelta(hours=_hours(given)),
        _ip(given, options),
        _domain(given, "domain"),
        _name(given, "provider"),
        _name(given, "pool"),
        _name(given, "campaign"),
        _name(given, "subaccount"),
        **counts,
        as_of=_moment(given, "as_of", options) if "as_of" in given else None,
    )


def _text(given: Record, field: str) -> str:
    value = given[field]
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"{field}: expected text")


def _moment(given: Record, field: str, options: ReaderOptions) -> datetime:
    if field not in given:
        raise ValueError(f"{field} is missing: expected a time such as 2026-11-26T10:00:00Z")
    text = _text(given, field)
    try:
        return values.moment(text, options.zone)
    except ValueError as error:
        raise ValueError(f"{field}: {error}") from None


def _one_of(given: Record, field: str, kind: Any) -> Any:
    expected = ", ".join(kind)
    if field not in given:
        raise ValueError(f"{field} is missing: expected one of {expected}")
    value = _text(given, field).lower()
    if value not in {str(each) for each in kind}:
        raise ValueError(f"{field}: expected one of {expected}")
    return kind(value)


def _ip(given: Record, options: ReaderOptions) -> str | None:
    if "ip" not in given:
        return options.instances.get(_text(given, "pool") if "pool" in given else "", options.ip)
    text = _text(given, "ip")
    try:
        return values.address(text)
    except ValueError as error:
        raise ValueError(f"ip: {error}") from None


def _domain(given: Record, field: str) -> str | None:
    if field not in given:
        return None
    found = values.domain(_text(given, field))
    if found is None:
        raise ValueError(f"{field}: expected a domain")
    return found


def _recipient_domain(given: Record) -> str | None:
    if "recipient" not in given:
        return None
    found = values.domain_of(_text(given, "recipient"))
    if found is None:
        raise ValueError("recipient: expected a mail address; only its domain is kept")
    return found


def _name(given: Record, field: str) -> str | None:
    return values.name(_text(given, field)) if field in given else None


def _flag(given: Record, field: str) -> bool | None:
    if field not in given:
        return None
    value = given[field]
    text = str(value).lower() if isinstance(value, bool | int | str) else ""
    if text not in _TRUE | _FALSE:
        raise ValueError(f"{field}: expected true or false")
    return text in _TRUE


def _count(given: Record, field: str) -> int | None:
    if field not in given:
        return None
    text = str(given[field]).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise ValueError(f"{field}: expected a whole number from 0 on")
    return int(text)


def _hours(given: Record) -> int:
    hours = _count(given, "period_hours")
    if hours is None or not 0 < hours <= _MOST_HOURS:
        raise ValueError(f"period_hours: expected 1 to {_MOST_HOURS}")
    return hours


def _event_id(given: Record) -> str | None:
    if "event_id" not in given:
        return None
    text = _text(given, "event_id")
    if len(text) > _MOST_ID:
        raise ValueError(f"event_id: expected at most {_MOST_ID} characters")
    return text
