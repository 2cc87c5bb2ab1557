"""The notifications that an event causes: who by which route, what they may read of it, and when it is sent.

One person gets one message about one event on one channel, however many routes name them: the first route decides when.
An operator, whoever is on call, and a channel read of all customers; a TAM and their deputy read of their own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from deliverwatch.core.alerting import (
    LISTING_EVENTS,
    SENDER_EVENTS,
    Audience,
    Notification,
    is_told,
    notification_id,
)
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.how_soon import Urgency, urgency
from deliverwatch.core.inventory import Customer, ServiceZone
from deliverwatch.core.joining import ENDS
from deliverwatch.core.on_call import Deputies, Rota
from deliverwatch.core.routing import Match, Rhythm, Role, Route, family_of

EMAIL = "email"

DEFAULT_ROUTES = (
    Route("urgent", Match(urgent=True), (Role.ON_CALL, Role.TAM, Role.OPERATOR), at_once=True),
    Route("the rest", Match(), (Role.TAM, Role.OPERATOR)),
)

When = Callable[[ServiceZone, datetime], datetime]
"""The first instant from then on at which people of the zone are at work, or a digest goes."""


def _now(_: ServiceZone, at: datetime) -> datetime:
    return at


@dataclass(frozen=True, slots=True)
class Routing:
    """Whom an installation tells. `operators`: mail addresses. `zone`: the operators' own. `rhythms`: by channel;
    `opens`, `digest_goes`: by the service calendar."""

    operators: tuple[str, ...]
    routes: tuple[Route, ...] = DEFAULT_ROUTES
    rota: Rota = field(default_factory=Rota)
    deputies: Deputies = field(default_factory=Deputies)
    rhythms: Mapping[str, Rhythm] = field(default_factory=dict)
    zone: ServiceZone = ServiceZone.UK
    opens: When = _now
    digest_goes: When = _now


class _Reader(NamedTuple):
    channel: str
    recipient: str
    audience: Audience


@dataclass(slots=True)
class _Found:
    """The customers they may read of, and the route that found them first."""

    route: Route
    customers: dict[str, Customer]


_MIDDLE = frozenset(
    {
        EventKind.LISTING_CHANGED,
        EventKind.LISTING_HANDED_OVER,
        EventKind.LISTING_SETTLED,
        EventKind.WARMUP_NOTICE,
        EventKind.STILL_LISTED,
        EventKind.STILL_BLOCKED,
    }
)
"""Neither a beginning nor an end."""


def route(
    event: Event, routing: Routing, parties: Iterable[Customer], hold_for: timedelta = timedelta(0)
) -> tuple[Notification, ...]:
    """`parties`: the customers who held or shared the asset. `hold_for`: how long all but the operator wait for it."""
    if not is_told(event):
        return ()
    soon = urgency(event)
    return tuple(
        _notification(event, reader, found, routing, soon, hold_for)
        for reader, found in _readers(event, routing, sorted(parties, key=lambda each: each.id), soon).items()
        if not (_rhythm(reader, routing) is Rhythm.START_AND_END and event.kind in _MIDDLE)
    )


def _readers(event: Event, routing: Routing, parties: list[Customer], soon: Urgency) -> dict[_Reader, _Found]:
    readers: dict[_Reader, _Found] = {}
    for each in routing.routes:
        if not _fits(each.match, event, parties, soon):
            continue
        for reader, customers in _named(each, event, routing, parties):
            found = readers.setdefault(reader, _Found(each, {}))
            found.customers |= {customer.id: customer for customer in customers}
        if each.last:
            break
    whole = {(reader.channel, reader.recipient) for reader in readers if reader.audience is Audience.OPERATOR}
    return {
        reader: found
        for reader, found in readers.items()
        if reader.audience is Audience.OPERATOR or (reader.channel, reader.recipient) not in whole
    }


def _fits(match: Match, event: Event, parties: list[Customer], soon: Urgency) -> bool:
    facts = event.facts
    return (
        (not match.families or family_of(event.kind) in match.families)
        and (not match.customers or any(customer.id in match.customers for customer in parties))
        and (match.impact is None or _is_as_bad(facts.get("impact"), match.impact))
        and (match.mail_share is None or (facts.get("mail_share") or 0) >= match.mail_share)
        and (match.urgent is None or match.urgent is soon.urgent)
    )


def _is_as_bad(impact: str | None, wanted: Impact) -> bool:
    return impact is not None and Impact(impact).rank >= wanted.rank


def _named(
    route: Route, event: Event, routing: Routing, parties: list[Customer]
) -> Iterator[tuple[_Reader, list[Customer]]]:
    for name in route.to:
        if name == Role.OPERATOR:
            operators = routing.operators if event.kind not in _TAMS_ALONE else ()
            yield from ((_reader(each, Audience.OPERATOR), parties) for each in operators)
        elif name == Role.ON_CALL:
            person = routing.rota.on_call(event.at)
            people = [routing.deputies.acting_for(person, event.at)] if person is not None else routing.operators
            yield from ((_reader(each, Audience.OPERATOR), parties) for each in people)
        elif name in (Role.TAM, Role.DEPUTY):
            yield from _of_customers(Role(name), event, routing, parties)
        else:
            yield _reader(name, Audience.OPERATOR), parties


def _of_customers(
    role: Role, event: Event, routing: Routing, parties: list[Customer]
) -> Iterator[tuple[_Reader, list[Customer]]]:
    """What a TAM can do nothing about is not told them: the trouble of lists and resolvers."""
    if event.kind not in FOR_TAMS:
        return
    for customer in parties:
        person = customer.tam.email if role is Role.TAM else routing.deputies.of(customer.tam.email)
        if person is not None:
            yield _reader(routing.deputies.acting_for(person, event.at), Audience.TAM), [customer]


_TAMS_ALONE = frozenset({EventKind.STILL_LISTED, EventKind.STILL_BLOCKED, EventKind.REPORT_WAITS})
"""Reminders of what the operator was told once."""
FOR_TAMS = LISTING_EVENTS | SENDER_EVENTS | _TAMS_ALONE | {EventKind.REPORT_CONTACT_LOST}


def _reader(name: str, audience: Audience) -> _Reader:
    return _Reader(EMAIL if "@" in name else name, name, audience)


def _rhythm(reader: _Reader, routing: Routing) -> Rhythm:
    return routing.rhythms.get(reader.channel, Rhythm.EACH)


def _notification(
    event: Event, reader: _Reader, found: _Found, routing: Routing, soon: Urgency, hold_for: timedelta
) -> Notification:
    identity = notification_id("alert", event.key, reader.channel, reader.recipient)
    zones = sorted({customer.service_time_zone for customer in found.customers.values()})
    zones = zones if reader.audience is Audience.TAM and zones else [routing.zone]
    ready_at = event.at + hold_for if reader.audience is not Audience.OPERATOR else event.at
    goes_at, when = ready_at, "at once"
    if not _needs_no_hours(event, reader, found.route):
        goes_at = min(routing.opens(zone, ready_at) for zone in zones)
        when = "at once, within service hours" if goes_at == ready_at else "in service hours"
    digest = _rhythm(reader, routing) is Rhythm.DIGEST
    digest_at = min(routing.digest_goes(zone, goes_at) for zone in zones) if digest else None
    return Notification(
        identity,
        identity,
        reader.audience,
        reader.channel,
        reader.recipient,
        tuple(found.customers),
        event.at,
        event_key=event.key,
        not_before=goes_at if goes_at != event.at else None,
        because=f"route {found.route.name!r}, {'in the digest' if digest else when}: {soon.why}",
        digest_at=digest_at,
    )


def _needs_no_hours(event: Event, reader: _Reader, route: Route) -> bool:
    """Nobody is woken by an end; but what a program keeps (a pager's incident) is closed at once."""
    return route.at_once or (reader.channel != EMAIL and event.kind in ENDS)
