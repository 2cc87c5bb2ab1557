"""Which messages tell of a listing.

A message is made from an event or from a report. An event tells of the listing of its own watch, and of those whose
events it leads in an incident (`core.incidents`); a report names the listings it shows as real. So what was told is
found again from what is kept anyway, and nothing has to be written for the rare day on which it is asked for.

A correction belongs to the end of a listing that ends once, so that it is never found as something to be taken back.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from deliverwatch.core.alerting import LISTING_EVENTS, Notification, NotificationState
from deliverwatch.core.events import Event
from deliverwatch.core.listing import Watch, opening_key
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping import episodes as episode_mapping
from deliverwatch.store.mapping import outbox as mapping
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.outbox import WITHOUT_CONTENT, carriers
from deliverwatch.store.tables import EventRow, ListingRow, NotificationRow, ReportRunRow, table_of

EVENT = table_of(EventRow)
LISTING = table_of(ListingRow)
NOTE = table_of(NotificationRow)
RUN = table_of(ReportRunRow)

_KINDS = sorted(map(str, LISTING_EVENTS))


@dataclass(frozen=True, slots=True)
class Story:
    """Events about some listings of one list. `events`: all of the list since the first of them opened, by key.
    `about`: the same by the listing they are about. `tells`: by the key of an event that is not led by another, the
    listings it tells of."""

    events: Mapping[str, Event]
    about: Mapping[str, Sequence[Event]]
    tells: Mapping[str, frozenset[str]]

    def tells_all(self, event_key: str) -> bool:
        """Whether the listings it tells of are all known."""
        event = self.events.get(event_key)
        return event is not None and len(self.tells[event_key]) >= event.facts.get("member_count", 1)


@dataclass(frozen=True, slots=True)
class Message:
    """`listings`: those it tells of. `about_nothing_else`: these are all that it says."""

    notification: Notification
    state: NotificationState
    attempts: int
    sent_at: datetime | None
    thread: str | None
    listings: frozenset[str]
    about_nothing_else: bool


def story(connection: Connection, list_id: str, keys: Collection[str]) -> Story:
    """`keys`: of listings of one list."""
    opened_at = {row.key: row.opened_at for row in select_in(connection, select(LISTING), LISTING.c.key, keys)}
    if not opened_at:
        return Story({}, {}, {})
    rows = connection.execute(
        select(EVENT)
        .where(EVENT.c.list_id == list_id, EVENT.c.at >= min(opened_at.values()), EVENT.c.kind.in_(_KINDS))
        .order_by(EVENT.c.id)
    )
    events = {row.key: episode_mapping.event(row) for row in rows}
    about: dict[str, list[Event]] = defaultdict(list)
    tells: dict[str, set[str]] = defaultdict(set)
    for event in events.values():
        key = listing_key(event)
        about[key].append(event)
        tells[event.facts.get("incident", event.key)].add(key)
    concerned = {lead: frozenset(told) for lead, told in tells.items() if not told.isdisjoint(opened_at)}
    return Story(events, dict(about), concerned)


def listing_key(event: Event) -> str:
    """Of the listing that an event is about; of none when it settled to clear."""
    assert event.subject is not None
    opened_at = event.facts.get("opened_at")
    return opening_key(Watch(event.list_id, event.subject), datetime.fromisoformat(opened_at)) if opened_at else ""


def alerts(connection: Connection, of: Story) -> list[Message]:
    """Locked: none of them is claimed until it is settled what becomes of it."""
    rows = select_in(connection, select(*WITHOUT_CONTENT).with_for_update(), NOTE.c.event_key, of.tells)
    carried = carriers(connection, rows)
    return [
        _carried(row, carried[row.about], of.tells[row.event_key])
        if row.state == NotificationState.JOINED
        else _message(row, of.tells[row.event_key], of.tells_all(row.event_key))
        for row in rows
    ]


def reports(connection: Connection, keys: Collection[str], since: datetime) -> list[Message]:
    """A report says more than which listings there were."""
    wanted = frozenset(keys)
    runs = connection.execute(select(RUN.c.id, RUN.c.listing_keys).where(RUN.c.made_at >= since))
    told = {row.id: listings for row in runs if (listings := wanted.intersection(row.listing_keys))}
    rows = select_in(connection, select(*WITHOUT_CONTENT), NOTE.c.report_id, told)
    return [_message(row, told[row.report_id], False) for row in rows]


def _carried(row: AnyRow, carrier: AnyRow, listings: frozenset[str]) -> Message:
    """Told by another message (a digest, an end), which says more than that, and is the one to be corrected."""
    told = _message(carrier, listings, False)
    own = mapping.notification(row)
    by = replace(own, message_id=carrier.message_id, created_at=carrier.created_at, digest_at=None)
    return replace(told, notification=by)


def _message(row: AnyRow, listings: frozenset[str], about_nothing_else: bool) -> Message:
    return Message(
        notification=mapping.notification(row),
        state=NotificationState(row.state),
        attempts=row.attempts,
        sent_at=row.sent_at,
        thread=row.thread,
        listings=listings,
        about_nothing_else=about_nothing_else,
    )
