"""Days of warm-ups cut from their facts and folded, in a process of its own. Prints JSON: CPU seconds a day.

Each warm-up has its own luck: days with little mail, a provider that refuses, a listing, people who release. The plan
is longer than what is measured, so that the last day is as much work as any other. What each day brings is made before
the clock starts. A day's cost is the least of some turns.
"""

import argparse
import gc
import json
import random
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from deliverwatch.core.delivery import FactCounts, FactKey, ReplyCounts, ReplyKey
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.warmup.day import DayCounts, DayInputs, Decision
from deliverwatch.core.warmup.days import day_counts, day_span
from deliverwatch.core.warmup.fold import fold
from deliverwatch.core.warmup.plan import PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.policy import DEFAULT_GATES, WarmupPolicy
from deliverwatch.core.warmup.run import ALL_PROVIDERS, Hold, HoldCause, RunState, StepKind, WarmupRun, WarmupStep

_BEGINS = date(2026, 1, 5)
_AT = datetime(2026, 1, 5, tzinfo=UTC)
_DAY = timedelta(days=1)
_ZONE = "America/New_York"
_NAMES = ("google", "microsoft_consumer", "yahoo", "apple", "comcast", "gmx", "orange", "")
_CAPPED = 3
_TURNS = 3
_CUT_IPS = 20
_History = tuple[WarmupRun, list[DayInputs]]


class _Day(NamedTuple):
    """All warm-ups together. `held` and so on: how many of them."""

    cpu_s: float
    held: int
    advanced: int
    ended: int


def main() -> None:
    given = _arguments()
    plan = _plan(given.days + 10)
    histories = [_history(plan, number, given.days, given.providers) for number in range(given.ips)]
    gc.freeze()  # what was made for the measurement is no work of the fold
    turns = [_folded(histories, given.days) for _ in range(_TURNS)]
    by_day = [min(turn[number].cpu_s for turn in turns) / given.ips for number in range(given.days)]
    days, folded = turns[0], given.ips * given.days
    cut_s, facts = _cut(given.days, given.providers)
    found = {
        "fold_s": sum(by_day) / len(by_day),
        "first_s": by_day[0],
        "last_s": by_day[-1],
        "held_ratio": sum(day.held for day in days) / folded,
        "advanced_ratio": sum(day.advanced for day in days) / folded,
        "ended": days[-1].ended,
        "cut_s": cut_s,
        "cut_ips": _CUT_IPS,
        "facts": facts,
    }
    print(json.dumps(found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ips", type=int, default=500)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--providers", type=int, default=len(_NAMES))
    return parser.parse_args()


def _plan(stages: int) -> WarmupPlan:
    volumes = [round(1000 * 1.15**number) for number in range(stages)]
    each = tuple(Stage(volume, providers={name: volume // 4 for name in _NAMES[:_CAPPED]}) for volume in volumes)
    words = ("agreed", "As agreed", "Example ESP", PlanBasis.RESULT, each, "agreed with the customer", _BEGINS)
    return WarmupPlan(*words, gates=DEFAULT_GATES)


def _history(plan: WarmupPlan, number: int, days: int, providers: int) -> _History:
    chance = random.Random(number)
    run = WarmupRun(f"run-{number}", "192.0.2.1", "acme", plan, 1, "hash", _ZONE, _BEGINS, _AT)
    held: list[Hold] = []
    return run, [_day(run, _BEGINS + day * _DAY, day, providers, held, chance) for day in range(days)]


def _day(run: WarmupRun, on: date, number: int, providers: int, held: list[Hold], chance: random.Random) -> DayInputs:
    steps: tuple[WarmupStep, ...] = ()
    if chance.random() < (0.3 if held else 0.1):
        held.clear()
        steps = (WarmupStep(run.id, _AT, StepKind.RELEASED, "robin", "it is over"),)
    elif chance.random() < 0.05:
        cause, where = chance.choice(((HoldCause.LISTING, ALL_PROVIDERS), (HoldCause.BLOCK, "yahoo")))
        held.append(Hold(run.id, f"{cause} {number}", cause, where, _AT))
    offered = run.plan.allowance(number + 1) * chance.choice((0.6, 1, 1, 1)) / providers
    return DayInputs(
        on,
        providers={name: _counts(round(offered), chance) for name in _NAMES[:providers]},
        holds=tuple(held),
        throttled=frozenset({"apple"}) if chance.random() < 0.05 else frozenset(),
        steps=steps,
    )


def _counts(offered: int, chance: random.Random) -> DayCounts:
    bounced = round(offered * chance.choice((0.01, 0.01, 0.01, 0.01, 0.02, 0.2) if chance.random() < 0.1 else (0.01,)))
    return DayCounts(offered, offered, offered - bounced, offered // 10, bounced, offered // 5000, 0, 0, 0)


def _folded(histories: Sequence[_History], days: int) -> list[_Day]:
    policy, found = WarmupPolicy(), []
    states = [RunState()] * len(histories)
    for number in range(days):
        began = time.process_time()
        of_day = [
            fold(run, state, inputs[number], policy) for (run, inputs), state in zip(histories, states, strict=True)
        ]
        cpu_s = time.process_time() - began
        states = [result.after for result in of_day]
        advanced = sum(result.decision is Decision.ADVANCE for result in of_day)
        ended = sum(state.ended is not None for state in states)
        found.append(_Day(cpu_s, sum(state.held for state in states), advanced, ended))
    return found


def _cut(days: int, providers: int) -> tuple[float, int]:
    """CPU seconds of one day of one warm-up, and how many facts it has: each hour at each provider."""
    spent, facts = 0.0, 0
    for number in range(days):
        span = day_span(_BEGINS + number * _DAY, _ZONE)
        hours = [span.begin + hour * timedelta(hours=1) for hour in range(24)]
        told = [
            (FactKey("powermta", "192.0.2.1", name, "acme.example", "news", "", "", hour), _fact(hour.hour))
            for hour in hours
            for name in _NAMES[:providers]
        ]
        key = ("powermta", "192.0.2.1", "yahoo", "acme.example", ReplyClass.IP_BLOCK, "yahoo-ts03", "", "")
        refused = [(ReplyKey(*key, hour), ReplyCounts(1, 1, 0, "")) for hour in hours]
        began = time.process_time()
        for _ in range(_CUT_IPS):
            day_counts(told, refused, day_span(_BEGINS + number * _DAY, _ZONE), {})
        spent += time.process_time() - began
        facts = len(told) + len(refused)
    return spent / days / _CUT_IPS, facts


def _fact(number: int) -> FactCounts:
    return FactCounts(attempted=100 + number, delivered=95 + number, deferred=3, bounced=2, complaints=0, retries=1)


if __name__ == "__main__":
    main()
