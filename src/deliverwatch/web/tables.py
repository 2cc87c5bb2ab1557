"""The tables of the status page, from what the store says. Foreign text is made visible here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.blocklist import Blocklist, Impact, Polarity
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.events import Event
from deliverwatch.core.inventory import Holdings, Inventory
from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation import Draft
from deliverwatch.core.visible import visible
from deliverwatch.core.zone_health import Health, ZoneState
from deliverwatch.flows.ports import OutboxLine
from deliverwatch.render.words import at, lasting, lasting_days, listed


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store says, as of `now`. `verified_at`: by list, for those whose newest round was not verified."""

    now: datetime
    last_tick_at: datetime | None
    tick_at_most: timedelta
    lists_on: Sequence[Blocklist]
    lists_off: Sequence[Blocklist]
    every: Mapping[str, timedelta]
    inventory: Inventory
    listings: Sequence[Listing]
    zones: Mapping[tuple[str, str], ZoneState]
    cycles: Mapping[str, Cycle]
    verified_at: Mapping[str, datetime | None]
    drafts: Sequence[Draft]
    dead: Sequence[OutboxLine]
    owed: Sequence[OutboxLine]
    events: Sequence[Event]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of any table: cells in the order of its columns. `tone`: bad, unsure, good or plain."""

    tone: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    nothing: str


def listing_table(facts: Facts, names: Mapping[str, str]) -> Table:
    holdings = Holdings(facts.inventory.assets)
    worst_first = sorted(facts.listings, key=lambda each: (-each.impact.rank, each.opened_at, each.subject.value))
    return Table(
        "Open listings",
        ("Subject", "List", "Impact", "Meaning", "Since", "Customers"),
        tuple(
            Line(
                "bad" if each.impact.rank >= Impact.HIGH.rank else "unsure",
                (
                    visible(each.subject.value, 253),
                    names.get(each.list_id, visible(each.list_id, 80)),
                    each.impact,
                    visible("; ".join(each.meanings), 200),
                    f"{at(each.opened_at)} ({lasting_days(max(facts.now - each.opened_at, timedelta(0)))})",
                    _customers(facts.inventory, holdings.parties(each.subject, facts.now.date())),
                ),
            )
            for each in worst_first
        ),
        "None is open.",
    )


def _customers(inventory: Inventory, ids: Iterable[str]) -> str:
    found = [inventory.customer(each) for each in ids]
    return listed([visible(each.name, 80) for each in found if each is not None]) or "our own"


def health_table(facts: Facts) -> Table:
    return Table(
        "Lists that are watched",
        ("List", "State", "Last verified", "Why not"),
        tuple(_health_line(facts, blocklist) for blocklist in facts.lists_on),
        "No list is on.",
    )


def _health_line(facts: Facts, blocklist: Blocklist) -> Line:
    cycle = facts.cycles.get(blocklist.id)
    name = visible(blocklist.name, 80)
    if cycle is None:
        return Line("unsure", (name, "not asked yet", "never", ""))
    zone = facts.zones.get((blocklist.id, cycle.path))
    state = zone.health if zone is not None else Health.HEALTHY
    if cycle.verified:
        doubt = _doubt(cycle.finished_at, facts.now, facts.every[blocklist.id])
        return Line("unsure" if doubt else "good", (name, state, _ago(cycle.finished_at, facts.now), doubt))
    verified_at = facts.verified_at.get(blocklist.id)
    when = _ago(verified_at, facts.now) if verified_at is not None else "never"
    return Line("unsure", (name, state, when, visible(cycle.detail or "no reason recorded", 300)))


def _doubt(verified_at: datetime, now: datetime, every: timedelta) -> str:
    """Why a round that was verified says nothing about now: "" when it does."""
    if abs(now - verified_at) <= 2 * every:
        return ""
    if verified_at > now:
        return "the newest round is from the future: the clock was set back"
    return f"no verified round for {lasting(now - verified_at)}"


def _ago(moment: datetime, now: datetime) -> str:
    return f"{at(moment)} ({lasting(max(now - moment, timedelta(0)))} ago)"


def not_watched_table(facts: Facts) -> Table:
    important = [
        each
        for each in facts.lists_off
        if each.polarity is Polarity.BLOCK and each.worst_impact.rank >= Impact.MEDIUM.rank
    ]
    return Table(
        "Important lists that are not watched",
        ("List", "Impact", "What it takes"),
        tuple(
            Line("plain", (visible(each.name, 80), each.worst_impact, visible(each.access.note, 300)))
            for each in sorted(important, key=lambda each: (-each.worst_impact.rank, each.name))
        ),
        "None: all important lists of the catalogue are on.",
    )


def draft_table(facts: Facts, names: Mapping[str, str]) -> Table:
    return Table(
        "Drafts waiting",
        ("Draft", "About", "Addressee", "State", "Missing", "Due"),
        tuple(
            Line(
                "plain",
                (
                    visible(draft.id, 60),
                    visible(", ".join(draft.subjects), 253),
                    names.get(draft.provider, visible(draft.provider, 80)),
                    str(draft.state),
                    visible(", ".join(missing.field for missing in draft.missing), 200) or "nothing",
                    at(draft.due_at) if draft.due_at is not None else "",
                ),
            )
            for draft in facts.drafts
        ),
        "None waits.",
    )


def outbox_table(facts: Facts) -> Table:
    return Table(
        "Messages not delivered yet",
        ("To", "About", "State", "Attempts", "Next", "Last trouble"),
        tuple(
            Line(
                "unsure" if line.state is NotificationState.DEAD else "plain",
                (
                    visible(line.notification.recipient, 100),
                    _words(line.event_kind) if line.event_kind is not None else "weekly report",
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


def event_table(facts: Facts, names: Mapping[str, str]) -> Table:
    return Table(
        "What happened last",
        ("When", "What", "List", "Subject", "Details"),
        tuple(
            Line(
                "plain",
                (
                    at(event.at),
                    _words(event.kind),
                    names.get(event.list_id, visible(event.list_id, 80)),
                    visible(event.subject.value, 253) if event.subject is not None else "",
                    _details(event),
                ),
            )
            for event in facts.events
        ),
        "Nothing yet.",
    )


def _details(event: Event) -> str:
    """The one fact that tells most."""
    for name in ("ended", "meanings", "code", "detail"):
        value = event.facts.get(name)
        if value:
            return visible("; ".join(value) if isinstance(value, list) else str(value).replace("_", " "), 200)
    return ""


def _words(kind: str) -> str:
    return kind.replace("_", " ")
