"""Who speaks in a reason of SparkPost, Bird and Momentum, which share their MTA.

"[internal]" marks the platform's own words. When its queue gives up, the last receiver's text stands inside: "554 5.4.7
[internal] message timeout (last transfail: 451 ...)"; that inner text is the evidence. Without one, and where nobody
could be reached, mail was offered and nothing was said: such an event is `OWN` and has no reply. A suppressed recipient
was never tried. (Support documents of the vendor, read November 2026.)
"""

import re
from typing import NamedTuple

from deliverwatch.core.delivery import Speaker

_INTERNAL = "[internal]"
_LAST_WORDS = "(last transfail:"
_NOBODY_THERE = re.compile(
    r"could (?:not )?be reached|no (?:mxs?|route|servers?)\b|dns (?:failure|lookup)|connect(?:ion)?\b", re.IGNORECASE
)
_GAVE_UP = re.compile(r"message timeout|exceeded max(?:imum)? time", re.IGNORECASE)
_SUPPRESSED = re.compile(
    r"recipient(?: address)?(?: was| is)? suppressed due to (?:customer|system) policy", re.IGNORECASE
)


class Heard(NamedTuple):
    speaker: Speaker
    reply: str | None
    expired: bool


def heard(reason: str | None) -> Heard:
    """The words that count, and whose they are."""
    if reason is None:
        return Heard(Speaker.RECEIVER, None, False)
    if _INTERNAL in reason:
        return _own(reason)
    suppressed = "uppressed" in reason and _SUPPRESSED.search(reason)
    return Heard(Speaker.SUPPRESSION if suppressed else Speaker.RECEIVER, reason, False)


def _own(reason: str) -> Heard:
    _, _, after = reason.partition(_INTERNAL)
    if not _GAVE_UP.search(after):
        if _SUPPRESSED.search(after):
            return Heard(Speaker.SUPPRESSION, reason, False)
        return Heard(Speaker.OWN, None if _NOBODY_THERE.search(after) else reason, False)
    last = after.partition(_LAST_WORDS)[2].strip().removesuffix(")").strip()
    if not last or _INTERNAL in last:
        return Heard(Speaker.OWN, None, True)
    return Heard(Speaker.RECEIVER, last, True)
