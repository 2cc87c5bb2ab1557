"""Complaints: what a feedback loop sends when somebody presses "this is spam" (Abuse Reporting Format, RFC 5965).

A report has three parts: words for people, fields for programs, and the mail complained of. Real ones break the format:
an address that is "x.x.x.x" or private, version 0.1, no From, no address at all (Yahoo and others, whose loops go by
the DKIM domain). What is missing is taken from the mail complained of: the address from the newest Received field that
crosses into the receiver's house, the domain from Return-Path, From or the report's Reported-Domain.

Who complained goes no further than here: of the recipient there remains the domain, by which the provider is known.
Only complaints count; an opt-out, a "not spam" and a DMARC failure report (RFC 6591) come in the same format and are
ignored. A report may stand for several incidents (RFC 5965 §3.2); a stranger's claim is followed up to a hundred.
Microsoft's older reports (JMRP) have no fields and say the address in the subject.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Item, Rejection
from deliverwatch.flows.source_ports import Shape, Source
from deliverwatch.sources import values
from deliverwatch.sources.mail_files import (
    MailReader,
    Part,
    date_of,
    fields_of,
    identity,
    leaves,
    original_of,
    read_mail,
    report_of,
)
from deliverwatch.sources.received import border, sending_address
from deliverwatch.sources.returned import campaign, signing_domain

_COMPLAINTS = frozenset({"abuse", "fraud", "virus", "other", "complaint"})
_NO_COMPLAINTS = frozenset({"not-spam", "auth-failure", "dmarc", "opt-out", "opt-out-list"})
_MOST_INCIDENTS = 100
_OLD_SUBJECT = re.compile(r"complaint about message from ([0-9A-Fa-f.:]{3,45})")
_NAME = re.compile(r"[\w !&+-]{1,60}")
_TYPE = re.compile(r"[a-z][a-z-]{0,30}")


class ArfReader(MailReader):
    def items(self, raw: bytes) -> Iterator[Item]:
        mail = read_mail(raw)
        parts = leaves(mail)
        original = original_of(parts)
        found = report_of(parts, "message/feedback-report")
        report = fields_of(found) if found else _old_report(mail)
        if report is None:
            yield Rejection(self.line, "no feedback report in it (RFC 5965): expected a part message/feedback-report")
            return
        kind = (report.get("feedback-type") or report.get("abuse-type") or "").lower()
        at = _arrival(report, mail)
        if kind in _NO_COMPLAINTS:
            yield Ignored(identity(mail, raw))
        elif kind not in _COMPLAINTS:
            shown = repr(kind) if _TYPE.fullmatch(kind) else "none that could be read"
            yield Rejection(self.line, f"expected a Feedback-Type such as abuse, found {shown}")
        elif at is None:
            yield Rejection(self.line, "no date in it: expected Arrival-Date, Received-Date or Date")
        else:
            yield from _incidents(self._event(mail, report, original, at), identity(mail, raw), report)

    def _event(self, mail: Part, report: Part, original: Part, at: datetime) -> DeliveryEvent:
        crossed = border(original.fields.get("received", ()))
        return DeliveryEvent(
            at,
            DeliveryOutcome.COMPLAINED,
            ip=self.options.ip or sending_address(report.get("source-ip")) or (crossed.ip if crossed else None),
            recipient_domain=_recipient_domain(report, original),
            host=_reporter(mail, report),
            provider=_reporter_name(report),
            domain=_sending_domain(report, original),
            dkim_domain=signing_domain(original),
            campaign=campaign(original),
        )


def _old_report(mail: Part) -> Part | None:
    found = _OLD_SUBJECT.search(mail.get("subject") or "")
    return Part({"feedback-type": ["abuse"], "source-ip": [found[1]]}, b"") if found else None


def _arrival(report: Part, mail: Part) -> datetime | None:
    """When the mail complained of arrived, so that complaints are counted with the mail they are about; else when the
    report was made."""
    dates = (report.get("arrival-date"), report.get("received-date"), mail.get("date"))
    return next((at for text in dates if (at := date_of(text))), None)


def _incidents(event: DeliveryEvent, report_id: str, report: Part) -> Iterator[Item]:
    told = report.get("incidents") or "1"
    count = int(told) if told.isdecimal() and len(told) < 10 else 1
    for number in range(max(1, min(count, _MOST_INCIDENTS))):
        yield event._replace(event_id=f"{report_id}-{number}" if number else report_id)


def _recipient_domain(report: Part, original: Part) -> str | None:
    """Where the mailbox is: all recipients of one report are of one receiver."""
    told = (
        report.get("original-rcpt-to"),
        original.get("x-hmxmroriginalrecipient"),
        original.get("delivered-to"),
        original.get("to"),
    )
    return next((domain for text in told if text and (domain := values.domain_of(text))), None)


def _reporter(mail: Part, report: Part) -> str | None:
    """The receiver's host by its own word, else the domain that the report was sent from."""
    mta = (report.get("reporting-mta") or "").rpartition(";")[2].strip()
    return values.domain(mta.partition(" ")[0]) or values.domain_of(mail.get("from") or "")


def _reporter_name(report: Part) -> str | None:
    """What the loop calls its receiver, else its program ("Hotmail FBL"), without a version."""
    told = report.get("source") or (report.get("user-agent") or "").partition("/")[0]
    return told if _NAME.fullmatch(told) else None


def _sending_domain(report: Part, original: Part) -> str | None:
    told = (report.get("original-mail-from"), original.get("return-path"), original.get("from"))
    domains = (values.domain_of(text) for text in told if text)
    return next((domain for domain in domains if domain), None) or values.domain(report.get("reported-domain") or "")


SOURCE = Source(
    id="arf",
    title="Complaints of feedback loops (ARF mails)",
    shape=Shape.DOCUMENT,
    space="arf",
    reader=ArfReader,
    not_measured=frozenset({"attempted", "delivered", "deferred", "bounced"}),
    maildir=True,
)
