"""Whom events named, written with them (`store.desk_tables`)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from deliverwatch.core.events import Event
from deliverwatch.core.incidents import own_facts
from deliverwatch.core.joining import episode_of
from deliverwatch.store.desk_tables import EventPartyRow
from deliverwatch.store.dialect import insert_new
from deliverwatch.store.tables import table_of

PARTY = table_of(EventPartyRow)


def write(connection: Connection, events: Sequence[Event], ids: Mapping[str, int]) -> None:
    """`ids`: the numbers of these events, by key."""
    insert_new(connection, PARTY, [row for event in events for row in party_values(event, ids[event.key])])


def party_values(event: Event, number: int) -> Iterator[dict[str, Any]]:
    own = frozenset(own_facts(event).get("parties", ()))
    episode = episode_of(event)
    for party in dict.fromkeys(event.facts.get("parties", ())):
        yield {
            "customer": party,
            "event_id": number,
            "kind": str(event.kind),
            "at": event.at,
            "episode": episode if party in own else None,
        }
