"""Lists in pages: `limit`, an opaque `cursor`, and where the next page is, in the body and in a `Link` header.

A cursor is a place in the list, not a count: what comes meanwhile moves nothing, and no row is lost or told twice.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query, Request

from deliverwatch.flows.desk_ports import Place
from deliverwatch.web.api.problems import Faulty

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")]
_MOST_NUMBER = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next`: the cursor of the next page; None: this is the last."""

    items: Sequence[T]
    next: str | None


def link_to(request: Request, cursor: str) -> str:
    """RFC 8288, relative to where it was asked."""
    return f'<?{request.url.include_query_params(cursor=cursor).query}>; rel="next"'


def cut(rows: Sequence[T], limit: int, place: Callable[[T], Any]) -> Page[T]:
    """`rows`: one more than the page has room for, if there are more."""
    shown = rows[:limit]
    return Page(shown, _write(place(shown[-1])) if len(rows) > limit else None)


def page_of(rows: Sequence[T], cursor: str | None, limit: int, key: Callable[[T], str]) -> Page[T]:
    """Of a list that is had as a whole, in the order of a unique key."""
    after = text_place(cursor)
    ordered = sorted(rows, key=key)
    rest = ordered if after is None else [each for each in ordered if key(each) > after]
    return cut(rest[: limit + 1], limit, key)


def by_time(at: datetime, key: str) -> list[str]:
    return [at.astimezone(UTC).isoformat(), key]


def time_place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    match _read(cursor):
        case [str(at), str(key)] if "\0" not in key:
            return _instant(at), key
    raise _unknown()


def number_place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    number = _read(cursor)
    if type(number) is not int or not 0 <= number <= _MOST_NUMBER:
        raise _unknown()
    return number


def text_place(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    text = _read(cursor)
    if not isinstance(text, str):
        raise _unknown()
    return text


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _unknown() from None
    if at.tzinfo is None or not 1900 < at.year < 3000:
        raise _unknown()
    return at.astimezone(UTC)


def _write(place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read(cursor: str) -> Any:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
        json.dumps(found, ensure_ascii=False).encode()  # half a character is no text, and a database refuses it
    except (ValueError, binascii.Error, RecursionError):
        raise _unknown() from None
    return found


def _unknown() -> Faulty:
    return Faulty(("query.cursor", "is none of ours: expected `next` of a page before, as it was"))
