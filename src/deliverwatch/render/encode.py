"""Foreign text for what people read: one encoder per place it is put in.

`visible` (core) comes first everywhere. Beyond it a mail header must not hold what a reader decodes into another header
("=?", RFC 2047; CVE-2024-6923), and a mail must not hold a listed domain as it is: content filters look the domains in
a body up on the same lists and would refuse our own warning, and mail programs would turn a stranger's text into a
link. So dots in names are bracketed: news[.]acme[.]example. HTML is escaped by the template environment and by nothing
else.
"""

import re

from deliverwatch.core.visible import MOST, visible

_NAME_DOT = re.compile(r"(?<=\w)\.(?=\w)(?!(?<=\d\.)\d)")  # not the dots of numbers and IPv4 addresses
_NEVER_CUT = 1 << 31


def in_header(text: str, limit: int) -> str:
    """For a subject or display name: controls are dropped, as nobody needs to see them there."""
    dropped = "".join(character for character in text if visible(character) == character)
    return visible(dropped.replace("=?", "= ?"), limit)


def in_mail(text: str, limit: int = MOST) -> str:
    """For a body: one line, in which nothing becomes a link or a name that filters know."""
    return visible(_NAME_DOT.sub("[.]", text).replace("://", "[:]//"), limit)


def in_lines(text: str) -> str:
    """Text of several lines, whole: only its own line feeds part them, and everything else that hides is shown."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(visible(line, _NEVER_CUT) for line in lines)
