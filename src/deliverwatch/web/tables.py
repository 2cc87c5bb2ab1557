"""What a table of the status page is, and those of what goes out and went on: messages, events.

All are made from what the store says (`Facts`). Foreign text is made visible here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deliverwatch.core.alerting import Audience, NotificationState
from deliverwatch.core.block import Episode
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.desk.start import Part
from deliverwatch.core.events import Event
from deliverwatch.core.figures import Figures
from deliverwatch.core.incidents import ranges
from deliverwatch.core.inventory import Inventory
from deliverwatch.core.listing import Listing
from deliverwatch.core.provider import MailboxProvider
from deliverwatch.core.remediation.draft import Draft
from deliverwatch.core.source_condition import SourceHealth
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.visible import visible
from deliverwatch.core.zone_health import ZoneState
from deliverwatch.flows.ports import OutboxLine
from deliverwatch.render.tongue import listed
from deliverwatch.render.words import at, counted


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store says, as of `now`. `held`: the kinds of what anybody holds today. `verified_at`: by list, for
    those whose newest round was not verified. `leading`, `informing`: the worst open listings, on lists that lead and
    on others. `blocks`, `warnings`: what is open, and what ended lately; throttles and findings are among the blocks.
    `waiting`, `under_way`: the drafts that are due first. `events`: the newest, without those that another one
    tells of. `figures`: of all there is."""

    now: datetime
    last_tick_at: datetime | None
    tick_at_most: timedelta
    lists_on: Sequence[Blocklist]
    lists_off: Sequence[Blocklist]
    every: Mapping[str, timedelta]
    inventory: Inventory
    held: frozenset[SubjectKind]
    leading: Part[Listing]
    informing: Part[Listing]
    blocks: Part[Episode]
    warnings: Part[Episode]
    providers: Mapping[str, MailboxProvider]
    sources: Sequence[SourceHealth]
    zones: Mapping[tuple[str, str], ZoneState]
    cycles: Mapping[str, Cycle]
    verified_at: Mapping[str, datetime | None]
    waiting: Part[Draft]
    under_way: Part[Draft]
    dead: Sequence[OutboxLine]
    owed: Sequence[OutboxLine]
    events: Sequence[Event]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Line:
    """One row of any table: cells in the order of its columns. `tone`: bad, unsure, good or plain."""

    tone: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class More:
    """What a table leaves out, in words, and the page that has it."""

    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Table:
    """`folded`: what to say of it while it is closed; None: it is open, and stays so. `more`: None where it is all."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    nothing: str
    folded: str | None = None
    more: More | None = None


def more(left_out: int, one: str, many: str, path: str) -> More | None:
    return More(f"{counted(left_out, one, many)} not shown here.", path) if left_out else None


_MOST_RANGES = 12


def subject_names(subjects: Sequence[Subject]) -> str:
    """Under their ranges, where they are several."""
    if len(subjects) == 1:
        return visible(subjects[0].value, 253)
    names = [visible(name, 253) for name in ranges(subjects)]
    left_out = f" and {len(names) - _MOST_RANGES} more" if len(names) > _MOST_RANGES else ""
    return f"{', '.join(names[:_MOST_RANGES])}{left_out} ({counted(len(subjects), 'subject')})"


def customer_names(inventory: Inventory, ids: Iterable[str]) -> str:
    found = [inventory.customer(each) for each in ids]
    return listed([visible(each.name, 80) for each in found if each is not None]) or "our own"


def outbox_table(facts: Facts) -> Table:
    return Table(
        "Messages not delivered yet",
        ("To", "About", "State", "Attempts", "Next", "Last trouble"),
        tuple(
            Line(
                "unsure" if line.state is NotificationState.DEAD else "plain",
                (
                    visible(line.notification.recipient, 100),
                    _message(line),
                    "undeliverable" if line.state is NotificationState.DEAD else str(line.state),
                    str(line.attempts),
                    at(line.next_attempt_at) if line.next_attempt_at is not None else "",
                    visible(line.last_error or "", 300),
                ),
            )
            for line in (*facts.dead, *facts.owed)
        ),
        "Everything was delivered.",
    )


def _message(line: OutboxLine) -> str:
    """What it tells of."""
    if line.event_kind is not None:
        return _words(line.event_kind)
    if line.notification.report_id is not None:
        return "weekly report"
    return "question about a request" if line.notification.audience is Audience.CUSTOMER else "step of a draft"


def event_table(facts: Facts, names: Mapping[str, str]) -> Table:
    return Table(
        "What happened last",
        ("When", "What", "List or provider", "Subject", "Details"),
        tuple(
            Line(
                "plain",
                (
                    at(event.at),
                    _words(event.kind),
                    _whose(event, names),
                    _about(event),
                    _details(event),
                ),
            )
            for event in facts.events
        ),
        "Nothing yet.",
    )


def _whose(event: Event, names: Mapping[str, str]) -> str:
    """The list, or the mailbox provider; of what is neither's, nothing."""
    if event.list_id:
        return names.get(event.list_id, visible(event.list_id, 80))
    return visible(event.facts.get("provider_name") or "", 80)


def _about(event: Event) -> str:
    """Of an incident the event that leads is shown, with all that it leads."""
    if members := event.facts.get("members"):
        return visible(", ".join(members), 253)
    return visible(event.subject.value, 253) if event.subject is not None else ""


def _details(event: Event) -> str:
    """The one fact that tells most."""
    for name in ("ended", "meanings", "code", "detail"):
        value = event.facts.get(name)
        if value:
            return visible("; ".join(value) if isinstance(value, list) else str(value).replace("_", " "), 200)
    return ""


def _words(kind: str) -> str:
    return kind.replace("_", " ")
