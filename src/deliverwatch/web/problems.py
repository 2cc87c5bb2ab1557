"""Errors for programs: problem documents (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi.responses import JSONResponse


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """RFC 9457 §3."""
    document = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return JSONResponse(document, status, headers, media_type="application/problem+json")
