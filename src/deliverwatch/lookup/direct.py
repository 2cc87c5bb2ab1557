"""Finds a list's own servers, to ask them without a resolver in between.

Their names are the NS records of the zone, or of the nearest name above it that has any, and their addresses are
ordinary ones (RFC 1034 §4.3.1 and §5.3.3 show what a resolver does with them). Both are asked of an ordinary resolver,
through c-ares, and kept for as long as the records say, a day at most and a minute at least. The public zone is asked
about, never the one with the key in it.
"""

import asyncio
import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import aiodns
import pycares

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.verdict import Answer
from deliverwatch.lookup.cares import MAX_TTL_FOR
from deliverwatch.lookup.questions import not_asked
from deliverwatch.lookup.tcp import Endpoint

_DNS_PORT = 53
_MOST_NAMES = 8
_LEAST_TTL_S = 60
_FLAGS = pycares.ARES_FLAG_NOSEARCH | pycares.ARES_FLAG_NOALIASES


class ListServers:
    """Asks through the resolvers given, in their order."""

    def __init__(self, resolvers: Sequence[str], timeout_for: timedelta) -> None:
        self._resolvers = list(resolvers)
        self._timeout_s = timeout_for.total_seconds()
        self._found: dict[str, tuple[float, list[Endpoint]]] = {}

    async def find(self, blocklist: Blocklist) -> Sequence[Endpoint] | Answer:
        now = asyncio.get_running_loop().time()
        zone = blocklist.shown_zone
        until, endpoints = self._found.get(zone, (now, []))
        if now < until:
            return endpoints
        endpoints, ttl_s = await self._ask(zone)
        if not endpoints:
            return not_asked("no server of the list was found")
        self._found[zone] = now + min(max(ttl_s, _LEAST_TTL_S), MAX_TTL_FOR.total_seconds()), endpoints
        return endpoints

    async def _ask(self, zone: str) -> tuple[list[Endpoint], int]:
        engine = aiodns.DNSResolver(
            self._resolvers, flags=_FLAGS, timeout=self._timeout_s / 2, tries=2, resolvconf_path=os.devnull
        )
        try:
            servers = await _servers(engine, zone)
            names = sorted({record.data.nsdname for record in servers if isinstance(record.data, pycares.NSRecordData)})
            asked = [(name, rdtype) for name in names[:_MOST_NAMES] for rdtype in _ADDRESS_TYPES]
            found = await asyncio.gather(*(_query(engine, name, rdtype) for name, rdtype in asked))
        finally:
            await engine.close()
        addresses = [record for records in found for record in records]
        return _endpoints(addresses), min((record.ttl for record in [*servers, *addresses]), default=0)


RecordType = Literal["NS", "A", "AAAA"]
_ADDRESS_TYPES: tuple[RecordType, ...] = ("A", "AAAA")


async def _servers(engine: aiodns.DNSResolver, zone: str) -> list[pycares.DNSRecord]:
    """The NS records of the zone, or of what it is a part of, the top level apart."""
    labels = zone.split(".")
    for cut in range(max(len(labels) - 1, 1)):
        if records := await _query(engine, ".".join(labels[cut:]), "NS"):
            return records
    return []


async def _query(engine: aiodns.DNSResolver, name: str, rdtype: RecordType) -> list[pycares.DNSRecord]:
    try:
        return list((await engine.query_dns(f"{name.removesuffix('.')}.", rdtype)).answer)
    except aiodns.error.DNSError:
        return []


def _endpoints(records: Sequence[pycares.DNSRecord]) -> list[Endpoint]:
    """IPv4 first: a machine without IPv6 finds that out at once, and has the others."""
    of_type = [
        record.data.addr
        for kind in (pycares.ARecordData, pycares.AAAARecordData)
        for record in records
        if isinstance(record.data, kind)
    ]
    return [(address, _DNS_PORT) for address in dict.fromkeys(of_type)]
