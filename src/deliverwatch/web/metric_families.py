"""The families of metrics that are read from the installation when somebody asks."""

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from deliverwatch import __version__
from deliverwatch.app import App
from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.errors import StoreError
from deliverwatch.core.figures import Figures
from deliverwatch.core.list_standing import Believed, ListStanding
from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.core.source_condition import SourceCondition, SourceHealth
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.web.house import House
from deliverwatch.web.standings import standings

_OUTBOX = (
    NotificationState.PENDING,
    NotificationState.SENDING,
    NotificationState.HELD,
    NotificationState.COLLECTED,
    NotificationState.DEAD,
)
Row = tuple[tuple[str, ...], float]
Kind = TypeVar("Kind", bound=StrEnum)


async def read_families(house: House) -> list[Metric]:
    """Without a database, what is known without one."""
    app = house.app
    try:
        found = [*await _of_store(app), _gauge("database_up", "Whether the database answers (1) or not (0).", 1.0)]
    except StoreError:
        found = [_gauge("database_up", "Whether the database answers (1) or not (0).", 0.0)]
    return [*_of_process(house), *found]


def _of_process(house: House) -> Iterator[Metric]:
    build = {"version": __version__, "python": platform.python_version()}
    yield InfoMetricFamily("deliverwatch_build", "Which deliverwatch runs, on which Python.", build)
    yield _time("last_tick", "When the daemon ticked last.", house.last_tick_at())
    yield CounterMetricFamily(
        "deliverwatch_database_errors",
        "How often the database failed since the start.",
        float(house.app.store.faults),
    )


async def _of_store(app: App) -> list[Metric]:
    figures = await app.store.figures(app.clock.now())
    return [
        *_of_figures(figures),
        *_of_lists((await standings(app)).values()),
        *_of_sources(await app.intake.health()),
        _of_warmups(await app.warmups.seen_by(None)),
    ]


def _of_figures(figures: Figures) -> Iterator[Metric]:
    yield _table(
        "open_listings",
        "Open listings, by list and impact.",
        ("list", "impact"),
        (((list_id, str(impact)), count) for (list_id, impact), count in figures.listings.items()),
    )
    yield _table(
        "open_episodes",
        "Open blocks, throttles, findings and warnings, by kind and mailbox provider.",
        ("kind", "provider"),
        (((str(kind), provider or "none"), count) for (kind, provider), count in figures.episodes.items()),
    )
    yield _table("drafts", "Drafts, by state.", ("state",), _all_of(DraftState, figures.drafts))
    yield _gauge("drafts_overdue", "Drafts that wait longer than they should have to.", figures.overdue)
    yield _table(
        "outbox_messages",
        "Messages that have not gone out, by state.",
        ("state",),
        _all_of(_OUTBOX, figures.outbox),
    )
    yield _time("outbox_oldest_due", "When the oldest message that is owed could have gone out.", figures.owed_since)


def _of_lists(found: Iterable[ListStanding]) -> Iterator[Metric]:
    found = list(found)
    counts = Counter((each.believed, each.blocklist.leads) for each in found)
    yield _table(
        "lists",
        "Blocklists that are on, by whether they can be believed, and whether they matter to senders.",
        ("state", "leads"),
        (((str(state), _word(leads)), counts[state, leads]) for state in Believed for leads in (True, False)),
    )
    yield _table(
        "list_verified",
        "Whether the newest round over a list was verified, and not too long ago; of those that can be.",
        ("list", "impact", "leads"),
        (
            (_labels(each), float(each.believed is Believed.VERIFIED))
            for each in found
            if each.believed is not Believed.BEYOND_PROOF
        ),
    )
    yield _table(
        "list_last_verified_timestamp_seconds",
        "When a list was last verified.",
        ("list", "impact", "leads"),
        ((_labels(each), each.verified_at.timestamp()) for each in found if each.verified_at is not None),
    )


def _labels(standing: ListStanding) -> tuple[str, ...]:
    each = standing.blocklist
    return each.id, str(each.worst_impact), _word(each.leads)


def _of_sources(health: Iterable[SourceHealth]) -> Iterator[Metric]:
    health = list(health)
    conditions = Counter(each.condition for each in health)
    yield _table(
        "sources", "Sources of sending data, by condition.", ("condition",), _all_of(SourceCondition, conditions)
    )
    yield _table(
        "source_last_event_timestamp_seconds",
        "When the newest event of a source was.",
        ("source",),
        (((each.title,), each.last_event_at.timestamp()) for each in health if each.last_event_at is not None),
    )


def _of_warmups(found: Iterable[RunStatus]) -> Metric:
    states = Counter(each.state for each in found)
    return _table("warmups", "Warm-ups, by state; ended ones for two weeks.", ("state",), _all_of(DayState, states))


def _all_of(kinds: Iterable[Kind], counts: Mapping[Kind, int]) -> Iterator[Row]:
    """Each, so that a graph falls to 0 and does not break off."""
    return (((str(kind),), counts.get(kind, 0)) for kind in kinds)


def _table(name: str, told: str, labels: tuple[str, ...], rows: Iterable[Row]) -> Metric:
    family = GaugeMetricFamily(f"deliverwatch_{name}", told, labels=labels)
    for values, value in rows:
        family.add_metric(values, float(value))
    return family


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"deliverwatch_{name}", told, float(value))


def _time(name: str, told: str, at: datetime | None) -> Metric:
    """Without a value where it never was."""
    family = GaugeMetricFamily(f"deliverwatch_{name}_timestamp_seconds", told)
    if at is not None:
        family.add_metric((), at.timestamp())
    return family


def _word(yes: bool) -> str:
    return "true" if yes else "false"
