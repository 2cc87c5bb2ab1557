"""The headers that operations read besides the token, as OpenAPI tells of them."""

from typing import Any

_TAGS = r'(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)'


def _header(name: str, pattern: str, example: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": f"^{pattern}$", "maxLength": 255}
    return {"name": name, "in": "header", "schema": schema, "example": example, "description": description}


IF_NONE_MATCH = _header("If-None-Match", _TAGS, 'W/"5f2d8c0e"', "The ETag that you have: 304 if it is still so.")
IF_MATCH = _header("If-Match", _TAGS, '"3"', "The draft's ETag: the act is done to that version, or is 412.")
IDEMPOTENCY_KEY = _header(
    "Idempotency-Key", "[!-~]+", "7f3c9a", "Of your choice: with the same key and body it is done once, for 24 hours."
)
LAST_EVENT_ID = _header("Last-Event-ID", "[0-9]{1,18}", "4711", "The number of the last event you have.")
