"""What c-ares reports, read as an Answer.

c-ares tells a failed query by a number (ares_query(3)): the response codes of RFC 1035 §4.1.1 each have one, and so
have NOERROR without a record (ENODATA), silence and every trouble of its own. The map is total: a number nobody has
thought of is a failure of the network, never a verdict.

Times to live are foreign too: one of 68 years would keep a listing from ever being confirmed on the same path. They are
capped at a day, those with the highest bit set as well (RFC 8767 §4, which amends RFC 2181 §8).

A records count only where the question leads, from alias to alias (RFC 1034 §3.6.2). c-ares hands out all records of
the answer section, and one under another name says nothing about ours. Nothing read here holds a name that was asked.
"""

from collections.abc import Iterable
from datetime import timedelta

import pycares
from aiodns import error

from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply

MAX_TTL_FOR = timedelta(days=1)

_REPLIES = {
    error.ARES_ENODATA: Reply.EMPTY,
    error.ARES_ESERVFAIL: Reply.SERVFAIL,
    error.ARES_EREFUSED: Reply.REFUSED,
    error.ARES_EFORMERR: Reply.FORMERR,
    error.ARES_ENOTIMP: Reply.NOTIMP,
    error.ARES_ETIMEOUT: Reply.TIMEOUT,
}
_ENDED_BY_US = ("ARES_ECANCELLED", "ARES_EDESTRUCTION")


def failed_answer(number: object) -> Answer:
    """The reply behind an error number of c-ares."""
    if number == error.ARES_ENOTFOUND:
        return NOT_LISTED
    reply = _REPLIES.get(number, Reply.NETWORK) if isinstance(number, int) else Reply.NETWORK
    if reply is not Reply.NETWORK:
        return Answer(reply)
    return Answer(reply, detail=str(pycares.errno.errorcode.get(number, f"c-ares error {number}")))


def worth_asking_again(answer: Answer) -> bool:
    """True for what may say nothing about the question. c-ares drops a connection, and with it every question that
    waits there, when one reply on it cannot be read; and it has its own idea of how long to wait."""
    return answer.reply is Reply.TIMEOUT or (answer.reply is Reply.NETWORK and answer.detail not in _ENDED_BY_US)


def address_answer(asked: str, records: Iterable[pycares.DNSRecord]) -> Answer:
    """All addresses of the name, and the shortest time to live on the way to them."""
    ttls: list[int] = []
    values: set[str] = set()
    for record in _records_of(asked, records):
        ttls.append(record.ttl)
        if isinstance(record.data, pycares.ARecordData):
            values.add(record.data.addr)
    if not values:
        return Answer(Reply.EMPTY)
    ordered = sorted(values, key=lambda value: tuple(map(int, value.split("."))))
    return Answer(Reply.ANSWER, tuple(ordered), min(timedelta(seconds=min(ttls)), MAX_TTL_FOR))


def text_answer(asked: str, records: Iterable[pycares.DNSRecord]) -> str | None:
    """The TXT records of the name as one line of foreign text; bytes that are not UTF-8 are replaced."""
    texts = [
        record.data.data.decode(errors="replace")
        for record in _records_of(asked, records)
        if isinstance(record.data, pycares.TXTRecordData)
    ]
    return "; ".join(text for text in texts if text) or None


def _records_of(asked: str, records: Iterable[pycares.DNSRecord]) -> list[pycares.DNSRecord]:
    """Aliases come before what they stand for, as servers send them."""
    name, found = _folded(asked), []
    for record in records:
        if record.record_class != pycares.QUERY_CLASS_IN or _folded(record.name) != name:
            continue
        found.append(record)
        if isinstance(record.data, pycares.CNAMERecordData):
            name = _folded(record.data.cname)
    return found


def _folded(name: str) -> str:
    return name.removesuffix(".").lower()
