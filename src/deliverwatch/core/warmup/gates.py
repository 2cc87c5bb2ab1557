"""The gates of a plan on one day: what holds the ramp, where, and when that is over.

Each gate is measured at each mailbox provider, and then on the mail of all the others together, so that one bad
provider holds itself and not everybody. A share of few is uncertain: the lower end of its interval (Wilson, 95 %) must
pass, and what is not measured (Gmail tells of no complaints) neither holds nor clears. Mail that is deferred and
delivered later is normal while an address is warmed up; what counts is what did not arrive by the end of the day, two
days in a row.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from deliverwatch.core.warmup.day import DayCounts, DayInputs
from deliverwatch.core.warmup.plan import Denominator, Gate, GateMeasure
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.warmup.run import ALL_PROVIDERS, GATE_CAUSES, GateHold
from deliverwatch.core.wilson import lower_bound


class GatesOfDay(NamedTuple):
    """`fresh`: those of `holds` that this day opened. `steps_back`: the one that says so, once for
    each hold."""

    holds: tuple[GateHold, ...]
    fresh: tuple[GateHold, ...]
    steps_back: GateHold | None
    deferring: frozenset[str]


class _Found(NamedTuple):
    found: int
    of: int


def judge_gates(
    gates: Iterable[Gate],
    day: DayInputs,
    before: tuple[GateHold, ...],
    deferring: frozenset[str],
    policy: WarmupPolicy,
) -> GatesOfDay:
    """`before`: the holds of gates that nobody released; `deferring`: providers above the deferral gate the day
    before."""
    known = {(hold.cause, hold.provider): hold for hold in before}
    fresh: list[GateHold] = []
    steps_back: GateHold | None = None
    above: set[str] = set()
    for gate in gates:
        for provider, found in _measured(gate, day.providers, known):
            trips = _trips(gate, found)
            if trips and gate.measure is GateMeasure.DEFERRAL:
                above.add(provider)
                trips = provider in deferring
            key = (GATE_CAUSES[gate.measure], provider)
            if trips:
                held = known.get(key)
                if held is None:
                    held = GateHold(*key, day.on, *found, gate.hold_above_ratio, per=gate.of)
                    fresh.append(held)
                if not held.stepped_back and _is_far_above(gate, found):
                    held = steps_back = held._replace(stepped_back=True)
                known[key] = held._replace(clear_days=0, over=False)
            elif key in known and found.of >= gate.at_least:
                known[key] = _after_a_day(known[key], gate, found, policy)
    return GatesOfDay(tuple(known.values()), tuple(fresh), steps_back, frozenset(above))


def _measured(
    gate: Gate, providers: Mapping[str, DayCounts], known: Collection[tuple[object, str]]
) -> Iterable[tuple[str, _Found]]:
    """At each provider that has a name; then on what is left of all mail without those that the gate holds."""
    cause, rest_found, rest_of = GATE_CAUSES[gate.measure], 0, 0
    for provider, counts in providers.items():
        found = _count(gate.measure, counts)
        if found is None:
            continue
        of = counts.delivered if gate.of is Denominator.DELIVERED else counts.attempted
        if not provider:
            rest_found, rest_of = rest_found + found, rest_of + of
            continue
        if found > gate.hold_above_ratio * of or (cause, provider) in known:
            yield provider, _Found(found, of)
        if (cause, provider) not in known:  # what was just yielded may hold it by now
            rest_found, rest_of = rest_found + found, rest_of + of
    if rest_of:
        yield ALL_PROVIDERS, _Found(rest_found, rest_of)


def _count(measure: GateMeasure, counts: DayCounts) -> int | None:
    """None: not measured."""
    if measure is GateMeasure.BOUNCE:
        return max(counts.bounced - counts.accused_bounced, 0)
    if measure is GateMeasure.COMPLAINT:
        return counts.complaints
    if measure is GateMeasure.BLOCK:
        return counts.blocked
    if measure is GateMeasure.AUTHENTICATION:
        return counts.unauthenticated
    if counts.attempted != counts.attempted_least:
        return None  # messages cannot be told from their retries
    return max(counts.attempted - counts.delivered - counts.bounced, 0)


def _trips(gate: Gate, found: _Found) -> bool:
    ratio = gate.hold_above_ratio
    return found.of >= gate.at_least and found.found > ratio * found.of and lower_bound(*found) > ratio


def _is_far_above(gate: Gate, found: _Found) -> bool:
    return gate.step_back_above_ratio is not None and lower_bound(*found) > gate.step_back_above_ratio


def _after_a_day(hold: GateHold, gate: Gate, found: _Found, policy: WarmupPolicy) -> GateHold:
    """One above the mark, if only by chance, is none of the days in a row that end it."""
    if found.found > gate.hold_above_ratio * found.of:
        return hold._replace(clear_days=0)
    clear_days = hold.clear_days + 1
    return hold._replace(clear_days=clear_days, over=hold.over or clear_days >= policy.clear_days)
