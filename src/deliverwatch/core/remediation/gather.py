"""What is recorded about a case -> facts with their sources. Nothing else gets into a draft.

Each value says where it comes from and when. What is not recorded has no fact: that it is missing is said by the form
that wants it (`make`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from deliverwatch.core.block import Episode
from deliverwatch.core.incidents import ranges
from deliverwatch.core.instants import instant
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult, holds
from deliverwatch.core.remediation.case import Case
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import Draft, DraftKind, RequestOutcome
from deliverwatch.core.remediation.etiquette import is_about
from deliverwatch.core.remediation.facts import FROM_CUSTOMER, Fact
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.service_hours import zone_of
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.visible import visible

FEW = 16
"""Subjects that are named one by one, and go into as many requests as the form makes of them."""

_LONGEST_VALUE = 2000  # a customer's answer may be a paragraph
_MOST_REPLIES = 3
_MOST_QUOTES = 5
_HOUR = timedelta(hours=1)
_PUBLIC = frozenset({Check.PTR, Check.SPF, Check.DKIM, Check.DMARC})
_PUBLISHED = _PUBLIC | {Check.ALIGNMENT, Check.HELO, Check.MX, Check.TLS, Check.ONE_CLICK}
_BLOCK_KINDS = {
    ReplyClass.IP_BLOCK: "ip",
    ReplyClass.DOMAIN_BLOCK: "domain",
    ReplyClass.RATE_LIMIT: "rate",
}
_Found = Iterator[tuple[str, Fact]]


def gather(case: Case) -> dict[str, Fact]:
    found = dict(_of_subjects(case))
    found |= dict(_of_listings(case) if case.kind is DraftKind.LISTING else _of_blocks(case))
    found |= dict(_of_requester(case))
    found |= dict(_of_customer(case.words))
    found |= dict(_of_earlier(case))
    return {name: replace(fact, values=_one_line_each(fact)) for name, fact in found.items() if fact.values}


def _one_line_each(fact: Fact) -> tuple[str, ...]:
    """A stranger's words add no line to a form."""
    return tuple(visible(value, _LONGEST_VALUE) for value in fact.values)


def named(subjects: Sequence[Subject]) -> tuple[str, ...]:
    """One by one, as forms want them; many as ranges."""
    return tuple(each.value for each in subjects) if len(subjects) <= FEW else tuple(ranges(subjects))


def _of_subjects(case: Case) -> _Found:
    seen = _seen(case)
    yield "subjects", Fact(named(case.subjects), seen)
    ips = [each for each in case.subjects if each.kind is not SubjectKind.DOMAIN]
    one_by_one = case.addressee.form.most == 1
    yield "ips", Fact(tuple(each.value for each in ips) if one_by_one else named(ips), seen)
    yield "domains", Fact(tuple(each.value for each in case.subjects if each.kind is SubjectKind.DOMAIN), seen)
    yield "sending_domains", Fact(case.sending_domains, "inventory")
    names = dict.fromkeys(name for ip in ips for name in case.ptr_names.get(ip.value, ()))
    yield "ptr_names", Fact(tuple(names), "reverse look-ups", case.ptr_at)
    yield "stream", Fact(tuple(sorted({asset.stream for asset in case.assets if asset.stream})), "inventory")
    if case.assets:
        own = all(asset.holder is not None for asset in case.assets)
        yield "dedicated", Fact.of("dedicated" if own else "shared", "inventory")
    yield "network_owner", Fact(tuple(sorted({a.network_owner for a in case.assets if a.network_owner})), "inventory")
    passed = _passed(case)
    since = min((result.at for result in passed), default=None)
    yield "verified", Fact(tuple(result.found for result in passed), "best-practice checks", since, moves=True)
    yield "snds", Fact(tuple(f"{day.ip}: {day.colour} on {day.on}" for day in case.snds), "Microsoft SNDS", moves=True)


def _seen(case: Case) -> str:
    if case.kind is DraftKind.LISTING:
        first = case.listings[0]
        return f"look-ups of {instant(first.opened_at)} and {instant(first.confirmed_at)} by {first.path}"
    return f"replies since {instant(case.episodes[0].opened_at)}"


def _passed(case: Case) -> list[CheckResult]:
    """What the addressee asks for; where it says nothing, what anybody can look up. Never a figure of
    our customer's mail elsewhere: that is nobody's business."""
    wanted = (case.addressee.form.requires or _PUBLIC) & _PUBLISHED
    fresh = (each for each in case.practice if holds(each, case.now))
    passed = (each for each in fresh if each.outcome is CheckOutcome.PASS and each.check in wanted)
    return [each for each in passed if each.check is not Check.HELO or _names_one(each, case)]


def _names_one(result: CheckResult, case: Case) -> bool:
    """A HELO name leads to some address of the customer; only one that leads to these is said of them."""
    return any(subject.value in re.findall(r"[0-9a-f.:]+", result.found) for subject in case.subjects)


def _of_listings(case: Case) -> _Found:
    assert case.blocklist is not None, "a listing is on a list"
    blocklist, listings, seen = case.blocklist, case.listings, _seen(case)
    first = min(listings, key=lambda each: each.opened_at)
    catalogue = f"catalogue, {blocklist.source}"
    yield "list_name", Fact.of(blocklist.name, catalogue)
    yield "list_zone", Fact(_some(blocklist.shown_zone), catalogue)
    yield "lookup_url", Fact(_some(blocklist.lookup_url), catalogue)
    yield "codes", Fact(_each(code for each in listings for code in each.codes), seen, first.confirmed_at)
    yield "meanings", Fact(_each(text for each in listings for text in each.meanings), catalogue)
    yield "reason", Fact(_each(each.reason for each in listings if each.reason), seen, first.confirmed_at)
    yield "listed_since", Fact.of(instant(first.opened_at), seen, first.opened_at)
    yield "confirmed", Fact.of(f"{instant(first.confirmed_at)} by {first.path}", seen, first.confirmed_at)
    quotes = [f"{quote.provider}: {quote.replies} replies" for quote in case.quotes[:_MOST_QUOTES]]
    yield "quoted_by", Fact(tuple(quotes), "replies of the last seven days", case.now, moves=True)


def _of_blocks(case: Case) -> _Found:
    episodes = case.episodes
    own = [each for each in episodes if each.key not in case.inherited]
    first, last = min(each.opened_at for each in episodes), max(each.last_seen_at for each in episodes)
    names = f"mailbox_providers.yaml, {case.provider.source}" if case.provider is not None else "source of the replies"
    yield "provider_name", Fact.of(_provider_name(case), names)
    yield "block_kind", Fact(_some(_BLOCK_KINDS.get(episodes[0].class_ or ReplyClass.UNKNOWN)), "reply rules")
    replies = _each(sample for each in own for sample in each.evidence.get("samples", ()))[:_MOST_REPLIES]
    heard = f"replies of {instant(first)} to {instant(last + _HOUR)}"
    yield "replies", Fact(replies, heard)
    yield "reply", Fact(replies[:1], heard)
    yield "refused_since", Fact.of(instant(first), heard, first)
    yield "refused_last", Fact.of(instant(last), heard, last, moves=True)
    refused, attempted = _counted(own, "replies"), _counted(own, "attempted")
    of_all = f"{refused} of {attempted} attempts" if attempted is not None else f"{refused} replies"
    yield "refused_count", Fact(_some(of_all if refused is not None else None), heard, last, moves=True)
    yield "refused", Fact(_some(refused), heard, last, moves=True)
    yield "attempted", Fact(_some(attempted), heard, last, moves=True)


def _provider_name(case: Case) -> str:
    """Who refused it; whoever answers for them now is asked."""
    if case.addressee.through is None or case.provider is None:
        return case.addressee.name
    return f"{case.provider.name}, whose mail lies with {case.addressee.name}"


def _counted(episodes: Sequence[Episode], name: str) -> str | None:
    """The sum over all of them; None if it was not measured of one."""
    counts = [count for each in episodes if (count := each.evidence.get(name)) is not None]
    return f"{sum(counts):,}" if counts and len(counts) == len(episodes) else None


def _of_requester(case: Case) -> _Found:
    for name in ("company", "name", "role", "phone", "mailbox"):
        yield f"requester_{name}", Fact(_some(getattr(case.requester, name)), "settings [requester]")
    yield "requester_kind", Fact.of("email service provider", "whom deliverwatch is for")
    yield "abuse_desk", Fact(_some(case.requester.abuse_desk), "settings [requester]")
    zones = {zone_of(customer.service_time_zone).key for customer in case.holders}
    yield "time_zone", Fact(tuple(zones) if len(zones) == 1 else (), "inventory, service time zone")


def _of_customer(words: Sequence[ActionRequest]) -> _Found:
    """The newest answer to each question."""
    for question in FROM_CUSTOMER:
        for word in words:
            if answer := word.answers.get(question):
                yield question, Fact.of(answer, f"{word.answered_by}, written down by {word.kept_by}", word.answered_at)
                break


def _of_earlier(case: Case) -> _Found:
    if case.follows is not None:
        yield from _of_followed(case.follows)
    sent = [draft for draft in case.earlier if _is_history(draft, case)]
    if sent:
        last = sent[0]
        assert last.submitted_at is not None
        subjects = ", ".join(each.value for each in case.subjects if is_about(last, (each,)))
        own = last.customer == (case.customer.id if case.customer is not None else None)
        reference = _reference(last) if own else ""
        how = f"{subjects}: asked on {instant(last.submitted_at)}{reference}, {_ended(last)}"
        yield "earlier", Fact.of(how, f"draft {last.id}", last.submitted_at)


def _is_history(draft: Draft, case: Case) -> bool:
    """A request about the same subject that was for something else than what is open now."""
    return draft.submitted_at is not None and not set(case.keys) & set(draft.episodes)


def _of_followed(draft: Draft) -> _Found:
    source = f"draft {draft.id}"
    yield "reference", Fact(_some(draft.reference), source, draft.submitted_at)
    if draft.submitted_at is not None:
        yield "asked_on", Fact.of(instant(draft.submitted_at), source, draft.submitted_at)
    if draft.outcome is not None:
        yield "addressee_said", Fact(_some(draft.note), source, draft.answered_at)


def _reference(draft: Draft) -> str:
    return f" ({draft.reference})" if draft.reference else ""


def _ended(draft: Draft) -> str:
    words = {
        None: "no answer recorded",
        RequestOutcome.GRANTED: "granted",
        RequestOutcome.DENIED: "denied",
        RequestOutcome.MORE_INFORMATION: "more information was asked for",
        RequestOutcome.NOTHING_FOUND: "nothing was found",
    }[draft.outcome]
    return f"{words} on {instant(draft.answered_at)}" if draft.answered_at is not None else words


def _some(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
