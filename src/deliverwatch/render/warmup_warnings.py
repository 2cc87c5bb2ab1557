"""What speaks against starting a warm-up now, in sentences.

An address that is listed or blocked is refused from its first message on, and one without a reverse name that leads
back to it is refused by many for that alone (Google, sender guidelines, read 2026-11-22). It warns, and forbids
nothing: whoever starts may know more. The texts hold foreign words; each output puts them through its own encoder.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from deliverwatch.core.warmup.status import StartWarning, StartWarningKind
from deliverwatch.render.tongue import listed
from deliverwatch.render.warmup_days import on_day, told
from deliverwatch.render.warmup_words import Names, provider_name
from deliverwatch.render.words import at, counted


def warning_words(warning: StartWarning, names: Names) -> str:
    """What speaks against starting, as a sentence."""
    return _WARNINGS[warning.kind](warning.facts, names)


_WARNINGS: Mapping[StartWarningKind, Callable[[Mapping[str, Any], Names], str]] = {
    StartWarningKind.LISTED: lambda facts, _: (
        f"It is listed on {facts.get('list_name') or facts['list_id']}{_since(facts)}: have that ended first."
    ),
    StartWarningKind.BLOCKED: lambda facts, names: (
        f"{provider_name(facts['provider'], names)} blocks it{_since(facts)}: have that ended first."
    ),
    StartWarningKind.NOBODY_TELLS: lambda *_: (
        "No source tells of this address: no day of it can be judged. Set one up: docs/ingest.md."
    ),
    StartWarningKind.NO_PTR: lambda *_: "It has no reverse name (PTR): many receivers refuse mail from such addresses.",
    StartWarningKind.PTR_ELSEWHERE: lambda facts, _: (
        f"Its reverse name {_some(facts.get('names'))} leads to {_some(facts.get('leads_to'))}, not back to it: many "
        "receivers refuse that."
    ),
    StartWarningKind.PTR_UNKNOWN: lambda facts, _: (
        f"Its reverse name could not be looked up{told(facts.get('detail'))}."
    ),
    StartWarningKind.NO_OVERFLOW: lambda facts, _: (
        f"The platform's pool {facts['pool']} has no overflow pool: what is beyond the allowance, its IPs carry "
        "themselves."
    ),
    StartWarningKind.NOT_COLD: lambda facts, _: (
        f"It sent mail on {counted(facts['days'], 'day')} of the last 30, last on "
        f"{on_day(date.fromisoformat(facts['last_on']))}: it is not new, and a warm-up may be needless."
    ),
}


def _since(facts: Mapping[str, Any]) -> str:
    return f" since {at(datetime.fromisoformat(facts['since']))}" if facts.get("since") else ""


def _some(texts: Iterable[str] | None) -> str:
    return listed(list(texts or ())) or "nowhere"
