"""A small strict source for the flows of ingesting: one record a line, "outcome minute ip domain [id] [reply]".

`bounced 5 192.0.2.10 mail.example id=7 550 no`: five minutes after eight o'clock. "-" stands for nothing told. The line
"sender NAME" says who sends from then on, as qmgr's lines of Postfix do: a reader that goes on must remember it.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Measure, Rejection, Speaker
from deliverwatch.core.provider import MailboxProvider, ProviderDirectory, ProviderKind
from deliverwatch.core.reply import Classification, ReplyClass
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.tally_rules import TallyRules
from deliverwatch.flows.ingest import IngestDesk
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source

EIGHT = datetime(2026, 11, 26, 8, tzinfo=UTC)
NOW = EIGHT + timedelta(hours=4)
_RECORD = re.compile(r"(\w+) (-?\d+) (\S+) (\S+)(?: id=(\S+))?(?: (.*))?")


class LineReader:
    def __init__(self, options):
        self.line = 0
        self._sender = None

    def whole(self, buffer, last):
        return len(buffer) if last else buffer.rfind(b"\n") + 1

    def read(self, block):
        for line in block.decode(errors="replace").splitlines():
            self.line += 1
            if (item := self._item(line)) is not None:
                yield item

    def remember(self, block):
        for _ in LineReader.read(_Silent(self), block):
            pass

    def _item(self, line):
        if line.startswith("sender "):
            self._sender = line.removeprefix("sender ")
            return None
        if line.startswith("ping"):
            return Ignored(line.partition("id=")[2] or None)
        if line.startswith("count "):
            return Measure(EIGHT, timedelta(hours=1), "192.0.2.10", None, "Mail", attempted=int(line.split()[1]))
        match = _RECORD.fullmatch(line)
        if match is None:
            return Rejection(self.line, "is no record")
        outcome, minute, ip, domain, event_id, reply = match.groups()
        own = outcome.startswith("own")
        return DeliveryEvent(
            EIGHT + timedelta(minutes=int(minute)),
            DeliveryOutcome(outcome.removeprefix("own").removeprefix("expired") or "bounced"),
            None if ip == "-" else ip,
            None if domain == "-" else domain,
            domain=self._sender or domain,
            speaker=Speaker.OWN if own else Speaker.RECEIVER,
            reply=reply,
            expired=outcome.startswith("expired"),
            event_id=event_id,
        )


class _Silent:
    """Takes the lines and keeps its count of them."""

    def __init__(self, reader):
        self._reader = reader
        self.line = 0

    def _item(self, line):
        return self._reader._item(line)


LINES = Source("postfix", "Lines for tests", Shape.LINES, "lines", LineReader, frozenset({"complaints"}))
DOCUMENT = Source("arf", "Documents for tests", Shape.DOCUMENT, "documents", LineReader, maildir=True)
PROVIDERS = ProviderDirectory.of(
    [
        MailboxProvider(
            "mail", "Mail", ProviderKind.MAILBOX_PROVIDER, ("mail.example",), ("*.mx.mail.example",), aliases=("Mail",)
        )
    ]
)


def classify(reply, host, recipient_domain):
    """Knows "550 blocked", "550 see zen" and "550 no"; everything else is unknown."""
    if "blocked" in reply:
        return Classification(ReplyClass.IP_BLOCK, provider="mail", subject="192.0.2.10", rule="blocked")
    if "zen" in reply:
        return Classification(
            ReplyClass.DNSBL_CITED, blocklist="zen", subject="192.0.2.99", subject_kind=SubjectKind.IPV4, rule="zen"
        )
    if "no" in reply:
        return Classification(ReplyClass.UNKNOWN_RECIPIENT, rule="no")
    return Classification(ReplyClass.UNKNOWN, template=re.sub(r"\d+", "N", reply), looks_like_block="refused" in reply)


RULES = TallyRules.of(PROVIDERS, classify, {"zen"})


def _options(source, now):
    return ReaderOptions(now, ZoneInfo("UTC"))


DESK = IngestDesk(lambda: RULES, _options)
