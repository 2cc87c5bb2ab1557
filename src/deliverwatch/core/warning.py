"""Early warnings: what receivers and our own counts say before mail is refused.

Everything comes by the day. A series (one receiver, one sender, one figure) is followed day by day: it warns from the
first bad day on and ends after enough good days. A day without a figure is neither: below a hundred mails Microsoft
shows nothing, and Gmail nothing for little mail, so silence says nothing of getting better.

    figure                      notice               urgent
    SNDS colour                 yellow               red
    SNDS trap hits              any
    SNDS blocked                                     blocked (ends when colours are shown again: mail arrives)
    complaints, spam rate       from 0.1 %           from 0.3 %
    errors for reputation       from 1 %             from 10 %
    compliance                  needs work
    deferrals                   twice those of the week before, and beyond chance

Gmail and Yahoo name both marks of the spam rate (their sender guidelines, checked 2026-11-22); Gmail takes a sender
back after seven days in a row below the upper one. Our own counts are judged in `core.warning_counts`.
"""

import ipaddress
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind, episode_key
from deliverwatch.core.delivery import Signal, SignalName
from deliverwatch.core.subjects import Subject, SubjectKind, parse_subject
from deliverwatch.core.warning_counts import SenderDay, complaint_marks, deferral_marks
from deliverwatch.core.warning_marks import Level, Mark, WarningPolicy, level_of

COMPLAINTS, DEFERRALS = "complaints", "deferrals"
_DAY = timedelta(days=1)
_DAYS_SHOWN = 7
_REPUTATION = frozenset(
    {"reject: ip_in_rbls", "reject: low_ip_reputation", "reject: low_domain_reputation"}
    | {"temp_fail: anomalous_traffic_pattern"}
)


class _Series(NamedTuple):
    provider: str
    subject: Subject
    what: str


def warnings(
    signals: Iterable[Signal],
    days: Iterable[SenderDay],
    senders: Iterable[Subject] = (),
    policy: WarningPolicy | None = None,
    after: datetime | None = None,
) -> list[Episode]:
    """The warnings that there were, oldest first, in whatever order the days come. `senders`: ours, to find those
    within a blocked range. `after`: only days that end later are looked at."""
    policy = policy or WarningPolicy()
    series: dict[_Series, list[Mark]] = defaultdict(list)
    _of_signals(signals, tuple(senders), policy, series)
    _of_days(days, policy, series)
    found: list[Episode] = []
    for key, marks in series.items():
        inside = sorted((mark for mark in marks if after is None or _ends(mark.on) > after), key=_order)
        needed = policy.good_days_of_spam_rate if key.what == SignalName.SPAM_RATE else policy.good_days
        found += _followed(key, inside, needed)
    return sorted(found, key=lambda each: (each.opened_at, each.key))


def _order(mark: Mark) -> tuple[date, str]:
    """A bad figure of a day counts for more than a good one."""
    return mark.on, mark.level or ""


def _followed(key: _Series, marks: Sequence[Mark], good_days: int) -> list[Episode]:
    """From bad day to enough good ones."""
    found: list[Episode] = []
    bad: list[Mark] = []
    good = 0
    for mark in marks:
        if mark.level is not None:
            bad.append(mark)
            good = 0
        elif bad:
            good += 1
            if good == good_days:
                found.append(_episode(key, bad, mark))
                bad, good = [], 0
    return [*found, _episode(key, bad, None)] if bad else found


def _episode(key: _Series, bad: Sequence[Mark], mended: Mark | None) -> Episode:
    opened_at = _begins(bad[0].on)
    urgent = any(mark.level is Level.URGENT for mark in bad)
    return Episode(
        key=episode_key(EpisodeKind.WARNING, key.provider, key.subject, key.what, opened_at),
        kind=EpisodeKind.WARNING,
        provider=key.provider,
        subject=key.subject,
        what=key.what,
        class_=None,
        opened_at=opened_at,
        last_seen_at=_ends(bad[-1].on),
        closed_at=_ends(mended.on) if mended else None,
        ended=EpisodeEnd.MENDED if mended else None,
        evidence={
            "level": Level.URGENT if urgent else Level.NOTICE,
            "urgent": urgent,
            "days": [{"on": mark.on.isoformat(), **mark.shown} for mark in bad[-_DAYS_SHOWN:]],
        },
    )


def _of_signals(
    signals: Iterable[Signal], senders: Sequence[Subject], policy: WarningPolicy, series: dict[_Series, list[Mark]]
) -> None:
    for signal in signals:
        judged = _LEVELS.get(signal.name)
        if judged is None or (signal.value is None and signal.text is None and signal.name not in _TELL_BY_BEING):
            continue
        for subject in _subjects(signal.subject, senders):
            mark = Mark(signal.on, judged(signal, policy), _shown(signal))
            series[_Series(signal.provider, subject, _what(signal))].append(mark)
            if signal.name is SignalName.SNDS_COLOUR:
                arrives = Mark(signal.on, None, {})
                series[_Series(signal.provider, subject, SignalName.SNDS_BLOCKED)].append(arrives)


def _shown(signal: Signal) -> dict[str, Any]:
    return {name: told for name, told in (("value", signal.value), ("text", signal.text)) if told is not None}


def _what(signal: Signal) -> str:
    return f"{signal.name}: {signal.detail}" if signal.detail else str(signal.name)


def _colour(signal: Signal, _: WarningPolicy) -> Level | None:
    return {"yellow": Level.NOTICE, "red": Level.URGENT}.get(signal.text or "")


def _traps(signal: Signal, _: WarningPolicy) -> Level | None:
    return Level.NOTICE if signal.value else None


def _blocked(_: Signal, __: WarningPolicy) -> Level | None:
    return Level.URGENT


def _spam(signal: Signal, policy: WarningPolicy) -> Level | None:
    """Of a band with an open lower end ("< 0.1%") the rate lies below its mark."""
    if signal.value is None or (signal.text or "").startswith("<"):
        return level_of((signal.value or 0.0) * 0.999, policy.complaint_notice, policy.complaint_urgent)
    return level_of(signal.value, policy.complaint_notice, policy.complaint_urgent)


def _errors(signal: Signal, policy: WarningPolicy) -> Level | None:
    if signal.detail not in _REPUTATION:
        return None
    return level_of(signal.value or 0.0, policy.error_notice, policy.error_urgent)


def _compliance(signal: Signal, _: WarningPolicy) -> Level | None:
    return Level.NOTICE if signal.text == "needs_work" else None


_LEVELS: Mapping[SignalName, Callable[[Signal, WarningPolicy], Level | None]] = {
    SignalName.SNDS_COLOUR: _colour,
    SignalName.SNDS_TRAP_HITS: _traps,
    SignalName.SNDS_COMPLAINT_RATIO: _spam,
    SignalName.SNDS_BLOCKED: _blocked,
    SignalName.SPAM_RATE: _spam,
    SignalName.DELIVERY_ERROR_RATIO: _errors,
    SignalName.COMPLIANCE: _compliance,
}
_TELL_BY_BEING = frozenset({SignalName.SNDS_BLOCKED})
"""Signals that need neither value nor text."""


def _of_days(days: Iterable[SenderDay], policy: WarningPolicy, series: dict[_Series, list[Mark]]) -> None:
    by_sender: dict[tuple[str, Subject], list[SenderDay]] = defaultdict(list)
    for day in days:
        by_sender[day.provider, day.subject].append(day)
    for (provider, subject), told in by_sender.items():
        told.sort(key=lambda day: day.on)
        series[_Series(provider, subject, COMPLAINTS)] += complaint_marks(told, policy)
        series[_Series(provider, subject, DEFERRALS)] += deferral_marks(told, policy)


def _subjects(text: str, senders: Sequence[Subject]) -> list[Subject]:
    """An address or a domain; of a range ("first-last") those of ours within it."""
    first, dash, last = text.partition("-")
    try:
        if not dash or not _is_address(first):
            return [parse_subject(text)]
        low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
    except ValueError:
        return []
    kind = SubjectKind.IPV4 if low.version == 4 else SubjectKind.IPV6
    inside = (each for each in senders if each.kind is kind)
    return [each for each in inside if int(low) <= int(ipaddress.ip_address(each.value)) <= int(high)]


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _ends(day: date) -> datetime:
    return _begins(day + _DAY)
