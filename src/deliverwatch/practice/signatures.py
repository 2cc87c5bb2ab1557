"""The DKIM signatures of a message, each verified by dkimpy against the keys in DNS.

None says "unknown", and is no failure: the key could not be looked up, or the library cannot verify that kind (Ed25519
without its optional parts). A signature that is broken, whose key is gone or whose message was changed is False.
"""

import logging
from collections.abc import Iterator
from typing import NamedTuple

import dkim

from deliverwatch.core.visible import visible
from deliverwatch.practice.resolvers import RAW, Resolvers

_MOST = 10
_SECONDS = 10
_MOST_REASON = 160
_READ_AS = (ValueError, LookupError, TypeError, OverflowError)
"""What the library raises of headers that it cannot read at all."""


class Signature(NamedTuple):
    """`signed`: the names of header fields in h=, in lower case. `why`: it is not valid, or not known to be."""

    domain: str
    selector: str
    signed: frozenset[str]
    valid: bool | None
    why: str = ""


class _Reasons(logging.Handler):
    """The library tells why a signature fails to its log alone."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def signatures(content: bytes, resolvers: Resolvers) -> list[Signature]:
    """Waits for DNS: run it in a thread."""
    return list(_each(content, resolvers))


def _each(content: bytes, resolvers: Resolvers) -> Iterator[Signature]:
    try:
        count = sum(name.lower() == b"dkim-signature" for name, _ in dkim.rfc822_parse(content)[0])
    except (dkim.DKIMException, *_READ_AS):
        return
    for number in range(min(count, _MOST)):
        yield _verified(content, number, resolvers)


def _verified(content: bytes, number: int, resolvers: Resolvers) -> Signature:
    reasons, logger = _Reasons(), logging.Logger("deliverwatch.practice.dkim", logging.ERROR)
    logger.addHandler(reasons)
    failed: list[str] = []

    def key(name: bytes, timeout: float = _SECONDS) -> bytes | None:
        asked = name.decode(*RAW)
        answer = resolvers.ask_from_thread(asked, "TXT", timeout)
        if answer.values is None:
            failed.append(f"its key could not be looked up: {answer.detail}")
        return answer.values[0].encode(*RAW) if answer.values else None

    valid: bool | None = False
    try:
        message = dkim.DKIM(content, logger=logger, timeout=_SECONDS)
        valid = bool(message.verify(number, dnsfunc=key))
    except (dkim.NaClNotFoundError, dkim.UnknownKeyTypeError):
        failed.append("a signature of that kind cannot be verified here")
    except (dkim.DKIMException, *_READ_AS) as wrong:
        reasons.said.append(str(wrong) or type(wrong).__name__)
    told = (failed or reasons.said or ["the signature does not match the message"])[0]
    return _signature(content, number, None if failed else valid, "" if valid else visible(told, _MOST_REASON))


def _signature(content: bytes, number: int, valid: bool | None, why: str) -> Signature:
    """What it says of itself, valid or not."""
    fields = [value for name, value in dkim.rfc822_parse(content)[0] if name.lower() == b"dkim-signature"]
    tags: dict[str, str] = {}
    for tag in fields[number].decode(*RAW).split(";"):
        name, _, value = tag.partition("=")
        tags.setdefault(name.strip(), "".join(value.split()))
    signed = frozenset(name for name in tags.get("h", "").lower().split(":") if name)
    domain = visible(tags.get("d", "").lower().rstrip("."), 253)
    return Signature(domain, visible(tags.get("s", ""), 63), signed, valid, why)
