"""What readers were owed of some episodes so far.

An event tells of its own episode and of those whose events it leads in an incident; its notifications belong to the
leading event. So what a reader was owed of an episode are their notifications of the events that lead the events of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from deliverwatch.core.alerting import Audience, Notification, NotificationState
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.incidents import own_facts
from deliverwatch.core.joining import Earlier, Part, episode_of, part_of, this_time, unstable_key
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping import episodes as episode_mapping
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.outbox import WITHOUT_CONTENT, carriers
from deliverwatch.store.tables import EventRow, NotificationRow, table_of

EVENT = table_of(EventRow)
NOTE = table_of(NotificationRow)

_TELLS = (Part.BEGINS, Part.CHANGES)


@dataclass(frozen=True, slots=True)
class History:
    """`events`: by episode, in their order. `notes`: of the events that lead them, by these; `carriers`: by id, the
    messages by which such were told that are not told by themselves."""

    events: Mapping[str, Sequence[Event]]
    notes: Mapping[str, Sequence[AnyRow]]
    carriers: Mapping[str, AnyRow]

    def earlier(self, note: Notification, episodes: Collection[str]) -> list[Earlier]:
        """What the reader of a notification was owed of the episodes before it."""
        before = [event for episode in sorted(episodes) for event in self._before(episode, note.event_key)]
        return [
            self._seen(row, self._is_whole(lead, before))
            for lead in dict.fromkeys(lead_of(event) for event in before)
            for row in self.notes.get(lead, ())
            if (row.channel, row.recipient) == (note.channel, note.recipient) and row.id != note.id
            if not (row.state == NotificationState.DROPPED and row.attempts == 0)
        ]

    def _before(self, episode: str, event_key: str | None) -> Iterator[Event]:
        history = self.events.get(episode, ())
        own = next((event.key for event in history if lead_of(event) == event_key), None)
        for event in this_time(history, own):
            if event.kind is EventKind.LISTING_SETTLED:  # before it came to be listed for good, it was told as unstable
                yield from self.events.get(unstable_key(event), ())[:1]
            if part_of(event) in _TELLS:
                yield event

    def _is_whole(self, lead: str, known: Iterable[Event]) -> bool:
        led = [event for event in known if lead_of(event) == lead]
        said = next((event for event in led if event.key == lead), None)
        return said is not None and len(led) >= said.facts.get("member_count", 1)

    def _seen(self, row: AnyRow, whole: bool) -> Earlier:
        """What is told by another message is read with that one."""
        carrier = self.carriers.get(row.about) if row.state == NotificationState.JOINED else None
        read = row if carrier is None else carrier
        return Earlier(read.id, NotificationState(read.state), read.attempts, read.about, whole and carrier is None)


def load(connection: Connection, episodes: Collection[str]) -> History:
    """Locked: none of the notifications is claimed until it is settled what becomes of it."""
    events = _events(connection, episodes)
    unstable = {
        unstable_key(each) for some in events.values() for each in some if each.kind is EventKind.LISTING_SETTLED
    }
    events |= _events(connection, unstable - events.keys())
    leads = {lead_of(each) for some in events.values() for each in some}
    statement = select(*WITHOUT_CONTENT).where(NOTE.c.corrects_message_id.is_(None)).with_for_update()
    notes: dict[str, list[AnyRow]] = defaultdict(list)
    for row in sorted(select_in(connection, statement, NOTE.c.event_key, leads), key=lambda row: row.created_at):
        notes[row.event_key].append(row)
    return History(events, notes, carriers(connection, [row for some in notes.values() for row in some]))


def lead_of(event: Event) -> str:
    """The key of the event that tells it."""
    incident: str = event.facts.get("incident", event.key)
    return incident


def incidents(connection: Connection, leads: Iterable[Event]) -> dict[str, list[Event]]:
    """All that each of these tells of, itself first."""
    groups = {event.key: [event] for event in leads}
    several = [key for key, (event,) in groups.items() if event.facts.get("member_count", 1) > 1]
    rows = select_in(connection, select(EVENT), EVENT.c.incident, several)
    for row in sorted(rows, key=lambda row: row.id):
        groups[row.incident].append(episode_mapping.event(row))
    return groups


def read_by(note: Notification, group: Sequence[Event]) -> list[Event]:
    """What of an incident concerns its reader."""
    if note.audience is Audience.OPERATOR:
        return list(group)
    own = [each for each in group if not set(note.customers).isdisjoint(own_facts(each).get("parties", ()))]
    return own or list(group)


def episodes_of(events: Iterable[Event]) -> frozenset[str]:
    return frozenset(episode for event in events if (episode := episode_of(event)) is not None)


def _events(connection: Connection, episodes: Collection[str]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for row in sorted(select_in(connection, select(EVENT), EVENT.c.episode, episodes), key=lambda row: row.id):
        found[row.episode].append(episode_mapping.event(row))
    return dict(found)
