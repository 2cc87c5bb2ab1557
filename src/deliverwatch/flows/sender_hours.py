"""What was counted, put in order for judging: by mailbox provider and sender, hour by hour.

Two sources may have seen the same mail (a platform's webhooks, and the log of the MTA behind them), so of several in
one hour that one counts which saw most; sources that share their event ids are one (`core.told_twice`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from deliverwatch.core.block import ReplyHour, TrafficHour
from deliverwatch.core.delivery import FactCounts, FactKey, ReplyCounts, ReplyKey
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import Subject, SubjectKind, parse_subject
from deliverwatch.core.told_twice import Spaces


class Case(NamedTuple):
    """A mailbox provider and a sender."""

    provider: str
    subject: Subject


_OF_DOMAINS = frozenset({ReplyClass.DOMAIN_BLOCK, ReplyClass.AUTH_FAILURE})

Verdicts = Collection[tuple[ReplyKey, ReplyCounts]]


def cases_of(replies: Verdicts, holdings: Holdings, spaces: Spaces) -> dict[Case, list[ReplyHour]]:
    """Replies without a provider or a sender are nobody's."""
    by_source: dict[tuple[Case, datetime, ReplyClass], dict[str, list[ReplyHour]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for key, counts in replies:
        subject = _subject(key, holdings)
        if key.provider and subject is not None:
            hour = ReplyHour(key.hour_at, key.class_, key.rule, *counts)
            space = spaces.get(key.source, key.source)
            by_source[Case(key.provider, subject), key.hour_at, key.class_][space].append(hour)
    cases: dict[Case, list[ReplyHour]] = defaultdict(list)
    for (case, _, _), sources in by_source.items():
        cases[case] += max(sources.values(), key=_verdicts)
    return cases


def mail_of(replies: Verdicts, holdings: Holdings) -> dict[Case, set[str]]:
    """Under which other names the mail left of those whom replies name: a policy is that of the From domain, and mail
    is counted by the envelope's. Another customer's mail says nothing of them, so names that others use are left out.
    """
    names: dict[Case, set[str]] = defaultdict(set)
    for key, _ in replies:
        subject = _subject(key, holdings)
        if key.provider and subject is not None and subject.value not in (key.ip, key.domain):
            name = _parsed(key.domain if subject.kind is SubjectKind.DOMAIN and key.domain else key.ip)
            if name is not None and _is_theirs(name, subject, key.hour_at.date(), holdings):
                names[Case(key.provider, subject)].add(name.value)
    return names


def _is_theirs(name: Subject, subject: Subject, on: date, holdings: Holdings) -> bool:
    owners = set(holdings.parties(name, on))
    return owners == set(holdings.parties(subject, on)) if owners else name.value.endswith(f".{subject.value}")


def all_hours(traffic: Iterable[Iterable[TrafficHour]]) -> list[TrafficHour]:
    """Of a sender's several names, added up."""
    sums: dict[datetime, list[int]] = defaultdict(lambda: [0] * 4)
    for hour_at, *counts in (hour for hours in traffic for hour in hours):
        sums[hour_at] = [one + other for one, other in zip(sums[hour_at], counts, strict=True)]
    return [TrafficHour(hour_at, *counts) for hour_at, counts in sums.items()]


def traffic_of(
    facts: Iterable[tuple[FactKey, FactCounts]], spaces: Spaces
) -> Mapping[tuple[str, str], list[TrafficHour]]:
    """By provider and name of the sender, address and domain alike."""
    sums: dict[tuple[str, str, datetime], dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0] * 4))
    for key, counts in facts:
        for name in (key.ip, key.domain):
            if name:
                cells = sums[key.provider, name, key.hour_at][spaces.get(key.source, key.source)]
                for number, value in enumerate(_measured(counts)):
                    cells[number] += value
    traffic: dict[tuple[str, str], list[TrafficHour]] = defaultdict(list)
    for (provider, name, hour_at), sources in sums.items():
        traffic[provider, name].append(TrafficHour(hour_at, *max(sources.values())))
    return traffic


def sources_of(facts: Iterable[tuple[FactKey, FactCounts]]) -> Mapping[tuple[str, str], set[str]]:
    """By provider and name of the sender: who told of its mail."""
    sources: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, _ in facts:
        for name in (key.ip, key.domain):
            sources[key.provider, name].add(key.source)
    return sources


def _measured(counts: FactCounts) -> tuple[int, int, int, int]:
    """What became of mail was attempted, even by a source that does not count attempts."""
    delivered, deferred, bounced = (counts.delivered or 0, counts.deferred or 0, counts.bounced or 0)
    attempted = counts.attempted if counts.attempted is not None else delivered + deferred + bounced
    return attempted, delivered, deferred, bounced


def _verdicts(hours: Iterable[ReplyHour]) -> int:
    return sum(hour.deferred + hour.bounced for hour in hours)


def _subject(key: ReplyKey, holdings: Holdings) -> Subject | None:
    """Who is refused: whom the reply names, if that is ours, else the domain of a verdict on domains, else the IP."""
    named, ip = _parsed(key.subject), _parsed(key.ip)
    if named is not None and holdings.on(named, key.hour_at.date()) and _may_be_named(named, key.class_):
        return named
    domain = _parsed(key.domain) if key.class_ in _OF_DOMAINS else None
    if domain is not None and key.class_ is ReplyClass.AUTH_FAILURE:
        return domain if _is_one_of_several(domain, ip, key.hour_at.date(), holdings) else ip
    return domain or ip


def _is_one_of_several(domain: Subject, ip: Subject | None, on: date, holdings: Holdings) -> bool:
    """A customer's domain, on an IP that others send from as well: what fails there is theirs to mend, and nobody
    else's to hear of."""
    shared = ip is None or len(holdings.parties(ip, on)) > 1
    return shared and any(asset.holder is not None for asset in holdings.on(domain, on))


def _may_be_named(named: Subject, class_: ReplyClass) -> bool:
    """A verdict on an address names an address, even where the reply has our domain in it as well."""
    is_domain = named.kind is SubjectKind.DOMAIN
    if class_ is ReplyClass.DOMAIN_BLOCK:
        return is_domain
    return not is_domain if class_ is ReplyClass.IP_BLOCK else True


def _parsed(name: str) -> Subject | None:
    try:
        return parse_subject(name) if name else None
    except ValueError:  # a log can hold anything
        return None
