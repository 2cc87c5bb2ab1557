"""Whom a reply names as refused: an address or a domain of ours.

The receiver's own host and address stand in the wrapper, which is cut before (`core.reply_text`), and hosts of help
pages are no subjects; an address in the query of such a page ("...?ip=192.0.2.1") is one, if no other is named. What
is found is the place of a word, since replies that differ only in their addresses have it at the same place.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from deliverwatch.core.reply_text import IPV4, IPV6, SOME_IPV4, SOME_IPV6, seen_address
from deliverwatch.core.subjects import Subject, SubjectKind, parse_subject

_ADDRESS = re.compile(rf"{IPV4}|{IPV6}", re.IGNORECASE)
_SOME_ADDRESS = re.compile(rf"{re.escape(SOME_IPV4)}|{SOME_IPV6}")
_DOMAIN = r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.){1,8}[a-z][a-z0-9-]{1,62}"
_DOMAIN_IN = re.compile(rf"(?<![\w.-]){_DOMAIN}(?![\w-])", re.IGNORECASE)
# Words that stand before the domain that is meant, and words that stand after it.
_BEFORE = (
    r"\bdomains?(?: name)?(?: of)?(?: sender)?(?: address)?|\bhelo(?: command| hostname)?|\behlo|\bspf check for"
    r"|\bpolicy (?:for|of)|\bsend(?:ing)? (?:e?mails? )?(?:from|for)|\b(?:e?mails?|messages?) from|\bfrom:?"
    r"|\bsender(?: address)?:?|\bheader\.from=|\bsmtp\.mailfrom=|\bd=|\badministrator of|\bon behalf of"
)
_AFTER = (
    r"does(?:n't| not) (?:allow|meet|designate|have|exist|resolve)|has (?:a |been )|(?:domain )?(?:dmarc|spf|dkim)\b"
    r"|is (?:listed|blacklisted|blocked|blocklisted|not allowed|on our)|sender (?:rejected|refused|blocked)|mismatches"
)
_NAMED_DOMAIN = re.compile(
    rf"(?:{_BEFORE})[ ]?[\[<(\"']{{0,2}}(?:user@)?(?P<after>{_DOMAIN})(?![\w@-])"
    rf"|(?<![\w./@-])(?:user@)?(?P<before>{_DOMAIN})[\])>\"']{{0,2}}(?:'s|:)? (?:{_AFTER})"
)


class Place(NamedTuple):
    """A word of the reply, and what is to be taken from it."""

    word: int
    kind: SubjectKind


def find_subject(text: str, places: Sequence[int], domain_first: bool, or_domain: bool = True) -> Place | None:
    """`text`, `places`: the normalised reply. `or_domain`: a domain will do, if no address is named."""
    address = _address_place(text, places) if SOME_IPV4 in text or SOME_IPV6 in text else None
    domain = _domain_place(text, places) if domain_first or (or_domain and address is None) else None
    return (domain or address) if domain_first else (address or domain)


def subject_at(words: Sequence[str], place: Place) -> Subject | None:
    """None: what stands there is neither, or none of ours."""
    return _subject_in(words[place.word], place.kind)


@lru_cache(maxsize=10_000)
def _subject_in(word: str, kind: SubjectKind) -> Subject | None:
    if kind is SubjectKind.DOMAIN:
        found = _DOMAIN_IN.search(word.rpartition("@")[2])
        return _subject(found[0]) if found else None
    return next((each for match in _ADDRESS.finditer(word) if (each := _ours(match[0])) is not None), None)


def _address_place(text: str, places: Sequence[int]) -> Place | None:
    in_link = None
    for found in _SOME_ADDRESS.finditer(text):
        place = Place(places[text.count(" ", 0, found.start())], SubjectKind.IPV4)
        word = text[text.rfind(" ", 0, found.start()) + 1 : found.start()]
        if "/" not in word and "=" not in word:
            return place
        in_link = in_link or place
    return in_link


def _domain_place(text: str, places: Sequence[int]) -> Place | None:
    for found in _NAMED_DOMAIN.finditer(text):
        name = found.start("after" if found["after"] else "before")
        return Place(places[text.count(" ", 0, name)], SubjectKind.DOMAIN)
    return None


def _ours(text: str) -> Subject | None:
    address = seen_address(text)
    if address is None:
        return None
    return Subject(SubjectKind.IPV6 if ":" in address else SubjectKind.IPV4, address)


def _subject(text: str) -> Subject | None:
    try:
        return parse_subject(text)
    except ValueError:
        return None
