"""Bounces of our own reports: which message could not be delivered, to whom, and what the receiver said (RFC 3464).

A report is known by its Message-ID, which stands in the header that a bounce returns, and which nobody but its readers
has seen: so nobody else can make a contact look lost. Only a failure that is final counts; a delay is no answer.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from deliverwatch.sources.mail_files import MOST_MAIL, Part, groups, leaves, original_of, read_mail, report_of

_MESSAGE_ID = re.compile(r"<([0-9a-f-]{36})@[^<>@\s]+>")
_FINAL = re.compile(r"5\.\d{1,3}\.\d{1,3}")
_MOST_RECIPIENTS = 20


class ReportBounce(NamedTuple):
    """`addresses`: what the recipient is called in it; it may have been passed on to another."""

    report_id: str
    addresses: tuple[str, ...]
    why: str


def report_bounces(raw: bytes) -> Iterator[ReportBounce]:
    """Nothing of what is no bounce, or of another message."""
    if len(raw) > MOST_MAIL:
        return
    parts = leaves(read_mail(raw))
    status = report_of(parts, "message/delivery-status", "message/global-delivery-status")
    found = _MESSAGE_ID.search(original_of(parts).get("message-id") or "")
    if status is None or found is None:
        return
    for group in list(groups(status))[: _MOST_RECIPIENTS + 1]:
        addresses = tuple(
            filter(None, (_address(group.get(name)) for name in ("original-recipient", "final-recipient")))
        )
        if addresses and _failed_for_good(group):
            yield ReportBounce(found[1], addresses, _why(group))


def _failed_for_good(group: Part) -> bool:
    """4.x.x with "failed": a queue gave up, and the address may be well next week."""
    action = (group.get("action") or "").partition(" ")[0].lower()
    return action == "failed" and _FINAL.match(group.get("status") or "") is not None


def _address(field: str | None) -> str:
    return (field or "").partition(";")[2].strip()


def _why(group: Part) -> str:
    kind, _, text = (group.get("diagnostic-code") or "").partition(";")
    return text.strip() or kind.strip() or (group.get("status") or "")
