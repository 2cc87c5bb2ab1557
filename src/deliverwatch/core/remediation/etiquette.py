"""How often, and when, an addressee is asked: it sees one ESP, whoever of our customers is concerned.

No second request for what is under way, none before the time an addressee wants between two, no more than it takes, and
none at all where waiting is quicker. A second form about the same address is the surest way to be ignored (Microsoft
answers within its ticket; UCEPROTECT and SFR end by themselves).
"""

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta

from deliverwatch.core.instants import instant
from deliverwatch.core.remediation.case import Case
from deliverwatch.core.remediation.draft import UNDER_WAY, Blocker, Draft, DraftKind, RequestOutcome
from deliverwatch.core.remediation.form import FollowUpWay, Form, FormChannel, LetterKind, Quota, QuotaPer
from deliverwatch.core.subjects import Subject, SubjectKind

_LIES_FOR = timedelta(days=14)
"""How long a request without an answer is taken to lie with the addressee: Yahoo's support says two weeks."""

_UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))

_OVER = frozenset({RequestOutcome.GRANTED, RequestOutcome.DENIED, RequestOutcome.NOTHING_FOUND})


def etiquette(case: Case, letter: LetterKind, way: FollowUpWay) -> list[Blocker]:
    """A follow-up within the addressee's ticket belongs to its request, and nothing here is said of it; one that goes
    through the form again is counted like any other."""
    if letter is LetterKind.REQUEST:
        return [*_wait(case), *_under_way(case), *_too_soon(case), *_too_many(case)]
    return [*_too_soon(case), *_too_many(case)] if way is FollowUpWay.AGAIN else []


def _wait(case: Case) -> Iterable[Blocker]:
    """Where nobody takes requests, that says it all (`against`)."""
    form, until = case.addressee.form, waits_until(case)
    if until is not None and form.channel is not FormChannel.NONE:
        found = f"waiting is quicker than asking{expiry(form)}"
        yield Blocker("wait", found, f"stop the cause and wait: not before {instant(until)}")


def waits_until(case: Case) -> datetime | None:
    """From the last refusal, or from when a listing was seen first: nobody tells when it was reported last. None: it is
    over, or no figure is known."""
    expires = case.addressee.form.expires
    if expires is None or expires.wait_for is None:
        return None
    until = _last_seen(case) + expires.wait_for
    return until if case.now < until else None


def expiry(form: Form) -> str:
    """What is known of its end, to stand behind a sentence."""
    return f". Expiry: {form.expires.words}" if form.expires is not None else ""


def _last_seen(case: Case) -> datetime:
    if case.kind is DraftKind.LISTING:
        return max(listing.opened_at for listing in case.listings)
    return max(episode.last_seen_at for episode in case.episodes)


def _under_way(case: Case) -> Iterable[Blocker]:
    for draft in _sent(case):
        if _awaits_answer(draft, case) and _about_the_same(draft, case):
            assert draft.submitted_at is not None
            reference = f", reference {draft.reference}" if draft.reference and _is_own(draft, case) else ""
            found = f"{draft.addressee} was asked about it on {instant(draft.submitted_at)} ({draft.id}{reference})"
            yield Blocker("under way", found, "wait for that answer, or follow it up in its own draft", draft.id)


def _is_own(draft: Draft, case: Case) -> bool:
    """What was written for another holder is not told to this one."""
    return draft.customer == (case.customer.id if case.customer is not None else None)


def _awaits_answer(draft: Draft, case: Case) -> bool:
    """One that was closed because its asset changed hands still lies with the addressee."""
    if draft.outcome in _OVER or draft.submitted_at is None:
        return False
    if draft.state in UNDER_WAY:
        return True
    return bool(set(case.keys) & set(draft.episodes)) and case.now - draft.submitted_at < _LIES_FOR


def _too_soon(case: Case) -> Iterable[Blocker]:
    gap_for = case.addressee.form.again_after
    if gap_for is None:
        return
    last = max((d.submitted_at for d in _sent(case) if d.submitted_at and _about_the_same(d, case)), default=None)
    if last is not None and case.now < last + gap_for:
        found = f"the last request for it was on {instant(last)}; {case.addressee.name} wants {_span(gap_for)} between"
        yield Blocker("too soon", found, f"not before {instant(last + gap_for)}")


def _too_many(case: Case) -> Iterable[Blocker]:
    quota = case.addressee.form.quota
    if quota is None:
        return
    counted = [d.submitted_at for d in _sent(case) if d.submitted_at and _counts(d, case, quota)]
    if len(counted) >= quota.requests:
        frees = sorted(counted)[-quota.requests] + quota.within
        found = f"{len(counted)} requests within {_span(quota.within)}; {case.addressee.name} takes {quota.requests}"
        yield Blocker("too many", found, f"not before {instant(frees)}")


def _counts(draft: Draft, case: Case, quota: Quota) -> bool:
    assert draft.submitted_at is not None
    if case.now - draft.submitted_at >= quota.within:
        return False
    return quota.per is QuotaPer.ADDRESSEE or _about_the_same(draft, case)


def _sent(case: Case) -> list[Draft]:
    """Each once."""
    followed = () if case.follows is None else (case.follows,)
    found = {each.id: each for each in (*case.earlier, *case.others, *followed) if each.submitted_at is not None}
    return list(found.values())


def _about_the_same(draft: Draft, case: Case) -> bool:
    return is_about(draft, case.subjects)


def is_about(draft: Draft, subjects: Iterable[Subject]) -> bool:
    """Whether it names one of them, by itself or within a range."""
    names = set(draft.subjects)
    ranges = [ipaddress.ip_network(name) for name in names if "/" in name]
    return any(
        subject.value in names
        or (
            subject.kind is not SubjectKind.DOMAIN and any(ipaddress.ip_address(subject.value) in net for net in ranges)
        )
        for subject in subjects
    )


def _span(span_for: timedelta) -> str:
    """In the largest unit that holds it whole."""
    for unit, name in _UNITS:
        count, rest = divmod(span_for, unit)
        if count and not rest:
            return f"{count} {name}{'' if count == 1 else 's'}"
    return str(span_for)
