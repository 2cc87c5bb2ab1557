"""The chain of the audit trail: each line carries a digest of itself and of the line before.

So a line that was changed, taken out or put in between is found, unless all lines after it were written anew as well;
whoever notes a number and its digest elsewhere finds that too, and that the newest ones are gone.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

_MOST_TEXT = 500

BEFORE_ALL = "0" * 64
"""What stands for the digest of the line before the first."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, or tried: `action` ("draft.submit", "account.add", "sign-in.refused"), `object` (an id),
    `facts`: JSON values, no secrets. `token`: its id. `request`: the id of the HTTP request, or "cli"."""

    at: datetime
    by: str
    action: str
    object: str
    facts: Mapping[str, Any]
    token: str | None = None
    request: str = ""


def cut(deed: Deed) -> Deed:
    """With no more of each text than its beginning: what somebody typed is kept for ever, before anybody looks at it.
    What is cut off leaves "…"."""
    return replace(deed, object=_beginning(deed.object), facts=_cut(deed.facts))


def _cut(value: Any) -> Any:
    match value:
        case str():
            return _beginning(value)
        case Mapping():
            return {_beginning(name): _cut(each) for name, each in value.items()}
        case list() | tuple():
            return [_cut(each) for each in value]
        case _:
            return value


def _beginning(text: str) -> str:
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 1] + "…"


@dataclass(frozen=True, slots=True)
class AuditLine:
    """`number` counts from 1 without gaps; `digest` covers the deed and `before`, the digest of the line before."""

    number: int
    deed: Deed
    before: str
    digest: str


def line_after(last: AuditLine | None, deed: Deed) -> AuditLine:
    number, before = (last.number + 1, last.digest) if last is not None else (1, BEFORE_ALL)
    return AuditLine(number, deed, before, _digest(number, deed, before))


def first_unfit(last: AuditLine | None, lines: Iterable[AuditLine]) -> AuditLine | None:
    """Of lines that follow one that was found fit; None at the beginning of the trail."""
    for line in lines:
        if line != line_after(last, line.deed):
            return line
        last = line
    return None


def canonical(facts: Mapping[str, Any]) -> str:
    """The same facts are the same text, in ASCII, on every database."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(number: int, deed: Deed, before: str) -> str:
    parts = (
        *(number, deed.at.astimezone(UTC).isoformat(timespec="microseconds"), deed.by, deed.action, deed.object),
        *(canonical(deed.facts), deed.token, deed.request, before),
    )
    return sha256(json.dumps(parts).encode()).hexdigest()
