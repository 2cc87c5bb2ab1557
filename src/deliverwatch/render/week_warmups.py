"""The warm-ups of the weekly report: cards with bars, one-line rows, and the sums of pools.

A bar is of one day: what was delivered of the allowance is filled, what was allowed beyond that is outlined, and what
was delivered beyond it stands out. All bars of an IP have one scale, so that a ramp looks like one. A day that is
not known has no bar, and counts in no sum. Everything foreign goes through `in_mail`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import chain
from typing import NamedTuple

from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.run import RunEnd
from deliverwatch.core.week_warmups import DayMark, ReportedDay, ReportedWarmup
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import OF_ALL, named
from deliverwatch.render.tongue import marked, number, on, say
from deliverwatch.render.warmup_terms import sentence
from deliverwatch.render.week_guidance import rest_of_why, state_of
from deliverwatch.render.week_warmup_words import card_notes, place, pool_sums, sums_and_next, sums_words
from deliverwatch.render.words import at

_LEGEND = marked("Bars: filled is what was delivered, outlined what was allowed beyond it, amber what was above plan.")
_MARKS: Mapping[DayMark, str] = {
    DayMark.HELD: marked("held"),
    DayMark.RELEASED: marked("released"),
    DayMark.STEPPED_BACK: marked("stepped back"),
}
_BAD = frozenset({DayState.HELD, DayState.BEHIND_REFUSED, DayState.OFF})


@dataclass(frozen=True, slots=True)
class Bar:
    """`whole`: its length, in whole percent of the longest. The parts are in whole percent of its own: delivered within
    the plan, allowed beyond that, delivered beyond the plan."""

    whole: int
    within: int
    short: int
    over: int


@dataclass(frozen=True, slots=True)
class DayRow:
    """`bar` None: the day is not known. `mark`: held, or not any more, or taken back."""

    on: str
    allowed: str
    delivered: str
    bar: Bar | None
    mark: str


@dataclass(frozen=True, slots=True)
class Card:
    """`tone`: bad, unsure or good. `sums` says why, where there are no `days`."""

    ip: str
    state: str
    tone: str
    place: str
    why: str
    sums: str
    days: tuple[DayRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    ip: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class PoolCards:
    name: str
    sums: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class PoolLines:
    """`sums` are empty where the pool has cards: they are said there."""

    name: str
    sums: str
    lines: tuple[Line, ...]


class Room(NamedTuple):
    """How many IPs may have cards, and how many of the others lines."""

    cards: int
    lines: int


_ROOMS = ((45, Room(8, 30)), (85, Room(3, 30)))
_LEAST_ROOM = Room(0, 10)


def room_beside(rows: int) -> Room:
    """`rows`: of the mail's other tables. A card weighs as much as seven of them, and what Gmail cuts is the end."""
    return next((room for most_rows, room in _ROOMS if rows <= most_rows), _LEAST_ROOM)


@dataclass(frozen=True, slots=True)
class WarmupRows:
    """`more`: how many IPs have neither card nor line. `notes`: how to read it; `legend`: how to read the bars."""

    pools: tuple[PoolCards, ...] = ()
    others: tuple[PoolLines, ...] = ()
    more: int = 0
    notes: tuple[str, ...] = ()
    legend: str = ""


def warmup_rows(
    warmups: Sequence[ReportedWarmup], made_at: datetime, zone: tzinfo, room: Room, told: Collection[str]
) -> WarmupRows:
    """The first get cards; of one that is shared there is nothing to draw. Pools are summed over all of their IPs.
    `told`: IPs of which it was said above what holds them."""
    drawn = [each for each in warmups if not each.shared][: room.cards]
    others = [each for each in warmups if each not in drawn]
    cards, lines = _by_pool(drawn), _by_pool(others[: room.lines])
    sums = {pool: pool_sums(mine) for pool, mine in _by_pool(warmups).items()}
    return WarmupRows(
        pools=tuple(
            PoolCards(pool, sums[pool], tuple(_card(each, zone, told=each.ip in told) for each in mine))
            for pool, mine in cards.items()
        ),
        others=tuple(
            PoolLines(pool, "" if pool in cards else sums[pool], tuple(map(_line, mine)))
            for pool, mine in lines.items()
        ),
        more=len(others[room.lines :]),
        notes=tuple(_notes(warmups, at(made_at, zone))),
        legend=say(_LEGEND) if any(day.delivered is not None for each in drawn for day in each.days) else "",
    )


def _by_pool(warmups: Iterable[ReportedWarmup]) -> dict[str, list[ReportedWarmup]]:
    pools: dict[str, list[ReportedWarmup]] = defaultdict(list)
    for each in warmups:
        pool = each.status.run.pool
        none = say("Shared with others") if each.shared else say("Without a pool")
        pools[say("Pool {pool}", pool=in_mail(pool, 60)) if pool else none].append(each)
    return pools


def _notes(warmups: Sequence[ReportedWarmup], made_at: str) -> Iterator[str]:
    days = list(chain.from_iterable(each.days for each in warmups))
    yield say(
        "What was allowed each day, and what was delivered. Stage, state and next allowance are of {made_at}.",
        made_at=made_at,
    )
    if any(day.delivered is not None and not day.settled for day in days):
        yield say("What was delivered on the last three days may still grow: receivers are tried for so long.")
    if any(each.status.holds for each in warmups):
        yield say("A hold is advice: nothing was changed at your sending platform.")


def _card(warmup: ReportedWarmup, zone: tzinfo, *, told: bool) -> Card:
    return Card(
        ip=named([warmup.ip]),
        state=state_of(warmup),
        tone=_tone(warmup),
        place=place(warmup),
        why=rest_of_why(warmup, zone, told=told),
        sums=sentence(sums_words(warmup.days)),
        days=_day_rows(warmup.days),
        notes=card_notes(warmup),
    )


def _line(warmup: ReportedWarmup) -> Line:
    status = warmup.status
    if warmup.shared:
        return Line(named([warmup.ip]), state_of(warmup), say(OF_ALL))
    state = say(
        "{state}, stage {stage} of {stages}",
        state=state_of(warmup),
        stage=status.stage,
        stages=len(status.run.plan.stages),
    )
    return Line(named([warmup.ip]), state, sums_and_next(warmup))


def _tone(warmup: ReportedWarmup) -> str:
    state, ended = warmup.status.state, warmup.status.run.ended
    if state in _BAD:
        return "bad"
    good = state is DayState.ON_PLAN or (state is DayState.DONE and ended is not RunEnd.FINISHED)
    return "good" if good and not warmup.holds else "unsure"


def _day_rows(days: Sequence[ReportedDay]) -> tuple[DayRow, ...]:
    longest = max((max(day.allowed or 0, day.delivered or 0) for day in days), default=0)
    return tuple(_day_row(day, longest) for day in days)


def _day_row(day: ReportedDay, longest: int) -> DayRow:
    day_of_month = on(day.on, say("EEE d"))
    mark = say(_MARKS[day.mark]) if day.mark is not None else ""
    if day.allowed is None or day.delivered is None:
        return DayRow(day_of_month, "", "", None, mark)
    drawn = bar(day.allowed, day.delivered, longest)
    return DayRow(day_of_month, number(day.allowed), number(day.delivered), drawn, mark)


def bar(allowed: int, delivered: int, longest: int) -> Bar:
    """What is there is seen, and so is what lacks: neither is rounded away."""
    within, beyond = min(allowed, delivered), max(allowed, delivered)
    if not beyond:
        return Bar(0, 0, 0, 0)
    filled = _percent(within, beyond)
    over = delivered > allowed
    return Bar(_percent(beyond, longest), filled, 0 if over else 100 - filled, 100 - filled if over else 0)


def _percent(number: int, of: int) -> int:
    return max(number * 100 // of, 1) if number else 0
