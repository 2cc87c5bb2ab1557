"""An event as it may be told to whoever answers for some customers.

Of a listing anybody may look up the rest: what is kept back of a shared sender is the share of the mail. Of what
mailbox providers do, only what holds for the sender as a whole is told (`core.shared_sender`). Of an incident people
see their own part: the members that are their customers', and one of these in the place of a foreign one that leads.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from deliverwatch.core.alerting import LISTING_EVENTS, SENDER_EVENTS
from deliverwatch.core.episodes_seen import of_these_customers
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.incidents import ranges
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.subjects import Subject, expand

_OF_ALL = frozenset({"mail_share", "idle"})
_OF_LEAD = frozenset({"own", "incident", "told_by", "mass"})
_OF_ITS_SUBJECT = "reason"  # in the list's words, which may name it


def as_read(event: Event, customers: Collection[str], holdings: Holdings) -> Event:
    """Without figures that are others' to know."""
    if event.kind not in SENDER_EVENTS | LISTING_EVENTS:
        return event
    seen = of_these_customers(event, customers, holdings)
    if seen is event or event.kind in SENDER_EVENTS:
        return seen
    return replace(event, facts=_without(event, _OF_ALL))


def members(event: Event) -> list[Subject]:
    """Of an incident all that it hit; of an event about one subject that one."""
    if event.subject is None:
        return []
    return [subject for name in event.facts.get("members", ()) for subject in expand(name)] or [event.subject]


def own_members(event: Event, customers: Collection[str], holdings: Holdings, day: date) -> list[Subject]:
    """Those of these customers on a day; an event about one subject tells of that one."""
    hit = members(event)
    if len(hit) <= 1:
        return hit
    return [each for each in hit if not set(customers).isdisjoint(holdings.parties(each, day))]


def as_seen(event: Event, customers: Collection[str], holdings: Holdings) -> Event:
    """Without anything that names others: their ids, their subjects, their shares."""
    seen = as_read(event, customers, holdings)
    facts = _only_of(seen, frozenset(customers))
    if len(members(event)) > 1:
        return _own_part(event, facts, own_members(event, customers, holdings, event.at.date()))
    return replace(seen, facts=facts)


def _only_of(event: Event, customers: Collection[str]) -> dict[str, Any]:
    """`incident` and `told_by` are keys of events that may be of another's subject."""
    facts = _without(event, _OF_LEAD)
    named = ("parties", "before", "after") if event.kind is EventKind.LISTING_HANDED_OVER else ("parties",)
    for name in named:
        if name in facts:
            facts[name] = [party for party in facts[name] if party in customers]
    return facts


def _own_part(event: Event, facts: dict[str, Any], own: list[Subject]) -> Event:
    """Of one whose part is not held any more the subjects are not told."""
    part = {**facts, "members": ranges(own), "member_count": len(own)}
    if event.subject is None or event.subject in own:
        return replace(event, facts=part)
    key = event.key.replace(f"/{event.subject}/", f"/{own[0]}/" if own else "/", 1)
    part.pop(_OF_ITS_SUBJECT, None)
    return replace(event, key=key, subject=own[0] if own else None, facts=part)


def _without(event: Event, names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in event.facts.items() if name not in names}
