"""Asks the configured resolvers, and nobody else, for what a sender publishes.

NXDOMAIN, and NOERROR without such records, are answers: there are none. Everything else that is no answer (silence,
SERVFAIL, a refusal) leaves it unknown, and the next resolver is asked. Each name is asked once in a run of the checks:
a hundred addresses stand on the same SPF record.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import CancelledError
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import dns.asyncquery
import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
from dns.rdata import Rdata
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA

_AT_ONCE = 20


class Answer(NamedTuple):
    """`values` None: unknown, and `detail` says why. Of TXT the strings of each record as one text, whose bytes are
    those of `text.encode(*RAW)`; of MX "10 mx.acme.example"; names without their final dot. `path`: who said so."""

    values: tuple[str, ...] | None
    path: str = ""
    detail: str = ""

    @property
    def known(self) -> tuple[str, ...]:
        return self.values or ()


RAW = ("utf-8", "surrogateescape")
NO_RESOLVER = Answer(None, detail="no resolver")
GIVEN_UP = Answer(None, detail="given up")


class Resolvers:
    """For one run of the checks. `paths`: "address:port", the first one first."""

    def __init__(self, paths: Sequence[str], timeout_for: timedelta) -> None:
        self._paths = tuple(paths)
        self._timeout = timeout_for.total_seconds()
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._asked: dict[tuple[str, str], asyncio.Task[Answer]] = {}
        self._loop = asyncio.get_running_loop()
        self._is_given_up = False

    async def ask(self, name: str, kind: str) -> Answer:
        """`kind`: A, AAAA, MX, PTR or TXT. Never raises for anything the network does, nor for what is no name."""
        key = (name.lower().rstrip("."), kind)
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._first_answer(*key))
        return await asyncio.shield(self._asked[key])

    def ask_from_thread(self, name: str, kind: str, timeout: float) -> Answer:
        """The same for libraries that wait for each answer. When the program ends meanwhile, nothing more is asked."""
        if self._is_given_up:
            return GIVEN_UP
        future = asyncio.run_coroutine_threadsafe(self.ask(name, kind), self._loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()
            return Answer(None, detail="no answer in time")
        except CancelledError:
            self._is_given_up = True
            return GIVEN_UP

    async def _first_answer(self, name: str, kind: str) -> Answer:
        try:
            query = dns.message.make_query(dns.name.from_text(name), kind, use_edns=0, payload=1232)
        except (dns.exception.DNSException, UnicodeError) as wrong:
            return Answer((), detail=f"no name in DNS: {type(wrong).__name__}")
        answer = NO_RESOLVER
        async with self._gate:
            for path in self._paths:
                answer = await self._ask(path, query)
                if answer.values is not None:
                    break
        return answer

    async def _ask(self, path: str, query: dns.message.Message) -> Answer:
        where = urlsplit(f"//{path}")
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
            return Answer(None, path, "no answer in time")
        except (OSError, EOFError, dns.exception.DNSException) as failure:
            return Answer(None, path, type(failure).__name__)
        if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return Answer(None, path, dns.rcode.to_text(reply.rcode()))
        wanted = query.question[0].rdtype
        records = (each for rrset in reply.answer if rrset.rdtype == wanted for each in rrset)
        return Answer(tuple(_text(each) for each in sorted(records, key=_order)), path)


def _order(record: Rdata) -> tuple[int, str]:
    """DNS has none, and what was found is to read alike each time."""
    return (record.preference if isinstance(record, MX) else 0), record.to_text()


def _text(record: Rdata) -> str:
    match record:
        case TXT():
            return b"".join(record.strings).decode(*RAW)
        case MX():
            return f"{record.preference} {record.exchange.to_text(omit_final_dot=True)}"
        case PTR():
            return record.target.to_text(omit_final_dot=True)
        case A() | AAAA():
            return str(record.address)
    return str(record.to_text())


def seen(kind: str, name: str, answer: Answer) -> str:
    """The source of a result: "TXT of acme.example by 192.0.2.53:53"."""
    return f"{kind} of {name}" + (f" by {answer.path}" if answer.path else "")


def not_told(kind: str, name: str, answer: Answer) -> str:
    """What was found when nothing was."""
    return f"{kind} of {name} could not be looked up: {answer.detail}"
