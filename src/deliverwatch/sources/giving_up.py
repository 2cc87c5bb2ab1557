"""The receiver's last words inside the text of an MTA whose queue gave up.

"550 4.4.7 delivery time expired; last reply: 421 4.7.0 too many complaints": the first part is our own MTA's, the
second is evidence. A reply begins with its code, at the beginning or after a colon, semicolon, bracket or quote; other
numbers are hours and ports.
"""

import re

from deliverwatch.sources import values

_CODE = re.compile(r"(?:^|[:;(\[\"'])\s*(?=[45]\d\d[ -])")
_OWN = re.compile(r"expired|message time-?out|retry time|too (?:old|long)|exceed", re.IGNORECASE)


def last_words(text: str) -> str | None:
    """None: it says only that it gave up."""
    text = text[: values.MOST_REPLY]
    starts = [match.end() for match in _CODE.finditer(text)]
    for start, end in zip(starts, [*starts[1:], None], strict=False):
        if not _OWN.search(text[start:end]):
            words = text[start:].strip()
            enclosed = words.endswith(")") and words.count(")") > words.count("(")
            return words[:-1].rstrip() if enclosed else words
    return None
