"""Warm-ups as pages show them: a line for each IP, those that wait for a person first; and one of them, in its parts.

Of an address that concerns customers whom the reader does not see, its state is told and what holds it, and nothing of
volumes (`core.warmups_seen`).
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from deliverwatch.core.inventory import Customer
from deliverwatch.core.visible import visible
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.run import Reading
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.flows.warmup_ports import RunHistory
from deliverwatch.render.tongue import number, on, say
from deliverwatch.render.warmup_days import on_day
from deliverwatch.render.warmup_overview import needs_a_hand, next_words
from deliverwatch.render.warmup_tables import NOT_KNOWN, day_row, provider_row, why_so
from deliverwatch.render.warmup_terms import STEPS
from deliverwatch.render.warmup_words import Names, holds_words, reason, state_words
from deliverwatch.web.draft_queue import holder

_FIRST: Mapping[DayState, int] = {DayState.READY_TO_RELEASE: 0, DayState.HELD: 1}
_OTHERS_IN_NEED, _WELL, _OVER = 2, 3, 4
_MOST = 500
_MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """`figures`: None of one that is shared."""

    ip: str
    tone: str
    state: str
    why: str
    customer: str
    stage: str | None
    yesterday: str | None
    allowed: str | None
    done_by: str | None


@dataclass(frozen=True, slots=True)
class StepShown:
    at: datetime
    what: str
    stage: int | None
    by: str
    reason: str


def in_order(statuses: Iterable[RunStatus]) -> list[RunStatus]:
    """Those that a person may release, those that are held, those that need a hand; then the rest, by address."""
    return sorted(statuses, key=_order)


def _order(status: RunStatus) -> tuple[int, int, int]:
    address = ipaddress.ip_address(status.run.ip)
    return _urgency(status), address.version, int(address)


def _urgency(status: RunStatus) -> int:
    if status.run.ended is not None:
        return _OVER
    return _FIRST.get(status.state, _OTHERS_IN_NEED if needs_a_hand(status) else _WELL)


def tone(status: RunStatus) -> str:
    urgency = _urgency(status)
    return "unsure" if urgency <= _OTHERS_IN_NEED else "good" if urgency == _WELL else "plain"


def rows(statuses: Iterable[RunStatus], names: Names, customers: Mapping[str, Customer]) -> list[Row]:
    return [_row(each, names, customers) for each in statuses]


def _row(status: RunStatus, names: Names, customers: Mapping[str, Customer]) -> Row:
    run, shared = status.run, status.shared
    expected = status.expected_finish_on
    return Row(
        run.ip,
        tone(status),
        state_words(status),
        visible(reason(status, names), _MOST),
        holder(run.customer, customers.get(run.customer or "")),
        None if shared else say("{stage} of {stages}", stage=status.stage, stages=len(run.plan.stages)),
        None if shared else _yesterday(status),
        None if shared else next_words(status.next),
        on_day(expected) if expected is not None else None,
    )


def _yesterday(status: RunStatus) -> str | None:
    """The last judged day, which says when it was."""
    day = status.judged
    if day is None:
        return None
    delivered = number(day.counts.delivered) if day.unknown is None else say(NOT_KNOWN)
    return say(
        "{delivered} of {allowed} on {day}",
        delivered=delivered,
        allowed=number(day.allowed),
        day=on(day.on, "d MMM"),
    )


def zone_of_run(status: RunStatus) -> tzinfo:
    return ZoneInfo(status.run.zone)


def holds_of(status: RunStatus, names: Names) -> list[str]:
    return [visible(each, _MOST) for each in holds_words(status.holds, names, zone_of_run(status))]


def days_of(history: RunHistory) -> list[tuple[tuple[object, ...], str]]:
    """(cells, why), newest first; the last weeks of them."""
    days = reversed(history.days[-_MOST_DAYS:])
    return [((on_day(day.result.on), *day_row(day)[1:]), visible(why_so(day), _MOST)) for day in days]


def providers_of(history: RunHistory, names: Names) -> list[tuple[object, ...]]:
    ended = history.status.run.ended
    return [tuple(map(_shown, provider_row(each, names, ended))) for each in history.status.providers]


def _shown(cell: object) -> object:
    return number(cell) if isinstance(cell, int) else cell


def steps_of(history: RunHistory) -> list[StepShown]:
    """Newest first."""
    return [
        StepShown(each.at, say(STEPS[each.kind]), each.stage, visible(each.by, 80), visible(each.reason, _MOST))
        for each in reversed(history.steps)
    ]


def reading_of(history: RunHistory) -> str | None:
    """What the sending platform said of its own warm-up last."""
    reading = history.days[-1].after.reading if history.days else None
    return _said(reading) if reading is not None else None


def _said(reading: Reading) -> str:
    platform, day = visible(reading.platform, 60), on_day(reading.on)
    if not reading.warming:
        return say("{platform} said on {day} that its own warm-up is off or finished.", platform=platform, day=day)
    if reading.stage is None:
        return say("{platform} said on {day} that its own warm-up goes on.", platform=platform, day=day)
    return say("{platform} said on {day} that it is at stage {stage}.", platform=platform, day=day, stage=reading.stage)
