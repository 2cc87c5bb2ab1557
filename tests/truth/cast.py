"""Who and what the truth simulation is about: 200 subjects of six customers, and 30 lists.

All of it is documentation space. The lists are made up, of each kind that a catalogue knows: exact and bitmask codes,
lists of addresses of one or both families, of domains, of both, and lists that accuse nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deliverwatch.core.subjects import SubjectKind, expand

V4, V6, DOMAIN = SubjectKind.IPV4, SubjectKind.IPV6, SubjectKind.DOMAIN
OPERATOR = "ops@esp.example"


@dataclass(frozen=True)
class Party:
    """A customer. `assets`: addresses, ranges and domains of its own; `shared`: of the ESP's."""

    id: str
    name: str
    zone: str
    tam: str
    assets: tuple[str, ...]
    shared: tuple[str, ...] = ()

    @property
    def contact(self) -> str:
        return f"postmaster@{self.id}.example"

    @property
    def subjects(self) -> frozenset[str]:
        return frozenset(_expanded((*self.assets, *self.shared)))


def _expanded(assets: tuple[str, ...]) -> Iterator[str]:
    return (subject.value for asset in assets for subject in expand(asset))


def _domains(customer: str, count: int) -> tuple[str, ...]:
    return tuple(f"m{number}.{customer}.example" for number in range(1, count + 1))


def _v6(site: int, count: int) -> tuple[str, ...]:
    return tuple(f"2001:db8:{site}::{number:x}" for number in range(1, count + 1))


SHARED, OWN = "203.0.113.0/29", "203.0.113.8/30"
PARTIES = (
    Party("acme", "Acme Ltd", "eastern", "robin@esp.example", ("192.0.2.0/26", *_domains("acme", 8)), (SHARED,)),
    Party("bravo", "Bravo Learning", "uk", "robin@esp.example", ("192.0.2.64/27", *_v6(1, 6), *_domains("bravo", 6))),
    Party("cedar", "Cedar Health", "pacific", "sam@esp.example", ("198.51.100.0/28", *_domains("cedar", 6)), (SHARED,)),
    Party("delta", "Delta Hats", "eastern", "sam@esp.example", ("198.51.100.64/28", *_v6(2, 6), *_domains("delta", 4))),
    Party("elm", "Elm Travel", "uk", "kim@esp.example", ("198.51.100.128/29", *_domains("elm", 4))),
    Party("fir", "Fir Books", "pacific", "kim@esp.example", ("198.51.100.200/31", *_v6(3, 8), *_domains("fir", 2))),
)
SUBJECTS: Mapping[str, SubjectKind] = {
    subject.value: subject.kind
    for party in PARTIES
    for asset in (*party.assets, *party.shared, OWN)
    for subject in expand(asset)
}


def inventory() -> str:
    lines = [
        "esp:",
        "  pools:",
        f"    - {{id: shared-1, ips: [{SHARED}], customers: [acme, cedar]}}",
        f"    - {{id: own-1, ips: [{OWN}]}}",
        "customers:",
    ]
    for party in PARTIES:
        ips = ", ".join(f'"{asset}"' for asset in party.assets if not asset.endswith(".example"))
        lines += [
            f"  - id: {party.id}",
            f"    name: {party.name}",
            f"    service_time_zone: {party.zone}",
            f"    tam: {{name: {party.tam.split('@')[0].title()} Doe, email: {party.tam}}}",
            f"    contacts: [{party.contact}]",
            "    pools:",
            f"      - {{id: {party.id}-all, stream: newsletter, ips: [{ips}]}}",
            "    domains:",
            *(f"      - {{name: {name}, roles: [from]}}" for name in party.assets if name.endswith(".example")),
        ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Roll:
    """A list. `accuses` False: an allow list."""

    number: int
    kinds: tuple[SubjectKind, ...]
    leads: bool
    impact: str
    bitmask: bool = False
    accuses: bool = True

    @property
    def id(self) -> str:
        return f"roll-{self.number:02}"

    @property
    def name(self) -> str:
        return f"Roll{self.number:02}"

    @property
    def zone(self) -> str:
        return f"{self.id}.lists.example"

    @property
    def codes(self) -> tuple[str, ...]:
        return ("127.0.0.2", "127.0.0.6", "127.0.0.10") if self.bitmask else ("127.0.0.2", "127.0.0.3")

    def covers(self, subject: str) -> bool:
        return SUBJECTS[subject] in self.kinds


def _rolls() -> Iterator[Roll]:
    kinds = [(V4,)] * 8 + [(V4, V6)] * 8 + [(V4, V6, DOMAIN)] * 4 + [(DOMAIN,)] * 8 + [(V4,)] * 2
    for number, some in enumerate(kinds, start=1):
        allow = number > 28
        leads = not allow and number % 4 != 0
        impact = ("critical", "high", "medium")[number % 3] if leads else "low"
        yield Roll(number, some, leads, impact, bitmask=number % 5 == 0, accuses=not allow)


ROLLS = tuple(_rolls())

POINTS = {
    V4: ("127.0.0.2", "127.0.0.1"),
    V6: ("::ffff:7f00:2", "::ffff:7f00:1"),
    DOMAIN: ("listed.points.example", "never.points.example"),
}
"""What must be listed, and what must not."""


def catalogue() -> str:
    return "lists:\n" + "".join(map(_entry, ROLLS))


def _entry(roll: Roll) -> str:
    values = ("2", "4", "8") if roll.bitmask else roll.codes
    codes = "".join(
        f"      - {{value: {value}, impact: {roll.impact}, meaning: sends spam ({value})}}\n" for value in values
    )
    points = "".join(
        f'      - {{kind: {kind}, name: "{POINTS[kind][0]}", expect: [127.0.0.2]}}\n'
        f'      - {{kind: {kind}, name: "{POINTS[kind][1]}", expect: []}}\n'
        for kind in roll.kinds
    )
    asked = "\n    asked_name: full" if DOMAIN in roll.kinds else ""
    return f"""
  - id: {roll.id}
    name: {roll.name}
    zone: {roll.zone}
    kinds: [{", ".join(roll.kinds)}]
    scope: {"domain" if roll.kinds == (DOMAIN,) else "address"}
    polarity: {"block" if roll.accuses else "allow"}
    style: {"bitmask" if roll.bitmask else "exact"}{asked}
    codes:
{codes}    test_points:
{points}    access: {{terms: open, note: nothing needed}}
    on_by_default: true
    leads: {str(roll.leads).lower()}
    removal: {{way: automatic}}
    notes: made up
    source: made up
    checked_on: 2026-11-01
    confidence: high
    status: alive
"""
