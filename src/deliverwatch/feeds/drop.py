"""Spamhaus DROP: networks that are wholly in bad hands, one JSON object a line.

    {"cidr":"192.0.2.0/24","sblid":"SBL1","rir":"ripencc"}
    {"type":"metadata","timestamp":1764000000,"records":1}

The last line says when the file was made and how many networks are in it, so a file without it was cut short. Over DNS
the code of these networks is 127.0.0.9, always beside that of the SBL (Spamhaus, return codes of ZEN, as collected
2026-11-22). The format is that of public readers of the file, collected on the same day; no file of Spamhaus' own was
read for it. Any line that cannot be read spoils the file: the count would be wrong.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from deliverwatch.core.subjects import Subject
from deliverwatch.feeds.datasets import Match, agreed, keep_value
from deliverwatch.feeds.lines import BadFeed
from deliverwatch.feeds.own import Own, own_ip4, own_ip6
from deliverwatch.feeds.values import Value

LISTED = "127.0.0.9"
_CLOCKS_DIFFER_FOR = timedelta(minutes=10)
_MAX_SHOWN = 60


class DropFile:
    def __init__(self, asked: Iterable[Subject], at: datetime) -> None:
        subjects = list(asked)
        self._own: dict[int, Own] = {4: own_ip4(subjects), 6: own_ip6(subjects)}
        self._at = at
        self._found: dict[Subject, list[Value | None]] = {}
        self._records: int | None = None
        self.entries = 0

    def take(self, lines: list[str]) -> None:
        """Raises BadFeed."""
        for line in lines:
            if not line.strip():
                continue
            record = _object(line)
            if record.get("type") == "metadata":
                self._metadata(record)
            else:
                self._network(record)

    def check_whole(self) -> None:
        """Raises BadFeed."""
        if self._records is None:
            raise BadFeed("its last line, the metadata, is missing: it was cut short")
        if self._records != self.entries:
            raise BadFeed(f"it holds {self.entries:,} networks and says that there are {self._records:,}")

    def matches(self) -> list[Match]:
        return [Match(subject, subject.value, agreed(values)) for subject, values in self._found.items()]

    def _network(self, record: dict[str, Any]) -> None:
        try:
            network = ip_network(str(record.get("cidr")))
        except ValueError:
            raise BadFeed(f"it has a line without a network: {json.dumps(record)[:_MAX_SHOWN]!r}") from None
        self.entries += 1
        value = Value(LISTED, str(record.get("sblid") or ""))
        own = self._own[network.version]
        for number in own.between(*_span(network)):
            for subject in own.subjects[number]:
                keep_value(self._found.setdefault(subject, []), value)

    def _metadata(self, record: dict[str, Any]) -> None:
        records, timestamp = record.get("records"), record.get("timestamp")
        if type(records) is not int or type(timestamp) is not int:
            raise BadFeed("its metadata line has no count of records or no timestamp")
        try:
            made_at = datetime.fromtimestamp(timestamp, UTC)
        except (ValueError, OverflowError, OSError):
            raise BadFeed("its metadata line has a timestamp that is none") from None
        if made_at > self._at + _CLOCKS_DIFFER_FOR:
            raise BadFeed(f"it says that it was made at {made_at:%Y-%m-%d %H:%M} UTC, which is in the future")
        self._records = records


def _object(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line.encode("latin-1"))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise BadFeed(f"it has a line that is no JSON object: {line[:_MAX_SHOWN]!r}")
    return record


def _span(network: IPv4Network | IPv6Network) -> tuple[int, int]:
    return int(network.network_address), int(network.broadcast_address)
