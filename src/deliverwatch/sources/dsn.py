"""Bounces that come as mail: delivery status notifications (RFC 3464 in the container of RFC 6522), and older forms.

Who wrote it decides what it means. Our own MTA says what became of its attempts: a failure is a bounce, and if the
status still is a 4.x.x one, the queue gave up. A receiver says so after it had accepted the mail: out of band. A notice
is the receiver's if it reached us from another house (`received.border`), unless the Reporting-MTA is one of the
operator's `instances`. The same bounce also stands in the own MTA's log: a source that is read for it makes its notices
superfluous, and feeding both counts twice.

The sending IP is in a notice of the receiver alone, where its Received field on the returned mail tells from whom it
took it; that of our own MTA is named by `instances`. A receiver that passed the mail on (another Remote-MTA) was
refused under an address of its own.

Reply texts are those of "Diagnostic-Code: smtp; ...". What other MTAs wrote in words before RFC 3464 is in
`bounce_texts`. Notices of acceptance from elsewhere, automatic answers and read receipts (RFC 8098) count nothing.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Item, Rejection, Speaker
from deliverwatch.flows.source_ports import Shape, Source
from deliverwatch.sources import values
from deliverwatch.sources.bounce_texts import Quote, quotes
from deliverwatch.sources.mail_files import (
    MailReader,
    Part,
    date_of,
    groups,
    identity,
    leaves,
    original_of,
    read_mail,
    report_of,
)
from deliverwatch.sources.received import border, hops, host_name, same_house
from deliverwatch.sources.returned import campaign, signing_domain

_STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")
_ACTION = re.compile(r"[a-z]{1,20}")
_DELAY = re.compile(r"delay|warning|still being retried", re.IGNORECASE)
_TRIED_FOR_LONG = re.compile(r"retry timeout exceeded|failing for a long time", re.IGNORECASE)
_MOST_NAMED = 100
_ACTION_OF = {"2": "delivered", "4": "delayed", "5": "failed"}
_BOUNCER = re.compile(r"mailer-daemon|postmaster|mail delivery|bounce", re.IGNORECASE)
_ACCEPTED = frozenset({"delivered", "relayed"})


class _Notice(NamedTuple):
    """What holds for all recipients. `mta`: who reports. `ip`: our sending IP, where the notice tells."""

    id: str
    at: datetime
    mta: str | None
    is_own: bool
    ip: str | None
    domain: str | None
    original: Part


class DsnReader(MailReader):
    def items(self, raw: bytes) -> Iterator[Item]:
        mail = read_mail(raw)
        parts = leaves(mail)
        if report_of(parts, "message/feedback-report"):
            yield Rejection(self.line, "a complaint, no bounce: the source arf reads it")
            return
        text = next((part.text() for part in parts if part.type == "text/plain"), "")
        quoted = quotes(text)
        told = _status(mail, parts) or ([] if quoted else _failed_recipients(mail, text))
        if not told and not quoted:
            yield self._without_status(mail, parts, raw)
            return
        notice = self._notice(mail, parts, told, raw)
        if notice is None:
            yield Rejection(self.line, "no date in it: expected Last-Attempt-Date or Date")
        elif told:
            yield from self._recipients(notice, told, quoted)
        else:
            delayed = _DELAY.search(mail.get("subject") or "") is not None
            yield from (_of_quote(notice, quote, delayed, number) for number, quote in enumerate(quoted))

    def _without_status(self, mail: Part, parts: list[Part], raw: bytes) -> Item:
        sender = f"{mail.get('from') or ''} {mail.get('x-failed-recipients') or ''}"
        receipt = report_of(parts, "message/disposition-notification")
        if receipt or (mail.get("auto-submitted") and not _BOUNCER.search(sender)) or mail.get("x-autoreply"):
            return Ignored(identity(mail, raw))
        return Rejection(self.line, "no delivery status in it (RFC 3464), nor an SMTP reply quoted in its text")

    def _notice(self, mail: Part, parts: list[Part], told: list[Part], raw: bytes) -> _Notice | None:
        original = original_of(parts)
        mta = next((_host(group.get("reporting-mta")) for group in told if group.get("reporting-mta")), None)
        dates = (*(group.get("last-attempt-date") for group in told), mail.get("date"), original.get("date"))
        at = next((at for text in dates if (at := date_of(text))), None)
        named = self.options.instances.get(mta or "")
        is_own = named is not None or border(mail.fields.get("received", ())) is None
        ip = named or self.options.ip or (None if is_own else _handed_over(original, mta))
        domain = _sending_domain(mail, original, told)
        return None if at is None else _Notice(identity(mail, raw), at, mta, is_own, ip, domain, original)

    def _recipients(self, notice: _Notice, told: list[Part], quoted: list[Quote]) -> Iterator[Item]:
        recipients = [group for group in told if group.get("final-recipient") or group.get("action")]
        if not recipients:
            yield Rejection(self.line, "a delivery status without a Final-Recipient")
        for number, group in enumerate(recipients):
            quote = quoted[0] if len(recipients) == len(quoted) == 1 else None
            try:
                yield _of_group(notice, group, quote, number)
            except ValueError as problem:
                yield Rejection(self.line, str(problem))


def _status(mail: Part, parts: list[Part]) -> list[Part]:
    """The groups of fields, also where the boundaries around them got lost."""
    status = report_of(parts, "message/delivery-status", "message/global-delivery-status")
    at = mail.body.find(b"\nReporting-MTA:") if status is None and mail.type == "multipart/report" else -1
    if at >= 0:
        status = Part({}, mail.body[at:])
    return list(groups(status)) if status else []


def _failed_recipients(mail: Part, text: str) -> list[Part]:
    """Exim names them in the header; the text says whether it had tried for too long."""
    action = "delayed" if _DELAY.search(mail.get("subject") or "") else "failed"
    status = "4.4.7" if _TRIED_FOR_LONG.search(text) else "5.0.0"
    addresses = ",".join(mail.fields.get("x-failed-recipients", ())).split(",")[:_MOST_NAMED]
    return [
        Part({"final-recipient": [address], "action": [action], "status": [status]}, b"")
        for address in addresses
        if "@" in address
    ]


def _of_group(notice: _Notice, group: Part, quote: Quote | None, number: int) -> Item:
    outcome = _outcome(_action(group), notice.is_own)
    event_id = f"{notice.id}-{number}"
    if outcome is None:
        return Ignored(event_id)
    reply = _longer(_reply(group), quote)
    remote = _host(group.get("remote-mta")) or (quote.host if quote else None)
    passed_on = not notice.is_own and remote is not None and not same_house(remote, notice.mta)
    recipient = None if notice.is_own else group.get("original-recipient")
    return _event(
        notice,
        outcome,
        ip=None if passed_on else notice.ip,
        recipient_domain=values.domain_of(recipient or group.get("final-recipient") or ""),
        host=remote or (None if notice.is_own else notice.mta),
        speaker=Speaker.OWN if reply is None and _is_ours(notice, outcome) else Speaker.RECEIVER,
        reply=reply,
        expired=notice.is_own and outcome is DeliveryOutcome.BOUNCED and _is_transient(group, reply),
        event_id=event_id,
    )


def _of_quote(notice: _Notice, quote: Quote, delayed: bool, number: int) -> Item:
    outcome = _outcome("delayed" if delayed else "failed", notice.is_own)
    if outcome is None:
        return Ignored(f"{notice.id}-{number}")
    return _event(
        notice,
        outcome,
        ip=notice.ip,
        recipient_domain=quote.recipient_domain,
        host=quote.host,
        reply=quote.reply,
        expired=notice.is_own and outcome is DeliveryOutcome.BOUNCED and quote.reply.startswith("4"),
        event_id=f"{notice.id}-{number}",
    )


def _event(notice: _Notice, outcome: DeliveryOutcome, **told: Any) -> DeliveryEvent:
    event = DeliveryEvent(
        notice.at,
        outcome,
        domain=notice.domain,
        dkim_domain=signing_domain(notice.original),
        campaign=campaign(notice.original),
    )
    return event._replace(**told)


def _action(group: Part) -> str:
    """By the status where the action is missing. Raises ValueError for what is none."""
    action = (group.get("action") or "").partition(" ")[0].lower()
    status = _STATUS.search(group.get("status") or "")
    if not action and status:
        action = _ACTION_OF[status[1]]
    if action in {"failed", "delayed", "delivered", "relayed", "expanded"}:
        return action
    raise ValueError(
        f"expected an Action such as failed, found {repr(action) if _ACTION.fullmatch(action) else 'none'}"
    )


def _outcome(action: str, is_own: bool) -> DeliveryOutcome | None:
    """None: nothing to be counted. A receiver's own delays and successes come after it was counted as delivered."""
    if action == "failed":
        return DeliveryOutcome.BOUNCED if is_own else DeliveryOutcome.OUT_OF_BAND
    if not is_own or action == "expanded":
        return None
    return DeliveryOutcome.DELIVERED if action in _ACCEPTED else DeliveryOutcome.DEFERRED


def _is_ours(notice: _Notice, outcome: DeliveryOutcome) -> bool:
    """Whether a failure without a receiver's words was our own MTA's: nobody was reached."""
    return notice.is_own and outcome is not DeliveryOutcome.DELIVERED


def _reply(group: Part) -> str | None:
    """The receiver's words; other types of diagnostic are the reporting MTA's own."""
    kind, _, text = (group.get("diagnostic-code") or "").partition(";")
    return text.strip()[: values.MOST_REPLY] or None if kind.strip().lower() == "smtp" else None


def _longer(reply: str | None, quote: Quote | None) -> str | None:
    """sendmail gives the first line of a reply in the field, and all of it in the text."""
    if quote and (reply is None or quote.reply.startswith(reply)):
        return quote.reply
    return reply


def _is_transient(group: Part, reply: str | None) -> bool:
    status = _STATUS.search(group.get("status") or "")
    return status[1] == "4" if status else (reply or "").startswith("4")


def _host(field: str | None) -> str | None:
    """Of "dns; mx.example (192.0.2.1)": the name."""
    return host_name((field or "").partition(";")[2].strip().partition(" ")[0])


def _handed_over(original: Part, mta: str | None) -> str | None:
    """From which address the house of the reporting MTA took the mail."""
    taken = (hop for hop in hops(original.fields.get("received", ())) if same_house(hop.by, mta))
    return next((hop.ip for hop in taken if hop.crosses), None)


def _sending_domain(mail: Part, original: Part, told: list[Part]) -> str | None:
    """A notice goes to the envelope's sender, so its own recipient tells as a last resort."""
    sender = next((group.get("x-postfix-sender") for group in told if group.get("x-postfix-sender")), None)
    texts = (sender, original.get("return-path"), original.get("from"), mail.get("to"))
    return next((domain for text in texts if text and (domain := values.domain_of(text))), None)


SOURCE = Source(
    id="dsn",
    title="Bounces as mail (delivery status notifications)",
    shape=Shape.DOCUMENT,
    space="dsn",
    reader=DsnReader,
    not_measured=frozenset({"attempted", "delivered", "complaints"}),
    maildir=True,
)
