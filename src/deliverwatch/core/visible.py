"""Foreign text made safe to look at, whatever it is printed on.

TXT records, SMTP replies and names come from strangers. A control character can move a terminal's cursor, split a
header or a log line; a bidirectional override shows a text in another order than it is stored (Unicode Technical
Report 36, "Unicode Security Considerations"); a zero-width character makes two different names look the same. All of
these are shown as escapes, so that one value stays one line and what is read is what is there. Each output adds what
its own syntax needs (`render.encode` for mail and pages).
"""

import unicodedata

MOST = 512  # a TXT reason is cut to it when it is read; a reply line has as many octets (RFC 5321 §4.5.3.1.5)

_SHOWN_AS_NOTHING = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


def visible(text: str, limit: int = MOST) -> str:
    """One line of at most `limit` characters; what is cut off leaves "…"."""
    if len(text) <= limit and text.isascii() and text.isprintable():  # nearly all there is
        return text
    shown: list[str] = []
    room = limit
    for character in text:
        piece = _escaped(character)
        room -= len(piece)
        if room < 0:
            return "".join(shown)[: limit - 1] + "…"
        shown.append(piece)
    return "".join(shown)


def _escaped(character: str) -> str:
    if not _hides(character):
        return character
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character]
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _hides(character: str) -> bool:
    """Controls, format characters, surrogates, private and unassigned ones, line separators, variation selectors."""
    return (
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        or character in _SHOWN_AS_NOTHING
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )
