"""What became of one judged day of a warm-up, in a sentence with its numbers.

Of a day that nobody counted no number is said, and messages "offered" are at most so many where retries cannot be told
from messages. The texts hold foreign words; each output puts them through its own encoder.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from deliverwatch.core.warmup.day import DayCounts, DayResult, DayState, RunNews
from deliverwatch.core.warmups_seen import COUNTS_NOT_HERE, PLATFORM_NOT_HERE
from deliverwatch.render.tongue import marked, number, on, say, say_n
from deliverwatch.render.warmup_terms import sentence

_NOT_HERE: Mapping[str, str] = {
    COUNTS_NOT_HERE: marked("{day} is not known: its counts have not reached us."),
    PLATFORM_NOT_HERE: marked("{day} is not known: its counts, or the sending platform's stage, have not reached us."),
}
"""What customers are told; other reasons are for colleagues."""


def on_day(day: date) -> str:
    """ "Wed 25 Nov 2026"."""
    return on(day, say("EEE dd MMM yyyy"))


def told(why: str | None) -> str:
    """A reason that somebody else worded, before the end of a sentence."""
    return f": {why.rstrip('.')}" if why else ""


def became_of(counts: DayCounts) -> str:
    """ "375 of 500 messages were delivered, 125 bounced"."""
    parts = [_delivered(counts)]
    if counts.bounced:
        parts.append(say("{count} bounced", count=number(counts.bounced)))
    if counts.deferred:
        parts.append(say("{count} put off", count=number(counts.deferred)))
    return ", ".join(parts)


def _delivered(counts: DayCounts) -> str:
    """Where retries are counted as attempts, there were fewer messages."""
    delivered, offered = number(counts.delivered), number(counts.attempted)
    if _is_exact(counts):
        return say("{delivered} of {offered} messages were delivered", delivered=delivered, offered=offered)
    return say("{delivered} of at most {offered} messages were delivered", delivered=delivered, offered=offered)


def day_words(state: DayState, day: DayResult) -> str:
    """`state`: of a run that goes on and is not held; it may rest on more than the day."""
    return _DAYS[state](day)


def above_plan(day: DayResult, why: str) -> str:
    """Where it is known what explains it."""
    return say(
        "Above plan: {delivered} messages were delivered of {allowed} allowed on {day}, since {why}.",
        why=why,
        **_of_allowed(day),
    )


def _on_plan(day: DayResult) -> str:
    return say(
        "On plan: {delivered} messages were delivered of {allowed} allowed on {day}.",
        **_of_allowed(day),
    )


def _above_plan(day: DayResult) -> str:
    return say(
        "Above plan: {delivered} messages were delivered of {allowed} allowed on {day}.",
        **_of_allowed(day),
    )


def _of_allowed(day: DayResult) -> dict[str, str]:
    return {"delivered": number(day.counts.delivered), "allowed": number(day.allowed), "day": on_day(day.on)}


def _too_little(day: DayResult) -> str:
    allowed, offered, when = number(day.allowed), number(day.counts.attempted), on_day(day.on)
    if not day.counts.attempted:
        return say("No mail was offered on {day}, {allowed} messages were allowed.", day=when, allowed=allowed)
    words = _ONLY if _is_exact(day.counts) else _AT_MOST
    return say(words, offered=offered, allowed=allowed, day=when)


_ONLY = marked("Only {offered} messages were offered of {allowed} allowed on {day}.")
_AT_MOST = marked("At most {offered} messages were offered of {allowed} allowed on {day}.")


def _refused(day: DayResult) -> str:
    return sentence(say("on {day} {counts}", day=on_day(day.on), counts=became_of(day.counts)))


def _idle(day: DayResult) -> str:
    return say_n(
        "No mail was offered for {n} day, up to {day}.",
        "No mail was offered for {n} days, up to {day}.",
        day.after.idle_days,
        day=on_day(day.on),
    )


def _skipped(day: DayResult) -> str:
    facts, when = _news(day, RunNews.SKIPPED), on_day(day.on)
    if facts.get("before") is None:
        return say("The sending platform left out stages on {day}.", day=when)
    return say(
        "The sending platform went from stage {before} to {stage} on {day}.",
        before=facts["before"],
        stage=facts["stage"],
        day=when,
    )


def _fell_back(day: DayResult) -> str:
    facts, when = _news(day, RunNews.FELL_BACK), on_day(day.on)
    if facts.get("before") is None:
        return say("The sending platform lowered its stage on {day}.", day=when)
    words = _FELL_AND_MOVED if _has_moved(facts) else _FELL
    return say(words, **{name: facts.get(name) for name in ("before", "stage", "pool_before", "pool")}, day=when)


_FELL = marked("The sending platform's stage fell from {before} to {stage} on {day}.")
_FELL_AND_MOVED = marked(
    "The sending platform's stage fell from {before} to {stage} on {day}, and the IP moved from pool {pool_before} to "
    "{pool}."
)


def _has_moved(facts: Mapping[str, Any]) -> bool:
    pools = facts.get("pool_before"), facts.get("pool")
    return None not in pools and pools[0] != pools[1]


def _unknown(day: DayResult) -> str:
    """The day itself is not known, or cannot be judged, or nothing is known since."""
    when = on_day(day.on)
    if day.unknown is not None:
        words = _NOT_HERE.get(day.unknown)
        return say(words, day=when) if words is not None else f"{when} is not known{told(day.unknown)}."
    if day.state is DayState.UNKNOWN:
        return say(
            "On {day} between {least} and {most} messages were offered, since retries are counted as attempts: too "
            "little to judge it by.",
            day=when,
            least=number(day.counts.attempted_least),
            most=number(day.counts.attempted),
        )
    return say("Nothing is known of the days since {day}.", day=when)


_DAYS: Mapping[DayState, Callable[[DayResult], str]] = {
    DayState.ON_PLAN: _on_plan,
    DayState.BEHIND_NO_TRAFFIC: _too_little,
    DayState.BEHIND_REFUSED: _refused,
    DayState.OVER_PLAN: _above_plan,
    DayState.IDLE: _idle,
    DayState.SKIPPED: _skipped,
    DayState.FELL_BACK: _fell_back,
    DayState.UNKNOWN: _unknown,
}


def _news(day: DayResult, what: RunNews) -> Mapping[str, Any]:
    return next((news.facts for news in day.news if news.what is what), {})


def _is_exact(counts: DayCounts) -> bool:
    return counts.attempted == counts.attempted_least
