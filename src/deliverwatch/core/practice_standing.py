"""What already stands against a sender here: warm-ups that went over their plan or are held, and open listings.

A warm-up that is held by a listing or a block does not fail: what is asked for is the end of that very thing. A subject
is called unlisted only where the last round of each list was verified and got an answer for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle, Gap
from deliverwatch.core.listing import Listing
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_listed import Listed, listed
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import PracticeScope
from deliverwatch.core.subjects import Subject, SubjectKind, parse_subject
from deliverwatch.core.verification import unverifiable_kinds
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.run import HoldCause
from deliverwatch.core.warmup.status import HoldView, RunStatus

_WHAT_IS_ASKED_ABOUT = frozenset({HoldCause.LISTING, HoldCause.BLOCK, HoldCause.REFUSED})
_MOST_NAMED = 5


def warmups(statuses: Iterable[RunStatus], at: datetime) -> list[CheckResult]:
    """Of each run that goes on; one for all when none does."""
    going_on = [each for each in statuses if each.run.ended is None]
    if not going_on:
        found = "none of their addresses is being warmed up"
        return [CheckResult(Check.WARMUP, "", CheckOutcome.NOT_APPLICABLE, found, at, "warm-ups")]
    return [_warmup(each, at) for each in going_on]


def _warmup(status: RunStatus, at: datetime) -> CheckResult:
    ip = status.run.ip
    source = "warm-up" if status.judged is None else f"warm-up, day of {status.judged.on}"
    facts = {"address": ip}
    if status.state is DayState.OVER_PLAN:
        found = f"{ip}: more was delivered than its warm-up plan allows"
        return CheckResult(Check.WARMUP, ip, CheckOutcome.FAIL, found, at, source, Problem.WARMUP_OVER_PLAN, facts)
    if status.state is DayState.HELD:
        causes = _causes(status.holds)
        found = f"the warm-up of {ip} is held: {', '.join(sorted(causes)) or 'cause not told'}"
        if causes and causes <= _WHAT_IS_ASKED_ABOUT:
            return CheckResult(Check.WARMUP, ip, CheckOutcome.PASS, found, at, source)
        return CheckResult(Check.WARMUP, ip, CheckOutcome.FAIL, found, at, source, Problem.WARMUP_HELD, facts)
    outcome = CheckOutcome.UNKNOWN if status.state is DayState.UNKNOWN else CheckOutcome.PASS
    found = f"the warm-up of {ip} is {status.state.value.replace('_', ' ')}"
    return CheckResult(Check.WARMUP, ip, outcome, found, at, source)


def _causes(holds: Iterable[HoldView]) -> set[HoldCause]:
    return {hold.cause for hold in holds if not hold.over}


@dataclass(frozen=True, slots=True)
class ListsKnown:
    """`leading`: lists that matter and are on. `cycles`: the newest full one of each list. `gaps`: those that
    may go on."""

    leading: Sequence[Blocklist]
    open_listings: Sequence[Listing]
    cycles: Mapping[str, Cycle]
    gaps: Sequence[Gap]


def listings(known: ListsKnown, scope: PracticeScope, at: datetime) -> list[CheckResult]:
    """Of each address and domain."""
    if not known.leading:
        found = "none of the leading lists is on"
        return [CheckResult(Check.LISTINGS, "", CheckOutcome.UNKNOWN, found, at, "settings [lists]")]
    found_on: dict[Subject, list[Listing]] = defaultdict(list)
    for each in known.open_listings:
        found_on[each.subject].append(each)
    silent = {(gap.watch.subject, gap.watch.list_id) for gap in known.gaps if gap.until is None}
    subjects = [parse_subject(name) for name in (*scope.addresses, *scope.domains)]
    return [_of_subject(each, found_on[each], known, silent, at) for each in subjects]


def _of_subject(
    subject: Subject,
    open_listings: Sequence[Listing],
    known: ListsKnown,
    silent: set[tuple[Subject, str]],
    at: datetime,
) -> CheckResult:
    lists = {each.id: each for each in known.leading if can_tell(each, subject.kind)}
    on = {each.list_id: each for each in open_listings if each.list_id in lists}
    if on:
        some = [Listed(each.key, id_, each.opened_at, lists[id_].name) for id_, each in on.items()]
        return listed(subject.value, some, at)
    verified = {id_ for id_, cycle in known.cycles.items() if vouches(cycle, subject.kind, at)}
    unverified = [id_ for id_ in lists if id_ not in verified or (subject, id_) in silent]
    if not lists:
        outcome, found = CheckOutcome.NOT_APPLICABLE, f"{subject}: no leading list that is on can tell of it"
    elif unverified:
        names = ", ".join(sorted(lists[id_].name for id_ in unverified)[:_MOST_NAMED])
        more = f" and {len(unverified) - _MOST_NAMED} more" if len(unverified) > _MOST_NAMED else ""
        outcome, found = CheckOutcome.UNKNOWN, f"{subject}: no open listing, but not verified now: {names}{more}"
    else:
        outcome, found = CheckOutcome.PASS, f"{subject}: no open listing on any of {len(lists)} leading lists"
    return CheckResult(Check.LISTINGS, subject.value, outcome, found, at, "rounds")


def can_tell(blocklist: Blocklist, kind: SubjectKind) -> bool:
    return blocklist.covers(kind) and not unverifiable_kinds(blocklist, (kind,))


def vouches(cycle: Cycle, kind: SubjectKind, at: datetime) -> bool:
    """A round is late by up to its own interval before its list is called unverified (`core.verification`)."""
    good_until = cycle.vouches_until + (cycle.vouches_until - cycle.started_at)
    return kind in cycle.kinds_verified and good_until >= at
