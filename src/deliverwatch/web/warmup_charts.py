"""A warm-up as charts: what its plan allowed, day by day, against what was delivered; as a whole, and by provider.

What was delivered within the plan and what went beyond it are two parts of one bar. A day that is not known has no bar.
A provider has a line of its own only where the plan caps it, and only while the plan is the one that was agreed: what
an older version capped is not made out of a newer one.
"""

from collections import Counter
from collections.abc import Sequence

from deliverwatch.core.visible import visible
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.status import WarmupDay
from deliverwatch.flows.warmup_ports import RunHistory
from deliverwatch.render.tongue import on, say
from deliverwatch.render.warmup_words import Names, provider_name
from deliverwatch.web.charts import Chart, Series

_MOST_DAYS = 45
_MOST_PROVIDERS = 6


def charts_of(history: RunHistory, names: Names, *, by_provider: bool = True) -> list[Chart]:
    """The whole first, then the providers with most mail. None: it is shared, or no day was judged yet."""
    days, run = history.days[-_MOST_DAYS:], history.status.run
    if history.status.shared or not days:
        return []
    charts = [_whole(run.ip, days)]
    if by_provider:
        plan = run.plan if len(history.agreed) == 1 else None
        charts += [_of_provider(run.ip, each, days, plan, names) for each in _largest(days)]
    return charts


def _whole(ip: str, days: Sequence[WarmupDay]) -> Chart:
    results = [day.result for day in days]
    delivered = [each.counts.delivered if each.unknown is None else None for each in results]
    title = say("{ip}: delivered of what the plan allowed", ip=visible(ip, 60))
    return _chart(f"warmup-{_id(ip)}", title, days, delivered, [each.allowed for each in results])


def _of_provider(ip: str, provider: str, days: Sequence[WarmupDay], plan: WarmupPlan | None, names: Names) -> Chart:
    delivered = [_delivered(day, provider) for day in days]
    allowed = [
        plan.provider_allowance(day.result.stage, provider) if plan is not None and plan.caps(provider) else None
        for day in days
    ]
    title = say("{ip} at {provider}", ip=visible(ip, 60), provider=visible(provider_name(provider, names), 60))
    return _chart(f"warmup-{_id(ip)}-{_id(provider)}", title, days, delivered, allowed)


def _delivered(day: WarmupDay, provider: str) -> int | None:
    """A provider that is not named on a day that is known got no mail on it."""
    if day.result.unknown is not None:
        return None
    counts = day.providers.get(provider)
    return counts.delivered if counts is not None else 0


def _largest(days: Sequence[WarmupDay]) -> list[str]:
    sent = Counter[str]()
    for day in days:
        sent.update({provider: counts.delivered for provider, counts in day.providers.items() if provider})
    return sorted(sent, key=lambda each: (-sent[each], each))[:_MOST_PROVIDERS]


def _chart(
    id_: str, title: str, days: Sequence[WarmupDay], delivered: Sequence[int | None], allowed: Sequence[int | None]
) -> Chart:
    within = [
        value if value is None or most is None else min(value, most)
        for value, most in zip(delivered, allowed, strict=True)
    ]
    over = [
        None if value is None else max(value - most, 0) if most is not None else 0
        for value, most in zip(delivered, allowed, strict=True)
    ]
    bars = [Series(say("Delivered"), "good", within)]
    if any(over):
        bars = [
            Series(say("Delivered within the plan"), "good", within),
            Series(say("Delivered above plan"), "unsure", over),
        ]
    line = Series(say("Allowed by the plan"), "plan", allowed) if any(allowed) else None
    return Chart(id_, title, _described(days, delivered), [on(day.result.on, "d MMM") for day in days], bars, line)


def _described(days: Sequence[WarmupDay], delivered: Sequence[int | None]) -> str:
    first, last = (on(day.result.on, "d MMM yyyy") for day in (days[0], days[-1]))
    unknown = sum(value is None for value in delivered)
    if unknown:
        return say(
            "A bar for each day from {first} to {last}; {unknown} of {days} days are not known.",
            first=first,
            last=last,
            unknown=unknown,
            days=len(days),
        )
    return say("A bar for each day from {first} to {last}.", first=first, last=last)


def _id(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name)
