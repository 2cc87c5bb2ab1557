"""Telling what is left to tell once a silence, or what inhibited, is over.

Who is told what is `core.settling`; here are the rows. What goes out keeps its place in its thread, since it is as old
as its event; what is not told any more keeps its state, and says since when that is settled.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, select, text, update

from deliverwatch.core.alerting import Notification, NotificationState
from deliverwatch.core.events import Event
from deliverwatch.core.joining import KEPT_BACK, UNSENT, Earlier, Part, episode_of, part_of
from deliverwatch.core.settling import Freed, Word, left_to_tell
from deliverwatch.store import alert_history, outbox
from deliverwatch.store.alert_gate import Gate
from deliverwatch.store.alert_history import episodes_of, incidents, read_by
from deliverwatch.store.alert_standing import doubted, standing
from deliverwatch.store.alert_tables import SilenceRow
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping import episodes as episode_mapping
from deliverwatch.store.mapping import outbox as outbox_mapping
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.outbox import WITHOUT_CONTENT
from deliverwatch.store.tables import INHIBITED, EventRow, NotificationRow, table_of

EVENT = table_of(EventRow)
NOTE = table_of(NotificationRow)
SILENCE = table_of(SilenceRow)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A notification that was kept back, and all that it tells its reader of."""

    note: Notification
    event: Event
    group: Sequence[Event]

    @property
    def read(self) -> list[Event]:
        return read_by(self.note, self.group)


def settle_silence(connection: Connection, silence_id: str, now: datetime) -> int:
    """How many notifications go on."""
    mine = SILENCE.c.id == silence_id, SILENCE.c.settled_at.is_(None)
    if connection.execute(select(SILENCE.c.id).where(*mine).with_for_update()).first() is None:
        return 0
    silenced = NOTE.c.about == silence_id, NOTE.c.state == str(NotificationState.SILENCED)
    kept = _kept(connection, connection.execute(_notes().where(*silenced, NOTE.c.settled_at.is_(None))))
    told = _settle(connection, kept, Gate(connection, but=silence_id), now)
    connection.execute(update(SILENCE).where(*mine).values(settled_at=now))
    return told


def settle_inhibited(connection: Connection, now: datetime) -> int:
    """Of those that nothing inhibits any more."""
    kept = _kept(connection, connection.execute(_notes().where(text(INHIBITED))))
    return _settle(connection, kept, Gate(connection), now) if kept else 0


def _notes() -> Any:
    return select(*WITHOUT_CONTENT).order_by(NOTE.c.created_at, NOTE.c.id).with_for_update()


def _kept(connection: Connection, rows: Iterable[AnyRow]) -> list[_Kept]:
    """In the order in which their events were written."""
    notes = [outbox_mapping.notification(row) for row in rows]
    found = select_in(connection, select(EVENT), EVENT.c.key, {note.event_key or "" for note in notes})
    numbers = {row.key: row.id for row in found}
    groups = incidents(connection, [episode_mapping.event(row) for row in found])
    notes.sort(key=lambda note: numbers[note.event_key])
    return [_Kept(note, groups[note.event_key or ""][0], groups[note.event_key or ""]) for note in notes]


def _settle(connection: Connection, kept: Sequence[_Kept], gate: Gate, now: datetime) -> int:
    freed = [each for each in kept if not _is_kept_back(connection, gate, each, now)]
    looked_at = _look(connection, freed, now)
    words = {id_: word for of_reader in looked_at.values() for id_, word in left_to_tell(of_reader).items()}
    ones = {one.id: one for of_reader in looked_at.values() for one in of_reader}
    _wait(connection, ones.values(), words)
    told = [each for each in freed if words[each.note.id] is Word.TELL]
    for each in told:
        _let_go(connection, each, _follows(ones[each.note.id], words), now)
    for each in freed:
        if words[each.note.id] is Word.NOTHING:
            connection.execute(update(NOTE).where(NOTE.c.id == each.note.id).values(settled_at=now))
    return len(told)


def _is_kept_back(connection: Connection, gate: Gate, each: _Kept, now: datetime) -> bool:
    """By another silence, or by what inhibits it still. A correction goes with what it corrects."""
    if each.note.corrects is not None:
        return False
    kept = gate.keeps_back(each.note, each.read, now)
    if kept is not None:
        outbox.keep_back(connection, each.note.id, *kept)
    return kept is not None


def _look(connection: Connection, freed: Sequence[_Kept], now: datetime) -> Mapping[tuple[str, str], Sequence[Freed]]:
    """By reader."""
    if not freed:
        return {}
    read = [member for each in freed for member in each.read]
    history = alert_history.load(connection, episodes_of(read))
    stands = standing(connection, read, history, now)
    readers: dict[tuple[str, str], list[Freed]] = defaultdict(list)
    for each in freed:
        episodes = episodes_of(each.read)
        earlier = history.earlier(each.note, episodes)
        part = part_of(each.event)
        if each.note.corrects is not None:
            part, earlier = Part.ENDS, _corrected(connection, each.note.corrects.message_id)
        names = frozenset(episode_of(member) or member.key for member in each.read)
        one = Freed(each.note.id, part, episodes, stands & names, earlier)
        readers[each.note.channel, each.note.recipient].append(one)
    return readers


def _follows(one: Freed, words: Mapping[str, Word]) -> str | None:
    """What its reader has to hear before it, and has not yet."""
    owed = [each.id for each in one.earlier if each.state in UNSENT or words.get(each.id) is Word.TELL]
    return owed[-1] if owed else None


def _corrected(connection: Connection, message_id: str) -> list[Earlier]:
    row = connection.execute(select(*WITHOUT_CONTENT).where(NOTE.c.id == message_id)).first()
    return [Earlier(row.id, NotificationState(row.state), row.attempts, row.about)] if row is not None else []


def _wait(connection: Connection, ones: Iterable[Freed], words: Mapping[str, Word]) -> None:
    """With what they wait for: when that is settled, they are."""
    for one in ones:
        if words[one.id] is Word.WAITS:
            before = next(each for each in reversed(one.earlier) if each.id not in words and each.state in KEPT_BACK)
            outbox.keep_back(connection, one.id, before.state, before.about)


def _let_go(connection: Connection, each: _Kept, follows: str | None, now: datetime) -> None:
    if doubted(connection, each.read):
        state, due = NotificationState.HELD, None
    elif each.note.digest_at is not None:
        state, due = NotificationState.COLLECTED, None
    else:
        state, due = NotificationState.PENDING, case((NOTE.c.not_before > now, NOTE.c.not_before), else_=now)
    statement = update(NOTE).where(NOTE.c.id == each.note.id, NOTE.c.state.in_([str(state) for state in KEPT_BACK]))
    about = {} if follows is None else {"about": follows}
    connection.execute(statement.values(state=str(state), next_attempt_at=due, **about))
