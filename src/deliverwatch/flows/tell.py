"""What an event says of the customers, and who hears of it.

An event about a subject carries the customers it concerns (`parties`), so that whatever is made from it later, a
correction above all, goes to exactly those, whoever holds the asset by then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from deliverwatch.core.alerting import Notification
from deliverwatch.core.blocklist import Blocklist, Impact
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.inventory import Customer, Holdings
from deliverwatch.core.receivers import Routing, route
from deliverwatch.core.verdict import weighed

_CODES_NAMED = 10


def about(event: Event, blocklist: Blocklist | None, holdings: Holdings) -> Event:
    """The event with the customers it concerns, and with the impact on them."""
    if event.subject is None:
        return event
    facts = {**event.facts, "parties": sorted(_parties(event, holdings))}
    if blocklist is not None and facts.get("impact") is not None:
        roles = {role for asset in holdings.on(event.subject, event.at.date()) for role in asset.roles}
        facts["impact"] = weighed(Impact(facts["impact"]), blocklist, roles)
    if blocklist is not None and blocklist.part_of is not None:
        facts["part_of"] = blocklist.part_of  # by which it is told, where the subject is listed there too
    return replace(event, facts=facts)


def hushed(event: Event) -> Event:
    """Kept, and told to nobody."""
    return replace(event, facts={**event.facts, "quiet": True})


def notify(
    events: Iterable[Event],
    customers: Iterable[Customer],
    routing: Routing,
    mass_hold_for: timedelta = timedelta(0),
) -> list[Notification]:
    """The outbox rows of some events. Account managers wait for the news of a mass listing, the operator does not."""
    by_id = {customer.id: customer for customer in customers}
    made: list[Notification] = []
    for event in events:
        parties = [by_id[party] for party in event.facts.get("parties", ()) if party in by_id]
        hold_for = mass_hold_for if event.facts.get("mass") else timedelta(0)
        made += route(event, routing, parties, hold_for)
    return made


def unexplained(list_id: str, events: Sequence[Event]) -> list[Event]:
    """Answers that the catalogue does not explain: once per list and set of codes, however many subjects show it."""
    kind = EventKind.CODE_UNEXPLAINED
    found = {
        codes: event
        for event in reversed(events)
        if (codes := tuple(event.facts.get("unexplained", ()))[:_CODES_NAMED])
    }
    return [
        Event(f"{kind}/{list_id}/{','.join(codes)}", kind, event.at, list_id, event.subject, {"code": ", ".join(codes)})
        for codes, event in found.items()
    ]


def _parties(event: Event, holdings: Holdings) -> set[str]:
    """An end concerns those, too, who were told of the beginning."""
    assert event.subject is not None
    if event.kind is EventKind.LISTING_HANDED_OVER:
        return set(event.facts["before"]) ^ set(event.facts["after"])
    day = event.at.date()
    if event.kind is not EventKind.LISTING_CLOSED:
        return set(holdings.parties(event.subject, day))
    if event.facts["ended"] == Ending.WITHDRAWN:
        return set(holdings.last_parties(event.subject, day))
    opened_on = datetime.fromisoformat(event.facts["opened_at"]).date()
    return {*holdings.parties(event.subject, opened_on), *holdings.parties(event.subject, day)}
