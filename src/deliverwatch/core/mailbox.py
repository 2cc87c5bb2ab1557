"""An e-mail address that the program writes to or from, checked once at the edge.

Only what mail systems carry without quoting is taken: a dot-atom local part of at most 64 octets and a domain name
(RFC 5321 §4.1.2, §4.5.3.1.1). Quoted local parts and address literals are legal and useless here, and every one of
their characters is a way to smuggle a second recipient or a header.
"""

import re

from deliverwatch.core.subjects import normal_domain

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"(?=.{{1,64}}$){_ATOM}(\.{_ATOM})*")


def parse_mailbox(text: str) -> str:
    """One address, its domain normalised. Raises ValueError with a sentence."""
    local, at, domain = text.strip().rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local):
        raise ValueError(f"{text!r} is not an e-mail address: expected name@domain")
    try:
        return f"{local}@{normal_domain(domain)}"
    except ValueError:
        raise ValueError(f"{text!r} is not an e-mail address: {domain!r} is not a domain name") from None
