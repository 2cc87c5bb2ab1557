"""Entity tags: what has not changed is not sent again, and what has changed is not written over.

A document's tag is weak, of its content (RFC 9110 §8.8.1). A draft's is strong, its version: a change that names it in
`If-Match` is made to that version, or not at all.
"""

import hashlib
import re

from fastapi import Request

_TAG = re.compile(r'(?:W/)?"[^"]*"')


def weak(content: bytes) -> str:
    return f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'


def of_version(version: int) -> str:
    return f'"{version}"'


def is_known(request: Request, tag: str) -> bool:
    """Whoever asks has it already: weak comparison (RFC 9110 §13.1.2)."""
    said = request.headers.get("if-none-match", "").strip()
    return said == "*" or _bare(tag) in {_bare(each) for each in _TAG.findall(said)}


def is_wanted(request: Request, tag: str) -> bool:
    """Strong comparison (RFC 9110 §13.1.1); True where nothing was said."""
    said = request.headers.get("if-match")
    return said is None or said.strip() == "*" or tag in _TAG.findall(said)


def names_one(request: Request) -> bool:
    """A version, and not just any."""
    return request.headers.get("if-match", "*").strip() != "*"


def _bare(tag: str) -> str:
    return tag.removeprefix("W/")
