"""All warm-ups at a glance: a line for each IP, and below it why those that need a hand do, and what to do."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from deliverwatch.core.warmup.day import Because, DayState
from deliverwatch.core.warmup.status import NextDay, ProviderStatus, RunStatus
from deliverwatch.render.story import OF_ALL
from deliverwatch.render.tongue import number, say
from deliverwatch.render.warmup_advice import Advice, advice_for
from deliverwatch.render.warmup_terms import DECISIONS
from deliverwatch.render.warmup_words import (
    Names,
    is_beginning,
    platform_words,
    provider_name,
    provider_reason,
    reason,
    state_words,
    stops_soon,
)

STATUS_COLUMNS = ("ip", "state", "day", "stage", "yesterday", "next", "done by", "customer", "plan")
_NOT_DECIDED = frozenset({Because.NOT_BEGUN, Because.FIRST_DAY, Because.AMENDED})
_WELL = frozenset({DayState.ON_PLAN, DayState.DONE})
_PROVIDERS_TOLD = frozenset({DayState.HELD, DayState.READY_TO_RELEASE, DayState.BEHIND_REFUSED})


def status_row(status: RunStatus) -> tuple[Any, ...]:
    run = status.run
    if status.shared:
        return run.ip, state_words(status), *[None] * 5, run.customer or "shared", None
    return (
        run.ip,
        state_words(status),
        status.day,
        f"{status.stage} of {len(run.plan.stages)}",
        _yesterday(status),
        next_words(status.next),
        status.expected_finish_on,
        run.customer or "esp",
        run.plan.id,
    )


def _yesterday(status: RunStatus) -> str | None:
    """The last judged day; its date, where that is not the day before the next one."""
    day = status.judged
    if day is None:
        return None
    delivered = f"{day.counts.delivered:,}" if day.unknown is None else "not known"
    late = "" if (status.next.on - day.on).days <= 1 else f" ({day.on.day} {day.on:%b})"
    return f"{delivered} of {day.allowed:,}{late}"


def next_words(following: NextDay) -> str | None:
    """Nothing is decided before a day was judged."""
    if following.allowance is None:
        return None
    allowance = number(following.allowance)
    return allowance if following.because in _NOT_DECIDED else f"{allowance}, {say(DECISIONS[following.decision])}"


def needs_a_hand(status: RunStatus) -> bool:
    return not _is_well(status) or bool(_apart(status)) or stops_soon(status)


def notes(status: RunStatus, names: Names) -> Iterator[str]:
    """Why a run needs a hand."""
    yield f"{status.run.ip}: {reason(status, names)}" + (f" ({OF_ALL})" if status.shared else "")
    others = [
        each for each in _apart(status) if each.state is not status.state
    ]  # the reason has named those that are alike
    yield from (f"  {_of_provider(each, names)}" for each in others)
    if (told := platform_words(status)) is not None:
        yield f"  {told}"


def _of_provider(provider: ProviderStatus, names: Names) -> str:
    name, told = provider_name(provider.provider, names), provider_reason(provider, names)
    return told if name in told else f"{name}: {told}"


def advice_lines(statuses: Iterable[RunStatus]) -> Iterator[str]:
    """What to do, once for all to whom the same is to be said."""
    alike: dict[Advice, list[RunStatus]] = defaultdict(list)
    for status in statuses:
        alike[advice_for(status)].append(status)
    for found, of in alike.items():
        yield f"What to do with {', '.join(each.run.ip for each in of)}: {found.text}"
        yield f"  Why: {found.why} ({found.source})"


def _apart(status: RunStatus) -> list[ProviderStatus]:
    return [each for each in status.providers if each.state in _PROVIDERS_TOLD]


def _is_well(status: RunStatus) -> bool:
    """A day that is not among the plan's may be without mail, and one that is not over is not known."""
    rests = status.state is DayState.IDLE and status.next.because is Because.NOT_A_PLAN_DAY
    return rests or status.state in _WELL or is_beginning(status)
