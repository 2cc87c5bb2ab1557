"""What each value of an entry of blocklists.yaml allows by itself, but not beside the others."""

import ipaddress
import re
from collections.abc import Iterator

from deliverwatch.catalogue.answers import ABOUT_QUERIES, BITS, holds, is_band, meet
from deliverwatch.catalogue.blocklist_schema import Code, Entry, Feed, Point
from deliverwatch.catalogue.strict_yaml import Place
from deliverwatch.core.blocklist import AccessTerms, CodeStyle, Polarity
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verdict import matches

Complaint = tuple[Place, str]
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_BITMASK_SPACE = ipaddress.ip_network("127.0.0.0/24")
_BITS_OF = {SubjectKind.IPV4: 32, SubjectKind.IPV6: 128}


def contradictions(entry: Entry) -> Iterator[Complaint]:
    yield from _kind_contradictions(entry)
    yield from _access_contradictions(entry)
    yield from _rank_contradictions(entry)
    yield from _code_contradictions(entry)
    for index, point in enumerate(entry.test_points):
        yield from ((("test_points", index), problem) for problem in _point_contradictions(entry, point))
    for index, feed in enumerate(entry.feeds):
        yield from ((("feeds", index), problem) for problem in _feed_contradictions(entry, feed))


def _kind_contradictions(entry: Entry) -> Iterator[Complaint]:
    if not entry.kinds:
        yield ("kinds",), "is empty: expected at least one of ipv4, ipv6, domain"
    if "asked_name" in entry.model_fields_set and SubjectKind.DOMAIN not in entry.kinds:
        yield ("asked_name",), "is for lists of domains only: leave it out"
    if entry.matters_to and SubjectKind.DOMAIN not in entry.kinds:
        yield ("matters_to",), "is for lists of domains only: leave it out"
    for kind, length in entry.granularity.items():
        if kind not in entry.kinds:
            yield ("granularity", kind), f"is for {kind} subjects, which this list does not take (kinds)"
        elif kind is SubjectKind.DOMAIN:
            yield ("granularity", kind), "is for addresses: a domain has no prefix"
        elif not 0 < length < _BITS_OF[kind]:
            last = _BITS_OF[kind] - 1
            yield ("granularity", kind), f"{length} is not a prefix shorter than an address: expected 1 to {last}"


def _access_contradictions(entry: Entry) -> Iterator[Complaint]:
    terms = entry.access.terms
    if entry.on_by_default and terms is not AccessTerms.OPEN:
        yield ("on_by_default",), f"must be false: its access terms are {terms}, not open"
    if terms is AccessTerms.KEY and entry.keyed_zone is None:
        yield ("access",), "needs a key: give the keyed_zone that takes it"
    if entry.zone is None and entry.keyed_zone is None and not entry.feeds:
        yield (), "has no zone, keyed_zone or feeds: it could not be asked at all"
    if entry.zone is None and entry.keyed_zone is not None and terms is not AccessTerms.KEY:
        yield ("access",), f"has the terms {terms}, but its only zone takes a key: expected the terms key, or a zone"


def _rank_contradictions(entry: Entry) -> Iterator[Complaint]:
    if entry.leads and entry.polarity is not Polarity.BLOCK:
        yield ("leads",), f"must be false: a list of polarity {entry.polarity} accuses nobody"
    if entry.leads and not entry.used_by and not entry.notes:
        yield ("leads",), "needs a basis: say in used_by or notes why it matters to a sender"
    if entry.removal.paid and not entry.removal.note:
        yield ("removal", "paid"), "needs a note with the way that costs nothing: to pay is never the advice"


def _code_contradictions(entry: Entry) -> Iterator[Complaint]:
    if not entry.codes:
        yield ("codes",), "is empty: expected at least one answer and its meaning"
    for index, code in enumerate(entry.codes):
        place: Place = ("codes", index, "value")
        yield from ((place, problem) for problem in _value_contradictions(entry, code.value))
        earlier = (before.value for before in entry.codes[:index])
        if (problem := _clash(code, earlier)) is not None:
            yield place, problem
    for value in entry.refusals:
        if value in BITS and entry.style is not CodeStyle.BITMASK:
            yield ("refusals", value), f"{value} is a bit: expected an address, or the style bitmask"


def _value_contradictions(entry: Entry, value: str) -> Iterator[str]:
    if (refusal := next((each for each in entry.refusals if _hides(each, value)), None)) is not None:
        covered = f"{value} is among the refusals too" + (f" (as {refusal})" if refusal != value else "")
        yield f"{covered}: it is one or the other"
    if value in BITS and entry.style is not CodeStyle.BITMASK:
        yield f"{value} is a bit: expected an address, or the style bitmask"
    if value not in BITS and entry.style is CodeStyle.BITMASK:
        yield f"{value} is an address: expected a bit (1 to 128), or the style exact"
    if value not in BITS and meet(value, ABOUT_QUERIES):
        yield f"{value} is about the query on every list known: put it among the refusals"
    if value not in BITS and entry.style is CodeStyle.SCORE and not is_band(value):
        yield f"{value} is one figure: expected a band of them (127.0.4.0-69), or the style exact"


def _hides(refusal: str, value: str) -> bool:
    """One that is narrower takes its own part out of the code, which is how some lists do it."""
    return meet(refusal, value) and (not holds(value, refusal) or refusal == value)


def _clash(code: Code, earlier: Iterator[str]) -> str | None:
    for before in earlier:
        if before == code.value:
            return f"{code.value} is here twice"
        if holds(before, code.value):
            return f"{code.value} is never reached: {before} above holds it; put it first"
        if meet(before, code.value) and not holds(code.value, before):
            return f"{code.value} and {before} share answers, and neither holds the other: make them apart"
    return None


def _point_contradictions(entry: Entry, point: Point) -> Iterator[str]:
    if point.kind not in entry.kinds:
        yield f"is for {point.kind} subjects, which this list does not take (kinds)"
    if not _names(point.kind, point.name):
        yield f"{point.name!r} is not a name for a subject of kind {point.kind}"
    if refused := sorted(value for value in point.expect if any(matches(each, value) for each in entry.refusals)):
        yield f"expects {', '.join(refused)}, which is a refusal"
    elif unexplained := [value for value in point.expect if not _explained(entry, value)]:
        yield f"expects {', '.join(unexplained)}, which none of the codes explains"


def _explained(entry: Entry, value: str) -> bool:
    """Of a sum, one part is enough: the point of a bitmask list may set bits that mean nothing."""
    if entry.style is not CodeStyle.BITMASK:
        return any(matches(code.value, value) for code in entry.codes)
    last = int(value.rsplit(".", 1)[1])
    bits = [int(code.value) for code in entry.codes if code.value in BITS]
    return ipaddress.ip_address(value) in _BITMASK_SPACE and any(last & bit for bit in bits)


def _names(kind: SubjectKind, name: str) -> bool:
    """RFC 5782 §5 has test points of a single label (TEST, INVALID), and some lists use underscores."""
    if kind is SubjectKind.DOMAIN:
        return not name.replace(".", "").isdigit() and all(_LABEL.fullmatch(label) for label in name.split("."))
    try:
        return ipaddress.ip_address(name).version == (4 if kind is SubjectKind.IPV4 else 6)
    except ValueError:
        return False


def _feed_contradictions(entry: Entry, feed: Feed) -> Iterator[str]:
    if not feed.kinds:
        yield "holds no kind of subject: expected at least one of ipv4, ipv6, domain (kinds)"
    for kind in feed.kinds:
        if kind not in entry.kinds:
            yield f"is for {kind} subjects, which this list does not take (kinds)"
        elif kind not in feed.format.kinds:
            yield f"cannot hold {kind} subjects: its format is {feed.format}"
