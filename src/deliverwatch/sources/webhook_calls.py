"""A webhook call as it is judged, and the receiver that hands it to a vendor's own check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Call(NamedTuple):
    """Names of headers are in lower case. `secrets`: the source's settings that are set."""

    headers: Mapping[str, str]
    body: bytes
    secrets: Mapping[str, str]
    now: datetime


def no_identity(_headers: Mapping[str, str], _body: bytes) -> str | None:
    """Of vendors that give their calls none: what comes twice is found by the ids of its events."""
    return None


@dataclass
class CallReceiver:
    """`refused`: why a call is not genuine. `identified`: the vendor's id of it. `secrets`: all settings its ways of
    proving itself can need; the check says so when those of no way are set."""

    secrets: tuple[str, ...]
    refused: Callable[[Call], str | None]
    identified: Callable[[Mapping[str, str], bytes], str | None] = no_identity

    def refusal(self, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str], now: datetime) -> str | None:
        return self.refused(Call(headers, body, secrets, now))

    def identity(self, headers: Mapping[str, str], body: bytes) -> str | None:
        return self.identified(headers, body)
