"""What goes wrong at the API, as RFC 9457 problem documents, and how OpenAPI tells of it.

Mistakes of whoever asks are sentences: what was sent and does not fit is 422, with one entry in `errors` for each
place; what is asked for rightly, and not possible as things stand, is 409. Foreign text in them is made visible.
"""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from deliverwatch.core.errors import ConfigError, DraftChanged, FenceLost, NotPossible
from deliverwatch.core.visible import visible

MEDIA_TYPE = "application/problem+json"
_MOST_ERRORS = 1000
_ERROR = {
    "type": "object",
    "required": ["place", "problem"],
    "properties": {
        "place": {"type": "string", "examples": ["body.rows.3.name"]},
        "problem": {"type": "string", "examples": ["'192.0.2.300' is not an IP address, a range or a domain"]},
    },
}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "examples": ["Not Found"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {"type": "string", "examples": ["There is nothing here, or nothing that you may see."]},
        "errors": {"type": "array", "items": _ERROR},
    },
}
_EVERYWHERE = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


_SAID = {
    HTTPStatus.BAD_REQUEST: "There was an error parsing the body",
    HTTPStatus.UNAUTHORIZED: "expected Authorization: Bearer, with an API token that is not expired or revoked",
    HTTPStatus.FORBIDDEN: "You are signed in, and may not do this.",
    HTTPStatus.NOT_FOUND: "There is nothing here, or nothing that you may see.",
    HTTPStatus.CONFLICT: "draft d-b21846b9f269c is closed: only what has not been sent can be changed",
    HTTPStatus.PRECONDITION_FAILED: "Draft d-b21846b9f269c is not at that version any more: read it again.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than 4194304 bytes.",
    HTTPStatus.TOO_MANY_REQUESTS: "So many streams are open already: 10 of one token at most, and 200 of all.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database does not answer: try again soon.",
}
"""Examples of what is said."""


class Faulty(Exception):
    """What was sent does not fit: (place, problem), one or more."""

    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{place}: {what}" for place, what in errors))
        self.errors = errors


UNDERSTOOD = (RequestValidationError, ConfigError, NotPossible, FenceLost, Faulty)
"""What `problem_of` answers."""


def problem_of(error: Exception, *, matched: bool = False) -> Response:
    """`matched`: the request said which version it was made to."""
    match error:
        case RequestValidationError():
            return _faults((".".join(map(str, each["loc"])), str(each["msg"])) for each in error.errors())
        case ConfigError():
            return _faults((fault.place, fault.problem) for fault in error.faults)
        case Faulty():
            return _faults(error.errors)
        case DraftChanged() if matched:
            return problem(HTTPStatus.PRECONDITION_FAILED, str(error))
        case _:
            return problem(HTTPStatus.CONFLICT, str(error))


def problem(
    status: HTTPStatus,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] | None = None,
) -> Response:
    said = "\n".join(visible(line, 2000) for line in detail.split("\n"))
    return JSONResponse(_document(status, said, errors), status, headers, media_type=MEDIA_TYPE)


def _faults(errors: Iterable[tuple[str, str]]) -> Response:
    told = [{"place": visible(place, 200), "problem": visible(what, 1000)} for place, what in errors]
    detail = f"{len(told)} things do not fit" if len(told) != 1 else f"{told[0]['place']}: {told[0]['problem']}"
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=told[:_MOST_ERRORS])


def documented(more: Iterable[HTTPStatus] = ()) -> dict[int | str, dict[str, Any]]:
    """For an operation's `responses`."""
    return {
        int(status): {
            "description": status.phrase,
            "content": {MEDIA_TYPE: {"schema": _SCHEMA, "example": _example(status)}},
        }
        for status in (*_EVERYWHERE, *more)
    }


def _example(status: HTTPStatus) -> dict[str, Any]:
    if status is HTTPStatus.UNPROCESSABLE_ENTITY:
        wrong = {"place": "query.limit", "problem": "Input should be less than or equal to 500"}
        return _document(status, f"{wrong['place']}: {wrong['problem']}", [wrong])
    return _document(status, _SAID[status])


def _document(status: HTTPStatus, detail: str, errors: Sequence[Mapping[str, str]] | None = None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    if errors is not None:
        document["errors"] = list(errors)
    return document
