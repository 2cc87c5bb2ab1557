"""Gmail's seven days: no mitigation before a domain's spam rate was below 0.30 % on seven days in a row.

Google tells the rate by day and domain, a day or two late, and leaves out days with little mail. A day without a figure
is neither good nor bad: it is named, and it breaks the proof, since nobody knows what Google saw that day. (Google,
Email sender guidelines FAQ, read 2026-11.)
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from deliverwatch.core.delivery import Signal, SignalName
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_counts import GMAIL, percent
from deliverwatch.core.practice_policy import PracticePolicy
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import PracticeScope

_DAY = timedelta(days=1)
_SOURCE = "Google Postmaster Tools, spam rate by day"


def looked_back(policy: PracticePolicy) -> timedelta:
    """From how long ago signals are needed."""
    return timedelta(days=policy.gmail_days + policy.gmail_lag_days + 1)


def spam_rates(
    signals: Iterable[Signal], scope: PracticeScope, at: datetime, policy: PracticePolicy
) -> list[CheckResult]:
    """By domain that Google tells of; one for all when it tells of none. The rate of a domain that others send from as
    well is not this customer's."""
    rates: dict[str, dict[date, float]] = defaultdict(dict)
    for each in signals:
        if each.name is SignalName.SPAM_RATE and each.provider == GMAIL and each.value is not None:
            days = rates[each.subject]
            days[each.on] = max(each.value, days.get(each.on, 0.0))
    theirs = [domain for domain in scope.domains if domain in scope.own and domain in rates]
    if not theirs:
        found = "Google has told no spam rate of any of their domains lately"
        return [CheckResult(Check.GMAIL_SPAM_RATE, "", CheckOutcome.UNKNOWN, found, at, _SOURCE)]
    return [_of_domain(domain, rates[domain], at, policy) for domain in theirs]


def _of_domain(domain: str, rates: Mapping[date, float], at: datetime, policy: PracticePolicy) -> CheckResult:
    days = _window(rates, at.date(), policy)
    known = {day: rates[day] for day in days if day in rates}
    high = {day: rate for day, rate in known.items() if rate >= policy.gmail_limit_ratio}
    unknown = [day for day in days if day not in rates]
    found = f"spam rate of {domain} at Gmail, {days[0]} to {days[-1]}: {_known(known, policy)}{_unknown(unknown)}"
    if high:
        facts = {"domain": domain, "days": ", ".join(map(str, high))}
        return CheckResult(
            Check.GMAIL_SPAM_RATE, domain, CheckOutcome.FAIL, found, at, _SOURCE, Problem.GMAIL_SPAM_HIGH, facts
        )
    outcome = CheckOutcome.UNKNOWN if unknown else CheckOutcome.PASS
    return CheckResult(Check.GMAIL_SPAM_RATE, domain, outcome, found, at, _SOURCE)


def _window(rates: Mapping[date, float], today: date, policy: PracticePolicy) -> list[date]:
    """Seven days, that end with the last one Google has told of. It may be some days late; when it has been silent for
    longer, they end yesterday, and what is not known of them shows."""
    until = [day for day in rates if day <= today]
    yesterday = today - _DAY
    last = max(until, default=yesterday)
    if today - last > timedelta(days=policy.gmail_lag_days):
        last = yesterday
    return [last - _DAY * back for back in reversed(range(policy.gmail_days))]


def _known(known: Mapping[date, float], policy: PracticePolicy) -> str:
    if not known:
        return "no day is known"
    below = sum(rate < policy.gmail_limit_ratio for rate in known.values())
    high = ", ".join(f"{day} {percent(rate)}" for day, rate in known.items() if rate >= policy.gmail_limit_ratio)
    words = f"{below} days below {percent(policy.gmail_limit_ratio)}, highest {percent(max(known.values()))}"
    return f"{words}; not below: {high}" if high else words


def _unknown(days: Iterable[date]) -> str:
    named = ", ".join(map(str, days))
    return f"; not known: {named}" if named else ""
