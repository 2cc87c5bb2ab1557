"""SMTP replies quoted in the text of a bounce, for MTAs that write no delivery status, or none with the reply in it.

    host mx.example[192.0.2.1] said: 550 ...              Postfix
    host mx.example [192.0.2.1]                           Exim; the reply on the same line or after
      SMTP error from remote mail server after RCPT TO:<...>: 550 ...
    Remote host said: 550 ...                             qmail
    ... while talking to mx.example.:                     sendmail
    <<< 550 ...

A paragraph is about one recipient, whose address is the first in it; Exim begins one with the address alone on a line.
Below the line that announces the returned mail nothing is read: what stands there was written by the sender.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from deliverwatch.sources import values
from deliverwatch.sources.received import host_name

_MOST_TEXT, _MOST_PARAGRAPH, _MOST_QUOTES = 1 << 16, 4096, 100
_RETURNED = re.compile(
    r"^(?:-{3,} ?(?:This is a copy of|Below this line is a copy|Original message|The header of the original|"
    r"Returned message|Message header|Unsent message)|Return-path: <|Received: from )",
    re.IGNORECASE | re.MULTILINE,
)
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n|\n(?=[ \t]{0,20}[^\s<>@]{1,64}@[A-Za-z0-9.-]{1,253}[ \t]{0,20}\r?\n)")
_CODE = r"([245]\d\d[ -].*)"
_SAID = re.compile(r"\bhost ([A-Za-z0-9_.-]+) ?\[[0-9A-Fa-f:.]+\](?::\d+)? said: " + _CODE)
_EXIM = re.compile(r"\bhost ([A-Za-z0-9_.-]+) \[[0-9A-Fa-f:.]+\]: " + _CODE)
_EXIM_AFTER = re.compile(
    r"\bhost ([A-Za-z0-9_.-]+) \[[0-9A-Fa-f:.]+\] SMTP error from remote mail server after .{0,300}?: " + _CODE
)
_QMAIL = re.compile(r"\bRemote host said: " + _CODE)
_TALKING_TO = re.compile(r"\bwhile talking to ([A-Za-z0-9_.-]+):")
_HEARD = re.compile(r"^<<< ([245]\d\d(?:[ -].*)?)$", re.MULTILINE)
_GAVE_UP = re.compile(r" (?:Giving up on [0-9A-Fa-f:.]+\.|I'm not going to try again|\(in reply to [^()]{1,60}\)).*$")
_ADDRESS = re.compile(r"[^\s<>@(]{1,64}@([A-Za-z0-9.-]{1,253})")


class Quote(NamedTuple):
    reply: str
    host: str | None = None
    recipient_domain: str | None = None


def quotes(text: str) -> list[Quote]:
    """One for each paragraph that quotes a reply, in order."""
    text = text[:_MOST_TEXT]
    returned = _RETURNED.search(text)
    paragraphs = _PARAGRAPH.split(text[: returned.start()] if returned else text)
    return list(_quotes(paragraphs))[:_MOST_QUOTES]


def _quotes(paragraphs: list[str]) -> Iterator[Quote]:
    about: str | None = None  # Exim and sendmail leave a blank line between a recipient and what was said
    for paragraph in paragraphs:
        paragraph = paragraph[:_MOST_PARAGRAPH]
        line = " ".join(paragraph.split())
        recipient = _ADDRESS.search(line)
        about = values.domain(recipient[1]) if recipient else about
        if (quote := _quoted(line) or _heard(paragraph)) is not None:
            yield quote._replace(recipient_domain=about)


def _quoted(line: str) -> Quote | None:
    for pattern in (_SAID, _EXIM_AFTER, _EXIM):
        if (found := pattern.search(line)) is not None:
            return Quote(_reply(found[2]), host_name(found[1]))
    found = _QMAIL.search(line)
    return Quote(_reply(found[1])) if found else None


def _heard(paragraph: str) -> Quote | None:
    """The lines that sendmail heard last, as one reply."""
    talking_to = _TALKING_TO.search(paragraph)
    heard = _HEARD.findall(paragraph)
    return Quote(_reply(" ".join(" ".join(heard).split())), talking_to and host_name(talking_to[1])) if heard else None


def _reply(text: str) -> str:
    """Without what the MTA adds behind it."""
    return _GAVE_UP.sub("", text).strip()[: values.MOST_REPLY]
