"""Which openings, changes and ends belong together, so that one cause is told once.

A listing of a range is one incident with the range, however many of its addresses are ours: what happens to addresses
of one /24 (IPv4) or /64 (IPv6), or to names of one registered domain, with the same codes on one list in one round
shares a cause, and so does everything in one entry of a list whose entries are wider than that. When five watches and a
quarter of all on one list open in one round, that is one incident too, whatever they are, and the list's test points
are asked once more before anybody is told. One lie is one correction.

The first event of a group leads: it is told, and speaks for all members (`members`, as ranges). The others stay quiet
and point to it (`incident`). Every watch keeps its own episode: what a leading event says of its own subject alone is
in `own` (`own_facts`).
"""

import ipaddress
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deliverwatch.core.blocklist import Blocklist
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


def gather(
    blocklist: Blocklist | None, events: Sequence[Event], watched: int, domain_of: Callable[[str], str] = str
) -> list[Event]:
    """The events of one list at one time, in their order, each group with one that leads it. None: a list that the
    catalogue does not know any more. `domain_of`: the registered domain of a name."""
    mass = is_mass(sum(event.kind is EventKind.LISTING_OPENED for event in events), watched)
    groups: dict[Any, list[Event]] = defaultdict(list)
    for event in events:
        groups[_cause(blocklist, event, mass, domain_of)].append(event)
    changed: dict[str, Event] = {}
    for group in groups.values():
        more = {"mass": {"opened": len(group), "watched": watched}} if mass and _opens(group[0]) else {}
        more |= _mail_hit(group)
        changed |= {event.key: event for event in _together(group, more)}
    return [changed[event.key] for event in events]


def gather_by(events: Sequence[Event], cause: Callable[[Event], Hashable]) -> list[Event]:
    """The same for what is no listing: events of an equal cause, in their order, with one that leads them. Its counts
    are those of all."""
    groups: dict[Hashable, list[Event]] = defaultdict(list)
    for event in events:
        groups[event.key if event.subject is None or event.facts.get("quiet") else cause(event)].append(event)
    changed = {event.key: event for group in groups.values() for event in _together(group, _sum_up(group))}
    return [changed[event.key] for event in events]


_COUNTS = ("replies", "deferred", "bounced", "expired", "attempted", "delivered", "mail_share")


def _sum_up(group: Sequence[Event]) -> dict[str, Any]:
    """What is known of any; None of what is known of none."""
    if len(group) == 1:
        return {}
    known = {
        name: [event.facts[name] for event in group if event.facts.get(name) is not None]
        for name in _COUNTS
        if name in group[0].facts
    }
    sums = {name: sum(values) if values else None for name, values in known.items()}
    share = sums.get("mail_share")  # of days that may differ
    return sums if share is None else {**sums, "mail_share": min(round(share, 4), 1.0)}


def _mail_hit(group: Sequence[Event]) -> dict[str, Any]:
    """By all of them together; what is known of none is not said."""
    shares = [event.facts["mail_share"] for event in group if event.facts.get("mail_share") is not None]
    if len(group) == 1 or not shares:
        return {}
    return {"mail_share": min(round(sum(shares), 4), 1.0), "idle": False}


def _opens(event: Event) -> bool:
    return event.kind is EventKind.LISTING_OPENED


def _cause(blocklist: Blocklist | None, event: Event, mass: bool, domain_of: Callable[[str], str]) -> Hashable:
    """Equal for what shares a cause. What is said of one is then true of all: the codes and what follows from them are
    a part of it, so that nobody reads of a neighbour's worse listing."""
    subject, facts = event.subject, event.facts
    if event.kind not in _GROUPED or subject is None or facts.get("quiet"):
        return event.key
    if facts.get("ended") == Ending.VOID:
        return event.kind, Ending.VOID
    place = None if mass and _opens(event) else _place(blocklist, subject, domain_of)
    alike = (facts.get(fact) for fact in ("ended", "listed", "impact", "scope", "removal", "first_look"))
    return event.kind, place, tuple(facts.get("codes", ())), *alike


def _place(blocklist: Blocklist | None, subject: Subject, domain_of: Callable[[str], str]) -> str:
    return domain_of(subject.value) if subject.kind is SubjectKind.DOMAIN else network_of(blocklist, subject)


def network_of(blocklist: Blocklist | None, subject: Subject) -> str:
    """The network in which addresses share a cause on this list."""
    together = _TOGETHER[subject.kind]
    wide = together if blocklist is None else min(together, blocklist.granularity.get(subject.kind, together))
    return str(ipaddress.ip_network(f"{subject.value}/{wide}", strict=False))


def _together(group: Sequence[Event], more: Mapping[str, Any]) -> Iterable[Event]:
    lead, *others = group
    if not others:
        return [replace(lead, facts={**lead.facts, **more}) if more else lead]
    whole = {
        "members": ranges(event.subject for event in group if event.subject is not None),
        "member_count": len(group),
        "parties": sorted({party for event in group for party in event.facts.get("parties", ())}),
        "own": {name: lead.facts[name] for name in ("mail_share", "idle") if name in lead.facts}
        | {"parties": lead.facts.get("parties", [])},
    }
    quiet = [replace(event, facts={**event.facts, "incident": lead.key, "quiet": True}) for event in others]
    return [replace(lead, facts={**lead.facts, **more, **whole}), *quiet]


def own_facts(event: Event) -> Mapping[str, Any]:
    """What it says of its own subject, whether it leads or not."""
    return {**event.facts, **event.facts.get("own", {})}


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
