"""Asks a resolver for ordinary names, to learn what kind of resolver it is.

All names that are asked for stand here. `example.com` is kept for such use (RFC 2606 §3). A label drawn at random below
`invalid` exists nowhere (RFC 6761 §6.4); since many a resolver answers that by itself, whatever stands behind it, one
below `example.com` is asked for as well. `a.b.qnamemin-test.internet.nl` has a TXT record that begins with HOORAY when
the resolver minimised the name on its way there, and with NO otherwise (a test zone of internet.nl that the suites of
several resolvers ask for, read 2026-11-24).
"""

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
from dns.rdtypes.ANY.TXT import TXT

from deliverwatch.core.resolver_health import ProbedResolver
from deliverwatch.core.verdict import Answer, Reply

ORDINARY = "example.com."
MADE_UP = ("invalid.", "example.com.")
MINIMISATION = "a.b.qnamemin-test.internet.nl."
_MINIMISES, _DOES_NOT = b"HOORAY", b"NO"

_REPLIES = {
    dns.rcode.NXDOMAIN: Reply.NXDOMAIN,
    dns.rcode.SERVFAIL: Reply.SERVFAIL,
    dns.rcode.REFUSED: Reply.REFUSED,
    dns.rcode.FORMERR: Reply.FORMERR,
    dns.rcode.NOTIMP: Reply.NOTIMP,
}


class ResolverProbe:
    """Call it with a path."""

    def __init__(self, timeout_for: timedelta) -> None:
        self._timeout = timeout_for.total_seconds()

    async def __call__(self, path: str) -> ProbedResolver:
        """One question after the other: a resolver that does not answer the first is not asked the others."""
        ordinary = await self._addresses(path, ORDINARY)
        if ordinary.reply in (Reply.TIMEOUT, Reply.NETWORK):
            return ProbedResolver(path, ordinary, (), None)
        made_up = [await self._addresses(path, f"{secrets.token_hex(8)}.{parent}") for parent in MADE_UP]
        return ProbedResolver(path, ordinary, tuple(made_up), await self._minimises(path))

    async def _addresses(self, path: str, name: str) -> Answer:
        found = await self._ask(path, name, "A")
        if isinstance(found, Answer):
            return found
        values = [str(record) for rrset in found.answer if rrset.rdtype == dns.rdatatype.A for record in rrset]
        reply = _REPLIES.get(found.rcode(), Reply.NETWORK)
        if found.rcode() == dns.rcode.NOERROR:
            reply = Reply.ANSWER if values else Reply.EMPTY
        return Answer(reply, tuple(values) if reply is Reply.ANSWER else ())

    async def _minimises(self, path: str) -> bool | None:
        found = await self._ask(path, MINIMISATION, "TXT")
        if isinstance(found, Answer):
            return None
        texts = [record.strings[0] for rrset in found.answer for record in rrset if isinstance(record, TXT)]
        if any(text.startswith(_MINIMISES) for text in texts):
            return True
        return False if any(text.startswith(_DOES_NOT) for text in texts) else None

    async def _ask(self, path: str, name: str, rdtype: str) -> dns.message.Message | Answer:
        """The reply, or why there is none."""
        where = urlsplit(f"//{path}")
        query = dns.message.make_query(name, rdtype)
        try:
            reply, _ = await dns.asyncquery.udp_with_fallback(
                query,
                where.hostname or "",
                timeout=self._timeout,
                port=where.port or 53,
                ignore_unexpected=True,
                ignore_errors=True,
            )
        except dns.exception.Timeout:
            return Answer(Reply.TIMEOUT)
        except (OSError, EOFError, dns.exception.DNSException) as failure:
            return Answer(Reply.NETWORK, detail=type(failure).__name__)
        return reply
