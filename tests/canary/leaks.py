"""Finds an account key in whatever was put out, however it is written there.

The output is read in several ways (percent-encoding, quoted-printable, HTML and JSON escapes, wide characters and line
breaks undone), and in each the key is looked for as it is, in any case, backwards, in hexadecimal and in Base64 at each
of its three alignments.
"""

import base64
import html
import quopri
import re
import urllib.parse
from collections.abc import Iterator
from functools import cache

_ESCAPE = re.compile(r"\\(?:u00|x)([0-9a-fA-F]{2})")


def leaks(key: str, output: bytes) -> set[str]:
    """The ways in which the key is in there: "plain", "reversed", "hexadecimal", "base64"."""
    found = set()
    for view in _views(output):
        low = view.lower()
        found |= {way for way, needle in _in_any_case(key) if needle in low}
        found |= {"base64" for needle in _in_base64(key) if needle in view}
    return found


@cache
def _views(output: bytes) -> tuple[str, ...]:
    text = output.decode("latin-1")
    return (
        text,
        re.sub(r"\s", "", text),
        text.replace("\0", ""),
        urllib.parse.unquote(text),
        quopri.decodestring(output).decode("latin-1"),
        html.unescape(text),
        _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text),
    )


def _in_any_case(key: str) -> Iterator[tuple[str, str]]:
    low = key.lower()
    yield "plain", low
    yield "reversed", low[::-1]
    for spelled in (key, low, key.upper()):
        yield "hexadecimal", spelled.encode().hex()


def _in_base64(key: str) -> Iterator[str]:
    """The characters that depend on the key alone, whatever stands before and behind it."""
    for spelled in (key, key.lower(), key.upper()):
        for before in range(3):
            encoded = base64.b64encode(b"\0" * before + spelled.encode()).decode()
            certain = encoded[-(-before * 8 // 6) : (before + len(spelled)) * 8 // 6]
            yield certain
            yield certain.translate(str.maketrans("+/", "-_"))
