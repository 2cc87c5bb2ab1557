"""The mail that the sandbox's customers send: a PowerMTA accounting file that grows by the hour.

Two weeks lie behind when the world begins, so that there is something to compare with. Then three mailbox providers
make trouble, each in its own way: Outlook refuses an address, Yahoo slows a shared one down, Gmail misses a signature.
Six new addresses are warmed up beside it (`sandbox.warming`), and Outlook refuses one of them.
"""

import csv
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from deliverwatch.flows.ports import Clock
from deliverwatch.sandbox import warming

_HOUR = timedelta(hours=1)
_HISTORY_HOURS = 14 * 24
_COLUMNS = (
    *("type", "timeLogged", "orig", "rcpt", "dsnStatus", "dsnDiag"),
    *("dsnMta", "dlvSourceIp", "vmtaPool", "jobId"),
)


class _Receiver(NamedTuple):
    """`an_hour`: how many messages each sender has for it."""

    domain: str
    host: str
    an_hour: int


class _Sender(NamedTuple):
    ip: str
    pool: str
    domain: str


class _Trouble(NamedTuple):
    """From `begins` on, for `lasts_for`, of the mail of `ip` to `domain` every `every`th attempt gets `reply`. A record
    type of PowerMTA: b, bounced, or t, put off."""

    begins: timedelta
    lasts_for: timedelta
    ip: str
    domain: str
    type: str
    every: int
    reply: str
    begins_in_words: str
    ends_in_words: str


_OUTLOOK, _YAHOO, _GMAIL = "hotmail.com", "yahoo.com", "gmail.com"
_RECEIVERS = (
    _Receiver(_GMAIL, "gmail-smtp-in.l.google.com", 8),
    _Receiver(_OUTLOOK, "hotmail-com.olc.protection.outlook.com", 5),
    _Receiver(_YAHOO, "mta5.am0.yahoodns.net", 4),
    _Receiver("icloud.com", "mx01.mail.icloud.com", 2),
)
_BY_DOMAIN = {receiver.domain: receiver for receiver in _RECEIVERS}
_WARMING = ("delta-warm", "mail.delta.example")
_SENDERS = (
    _Sender("192.0.2.9", "acme-news", "news.acme.example"),
    _Sender("192.0.2.10", "acme-news", "news.acme.example"),
    _Sender("198.51.100.20", "acme-receipts", "news.acme.example"),
    _Sender("203.0.113.1", "shared-1", "mail.bravo.example"),
)
_BLOCK_LIST = (
    "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider "
    "since part of their network is on our block list (S3140)."
)
_SALE_IP, _SALE_BEGINS, _SALE_TIMES = "192.0.2.10", timedelta(days=-4), 4
"""Before the trouble at Outlook, Acme sends a mailing far larger than is usual."""
TROUBLES = (
    _Trouble(
        timedelta(hours=8),
        timedelta(hours=26),
        *("192.0.2.10", _OUTLOOK, "b", 1),
        _BLOCK_LIST.format(ip="192.0.2.10"),
        "Outlook refuses all mail from 192.0.2.10, with which Acme sent a large mailing (S3140)",
        "Outlook accepts mail from 192.0.2.10 again",
    ),
    _Trouble(
        timedelta(hours=16),
        timedelta(hours=20),
        *("203.0.113.1", _YAHOO, "t", 2),
        "421 4.7.0 [TSS04] Messages from 203.0.113.1 temporarily deferred due to unexpected volume or user complaints",
        "Yahoo puts off every second message from 203.0.113.1 (TSS04); the others arrive",
        "Yahoo takes all mail from 203.0.113.1 again",
    ),
    _Trouble(
        timedelta(hours=60),
        timedelta(days=365),
        *("198.51.100.20", _GMAIL, "b", 4),
        "550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all "
        "senders to authenticate with either SPF or DKIM. 550 5.7.26 DKIM = did not pass - gsmtp",
        "one of Acme's receipt servers forgets to sign: Gmail refuses what comes from there (5.7.26)",
        "all receipts are signed again",
    ),
    _Trouble(
        timedelta(hours=20),
        timedelta(days=365),
        *(warming.REFUSED, _OUTLOOK, "b", 1),
        _BLOCK_LIST.format(ip=warming.REFUSED),
        f"Outlook refuses all mail from {warming.REFUSED}, which Delta warms up (S3140)",
        f"Outlook accepts mail from {warming.REFUSED} again",
    ),
)


async def send(file: Path, clock: Clock, began_at: datetime, tell: Callable[[datetime, str], None]) -> None:
    """Writes what lies behind at once and then each hour's records when it is over, until it is cancelled.

    `began_at`: a full hour.
    """
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for hours in range(-_HISTORY_HOURS, 0):
            writer.writerows(records(began_at, hours))
        for hours in itertools.count():
            opened.flush()
            _tell_troubles(began_at, hours, tell)
            await clock.sleep(max(began_at + (hours + 1) * _HOUR - clock.now(), timedelta(0)))
            writer.writerows(records(began_at, hours))


def records(began_at: datetime, hours: int) -> Iterator[tuple[str, ...]]:
    """One hour's, in the order of `_COLUMNS`. `hours`: since the world began; less than nothing before that."""
    after = hours * _HOUR
    for sender in _SENDERS:
        is_sale = sender.ip == _SALE_IP and after >= _SALE_BEGINS
        for receiver in _RECEIVERS:
            trouble = _trouble(sender, receiver, after)
            attempts = receiver.an_hour * (_SALE_TIMES if is_sale else 1)
            for number in range(attempts):
                hit = trouble if trouble is not None and number % trouble.every == 0 else None
                at = began_at + after + number * _HOUR / attempts
                yield _record(at, sender, receiver, hit, "sale" if is_sale else "weekly", number)
    for ip, domain, at, number in warming.messages(began_at, hours):
        sender, receiver = _Sender(ip, *_WARMING), _BY_DOMAIN[domain]
        yield _record(at, sender, receiver, _trouble(sender, receiver, after), "welcome", number)


def _trouble(sender: _Sender, receiver: _Receiver, after: timedelta) -> _Trouble | None:
    return next(
        (
            each
            for each in TROUBLES
            if (each.ip, each.domain) == (sender.ip, receiver.domain)
            and each.begins <= after < each.begins + each.lasts_for
        ),
        None,
    )


def _record(
    at: datetime, sender: _Sender, receiver: _Receiver, hit: _Trouble | None, mailing: str, number: int
) -> tuple[str, ...]:
    reply = hit.reply if hit is not None else "250 2.0.0 OK"
    return (
        hit.type if hit is not None else "d",
        f"{at:%Y-%m-%d %H:%M:%S}+0000",
        f"bounces@{sender.domain}",
        f"reader-{number}@{receiver.domain}",
        reply.partition(" ")[2].partition(" ")[0] if hit is not None else "2.0.0",
        f"smtp;{reply}",
        f"{receiver.host} (203.0.113.250)",
        sender.ip,
        sender.pool,
        mailing,
    )


def _tell_troubles(began_at: datetime, hours: int, tell: Callable[[datetime, str], None]) -> None:
    for each in TROUBLES:
        for after, words in ((each.begins, each.begins_in_words), (each.begins + each.lasts_for, each.ends_in_words)):
            if after == hours * _HOUR:
                tell(began_at + after, words)
