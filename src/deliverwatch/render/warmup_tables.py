"""Warm-ups as people read them: the sums of pools, and one run with its providers, days, steps and plans."""

from collections.abc import Iterable, Iterator
from typing import Any

from deliverwatch.core.warmup.day import DayCounts
from deliverwatch.core.warmup.pools import PoolStatus
from deliverwatch.core.warmup.run import RunEnd
from deliverwatch.core.warmup.status import NextDay, ProviderStatus, WarmupDay
from deliverwatch.flows.warmup_ports import RunHistory
from deliverwatch.render.json_times import instant
from deliverwatch.render.story import OF_ALL
from deliverwatch.render.tongue import marked, number, say
from deliverwatch.render.warmup_days import on_day
from deliverwatch.render.warmup_overview import advice_lines, next_words
from deliverwatch.render.warmup_terms import DECISIONS, OVER_PLAN, STATES, state_word
from deliverwatch.render.warmup_words import (
    Names,
    because,
    demand_words,
    forecast,
    platform_words,
    provider_name,
    reason,
    state_words,
    step_words,
)
from deliverwatch.render.words import counted

NOT_MEASURED, NOT_KNOWN = marked("not measured"), marked("not known")
_COUNTED = (marked("allowed"), marked("attempted"), marked("delivered"), marked("deferred"), marked("bounced"))
PROVIDER_COLUMNS = (marked("provider"), marked("stage"), marked("state"), *_COUNTED, marked("next"))
DAY_COLUMNS = (marked("day"), marked("stage"), *_COUNTED, marked("complaints"), marked("state"), marked("then"))


def pool_line(pool: PoolStatus) -> str:
    states = ", ".join(f"{count} {STATES[state]}" for state, count in pool.states.items())
    ips = f"{counted(pool.runs, 'IP')}: {states}"
    if pool.shared:
        return f"{pool.pool or 'of others'} ({pool.customer or 'shared'}): {ips}; {OF_ALL}."
    head = f"{pool.pool or 'in no pool'} ({pool.customer or 'esp'}): {ips}"
    return f"{'; '.join([head, *_pool_sums(pool)])}."


def _pool_sums(pool: PoolStatus) -> Iterator[str]:
    if pool.counts is not None and pool.allowed is not None and pool.judged_on is not None:
        of = "" if pool.known == pool.runs else f", of {pool.known} of them"
        yield f"{pool.counts.delivered:,} of {pool.allowed:,} delivered on {on_day(pool.judged_on)}{of}"
    else:
        yield "what was delivered is not known"
    if pool.next_allowance is not None:
        demand = f", about {pool.demand:,} likely to be offered" if pool.demand is not None else ""
        yield f"next {pool.next_allowance:,}{demand}"
    if pool.why_over_plan is not None:
        yield f"above plan, since {OVER_PLAN[pool.why_over_plan]}"


def head_lines(history: RunHistory, names: Names) -> Iterator[str]:
    """What is said of a run before its days."""
    status = history.status
    run, following = status.run, status.next
    yield f"{run.ip}  {run.customer or 'esp'}  {run.pool or 'in no pool'}"
    begins = "begins" if status.day == 0 else "begun"
    yield f"{run.plan.name} ({run.plan.id}), {begins} on {on_day(run.started_on)}, days of {run.zone}"
    yield f"day {status.day}, stage {status.stage} of {len(run.plan.stages)}, {state_words(status)}"
    yield reason(status, names)
    if following.allowance is not None:
        yield f"Allowed on {on_day(following.on)}: {next_words(following)}, because {because(following)}."
    yield from (told for told in (demand_words(following), forecast(status), platform_words(status)) if told)
    yield from advice_lines([status])


def provider_row(provider: ProviderStatus, names: Names, ended: RunEnd | None) -> tuple[Any, ...]:
    """`ended`: how the run did, if it did."""
    counts = provider.counts
    told = _counts(counts)[:4] if counts is not None else (None,) * 4
    state = state_word(provider.state, ended)
    return (
        provider_name(provider.provider, names),
        provider.stage,
        state,
        provider.allowed,
        *told,
        next_words(provider.next),
    )


def day_row(day: WarmupDay) -> tuple[Any, ...]:
    """What a run ended with decides nothing."""
    result = day.result
    known = _counts(result.counts) if result.unknown is None else (say(NOT_KNOWN), None, None, None, None)
    then = say(DECISIONS[result.decision]) if result.after.ended is None else None
    state = state_word(result.state, result.after.ended)
    return result.on, result.stage, number(result.allowed), *known, state, then


def because_lines(days: Iterable[WarmupDay]) -> Iterator[str]:
    """Why it went on so: where that is something else than the day before."""
    before = None
    for day in days:
        result = day.result
        why = why_so(day)
        if why != before:
            yield f"  {result.on}  {why}"
        before = why


def why_so(day: WarmupDay) -> str:
    """Why it went on from that day as it did."""
    result = day.result
    return result.unknown or because(NextDay(result.on, None, result.decision, result.because))


def _counts(counts: DayCounts) -> tuple[str, ...]:
    exact = counts.attempted == counts.attempted_least
    return (
        number(counts.attempted) if exact else _between(counts),
        number(counts.delivered),
        _measured(counts.deferred),
        number(counts.bounced),
        _measured(counts.complaints),
    )


def _measured(count: int | None) -> str:
    return say(NOT_MEASURED) if count is None else number(count)


def _between(counts: DayCounts) -> str:
    return say("{least} to {most}", least=number(counts.attempted_least), most=number(counts.attempted))


def step_lines(history: RunHistory) -> Iterator[str]:
    yield from (f"  {instant(step.at)}  {step_words(step)}" for step in history.steps)


def version_lines(history: RunHistory) -> Iterator[str]:
    for each in history.agreed:
        what = f"version {each.version}: {each.plan.id}, {counted(len(each.plan.stages), 'stage')}"
        reason_given = f": {each.reason}" if each.reason else ""
        yield f"  {instant(each.at)}  {what}, up to {each.plan.full_volume:,} a day, by {each.by}{reason_given}"
