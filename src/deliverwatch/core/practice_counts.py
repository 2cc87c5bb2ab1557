"""Complaints, bounces and TLS of the last seven days, from what was counted of the customer's own mail.

Complaints are told by some providers and not by others, and what is not told is no zero: only those that told of any
mail and of complaints are judged. Gmail tells none at all; its spam rate is judged by itself (`core.practice_gmail`).
Which bounces were of unknown users is not counted, so a share of all bounces is judged, by the lower end of its
interval. That Gmail takes no mail without TLS (sender guidelines, since December 2023) makes each of its acceptances a
proof of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from deliverwatch.core.delivery import ReplyCounts, ReplyKey
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_policy import PracticePolicy
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import Counted, PracticeScope
from deliverwatch.core.told_twice import Spaces, most
from deliverwatch.core.wilson import lower_bound

GMAIL = "google"
TLS_RULES = frozenset({"google-tls"})
"""Of reply_rules.yaml, those that say nothing but that mail was sent without TLS."""
_MOST_NAMED = 6


class Mail(NamedTuple):
    """Of one mailbox provider. None: not measured."""

    attempted: int | None = None
    delivered: int | None = None
    bounced: int | None = None
    complaints: int | None = None


def mail_of(counted: Iterable[Counted], scope: PracticeScope, spaces: Spaces) -> dict[str, Mail]:
    """By provider, each mail once (`core.told_twice`), and the customer's alone."""
    senders: dict[tuple[str, str], list[Counted]] = defaultdict(list)
    for key, counts in counted:
        if scope.is_theirs(key):
            senders[key.provider, key.ip or key.domain].append((key, counts))
    found: dict[str, list[Mail]] = defaultdict(list)
    for (provider, _), some in senders.items():
        found[provider].append(_of_sender(some, spaces))
    return {provider: _together(some) for provider, some in found.items()}


def _of_sender(counted: Iterable[Counted], spaces: Spaces) -> Mail:
    named = [(spaces.get(key.source, key.source), counts) for key, counts in counted]
    mail = most((space, _offered(each.attempted, each.delivered)) for space, each in named)
    complaints = most((space, each.complaints) for space, each in named)
    theirs = [each for space, each in named if space == mail]
    return Mail(
        _sum(each.attempted for each in theirs),
        _sum(each.delivered for each in theirs),
        _sum(each.bounced for each in theirs),
        _sum(each.complaints for space, each in named if space == complaints),
    )


def _offered(attempted: int | None, delivered: int | None) -> int | None:
    return delivered if attempted is None else attempted


def _together(some: Iterable[Mail]) -> Mail:
    return Mail(*(_sum(column) for column in zip(*some, strict=True)))


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def complaints(mail: Mapping[str, Mail], names: Mapping[str, str], at: datetime, policy: PracticePolicy) -> CheckResult:
    """Of all providers together one result: whoever asks one of them for anything is asked about all."""
    told = {id_: each for id_, each in mail.items() if id_ not in ("", GMAIL) and each.delivered}
    measured = {id_: each for id_, each in told.items() if each.complaints is not None}
    enough = {id_: each for id_, each in measured.items() if (each.delivered or 0) >= policy.least_delivered}
    ratios = {id_: (each.complaints or 0) / (each.delivered or 1) for id_, each in enough.items()}
    high = [id_ for id_, ratio in ratios.items() if ratio >= policy.complaints_failed_ratio]
    source = _source(policy)
    if not enough:
        found = "complaints are not measured" if not measured else _too_little(measured, names, policy)
        return CheckResult(Check.COMPLAINTS, "", CheckOutcome.UNKNOWN, found, at, source)
    worst = sorted(enough, key=lambda id_: (-ratios[id_], id_))
    found = "complaints: " + "; ".join(
        _complaint_words(id_, enough[id_], ratios[id_], names, policy) for id_ in worst[:_MOST_NAMED]
    )
    found += _not_measured([id_ for id_ in told if id_ not in enough], names)
    if not high:
        return CheckResult(Check.COMPLAINTS, "", CheckOutcome.PASS, found, at, source)
    facts = {"providers": ", ".join(short_name(id_, names) for id_ in worst if id_ in high)}
    return CheckResult(Check.COMPLAINTS, "", CheckOutcome.FAIL, found, at, source, Problem.COMPLAINTS_HIGH, facts)


def bounces(mail: Mapping[str, Mail], at: datetime, policy: PracticePolicy) -> CheckResult:
    counted = [each for each in mail.values() if each.attempted and each.bounced is not None]
    attempted = sum(each.attempted or 0 for each in counted)
    bounced = sum(each.bounced or 0 for each in counted)
    source = _source(policy)
    if not attempted:
        found = "attempts and bounces are not measured"
        return CheckResult(Check.BOUNCES, "", CheckOutcome.UNKNOWN, found, at, source)
    ratio = bounced / attempted
    found = f"{bounced:,} of {attempted:,} attempts bounced in {policy.counted_for.days} days ({percent(ratio)})"
    if lower_bound(bounced, attempted) >= policy.bounces_failed_ratio:
        facts = {"ratio": percent(ratio)}
        return CheckResult(Check.BOUNCES, "", CheckOutcome.FAIL, found, at, source, Problem.BOUNCES_HIGH, facts)
    if ratio >= policy.bounces_said_ratio:
        found += f", more than the {policy.bounces_said_ratio:.0%} of a clean list"
    return CheckResult(Check.BOUNCES, "", CheckOutcome.PASS, found, at, source)


def tls(
    mail: Mapping[str, Mail],
    replies: Iterable[tuple[ReplyKey, ReplyCounts]],
    scope: PracticeScope,
    at: datetime,
    policy: PracticePolicy,
) -> CheckResult:
    """`replies`: of the same days."""
    demands = [
        counts.deferred + counts.bounced
        for key, counts in replies
        if key.rule in TLS_RULES and (key.ip in scope.own or key.domain in scope.own)
    ]
    accepted = mail.get(GMAIL, Mail()).delivered or 0
    source = _source(policy)
    if sum(demands):
        found = f"{sum(demands):,} replies of Gmail demand TLS"
        facts = {"replies": f"{sum(demands)}"}
        return CheckResult(Check.TLS, "", CheckOutcome.FAIL, found, at, source, Problem.TLS_DEMANDED, facts)
    if accepted:
        found = f"Gmail, which takes no mail without TLS, accepted {accepted:,} messages"
        return CheckResult(Check.TLS, "", CheckOutcome.PASS, found, at, source)
    found = "no mail of theirs is known to have been accepted by Gmail, which would prove it"
    return CheckResult(Check.TLS, "", CheckOutcome.UNKNOWN, found, at, source)


def percent(ratio: float) -> str:
    """Two places, since the limits lie at tenths."""
    return f"{ratio:.2%}"


def short_name(provider: str, names: Mapping[str, str]) -> str:
    """ "Gmail" of "Gmail, Google Workspace"."""
    return names.get(provider, provider).partition(",")[0]


def _complaint_words(id_: str, mail: Mail, ratio: float, names: Mapping[str, str], policy: PracticePolicy) -> str:
    over = ratio >= policy.complaints_said_ratio
    above = f", above {policy.complaints_said_ratio:.2%}" if over else ""
    counts = f"{mail.complaints:,} complaints of {mail.delivered:,} delivered"
    return f"{short_name(id_, names)}: {counts} ({percent(ratio)}{above})"


def _too_little(measured: Mapping[str, Mail], names: Mapping[str, str], policy: PracticePolicy) -> str:
    some = ", ".join(short_name(id_, names) for id_ in sorted(measured)[:_MOST_NAMED])
    return f"fewer than {policy.least_delivered:,} messages were delivered at {some}, too few to judge complaints by"


def _not_measured(ids: Iterable[str], names: Mapping[str, str]) -> str:
    named = [short_name(id_, names) for id_ in sorted(ids)]
    more = ", ..." if len(named) > _MOST_NAMED else ""
    return f"; not measured, or too little mail: {', '.join(named[:_MOST_NAMED])}{more}" if named else ""


def _source(policy: PracticePolicy) -> str:
    return f"sending data of the last {policy.counted_for.days} days"
