"""PowerMTA's accounting files: CSV, one record for each thing that happened to a recipient.

The columns are configurable, for each type of record, so that they are found by the header line and never by position;
files are appended to one another, with their header lines. Of the record types, `t` (transient) comes once per failed
attempt, `b` (bounce) and `d` (delivery) once at the end; `rb` is a bounce that came back by mail, `f` a complaint.
`r` (received), `rs` (a status that came back) and `tq` (a queue put aside, without a message) are no attempts.

`dsnDiag` says who speaks before its semicolon: "smtp;550 ..." is the receiver's reply, "x-pmta;..." PowerMTA itself. A
record without one has no receiver behind it. Times are seconds since 1970, or local with their offset. Without
`timeLogged` nobody knows when it happened: `timeQueued` can be days before. (PowerMTA 4.5 and 5.5 user's guides,
"Accounting records", read November 2026.)
"""

from collections.abc import Iterable
from datetime import datetime
from operator import itemgetter

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Item, Rejection, Speaker
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import values
from deliverwatch.sources.giving_up import last_words
from deliverwatch.sources.lines import CsvReader
from deliverwatch.sources.values import ADDRESSES, DOMAINS, HOSTS, NAMES

_OUTCOMES = {
    "d": DeliveryOutcome.DELIVERED,
    "delivery": DeliveryOutcome.DELIVERED,
    "b": DeliveryOutcome.BOUNCED,
    "bounce": DeliveryOutcome.BOUNCED,
    "t": DeliveryOutcome.DEFERRED,
    "transient": DeliveryOutcome.DEFERRED,
    "rb": DeliveryOutcome.OUT_OF_BAND,
    "remote-bounce": DeliveryOutcome.OUT_OF_BAND,
    "f": DeliveryOutcome.COMPLAINED,
    "feedback-loop": DeliveryOutcome.COMPLAINED,
}
_COUNTS_NOTHING = frozenset({"r", "receipt", "received", "rs", "remote-status", "tq", "transient-queue"})
_NOT_BY_SMTP = frozenset({"discard", "file", "pipe", "local"})
_NO_COMPLAINT = frozenset({"not-spam", "opt-out", "auth-failure", "dmarc"})
_GAVE_UP = ("4.4.7", "5.4.7")  # RFC 3463 §3.5: delivery time expired

_COLUMNS = (
    ("type",),
    ("timelogged",),
    ("orig",),
    ("rcpt",),
    ("dsndiag",),
    ("dsnstatus",),
    ("dsnmta",),
    ("bouncecat",),
    ("dlvtype",),
    ("dlvsourceip",),
    ("vmta",),
    ("vmtapool", "pool"),
    ("jobid",),
    ("queue",),
    ("feedbacktype",),
    ("header_from",),
)
"""What is read, each by the names it goes by."""


class PowerMtaReader(CsvReader):
    first_column = "type"

    def __init__(self, options: ReaderOptions) -> None:
        super().__init__(options)
        self._instances = values.addresses(options.instances)
        self._pick = itemgetter(*range(len(_COLUMNS)))
        self._moments = values.moments(options.zone)

    def header(self, columns: list[str]) -> Iterable[Item]:
        names = [column.strip().lower() for column in columns]
        places = [next((names.index(name) for name in each if name in names), len(names)) for each in _COLUMNS]
        self._pick = itemgetter(*places)
        if "timelogged" in names:
            return ()
        return (Rejection(self.line, "the header line has no timeLogged: add it to record-fields"),)

    def items(self, row: list[str]) -> Iterable[Item]:
        row.append("")  # what a column that is not there holds
        picked: tuple[str, ...] = self._pick(row)
        (type_, logged, orig, rcpt, diag, status, mta, category, by, ip, vmta, pool, job, queue, feedback, from_) = (
            picked
        )
        outcome = _OUTCOMES.get(type_)
        if outcome is None or by in _NOT_BY_SMTP or feedback in _NO_COMPLAINT:
            return _not_counted(type_)
        speaker, reply, expired = _said(outcome, diag, status, category)
        return (
            DeliveryEvent(
                self._moments[logged] if logged else _unknown_time(),
                outcome,
                ADDRESSES[ip] if ip else self._known(vmta, pool),
                values.domain_of(rcpt) or DOMAINS[queue.partition("/")[0]],
                HOSTS[mta],
                None,
                values.domain_of(orig) or values.domain_of(from_),
                None,
                None,
                NAMES[pool] or NAMES[vmta],
                NAMES[job],
                None,
                None,
                speaker,
                reply,
                expired,
            ),
        )

    def _known(self, vmta: str, pool: str) -> str | None:
        return self._instances.get(vmta) or self._instances.get(pool) or self.options.ip


def _unknown_time() -> datetime:
    raise ValueError("timeLogged is empty: expected the time of the record")


def _not_counted(type_: str) -> Iterable[Item]:
    if type_ in _OUTCOMES or type_ in _COUNTS_NOTHING:
        return (Ignored(),)
    raise ValueError("type: expected one of d, b, t, rb, f, r, rs, tq")


def _said(outcome: DeliveryOutcome, diag: str, status: str, category: str) -> tuple[Speaker, str | None, bool]:
    """Who speaks, what the receiver said, and whether the queue gave up."""
    if outcome is DeliveryOutcome.DELIVERED or outcome is DeliveryOutcome.COMPLAINED:
        return Speaker.RECEIVER, None, False
    kind, _, words = diag.partition(";")
    receivers = kind.strip().lower() == "smtp"
    if category == "message-expired" or (outcome is DeliveryOutcome.BOUNCED and status.startswith(_GAVE_UP)):
        last = last_words(words or diag)
        return Speaker.RECEIVER if last else Speaker.OWN, last, True
    if receivers:
        return Speaker.RECEIVER, values.reply(words), False
    speaker = Speaker.SUPPRESSION if "suppress" in f"{category} {diag}".lower() else Speaker.OWN
    return speaker, values.reply(words or diag), False


SOURCE = Source(
    id="powermta",
    title="PowerMTA accounting files",
    shape=Shape.LINES,
    space="powermta",
    reader=PowerMtaReader,
    followable=True,
)
