"""What a form sent: by name, as text, or a sentence about what is wrong with it.

Forms come as `application/x-www-form-urlencoded`, which every browser sends without being asked. A body is cut off as
soon as it is too large. Browsers write line ends as CRLF (WHATWG HTML, "constructing the entry list"); here they are LF
again. NUL is no text, and a database refuses it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.exceptions import HTTPException

from deliverwatch.render.tongue import marked, say

_MOST_BYTES = 1_000_000
_MOST_FIELDS = 500
_MOST_LINE = 500
_TOO_LARGE = marked("The form is larger than is taken here.")
_NO_FORM = marked("This is no form as browsers send it.")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a form: `form` which of the page, `field` of it (empty: none), `why` a sentence. `status`: of
    the answer."""

    form: str
    field: str
    why: str
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY


async def posted(request: Request) -> Mapping[str, str]:
    """Raises HTTPException for what is no form; of a name that comes twice the last counts."""
    body = await _body(request)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, say(_NO_FORM)) from None
    return {name: _text(value) for name, value in pairs}


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, say(_TOO_LARGE))
    return bytes(body)


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


def line(form: str, told: Mapping[str, str], field: str, empty: str) -> str | Wrong:
    """One line of text that must be there. `empty`: what to say when it is not."""
    text = " ".join(told.get(field, "").split())
    if not text:
        return Wrong(form, field, empty)
    if len(text) > _MOST_LINE:
        return Wrong(
            form, field, say("{count} characters are too many: {most} at most.", count=len(text), most=_MOST_LINE)
        )
    return text
