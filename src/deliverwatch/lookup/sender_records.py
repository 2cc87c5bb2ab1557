"""Asks for the records that a sender stands on: PTR of an address, TXT of a name, where a reverse name leads, and who
takes the mail of a domain.

NXDOMAIN, and NOERROR without such a record, are answers: there is none. Everything else that is no answer (silence,
SERVFAIL, a refusal) leaves it unknown, and the next resolver is asked. The strings of one TXT record are one text (RFC
7208 §3.3, RFC 6376 §3.6.2.2); aliases are followed as the resolver hands them out.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import dns.asyncquery
import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.reversename
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA

from deliverwatch.core.sender_dns import Found, Record, RecordKind, relevant

AT_ONCE = 20
_MOST_TEXT = 4096


class SenderRecords:
    """Call it with a record and the number of the look: another look begins with another resolver."""

    def __init__(self, paths: Sequence[str], timeout_for: timedelta) -> None:
        self._paths = tuple(paths)
        self._timeout = timeout_for.total_seconds()
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, record: Record, look: int = 0) -> Found:
        """Never raises for anything the network does."""
        found = await self._first_answer(lambda: _query(record), look)
        return found if found.values is None else Found(relevant(record.kind, found.values))

    async def addresses(self, name: str, *, ipv6: bool) -> Found:
        """Those of one family, in their normal form. Never raises for anything the network does."""
        kind = dns.rdatatype.AAAA if ipv6 else dns.rdatatype.A
        return await self._first_answer(lambda: dns.message.make_query(dns.name.from_text(name), kind))

    async def mail_hosts(self, name: str) -> Found:
        """The MX hosts of a domain, most preferred first (RFC 5321 §5.1). Never raises."""
        found = await self._first_answer(lambda: dns.message.make_query(dns.name.from_text(name), dns.rdatatype.MX))
        if found.values is None:
            return found
        ordered = sorted(found.values, key=lambda value: int(value.partition(" ")[0]))
        return Found(tuple(value.partition(" ")[2] for value in ordered))

    async def _first_answer(self, query: Callable[[], dns.message.Message], look: int = 0) -> Found:
        found = Found(None, "no resolver")
        start = look % max(1, len(self._paths))
        async with self._gate:
            for path in (*self._paths[start:], *self._paths[:start]):
                found = await self._ask(path, query)
                if found.values is not None:
                    break
        return found

    async def _ask(self, path: str, ask: Callable[[], dns.message.Message]) -> Found:
        """All texts, names, mail hosts and addresses of the answer, whatever was asked for."""
        where = urlsplit(f"//{path}")
        try:
            query = ask()
            reply, _ = await dns.asyncquery.udp_with_fallback(
                query,
                where.hostname or "",
                timeout=self._timeout,
                port=where.port or 53,
                ignore_unexpected=True,
                ignore_errors=True,
            )
        except dns.exception.Timeout:
            return Found(None, "no answer in time")
        except (OSError, EOFError, dns.exception.DNSException) as failure:
            return Found(None, type(failure).__name__)
        if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return Found(None, dns.rcode.to_text(reply.rcode()))
        return Found(tuple(_texts(reply)))


def _query(record: Record) -> dns.message.Message:
    if record.kind is RecordKind.PTR:
        return dns.message.make_query(dns.reversename.from_address(record.name), dns.rdatatype.PTR)
    return dns.message.make_query(dns.name.from_text(record.name), dns.rdatatype.TXT, use_edns=0, payload=1232)


def _texts(reply: dns.message.Message) -> list[str]:
    found = []
    for record in (record for rrset in reply.answer for record in rrset):
        if isinstance(record, TXT):
            found.append(b"".join(record.strings).decode(errors="replace")[:_MOST_TEXT])
        elif isinstance(record, PTR):
            found.append(record.target.to_text())
        elif isinstance(record, A | AAAA):
            found.append(record.address)
        elif isinstance(record, MX):
            found.append(f"{record.preference} {record.exchange.to_text(omit_final_dot=True).lower()}")
    return found
