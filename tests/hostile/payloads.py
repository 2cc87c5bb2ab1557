"""500 texts that want to be more than text, the same ones each time.

Each snippet is tried alone, in the middle of words, after a line break, at both ends and twice: what is harmless in the
middle of a line may not be so at its beginning.
"""

from itertools import product

COUNT = 500

_CONTROLS = [
    "\x00", "\x07", "\x08\x08\x08", "\x1b[2J", "\x1b]0;title\x07", "\x1b[31mred\x1b[0m", "\x7f", "\x85",
    "\x9b2J", "\t", "\r", "\n", "\r\n", "\x0b", "\x0c", "\x1c\x1d\x1e", "\u2028", "\u2029",
]  # fmt: skip
_UNICODE = [
    "\u202etxt.exe", "\u2066a\u2069", "a\u200bb", "\ufeff", "\u00ad", "\u034f", "e\u0301\u0301\u0301", "\ud800",
    "\udfff\ud800", "\U0010ffff", "\ue000", "ｆｕｌｌ", "\U0001f4a9", "\u3164", "a\ufe0f", "\U000e0041",
]  # fmt: skip
_HEADERS = [
    "Bcc: x@y.example", "\r\nBcc: x@y.example\r\n\r\nbody", "\nSubject: other",
    "=?utf-8?q?=0d=0aBcc:_x=40y.example?=", "a, b@y.example", "<x@y.example>",
    "\r\n.\r\nMAIL FROM:<x@y.example>", "From x", "--=_boundary\r\nContent-Type: text/html", "=3D=0A=",
    "\n\n----- English -----\n\n",
]  # fmt: skip
_MARKDOWN = [
    "| a | b |", "|---|---|", "```", "````\n# heading", "~~~", "# heading", "Heading\n=====", "- item",
    "1. item", "12) item", "> quote", "***", "---", "[a](http://evil.example)",
    "![a](http://evil.example/p.png)", "<http://evil.example>", "[a]: http://evil.example", "**bold**",
    "_under_", "~~gone~~", "`code`", "a\\|b", "\\", "&lt;b&gt; &#60;", "    code", "a  \nb", "www.evil.example",
    "http://evil.example", "x@evil.example", "$x$", "[^1]", "- [ ] task", "+ item",
]  # fmt: skip
_HTML = [
    "<script>alert(1)</script>", "</title><script>", "<img src=x onerror=alert(1)>", "<!-- ", "-->",
    "</td></tr></table>", "]]>", "javascript:alert(1)", '" onclick="x', "' style='x", "&amp;",
    "<style>*{display:none}", "<a href=//evil.example>",
]  # fmt: skip
_TEMPLATES = [
    "{{ 7*7 }}", "{% for x in y %}", "{# note #}", "{{ self.__init__.__globals__ }}", "{subjects}", "{0}",
    "%s %(name)s", "${jndi:ldap://x}", "{% extends 'request.txt.j2' %}", "{{ all.reason }}", "#{7*7}",
    "<%= 7 %>", "[to be completed]",
]  # fmt: skip
_PROGRAMS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "'; DROP TABLE draft; --", '" OR ""="', "--as",
    "--help", "-rf", "$(id)", "`id`", "; id", "| id", "../../etc/passwd", "%0d%0aBcc:x@y.example",
    "?subject=x&body=y", "&cc=x@y.example", "#fragment", "a%00b", '"}, {"x": "', "\\u0000", "\\n", "null",
    "NaN", "[/red]", "[bold]",
]  # fmt: skip
_LONG = [
    "x" * 3000,
    "long " * 600,
    "|" * 300,
    "`" * 300,
    "\n" * 100,
    "\u202e" * 200,
    "é" * 1500,
    "<" * 500,
    "https://" + "x" * 900,
]

_SNIPPETS = [*_CONTROLS, *_UNICODE, *_HEADERS, *_MARKDOWN, *_HTML, *_TEMPLATES, *_PROGRAMS]
_PLACES = ["{}", "refused {} because", "refused\r\n{}", " {}{} "]


def _all():
    yield from _LONG
    for place, snippet in product(_PLACES, _SNIPPETS):
        yield place.replace("{}", snippet)


PAYLOADS = tuple(dict.fromkeys(_all()))[:COUNT]
