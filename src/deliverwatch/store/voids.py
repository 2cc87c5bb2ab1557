"""Taking back what was told of listings that never were.

Once a listing turns out void (`core.doubt`), what tells of it and of nothing real is dropped, and whoever was told, or
may have been, gets one correction that names the first message. "May have been": a first attempt was made, since what
a mail server answers is not always what it did. A message that tells of a real listing too goes out and is corrected;
so is a report, which is the only one of its week. A correction never overtakes what it corrects. What becomes of
requests for removal: `void_drafts`.

Everything here is derived from the events that end the listings, and written with them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from deliverwatch.core.alerting import Audience, Notification, NotificationState, correction
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.incidents import own_facts
from deliverwatch.core.joining import KEPT_BACK
from deliverwatch.store import outbox, told, void_drafts
from deliverwatch.store.dialect import select_in
from deliverwatch.store.tables import ListingRow, table_of
from deliverwatch.store.told import Message, Story, listing_key

LISTING = table_of(ListingRow)

_LATER = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient, what told them first, and the customers they may read of."""

    first: Message
    customers: frozenset[str]


def take_back(connection: Connection, list_id: str, ends: Sequence[Event]) -> None:
    """`ends`: the void ones of one list that are new."""
    keys = {listing_key(event) for event in ends}
    story = told.story(connection, list_id, keys)
    opened_at = min(datetime.fromisoformat(event.facts["opened_at"]) for event in ends)
    messages = [*told.alerts(connection, story), *told.reports(connection, keys, opened_at)]
    void = _void(connection, {key for message in messages for key in message.listings})
    dropped = [message.notification for message in messages if _says_nothing_true(message, void)]
    outbox.drop(connection, dropped)
    readable = _by_listing(message for message in messages if _may_be_read(message, {note.id for note in dropped}))
    for lead, group in _by_lead(ends):
        _correct(connection, lead, {listing_key(event) for event in group}, story, readable)
    void_drafts.close(connection, keys, max(event.at for event in ends))


def _void(connection: Connection, keys: Collection[str]) -> set[str]:
    statement = select(LISTING.c.key).where(LISTING.c.ended == str(Ending.VOID))
    return {row.key for row in select_in(connection, statement, LISTING.c.key, keys)}


def _says_nothing_true(message: Message, void: set[str]) -> bool:
    return message.state in outbox.WAITS and message.about_nothing_else and message.listings <= void


def _may_be_read(message: Message, dropped_now: Collection[str]) -> bool:
    if message.notification.id in dropped_now:
        return message.attempts > 0
    return message.state is not NotificationState.DROPPED


def _by_listing(messages: Iterable[Message]) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        for key in message.listings:
            found[key].append(message)
    return found


def _by_lead(ends: Sequence[Event]) -> Iterable[tuple[Event, list[Event]]]:
    """Those that ended together, each group with the event that leads it."""
    by_key = {event.key: event for event in ends}
    groups: dict[str, list[Event]] = defaultdict(list)
    for event in ends:
        lead = event.facts.get("incident", event.key)
        groups[lead if lead in by_key else event.key].append(event)
    return [(by_key[lead], group) for lead, group in groups.items()]


def _correct(
    connection: Connection, lead: Event, keys: Collection[str], story: Story, readable: Mapping[str, Sequence[Message]]
) -> None:
    """One message for each recipient. What is corrected and the correction are in one thread."""
    parties = _parties([event for key in keys for event in story.about.get(key, ())])
    messages = {message.notification.id: message for key in keys for message in readable.get(key, ())}
    for told_one in _told(messages.values(), parties).values():
        first = told_one.first
        note = replace(first.notification, customers=tuple(sorted(told_one.customers)))
        taken_back = correction(lead, note, first.sent_at or note.created_at)
        if first.state in outbox.WAITS:  # it says something true, too: where it is told, this is
            taken_back = replace(taken_back, digest_at=note.digest_at, about=note.id)
        # a round begins before it knows, and a digest may have been made meanwhile
        taken_back = replace(taken_back, created_at=max(taken_back.created_at, note.created_at + _LATER))
        outbox.add_in_thread(connection, taken_back, first.thread or outbox.thread(lead))
        if first.state in KEPT_BACK:
            outbox.keep_back(connection, taken_back.id, first.state, note.about)


def _told(messages: Iterable[Message], parties: frozenset[str] | None) -> Mapping[tuple[str, str], Told]:
    """By channel and recipient. A customer's person was told only what concerns that customer."""
    found: dict[tuple[str, str], Told] = {}
    for message in sorted(messages, key=lambda each: (each.notification.created_at, each.notification.id)):
        note = message.notification
        customers = _concerned(note, parties)
        if customers or note.audience is Audience.OPERATOR:
            to = (note.channel, note.recipient)
            before = found.get(to, Told(message, frozenset()))
            found[to] = Told(before.first, before.customers | customers)
    return found


def _concerned(note: Notification, parties: frozenset[str] | None) -> frozenset[str]:
    """A report tells its customer of that customer's listings only."""
    customers = frozenset(note.customers)
    return customers if note.report_id is not None or parties is None else customers & parties


def _parties(events: Sequence[Event]) -> frozenset[str] | None:
    """Whose the listings were that the events are about. None: they opened before that was recorded, when each was
    told by itself."""
    openings = [event for event in events if event.kind is EventKind.LISTING_OPENED]
    if not all("parties" in event.facts for event in openings):
        return None
    later = [event.facts for event in events if event.kind is EventKind.LISTING_HANDED_OVER]
    whose = [own_facts(event)["parties"] for event in openings]
    whose += [facts[side] for facts in later for side in ("before", "after")]
    return frozenset(party for parties in whose for party in parties)
