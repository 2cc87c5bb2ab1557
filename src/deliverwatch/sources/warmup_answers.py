"""Reading what a platform's API says of its own warm-ups, strictly.

All or nothing: an address that is missing here would look like a warm-up that is over. So one record that cannot be
read makes the whole answer a failure, and so does a page that does not come. The sentence about it names the field and
what was expected, and nothing that the platform wrote.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from deliverwatch.core.errors import SourceFailed
from deliverwatch.sources import json_values as value
from deliverwatch.sources.documents import parsed
from deliverwatch.sources.http import HttpApi
from deliverwatch.sources.json_values import Record

Params = Mapping[str, str]
_NO_TIME = "0001-01-01"  # the zero time of Go, in which some platforms are written: none


@contextmanager
def readable(who: str) -> Iterator[None]:
    """A ValueError of what is read within becomes a SourceFailed."""
    try:
        yield
    except ValueError as problem:
        raise SourceFailed(
            f"{who} answered about warm-ups with something that cannot be read: {problem}", permanent=False
        ) from None


async def pages(
    asked: HttpApi, path: str, first: Params, following: Callable[[Record], Params | None]
) -> AsyncIterator[Record]:
    """The documents of all pages. `following`: the question for the next one; None: it was the last."""
    params: Params | None = first
    before: list[Params] = []
    while params is not None:
        if params in before:
            raise SourceFailed(f"{asked.who} answers with the same page for ever", permanent=False)
        before.append(params)
        document = json_object(await asked.get(path, params))
        yield document
        params = following(document)


def json_object(body: bytes) -> Record:
    document = parsed(body)
    if not isinstance(document, dict):
        raise ValueError("expected an object")
    return document


def records(found: Any, what: str) -> list[Record]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError(f"{what}: expected a list of objects")
    return found


def address(record: Record, key: str) -> str:
    found = value.address(record, key)
    if found is None:
        raise ValueError(f"{key}: expected an IP address")
    return found


def stage(record: Record, *keys: str) -> int | None:
    """By the first of the keys that is there; stages count from 1."""
    found = next(((key, told) for key in keys if (told := value.count(record, key)) is not None), None)
    if found is None:
        return None
    if found[1] < 1:
        raise ValueError(f"{found[0]}: expected a stage, from 1 on")
    return found[1]


def utc_day(record: Record, key: str) -> date | None:
    """That of a time; None where none is told."""
    told = record.get(key)
    if told is None or (isinstance(told, str) and (not told or told.startswith(_NO_TIME))):
        return None
    return value.at(record, key).date()
