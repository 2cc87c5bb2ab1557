"""What one entry of blocklists.yaml may hold, and how it becomes a `core.blocklist.Blocklist`."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from deliverwatch.catalogue.schema import HttpsUrl, IsoDate, KebabId, Strict, Text, choice
from deliverwatch.catalogue.strict_yaml import Place
from deliverwatch.core.blocklist import (
    Access,
    AccessTerms,
    AskedName,
    Blocklist,
    CodeStyle,
    Confidence,
    Impact,
    Polarity,
    Removal,
    RemovalWay,
    ReturnCode,
    Scope,
    TestPoint,
)
from deliverwatch.core.subjects import SubjectKind, normal_domain

_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
_ABOUT_QUERIES = ipaddress.ip_network("127.255.255.0/24")
_BITS = frozenset(str(1 << bit) for bit in range(8))
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def _answer(text: str) -> str:
    try:
        if ipaddress.IPv4Address(text) in _LOOPBACK:
            return text
    except ValueError:
        pass
    raise ValueError(f"{text!r} cannot be an answer of a blocklist: expected an address inside 127.0.0.0/8")


def _answer_or_bit(text: str) -> str:
    if not text.isdigit():
        return _answer(text)
    if text not in _BITS:
        raise ValueError(f"{text} is not one bit of an octet: expected 1, 2, 4, 8, 16, 32, 64 or 128")
    return text


def _zone(text: str) -> str:
    return normal_domain(text)


def _keyed_zone(text: str) -> str:
    if text.count("{key}") != 1 or "{key}" not in text.split("."):
        raise ValueError(f"{text!r} must hold {{key}} once, as a label of its own")
    normal_domain(text.replace("{key}", "key"))
    return text


_Answer = Annotated[Text, AfterValidator(_answer)]
_AnswerOrBit = Annotated[
    Text, BeforeValidator(lambda value: str(value) if type(value) is int else value), AfterValidator(_answer_or_bit)
]
_Kind = Annotated[SubjectKind, choice(SubjectKind)]


class _Code(Strict):
    value: _AnswerOrBit
    impact: Annotated[Impact, choice(Impact)]
    meaning: Text


class _TestPoint(Strict):
    kind: _Kind
    name: Text
    expect: list[_Answer]


class _Access(Strict):
    terms: Annotated[AccessTerms, choice(AccessTerms)]
    note: Text
    url: HttpsUrl | None = None


class _Removal(Strict):
    way: Annotated[RemovalWay, choice(RemovalWay)]
    url: HttpsUrl | None = None
    note: Text | None = None
    expires: Text | None = None


class Entry(Strict):
    id: KebabId
    name: Text
    zone: Annotated[Text, AfterValidator(_zone)]
    keyed_zone: Annotated[Text, AfterValidator(_keyed_zone)] | None = None
    kinds: list[_Kind]
    scope: Annotated[Scope, choice(Scope)]
    polarity: Annotated[Polarity, choice(Polarity)] = Polarity.BLOCK
    asked_name: Annotated[AskedName, choice(AskedName)] = AskedName.FULL
    style: Annotated[CodeStyle, choice(CodeStyle)] = CodeStyle.EXACT
    codes: list[_Code]
    refusals: dict[_AnswerOrBit, Text] = Field(default_factory=dict)
    test_points: list[_TestPoint]
    access: _Access
    on_by_default: bool = False
    lookup_url: HttpsUrl | None = None
    removal: _Removal
    source: Text
    checked_on: IsoDate
    confidence: Annotated[Confidence, choice(Confidence)]


def contradictions(entry: Entry) -> Iterator[tuple[Place, str]]:
    """What each value allows by itself, but not beside the others."""
    if not entry.kinds:
        yield ("kinds",), "is empty: expected at least one of ipv4, ipv6, domain"
    if entry.asked_name is AskedName.REGISTERED and SubjectKind.DOMAIN not in entry.kinds:
        yield ("asked_name",), "is for lists of domains only: leave it out"
    if entry.on_by_default and entry.access.terms is not AccessTerms.OPEN:
        yield ("on_by_default",), f"must be false: its access terms are {entry.access.terms}, not open"
    if entry.access.terms is AccessTerms.KEY and entry.keyed_zone is None:
        yield ("access",), "needs a key: give the keyed_zone that takes it"
    yield from _code_contradictions(entry)
    for index, point in enumerate(entry.test_points):
        yield from ((("test_points", index), problem) for problem in _point_contradictions(entry, point))


def _code_contradictions(entry: Entry) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for index, code in enumerate(entry.codes):
        place: Place = ("codes", index, "value")
        if code.value in seen:
            yield place, f"{code.value} is here twice"
        if code.value in entry.refusals:
            yield place, f"{code.value} is among the refusals too: it is one or the other"
        if code.value in _BITS and entry.style is CodeStyle.EXACT:
            yield place, f"{code.value} is a bit: expected an address, or the style bitmask"
        if code.value not in _BITS and entry.style is CodeStyle.BITMASK:
            yield place, f"{code.value} is an address: expected a bit (1 to 128), or the style exact"
        if code.value not in _BITS and ipaddress.ip_address(code.value) in _ABOUT_QUERIES:
            yield place, f"{code.value} is about the query on every list known: put it among the refusals"
        seen.add(code.value)
    for value in entry.refusals:
        if value in _BITS and entry.style is CodeStyle.EXACT:
            yield ("refusals", value), f"{value} is a bit: expected an address, or the style bitmask"


def _point_contradictions(entry: Entry, point: _TestPoint) -> Iterator[str]:
    if point.kind not in entry.kinds:
        yield f"is for {point.kind} subjects, which this list does not take (kinds)"
    if not _names(point.kind, point.name):
        yield f"{point.name!r} is not a name for a subject of kind {point.kind}"
    if refused := sorted(set(point.expect) & entry.refusals.keys()):
        yield f"expects {', '.join(refused)}, which is a refusal"


def _names(kind: SubjectKind, name: str) -> bool:
    """RFC 5782 §5 has test points of a single label (TEST, INVALID), and some lists use underscores."""
    if kind is SubjectKind.DOMAIN:
        return not name.replace(".", "").isdigit() and all(_LABEL.fullmatch(label) for label in name.split("."))
    try:
        return ipaddress.ip_address(name).version == (4 if kind is SubjectKind.IPV4 else 6)
    except ValueError:
        return False


def to_core(entry: Entry) -> Blocklist:
    return Blocklist(
        id=entry.id,
        name=entry.name,
        zone=entry.zone,
        kinds=frozenset(entry.kinds),
        scope=entry.scope,
        codes=tuple(ReturnCode(code.value, code.meaning, code.impact) for code in entry.codes),
        access=Access(entry.access.terms, entry.access.note, entry.access.url),
        removal=Removal(entry.removal.way, entry.removal.url, entry.removal.note, entry.removal.expires),
        test_points=tuple(TestPoint(point.kind, point.name, tuple(point.expect)) for point in entry.test_points),
        source=entry.source,
        checked_on=entry.checked_on,
        confidence=entry.confidence,
        style=entry.style,
        polarity=entry.polarity,
        asked_name=entry.asked_name,
        refusals=dict(entry.refusals),
        keyed_zone=entry.keyed_zone,
        lookup_url=entry.lookup_url,
        on_by_default=entry.on_by_default,
    )
