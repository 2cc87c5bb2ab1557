"""What became of one judged day of a warm-up, in a sentence with its numbers.

Of a day that nobody counted no number is said, and messages "offered" are at most so many where retries cannot be told
from messages. The texts hold foreign words; each output puts them through its own encoder.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from deliverwatch.core.warmup.day import DayCounts, DayResult, DayState, RunNews
from deliverwatch.render.warmup_terms import STATES
from deliverwatch.render.words import counted


def on_day(on: date) -> str:
    """ "Wed 25 Nov 2026"."""
    return f"{on:%a %d %b %Y}"


def told(why: str | None) -> str:
    """A reason that somebody else worded, before the end of a sentence."""
    return f": {why.rstrip('.')}" if why else ""


def became_of(counts: DayCounts) -> str:
    """ "375 of 500 messages were delivered, 125 bounced"."""
    bounced = f", {counts.bounced:,} bounced" if counts.bounced else ""
    deferred = f", {counts.deferred:,} put off" if counts.deferred else ""
    return f"{counts.delivered:,} of {_offered(counts)} messages were delivered{bounced}{deferred}"


def day_words(state: DayState, day: DayResult) -> str:
    """`state`: of the run, which may rest on more than the day."""
    told = _DAYS.get(state)
    return told(day) if told is not None else f"{STATES[state].capitalize()} on {on_day(day.on)}."


def _of_allowed(day: DayResult) -> str:
    return f"{day.counts.delivered:,} messages were delivered of {day.allowed:,} allowed on {on_day(day.on)}"


def _too_little(day: DayResult) -> str:
    if not day.counts.attempted:
        return f"No mail was offered on {on_day(day.on)}, {day.allowed:,} messages were allowed."
    offered = _offered(day.counts)
    offered = offered.capitalize() if offered.startswith("at most") else f"Only {offered}"
    return f"{offered} messages were offered of {day.allowed:,} allowed on {on_day(day.on)}."


def _idle(day: DayResult) -> str:
    return f"No mail was offered for {counted(day.after.idle_days, 'day')}, up to {on_day(day.on)}."


def _skipped(day: DayResult) -> str:
    facts = _news(day, RunNews.SKIPPED)
    if facts.get("before") is None:
        return f"The sending platform left out stages on {on_day(day.on)}."
    return f"The sending platform went from stage {facts['before']} to {facts['stage']} on {on_day(day.on)}."


def _fell_back(day: DayResult) -> str:
    facts = _news(day, RunNews.FELL_BACK)
    if facts.get("before") is None:
        return f"The sending platform lowered its stage on {on_day(day.on)}."
    pools = facts.get("pool_before"), facts.get("pool")
    moved = (
        f", and the IP moved from pool {pools[0]} to {pools[1]}" if None not in pools and len(set(pools)) > 1 else ""
    )
    return f"The sending platform's stage fell from {facts['before']} to {facts['stage']} on {on_day(day.on)}{moved}."


def _unknown(day: DayResult) -> str:
    """The day itself is not known, or cannot be judged, or nothing is known since."""
    if day.unknown is not None:
        return f"{on_day(day.on)} is not known{told(day.unknown)}."
    if day.state is DayState.UNKNOWN:
        counts = day.counts
        between = f"between {counts.attempted_least:,} and {counts.attempted:,} messages were offered"
        return f"On {on_day(day.on)} {between}, since retries are counted as attempts: too little to judge it by."
    return f"Nothing is known of the days since {on_day(day.on)}."


_DAYS: Mapping[DayState, Callable[[DayResult], str]] = {
    DayState.ON_PLAN: lambda day: f"On plan: {_of_allowed(day)}.",
    DayState.BEHIND_NO_TRAFFIC: _too_little,
    DayState.BEHIND_REFUSED: lambda day: f"On {on_day(day.on)} {became_of(day.counts)}.",
    DayState.OVER_PLAN: lambda day: f"Above plan: {_of_allowed(day)}.",
    DayState.IDLE: _idle,
    DayState.SKIPPED: _skipped,
    DayState.FELL_BACK: _fell_back,
    DayState.UNKNOWN: _unknown,
}


def _news(day: DayResult, what: RunNews) -> Mapping[str, Any]:
    return next((news.facts for news in day.news if news.what is what), {})


def _offered(counts: DayCounts) -> str:
    """Where retries are counted as attempts, there were fewer messages."""
    return f"{counts.attempted:,}" if counts.attempted == counts.attempted_least else f"at most {counts.attempted:,}"
