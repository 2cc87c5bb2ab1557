"""What the sandbox's blocklists hold, and the ways in which they can be ill.

In its good days a zone answers as a list's own server does (rbldnsd is the model, and the contract tests compare the
two): only the exact name of an entry has records, what is not there is NXDOMAIN with the zone's SOA (RFC 2308 §2.1), a
known name without the asked type is NOERROR with it.

In its bad days, zone by zone or name by name, it does what dead and dying lists did: it lists the world (ORDB 2008,
AHBL 2015), goes empty (SORBS 2024), falls silent (WPBL 2025), answers outside 127/8 like a parked domain (SpamCop
2021), or fails in one of the ways of RFC 1035 §4.1.1. Test points are answered the same way, as they were then.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.TXT import TXT

from deliverwatch.core.blocklist import Blocklist, query_label
from deliverwatch.core.subjects import Subject
from deliverwatch.lookup.names import asked_names, zone_name

LISTED = "127.0.0.2"
OUTSIDE_ADDRESS = "203.0.113.7"
_TXT_STRING = 255


class Mode(StrEnum):
    """NORMAL tells the truth; the others answer every name, test points included, in their one way."""

    NORMAL = "normal"
    LISTS_THE_WORLD = "lists_the_world"
    EMPTY = "empty"
    SILENT = "silent"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    FORMERR = "formerr"
    NOTIMP = "notimp"
    NODATA = "nodata"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Record:
    """`values`: addresses of either family. `ptr`: a host name with its final dot. `mx`: "10 mx.acme.example.".
    `more_txt`: TXT records beside the one."""

    values: tuple[str, ...]
    txt: str | None = None
    ptr: str | None = None
    mx: tuple[str, ...] = ()
    more_txt: tuple[str, ...] = ()


@dataclass(slots=True)
class Zone:
    """May be changed while it is served. Labels are what stands before the zone: "2.0.0.127", "listed.example"."""

    name: str
    records: dict[str, Record] = field(default_factory=dict)
    ttl_for: timedelta = timedelta(minutes=5)
    mode: Mode = Mode.NORMAL
    truncates: bool = False
    delay_for: timedelta = timedelta(0)
    moods: dict[str, Mode] = field(default_factory=dict, init=False)

    def list(self, label: str, *codes: str, txt: str | None = None) -> None:
        self.records[label.lower()] = Record(codes or (LISTED,), txt)

    def unlist(self, label: str) -> None:
        self.records.pop(label.lower(), None)

    def misbehave(self, label: str, mode: Mode) -> None:
        """This name alone; NORMAL ends it, and the mode of the zone counts again."""
        if mode is Mode.NORMAL:
            self.moods.pop(label.lower(), None)
        else:
            self.moods[label.lower()] = mode

    def mode_at(self, label: str) -> Mode:
        return self.moods.get(label, self.mode)


def zone_for(blocklist: Blocklist, key: str | None = None) -> Zone:
    """The zone of a catalogue entry, test points in place."""
    zone = Zone(zone_name(blocklist, key).lower())
    for point in blocklist.test_points:
        if point.expect:
            zone.list(query_label(point.kind, point.name), *point.expect)
    return zone


def list_subject(zone: Zone, blocklist: Blocklist, subject: Subject, *codes: str, txt: str | None = None) -> None:
    zone.list(_label(blocklist, subject), *codes, txt=txt)


def unlist_subject(zone: Zone, blocklist: Blocklist, subject: Subject) -> None:
    zone.unlist(_label(blocklist, subject))


def _label(blocklist: Blocklist, subject: Subject) -> str:
    """Its own, where the registered domain is asked for as well."""
    return query_label(subject.kind, asked_names(blocklist, subject.kind, subject.value)[0])


def respond(zone: Zone, label: str, query: dns.message.Message) -> dns.message.Message | None:
    """None is silence."""
    mode = zone.mode_at(label)
    if mode is Mode.SILENT:
        return None
    if mode in _RCODES:
        return empty_response(query, _RCODES[mode])
    asked = query.question[0]
    record = _record_at(zone, label, mode)
    response = empty_response(query, dns.rcode.NXDOMAIN if record is None else dns.rcode.NOERROR)
    response.flags |= dns.flags.AA
    sets = _rrsets(zone, asked.name, record) if label and record is not None else [_soa(zone)]
    response.answer = [rrset for rrset in sets if record and asked.rdtype in (rrset.rdtype, dns.rdatatype.ANY)]
    response.authority = [] if response.answer else [_soa(zone)]
    return response


def _record_at(zone: Zone, label: str, mode: Mode) -> Record | None:
    """What the zone holds, or pretends to hold; the apex is always there and lists nothing."""
    if not label:
        return _NOTHING
    match mode:
        case Mode.LISTS_THE_WORLD:
            return Record((LISTED,), "everything is listed")
        case Mode.OUTSIDE:
            return Record((OUTSIDE_ADDRESS,), "this domain is for sale")
        case Mode.NODATA:
            return _NOTHING
        case Mode.EMPTY:
            return None
        case _:
            return zone.records.get(label)


_RCODES = {
    Mode.SERVFAIL: dns.rcode.SERVFAIL,
    Mode.REFUSED: dns.rcode.REFUSED,
    Mode.FORMERR: dns.rcode.FORMERR,
    Mode.NOTIMP: dns.rcode.NOTIMP,
}
_NOTHING = Record(())


def _rrsets(zone: Zone, name: dns.name.Name, record: Record) -> list[dns.rrset.RRset]:
    ttl = int(zone.ttl_for.total_seconds())
    sets = []
    for kind, values in _by_type(record).items():
        if values:
            sets.append(dns.rrset.from_text_list(name, ttl, "IN", kind, values))
    texts = [] if record.txt is None else [_txt(record.txt), *map(_txt, record.more_txt)]
    if texts:
        sets.append(dns.rrset.from_rdata_list(name, ttl, texts))
    return sets


def _by_type(record: Record) -> dict[str, tuple[str, ...]]:
    return {
        "A": tuple(value for value in record.values if ":" not in value),
        "AAAA": tuple(value for value in record.values if ":" in value),
        "PTR": () if record.ptr is None else (record.ptr,),
        "MX": record.mx,
    }


def _txt(text: str) -> TXT:
    """Of strings of 255 octets at most (RFC 1035 §3.3)."""
    octets = text.encode()
    strings = [octets[start : start + _TXT_STRING] for start in range(0, len(octets), _TXT_STRING)] or [b""]
    return TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)


def _soa(zone: Zone) -> dns.rrset.RRset:
    return _soa_of(zone.name, int(zone.ttl_for.total_seconds()))


@lru_cache
def _soa_of(zone_name: str, ttl: int) -> dns.rrset.RRset:
    """Parsed once: most answers are NXDOMAIN and carry it."""
    text = f"ns.invalid. hostmaster.invalid. 1 600 300 86400 {ttl}"
    return dns.rrset.from_text(dns.name.from_text(zone_name), ttl, "IN", "SOA", text)


def empty_response(query: dns.message.Message, rcode: dns.rcode.Rcode) -> dns.message.Message:
    response = dns.message.make_response(query)
    response.set_rcode(rcode)
    return response
