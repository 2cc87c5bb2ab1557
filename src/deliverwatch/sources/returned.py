"""What the header of a mail that came back, with a complaint or a bounce, tells of the mailing it belonged to."""

import re

from deliverwatch.sources import values
from deliverwatch.sources.mail_files import Part

_CAMPAIGN = re.compile(r"[\w.-]{1,64}")
_SIGNED_BY = re.compile(r"(?:^|;)\s*d\s*=\s*([^;\s]{1,253})")


def signing_domain(original: Part) -> str | None:
    """The d= of the newest DKIM signature (RFC 6376 §3.5)."""
    found = _SIGNED_BY.search(original.get("dkim-signature") or "")
    return values.domain(found[1]) if found else None


def campaign(original: Part) -> str | None:
    """The first of the four parts of a Feedback-ID, as Gmail defined it (its page "Feedback Loop", checked 2026-11-26:
    campaign, customer, kind of mail, sender). Other forms name no mailing."""
    parts = (original.get("feedback-id") or "").split(":")
    return parts[0] if len(parts) == 4 and _CAMPAIGN.fullmatch(parts[0]) else None
