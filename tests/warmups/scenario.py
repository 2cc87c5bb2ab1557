"""Histories of warm-ups as tables that people read: what each day brought, and what has to be said of it.

    plan: sparkpost-stages            a shipped plan; or the plan in its own words:
    stages: 50 100 100 200            messages a day; "50/h" an hour; "100x3" for three days; "100(yahoo 10, apple 5%)"
    basis: result 0.9                 result 0.9 | sending_day 0.5 | calendar_day
    weekdays: mon tue wed thu fri     if not all
    stops: 10                         the platform ends it after so many days without a new stage
    zone: eastern                     eastern | pacific | uk | utc
    begins: 2026-03-02

    day         attempted delivered deferred bounced complaints | events | state | allowance decision because

`?` for the day's counts: not known. `-`: not measured. `2026-03-05..2026-03-24`: each of these days. The allowance is
the next day's. Below a day, `@yahoo 40 9 30 0 - | blocked 30 0` are the counts of one provider and what is said of them
(all that is not named is `other`); `= yahoo 10` is what it may have next; `! over_plan: allowed 200` is what is told,
and facts of it; `& stage 2`, `& by_platform`, `& gate bounce yahoo` and the like are what else is said.

Events of a day, separated by commas:

    listing+ KEY [PROVIDER...]  listing- KEY   block+ PROVIDER  block- PROVIDER  throttle PROVIDER
    hold [PROVIDER]   release   step-back STAGE   finish   amend STAGE (to the stages of `amended:`)
    stage N   stage off   progress 40%   no reading   pool NAME
    least N             of what was offered, so much at least: retries are not told apart
    blocked N [M]   unauthenticated N [M]     N of the refused, M of them for good (all, if it is not said)
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deliverwatch.catalogue.warmup_plans import load_warmup_plans
from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.service_hours import wall_instant, zone_of
from deliverwatch.core.warmup.day import DayCounts, DayInputs, DayResult
from deliverwatch.core.warmup.fold import fold
from deliverwatch.core.warmup.holding import provider_allowance
from deliverwatch.core.warmup.plan import Growth, PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.policy import DEFAULT_GATES, WarmupPolicy
from deliverwatch.core.warmup.run import (
    ALL_PROVIDERS,
    Hold,
    HoldCause,
    Reading,
    RunState,
    StepKind,
    WarmupRun,
    WarmupStep,
)

_DAY = timedelta(days=1)
_SAID = ("least", "blocked", "unauthenticated")
_STEPS = {
    "hold": StepKind.HELD,
    "release": StepKind.RELEASED,
    "step-back": StepKind.STEPPED_BACK,
    "amend": StepKind.AMENDED,
    "finish": StepKind.FINISHED,
}
_HOLDS = ("listing+", "listing-", "block+", "block-")
_PLATFORM = ("stage", "progress", "pool", "no")
_EVENTS = frozenset({*_HOLDS, "throttle", *_STEPS, *_PLATFORM, *_SAID})
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass
class Day:
    """One line with those below it. `line`: its number in the file."""

    line: int
    on: date
    counts: dict[str, DayCounts] | None
    events: list[str]
    state: str
    allowance: str
    decision: str
    because: str
    providers: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@dataclass
class Scenario:
    """`amended`: the plan from the day after an amendment."""

    plan: WarmupPlan
    zone: ZoneInfo
    begins: date
    days: list[Day]
    amended: WarmupPlan | None = None

    def run(self, plan: WarmupPlan) -> WarmupRun:
        at = datetime.combine(self.begins, time(), UTC)
        return WarmupRun("run-1", "192.0.2.1", "acme", plan, 1, "hash", self.zone.key, self.begins, at)

    def hours(self, on: date) -> int:
        begins, ends = (wall_instant(day, time(0), self.zone) for day in (on, on + _DAY))
        return (ends - begins) // timedelta(hours=1)


def read(path: Path) -> Scenario:
    head: dict[str, str] = {}
    days: list[Day] = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.split("#")[0].strip()
        if not text:
            continue
        if text[0].isdigit():
            days += _days(number, text)
        elif text[0] in "@=!&":
            _below(days[-1], text[0], text[1:].strip())
        else:
            key, _, value = text.partition(":")
            head[key] = value.strip()
    zone = ZoneInfo("UTC") if head["zone"] == "utc" else zone_of(ServiceZone(head["zone"]))
    amended = _plan({**head, "stages": head["amended"]}) if "amended" in head else None
    return Scenario(_plan(head), zone, date.fromisoformat(head["begins"]), days, amended)


def _days(number: int, text: str) -> list[Day]:
    """One for each day of a range; they share what stands below them."""
    columns = [column.strip() for column in text.split("|")]
    assert len(columns) == 4, f"line {number}: expected four columns, found {len(columns)}: {text}"
    span, *counts = columns[0].split()
    first, last = (date.fromisoformat(each) for each in (span.split("..") * 2)[:2])
    events = [event.strip() for event in columns[1].split(",") if event.strip()]
    assert {event.split()[0] for event in events} <= _EVENTS, f"line {number}: no such event: {columns[1]}"
    allowance, decision, because = columns[3].split()
    known = None if counts == ["?"] else {"": _counts(counts, events)} if counts else {}
    day = Day(number, first, known, events, columns[2], allowance, decision, because)
    return [replace(day, on=first + _DAY * more) for more in range((last - first).days + 1)]


def _below(day: Day, mark: str, text: str) -> None:
    if mark == "@":
        assert day.counts is not None, f"line {day.line}: the day is not known"
        counts, _, said = text.partition("|")
        name, *numbers = counts.split()
        day.counts["" if name == "other" else name] = _counts(numbers, said.split(","))
    elif mark == "=":
        name, allowance = text.split()
        day.providers[name] = allowance
    elif mark == "!":
        told, _, facts = text.partition(":")
        day.told += told.split()
        day.facts += [fact.strip() for fact in facts.split(",") if fact.strip()]
    else:
        day.said.append(text)


def _counts(numbers: list[str], said: list[str]) -> DayCounts:
    attempted, delivered, deferred, bounced, complaints = (_count(each) for each in numbers)
    assert attempted is not None
    assert delivered is not None
    assert bounced is not None
    words = {
        what: [_count(each) for each in of] for what, *of in map(str.split, filter(str.strip, said)) if what in _SAID
    }
    blocked, unauthenticated = words.get("blocked", [0]), words.get("unauthenticated", [0])
    return DayCounts(
        attempted,
        words["least"][0] or 0 if "least" in words else attempted,
        delivered,
        deferred,
        bounced,
        complaints,
        blocked[0],
        unauthenticated[0],
        (blocked[-1] or 0) + (unauthenticated[-1] or 0),
    )


def _count(text: str) -> int | None:
    return None if text == "-" else int(text.replace("_", ""))


def _plan(head: dict[str, str]) -> WarmupPlan:
    if "plan" in head:
        return next(plan for plan in load_warmup_plans() if plan.id == head["plan"])
    basis, *ratio = head["basis"].split()
    weekdays = head.get("weekdays", " ".join(_WEEKDAYS)).split()
    return WarmupPlan(
        "agreed",
        "As agreed",
        "Example ESP",
        PlanBasis(basis),
        tuple(_stage(text) for text in re.findall(r"[^\s(]+(?:\([^)]*\))?", head["stages"])),
        "agreed with the customer",
        date(2026, 1, 5),
        enough_ratio=float(ratio[0]) if ratio else 0.9,
        gates=DEFAULT_GATES,
        weekdays=frozenset(_WEEKDAYS.index(day) for day in weekdays),
        beyond=Growth(2, 1) if "beyond" in head else None,
        platform="sparkpost",
        platform_stops_after_days=int(head["stops"]) if "stops" in head else None,
    )


def _stage(text: str) -> Stage:
    match = re.fullmatch(r"([0-9_]+)(/h)?(?:x([0-9]+))?(?:\((.*)\))?", text)
    assert match is not None, text
    volume, for_days = int(match[1]), int(match[3] or 1)
    caps = {name: _cap(cap) for name, cap in (each.split() for each in (match[4] or "").split(",") if each.strip())}
    return Stage(None if match[2] else volume, volume if match[2] else None, for_days, caps)


def _cap(text: str) -> int | float:
    return float(text[:-1]) / 100 if text.endswith("%") else int(text)


class Replay:
    """Folds the days of a scenario one after the other. What is open is kept as the flows keep it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.run = scenario.run(scenario.plan)
        self.state = RunState()
        self._holds: dict[tuple[str, str], Hold] = {}
        self._reading: Reading | None = None
        self._tracked = False

    def fold(self, day: Day) -> DayResult:
        """Twice: a replay changes nothing."""
        inputs = self.inputs(day)
        result, again = (fold(self.run, self.state, inputs, WarmupPolicy()) for _ in range(2))
        assert again == result, "a replay changes something"
        self.state = result.after
        if self.scenario.amended is not None and any(step.kind is StepKind.AMENDED for step in inputs.steps):
            self.run = self.scenario.run(self.scenario.amended)
        return result

    def inputs(self, day: Day) -> DayInputs:
        at = wall_instant(day.on, time(10), self.scenario.zone)
        steps: list[WarmupStep] = []
        for event in day.events:
            what, *words = event.split()
            if what in _STEPS:
                steps.append(WarmupStep("run-1", at, _STEPS[what], "robin", "as it has to be", _stage_of(what, words)))
            if what in ("stage", "progress", "pool"):
                self._read(what, words[0], day.on, at)
            self._hold(what, words, day.on, at)
        reading = None if "no reading" in day.events else self._reading
        return DayInputs(
            day.on,
            self.scenario.hours(day.on),
            day.counts or {},
            "nothing was told of it" if day.counts is None else None,
            tuple(self._holds.values()),
            frozenset(event.split()[1] for event in day.events if event.startswith("throttle ")),
            tuple(steps),
            reading and reading._replace(on=day.on, read_at=at),
            self._tracked,
        )

    def providers(self, hours: int) -> dict[str, int | None]:
        plan, state = self.run.plan, self.state
        found: dict[str, int | None] = defaultdict(lambda: None)
        for name in {*plan.capped_providers, *state.tracks}:
            found[name] = provider_allowance(plan, state.stage, state.tracks, name, hours)
        return found

    def _hold(self, what: str, words: list[str], on: date, at: datetime) -> None:
        if what == "listing+":
            for provider in words[1:] or [ALL_PROVIDERS]:
                self._open(HoldCause.LISTING, words[0], provider, at)
        elif what == "block+":
            self._open(HoldCause.BLOCK, f"block {words[0]}", words[0], at)
        elif what == "hold":
            self._open(HoldCause.PERSON, f"person {on}", words[0] if words else ALL_PROVIDERS, at)
        elif what in ("listing-", "block-"):
            self._end(words[0] if what == "listing-" else f"block {words[0]}", at)
        elif what == "release":
            self._holds.clear()

    def _open(self, cause: HoldCause, key: str, provider: str, at: datetime) -> None:
        self._holds[key, provider] = Hold("run-1", key, cause, provider, at)

    def _end(self, key: str, at: datetime) -> None:
        for place, hold in self._holds.items():
            if place[0] == key:
                self._holds[place] = replace(hold, ended_at=at, ended_how="delisted")

    def _read(self, what: str, word: str, on: date, at: datetime) -> None:
        before = self._reading or Reading("sparkpost", "192.0.2.1", on, at, warming=True)
        if what == "pool":
            self._reading = before._replace(pool=word)
        elif what == "progress":
            self._reading = before._replace(progress_ratio=int(word.rstrip("%")) / 100)
        else:
            warming = word != "off"
            self._tracked |= warming
            self._reading = before._replace(warming=warming, stage=int(word) if warming else None)


def _stage_of(what: str, words: list[str]) -> int | None:
    return int(words[0]) if what in ("step-back", "amend") else None
