"""What opened and what closed, a line each, in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from deliverwatch.core.access import Viewer
from deliverwatch.core.desk.start import OPENED
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.visible import visible
from deliverwatch.desk import Snapshot
from deliverwatch.flows.alert_ports import NumberedEvent
from deliverwatch.render.tongue import marked, say
from deliverwatch.web.customers_seen import customers_seen
from deliverwatch.web.draft_names import Causes
from deliverwatch.web.episode_words import ENDED_LISTING

_KINDS: Mapping[EventKind, str] = {
    EventKind.LISTING_OPENED: marked("listed"),
    EventKind.BLOCK_OPENED: marked("blocked"),
    EventKind.BLOCK_CLOSED: marked("block over"),
    EventKind.THROTTLE_STARTED: marked("slowed down"),
    EventKind.THROTTLE_ENDED: marked("no longer slowed down"),
    EventKind.FINDING_OPENED: marked("authentication fails"),
    EventKind.FINDING_CLOSED: marked("authentication works again"),
    EventKind.WARNING_STARTED: marked("early warning"),
    EventKind.WARNING_ENDED: marked("warning over"),
}
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class NewsRow:
    """`number`: of the alert that tells more. `customers`: ids and names of those whom the viewer sees."""

    number: int
    at: datetime
    tone: str
    what: str
    subjects: str
    where: str
    customers: tuple[tuple[str, str], ...]


def news_rows(events: Iterable[NumberedEvent], viewer: Viewer, snapshot: Snapshot, names: Causes) -> list[NewsRow]:
    return [_row(each.id, each.event, viewer, snapshot, names) for each in events]


def _row(number: int, event: Event, viewer: Viewer, snapshot: Snapshot, names: Causes) -> NewsRow:
    place = event.list_id or str(event.facts.get("provider") or "")
    return NewsRow(
        number,
        event.at,
        "bad" if event.kind in OPENED and event.kind is not EventKind.WARNING_STARTED else "plain",
        _what(event),
        _subjects(event),
        names.name(place) if place else "",
        _customers(event, viewer, snapshot),
    )


def _what(event: Event) -> str:
    if event.kind is EventKind.LISTING_CLOSED:
        return say(ENDED_LISTING[Ending(event.facts["ended"])])
    return say(_KINDS[event.kind])


def _subjects(event: Event) -> str:
    members = event.facts.get("members") or ([event.subject.value] if event.subject is not None else [])
    shown = ", ".join(visible(str(each), 253) for each in members[:_MOST_NAMED])
    left_out = len(members) - _MOST_NAMED
    return say("{subjects} and {count} more", subjects=shown, count=left_out) if left_out > 0 else shown


def _customers(event: Event, viewer: Viewer, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    parties = event.facts.get("parties")
    if parties is None:
        parties = snapshot.parties(event.subject) if event.subject is not None else ()
    return tuple((each.id, visible(each.name, 80)) for each in customers_seen(snapshot, viewer, parties))
