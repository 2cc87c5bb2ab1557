"""Which openings, changes and ends belong together, so that one cause is told once.

A listing of a range is one incident with the range, however many of its addresses are ours: what happens to addresses
of one /24 (IPv4) or /64 (IPv6) on one list in one round shares a cause, and so does everything on a list whose entries
are wider than that. When five watches and a quarter of all on one list open in one round, that is one incident too,
whatever they are, and the list's test points are asked once more before anybody is told. One lie is one correction.

The first event of a group leads: it is told, and speaks for all members (`members`, as ranges). The others stay quiet
and point to it (`incident`). Every watch keeps its own episode: what a leading event says of its own subject alone is
in `own` (`own_facts`).
"""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deliverwatch.core.blocklist import Blocklist, Impact
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.subjects import Subject, SubjectKind

_TOGETHER = {SubjectKind.IPV4: 24, SubjectKind.IPV6: 64}
_GROUPED = frozenset(
    {
        EventKind.LISTING_OPENED,
        EventKind.LISTING_CHANGED,
        EventKind.LISTING_CLOSED,
        EventKind.LISTING_UNSTABLE,
        EventKind.LISTING_SETTLED,
    }
)
MASS_AT_LEAST = 5
MASS_RATIO = 0.25


def is_mass(opened: int, watched: int) -> bool:
    """`watched`: all watches on the list, asked in this round or not."""
    return opened >= MASS_AT_LEAST and opened >= MASS_RATIO * watched


def gather(blocklist: Blocklist | None, events: Sequence[Event], watched: int) -> list[Event]:
    """The events of one list at one time, in their order, each group with one that leads it. None: a list that the
    catalogue does not know any more."""
    mass = is_mass(sum(event.kind is EventKind.LISTING_OPENED for event in events), watched)
    groups: dict[Any, list[Event]] = defaultdict(list)
    for event in events:
        groups[_cause(blocklist, event, mass)].append(event)
    changed: dict[str, Event] = {}
    for group in groups.values():
        more = {"mass": {"opened": len(group), "watched": watched}} if mass and _opens(group[0]) else {}
        changed |= {event.key: event for event in _together(group, more)}
    return [changed[event.key] for event in events]


def _opens(event: Event) -> bool:
    return event.kind is EventKind.LISTING_OPENED


def _cause(blocklist: Blocklist | None, event: Event, mass: bool) -> Any:
    """Equal for what shares a cause."""
    if event.kind not in _GROUPED or event.subject is None or event.facts.get("quiet"):
        return event.key
    if (mass and _opens(event)) or event.facts.get("ended") == Ending.VOID:
        return event.kind, event.facts.get("ended")
    if event.subject.kind is SubjectKind.DOMAIN:
        return event.key
    return event.kind, event.facts.get("ended"), event.facts.get("listed"), network_of(blocklist, event.subject)


def network_of(blocklist: Blocklist | None, subject: Subject) -> str:
    """The network in which addresses share a cause on this list."""
    together = _TOGETHER[subject.kind]
    wide = together if blocklist is None else min(together, blocklist.granularity.get(subject.kind, together))
    return str(ipaddress.ip_network(f"{subject.value}/{wide}", strict=False))


def _together(group: Sequence[Event], more: Mapping[str, Any]) -> Iterable[Event]:
    lead, *others = group
    if not others:
        return [replace(lead, facts={**lead.facts, **more}) if more else lead]
    subjects = [event.subject for event in group if event.subject is not None]
    whole = {
        "members": ranges(subjects),
        "member_count": len(group),
        "parties": sorted({party for event in group for party in event.facts.get("parties", ())}),
        "codes": _union(group, "codes"),
        "meanings": _union(group, "meanings"),
        "impact": _worst_impact(group),
    }
    said = {fact: value for fact, value in whole.items() if value or fact in lead.facts}
    own = {fact: lead.facts[fact] for fact in said if fact in lead.facts}
    quiet = [replace(event, facts={**event.facts, "incident": lead.key, "quiet": True}) for event in others]
    return [replace(lead, facts={**lead.facts, **more, **said, "own": own}), *quiet]


def own_facts(event: Event) -> Mapping[str, Any]:
    """What it says of its own subject, whether it leads or not."""
    return {**event.facts, **event.facts.get("own", {})}


def _union(group: Iterable[Event], fact: str) -> list[str]:
    return list(dict.fromkeys(value for event in group for value in event.facts.get(fact, ())))


def _worst_impact(group: Iterable[Event]) -> str | None:
    impacts = [Impact(impact) for event in group if (impact := event.facts.get("impact")) is not None]
    return max(impacts, key=lambda impact: impact.rank, default=None)


def ranges(subjects: Iterable[Subject]) -> list[str]:
    """As few names as possible: CIDR ranges, single addresses without their "/32", domains."""
    subjects = list(subjects)
    domains = [subject.value for subject in subjects if subject.kind is SubjectKind.DOMAIN]
    names: list[str] = []
    for kind in (SubjectKind.IPV4, SubjectKind.IPV6):
        networks = [ipaddress.ip_network(subject.value) for subject in subjects if subject.kind is kind]
        names += [_name(network) for network in ipaddress.collapse_addresses(networks)]  # type: ignore[type-var]
    return [*names, *domains]


def _name(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    return str(network.network_address) if network.num_addresses == 1 else str(network)
