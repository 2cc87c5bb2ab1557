"""What is nobody's business, taken out of foreign text.

Replies, log lines and bounces name people: the recipient, the person who complained, the local part of the sender.
None of that is needed to know what a receiver thinks of our mail, so it is masked before anything is kept
(`without_people`). Domains stay: they say where mail went. `template` masks all in which two replies of one kind
differ, so that they are counted as one.

Both take time in proportion to the text, whatever it holds: it comes from strangers.
"""

import ipaddress
import re

MASK = "***"
_MOST_QUOTED = 256  # RFC 5321 §4.5.3.1.1 allows 64 octets; who writes more is masked all the same
_AT = re.compile(
    r"@|[\uff20\ufe6b]|%(?:25){0,3}40|&(?:#0{0,3}64|#x0{0,3}40|commat);|[(\[](?:at|@)[)\]]"
    r"|=40(?=[a-z][\w-]{0,62}\.)|=(?=(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}(?![\w.=+-]{0,255}@))",
    re.IGNORECASE,
)
"""The sign, as it is or as mail, links, pages and cautious people write it; and the equals sign in its place where an
address was written into another one (VERP), if that one's end is cut off."""
_MARKS = re.compile(r"[@%&(\[=<:\"']")  # one at least stands in or before whatever is masked in a text of ASCII
_ENDS_A_LOCAL_PART = frozenset(" \t\r\n\v\f<>@()[]:;,\"'\\")
_PARTS_OF_A_LINK = re.compile(r"[/?&=#]")
_BEFORE_A_NAME = ("unknown", "invalid", "illegal", "no such", "inactive", "disabled")
_NAMED = re.compile(
    rf"((?:{'|'.join(_BEFORE_A_NAME)})(?: or illegal)? "
    r"(?:local[ -]part|user|recipient|mailbox|account)"
    r"(?:: ?[\"'<(\[]?| [\"'<(\[]))(?!\*)([^\s\"'<>()\[\]@:]{1,64})(?!@)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"<(?!\*)[^\s<>@:/.*]{1,64}>(?= ?(?:\.\.\.|:|,|$|\s(?:is|does|user|recipient|mailbox|unknown|not|no)\b))", re.I
)

_SPOKEN_NAME = re.compile(r'"(?!\*)[^"<>]{1,100}"(?= ?<\*\*\*)')


def without_people(text: str) -> str:
    """Masks local parts of mail addresses, quoted, with tags, or rewritten to carry another address (VERP, SRS), and
    names that a receiver gives without a domain ("unknown user: ...")."""
    if text.isascii() and _MARKS.search(text) is None:
        return text
    if _AT.search(text):
        text = _without_local_parts(text)
    if "<" in text:
        text = _SPOKEN_NAME.sub(f'"{MASK}"', text)
        text = _BRACKETED.sub(f"<{MASK}>", text)
    lower = text.lower()
    if not text.isascii() or any(word in lower for word in _BEFORE_A_NAME):
        text = _NAMED.sub(rf"\1{MASK}", text)
    return text


def _without_local_parts(text: str) -> str:
    pieces, done = [], 0
    for found in _AT.finditer(text):
        at = found.start()
        begin = (
            _quoted_begin(text, done, at) if text[at - 1 : at] == '"' and at > done else _plain_begin(text, done, at)
        )
        if found[0] == "=" and "+" not in text[begin:at]:
            continue
        if begin < at:
            pieces += [text[done:begin], MASK]
            done = at
    return "".join([*pieces, text[done:]])


def _quoted_begin(text: str, least: int, at: int) -> int:
    """Where "first last"@ begins; a quotation mark after a backslash does not (RFC 5321 §4.1.2)."""
    begin = at - 1
    for _ in range(_MOST_QUOTED):
        begin = text.rfind('"', least, begin)
        if begin == -1:
            return least if at - least <= _MOST_QUOTED else at
        if text[begin - 1 : begin] != "\\":
            return begin
    return least


def _plain_begin(text: str, least: int, at: int) -> int:
    """In a web address, only the part between its own marks is somebody's."""
    begin = at
    if text[at : at + 1] in ("(", "[") and text[at - 1 : at] == " " and at > least:
        begin = at = at - 1  # jane (at) example.net
    elif text[at - 1 : at] == "\\" and at > least:
        begin = at - 1
    while begin > least and text[begin - 1] not in _ENDS_A_LOCAL_PART:
        begin -= 1
    if text.startswith("//", begin):
        for mark in _PARTS_OF_A_LINK.finditer(text, begin, at):
            begin = mark.end()
    return begin


# --- what differs from reply to reply -------------------------------------------------------------------------------

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = (
    rf"\b(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{{0,6}},? )?"
    rf"(?:\d{{1,2}} (?:{_MONTHS})[a-z]{{0,6}}|(?:{_MONTHS})[a-z]{{0,6}} \d{{1,2}})\b"
    r"(?:,? \d{4})?(?: \d\d:\d\d(?::\d\d)?)?(?: [+-]\d{4}| [a-z]{3,4}(?= \d{4}|$|[\])]))?(?: \d{4})?"
    r"|(?<!\d)\d{4}[-/]\d\d[-/]\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:z|[+-]\d\d:?\d\d)?)?"
    r"|(?<![\d:])\d\d:\d\d:\d\d(?![\d:])"
)
_IP = (
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)"
    r"|(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?![\w:])"
)
_MASKED = re.compile(
    r"(?P<link>https?:(?://|/ /)[^\s<>\"')\]]{1,2000})"
    r"|(?P<address>(?<![^\s<>\"'(),:;\[\]])[^\s<>\"'(),:;\[\]]{0,400}@[^\s<>\"'(),;\]]{1,255}\]?)"
    rf"|(?P<date>{_DATE})|(?P<ip>{_IP})"
    r"|(?P<code>(?<![\w.])(?:[245]\.\d{1,3}\.\d{1,3}|[245]\d\d)(?![\w.]*\d))"
    r"|(?P<host>(?<![\w.-])(?:[a-z0-9_-]{1,63}\.){1,9}[a-z]{2,24}(?![\w-]))"
    r"|(?P<word>[a-z0-9_+=/-]{1,400})",
    re.IGNORECASE,
)
_SHORT_CODE = re.compile(r"[a-z]{1,5}[_-]?\d{1,7}(?:_\d{1,4})?", re.IGNORECASE)
_LINK_PART = re.compile(r"([/?&=#.,;:-])")
_LONG = 16


def template(text: str) -> str:
    """The reply with addresses, hosts, ids, numbers and dates masked: equal for replies that differ in nothing else.
    Codes of a provider ("[TSS04]") and the hosts and paths of help pages stay."""
    return _MASKED.sub(_placeholder, " ".join(text.split())).lower()


def _placeholder(found: re.Match[str]) -> str:
    kind, value = str(found.lastgroup), found[0]
    if kind == "link":
        return _link(value)
    if kind == "code":
        return value
    if kind == "ip":
        return "<ip>" if _is_address(value) else value
    return _word(value) if kind == "word" else f"<{kind}>"


def _word(word: str) -> str:
    if word.lstrip("-").isdigit():
        return "<number>"
    if _SHORT_CODE.fullmatch(word):
        return word
    return "<id>" if _is_id(word) else word


def _is_id(word: str) -> bool:
    """Letters and digits mixed, or long and with capitals inside."""
    if any(character.isdigit() for character in word):
        return any(character.isalpha() for character in word)
    return len(word) >= _LONG and word not in (word.lower(), word.upper(), word.capitalize()) and "-" not in word


def _link(link: str) -> str:
    scheme, _, rest = link.partition("//")
    host, slash, path = rest.partition("/")
    parts = _LINK_PART.split(path)
    masked = [
        "<id>" if before == "=" and part else _word(part) for before, part in zip(["", *parts], parts, strict=False)
    ]
    return f"{scheme}//{host}{slash}{''.join(masked)}"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
