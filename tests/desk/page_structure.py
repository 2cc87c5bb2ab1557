"""What a page is made of, without its words: elements, attributes, and the attributes that must not hold a text.

By Python's parser or a browser's (`IN_BROWSER`), in the same form, to be compared with a page whose texts are harmless.
"""

import re
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlsplit

from deliverwatch.web.templating import STATIC

Element = tuple[str, Sequence[tuple[str, str]]]

_LINKS = {"href", "src", "action", "formaction", "hx-get", "hx-post", "xlink:href", "poster", "data", "cite"}
_TEXTS = {
    *("value", "title", "aria-label", "aria-describedby", "alt", "placeholder", "datetime", "content", "data-label"),
    *("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "d", "width", "height", "points"),
}
"""Attributes that hold words or figures: whatever stands in them, nothing runs."""
_OWN = re.compile(r"(?:/(?![/\\])|#|\?)[!-\[\]-~]*|")
_CLASSES = {name for file in STATIC.glob("*.css") for name in re.findall(r"\.([a-z][\w-]*)", file.read_text())}
_FIGURES = re.compile(r"\d+")
IN_BROWSER = """[...document.querySelectorAll("*")].map(each =>
    [each.localName, [...each.attributes].map(one => [one.name, one.value])])"""


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Element] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, [(name, value or "") for name, value in attrs]))

    def handle_comment(self, data):
        self.found.append(("<!-->", [("data", data)]))

    def handle_pi(self, data):
        self.found.append(("<?>", [("data", data)]))

    def unknown_decl(self, data):
        self.found.append(("<![>", [("data", data)]))


def elements(html: str) -> list[Element]:
    parser = _Elements()
    parser.feed(html)
    parser.close()
    return parser.found


def texts(html: str) -> str:
    """All its words, of attributes as well."""
    words: list[str] = []
    parser = _Elements()
    parser.handle_data = words.append
    parser.feed(html)
    parser.close()
    return "\n".join([*words, *(value for _, attributes in parser.found for _, value in attributes)])


def structure(found: Iterable[Element]) -> set[tuple[str, ...]]:
    """Each kind of element, each attribute of one, and each value that is no text and no link."""
    kinds: set[tuple[str, ...]] = set()
    for tag, attributes in found:
        kinds.add((tag,))
        for name, value in attributes:
            ours = (name in _LINKS and _is_own(value)) or (name == "class" and _CLASSES.issuperset(value.split()))
            fixed = name not in _TEXTS and not ours
            kinds.add((tag, name, _FIGURES.sub("0", value)) if fixed else (tag, name))
    return kinds


def _is_own(address: str) -> bool:
    return _OWN.fullmatch(address) is not None and not urlsplit(address).scheme


class Form(NamedTuple):
    """`fields`: what a browser would send of it untouched; `written`: in which a person writes, and how much."""

    method: str
    action: str
    fields: dict[str, str]
    written: dict[str, int]


_ANY = 1 << 20
_CHOSEN = frozenset({"checkbox", "radio", "hidden", "submit", "button"})


def forms(html: str) -> list[Form]:
    """Of a page, also of its selects and buttons the first one's value."""
    found: list[Form] = []
    open_select = None
    for tag, pairs in elements(html):
        attributes = dict(pairs)
        name = attributes.get("name", "")
        if tag == "form":
            found.append(Form(attributes.get("method", "get").lower(), attributes.get("action", ""), {}, {}))
        elif not found:
            continue
        elif tag == "select":
            open_select = name
        elif tag == "option" and open_select:
            found[-1].fields.setdefault(open_select, attributes.get("value", ""))
        elif tag in ("input", "textarea", "button") and name:
            found[-1].fields.setdefault(name, attributes.get("value", ""))
            if tag != "button" and attributes.get("type", "text") not in _CHOSEN:
                found[-1].written[name] = int(attributes.get("maxlength", _ANY))
    return found
