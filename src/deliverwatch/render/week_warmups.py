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

from deliverwatch.core.warmup.day import Because, DayState, Decision
from deliverwatch.core.warmup.run import RunEnd
from deliverwatch.core.week_warmups import DayMark, ReportedDay, ReportedWarmup, sums_of
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import OF_ALL
from deliverwatch.render.tongue import listed, percent
from deliverwatch.render.warmup_days import on_day
from deliverwatch.render.warmup_words import because, platform_words, provider_name
from deliverwatch.render.week_guidance import rest_of_why, sentence, state_of
from deliverwatch.render.words import at, counted

_MOST_PROVIDERS = 3
_LEGEND = "Bars: filled is what was delivered, outlined what was allowed beyond it, amber what was above plan."
_MARKS: Mapping[DayMark, str] = {
    DayMark.HELD: "held",
    DayMark.RELEASED: "released",
    DayMark.STEPPED_BACK: "stepped back",
}
_NO_SECOND_TIME = frozenset(
    {Because.NOT_BEGUN, Because.FIRST_DAY, Because.AMENDED, Because.RELEASED, Because.STEPPED_BACK}
)
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
    sums = {pool: _pool_sums(mine) for pool, mine in _by_pool(warmups).items()}
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
        legend=_LEGEND if any(day.delivered is not None for each in drawn for day in each.days) else "",
    )


def _by_pool(warmups: Iterable[ReportedWarmup]) -> dict[str, list[ReportedWarmup]]:
    pools: dict[str, list[ReportedWarmup]] = defaultdict(list)
    for each in warmups:
        pool = each.status.run.pool
        none = "Shared with others" if each.shared else "Without a pool"
        pools[f"Pool {in_mail(pool, 60)}" if pool else none].append(each)
    return pools


def _notes(warmups: Sequence[ReportedWarmup], made_at: str) -> Iterator[str]:
    days = list(chain.from_iterable(each.days for each in warmups))
    yield f"What was allowed each day, and what was delivered. Stage, state and next allowance are of {made_at}."
    if any(day.delivered is not None and not day.settled for day in days):
        yield "What was delivered on the last three days may still grow: receivers are tried for so long."
    if any(each.status.holds for each in warmups):
        yield "A hold is advice: nothing was changed at your sending platform."


def _pool_sums(pool: Sequence[ReportedWarmup]) -> str:
    """One IP is its own sum. The next allowances are added where they are of one day."""
    mine = [each for each in pool if not each.shared]
    if len(pool) == 1 or not mine:
        return ""
    ips = counted(len(mine), "IP")
    told = [ips if len(mine) == len(pool) else f"{ips} of {len(pool):,}, without shared ones"]
    told.append(_sums(chain.from_iterable(each.days for each in mine), "day of one IP", "days of single IPs"))
    following = [each.status.next for each in mine if each.status.next.allowance is not None]
    if following and len({each.on for each in following}) == 1:
        told.append(f"next allowance together {sum(each.allowance or 0 for each in following):,}")
    return sentence("; ".join(told))


def _card(warmup: ReportedWarmup, zone: tzinfo, *, told: bool) -> Card:
    return Card(
        ip=in_mail(warmup.ip),
        state=state_of(warmup),
        tone=_tone(warmup),
        place=_place(warmup),
        why=rest_of_why(warmup, zone, told=told),
        sums=sentence(_sums(warmup.days, "day", "days")),
        days=_day_rows(warmup.days),
        notes=tuple(filter(None, (_next(warmup), _finish(warmup), _platform(warmup), _complaints(warmup)))),
    )


def _line(warmup: ReportedWarmup) -> Line:
    status = warmup.status
    if warmup.shared:
        return Line(in_mail(warmup.ip), state_of(warmup), OF_ALL)
    allowance = status.next.allowance
    following = f"; next {allowance:,}" if allowance is not None else ""
    stage = f"stage {status.stage} of {len(status.run.plan.stages)}"
    return Line(in_mail(warmup.ip), f"{state_of(warmup)}, {stage}", f"{_sums(warmup.days, 'day', 'days')}{following}")


def _tone(warmup: ReportedWarmup) -> str:
    state, ended = warmup.status.state, warmup.status.run.ended
    if state in _BAD:
        return "bad"
    good = state is DayState.ON_PLAN or (state is DayState.DONE and ended is not RunEnd.FINISHED)
    return "good" if good and not warmup.holds else "unsure"


def _place(warmup: ReportedWarmup) -> str:
    status, plan = warmup.status, warmup.status.run.plan
    day = f"day {status.day}" if status.day else "not begun"
    return f"{in_mail(plan.name, 80)}, {day}, stage {status.stage} of {len(plan.stages)}"


def _sums(days: Iterable[ReportedDay], one: str, many: str) -> str:
    """What is not known is in neither of the two numbers."""
    sums = sums_of(days)
    left_out = f"{counted(sums.unknown, one, many)} not known"
    if not sums.known:
        return left_out if sums.unknown else "no day of this week is over"
    share = f" ({percent(sums.delivered / sums.allowed)})" if sums.allowed else ""
    told = f"{sums.delivered:,} delivered of {sums.allowed:,} allowed{share}"
    return f"{told}, without {left_out}" if sums.unknown else told


def _day_rows(days: Sequence[ReportedDay]) -> tuple[DayRow, ...]:
    longest = max((max(day.allowed or 0, day.delivered or 0) for day in days), default=0)
    return tuple(_day_row(day, longest) for day in days)


def _day_row(day: ReportedDay, longest: int) -> DayRow:
    on = f"{day.on:%a} {day.on.day}"
    mark = _MARKS[day.mark] if day.mark is not None else ""
    if day.allowed is None or day.delivered is None:
        return DayRow(on, "", "", None, mark)
    return DayRow(on, f"{day.allowed:,}", f"{day.delivered:,}", bar(day.allowed, day.delivered, longest), mark)


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


def _next(warmup: ReportedWarmup) -> str:
    following = warmup.status.next
    if following.allowance is None:
        return ""
    allowance = counted(following.allowance, "message")
    again = following.decision is Decision.REPEAT and following.because not in _NO_SECOND_TIME
    same = ", the same stage again" if again else ""
    return f"Next, {on_day(following.on)}: up to {allowance}{same}, because {because(following)}.{_there(warmup)}"


def _there(warmup: ReportedWarmup) -> str:
    """Where it is held, that provider's part."""
    where = {hold.provider for hold in warmup.status.holds}
    parts = [
        f"{each.next.allowance:,} at {in_mail(provider_name(each.provider, warmup.names), 60)}"
        for each in warmup.status.providers
        if each.provider in where and each.provider and each.next.allowance is not None
    ]
    return f" Of these at most {listed(parts)}." if parts else ""


def _finish(warmup: ReportedWarmup) -> str:
    on = warmup.status.expected_finish_on
    return f"Expected to be done on {on_day(on)}, if it goes on like this." if on is not None else ""


def _platform(warmup: ReportedWarmup) -> str:
    return platform_words(warmup.status) or ""


def _complaints(warmup: ReportedWarmup) -> str:
    """Nobody who told nothing is counted as content."""
    told, unmeasured = warmup.complaints
    if told is None:
        return "Complaints: not measured." if unmeasured else ""
    return f"Complaints: {told:,}{_unmeasured(unmeasured, warmup.names)}."


def _unmeasured(providers: Sequence[str], names: Mapping[str, str]) -> str:
    if not providers:
        return ""
    shown = [in_mail(provider_name(each, names), 60) for each in providers[:_MOST_PROVIDERS]]
    more = [f"{len(providers) - len(shown):,} more"] if len(providers) > len(shown) else []
    return f"; not measured at {listed([*shown, *more])}"
