"""What became of one IP's mail on one service day, and whether that is known at all.

A service day is cut in one zone and counted in UTC hours; the three service zones are whole hours from UTC, so that no
hour is split, and a day has 23 to 25 of them. Two sources may have seen the same mail, so of several that one counts,
per mailbox provider, which saw most (`core.told_twice`).

A plan counts messages, and most sources count attempts. Where retries are told they are taken off; where they are not
and something was deferred, the number of messages lies between what was settled and what was attempted. Nothing counted
is not the same as no mail: a day is known when somebody who would have told of its mail has told of what came after it,
or, of a day with mail, was read when it was over.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from deliverwatch.core.coverage import Span
from deliverwatch.core.delivery import FactCounts, FactKey, ReplyCounts, ReplyKey
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.service_hours import wall_instant
from deliverwatch.core.told_twice import Spaces, most
from deliverwatch.core.visible import visible
from deliverwatch.core.warmup.day import DayCounts

TOLD_LATELY_FOR = timedelta(days=7)
BLOCKING = frozenset({ReplyClass.IP_BLOCK, ReplyClass.DOMAIN_BLOCK, ReplyClass.DNSBL_CITED})
ACCUSING = BLOCKING | {ReplyClass.AUTH_FAILURE}
NOBODY_TELLS = "no source tells of this address"
ONLY_UTC_DAYS = "only whole UTC days are told of it, and the days of this run are others"

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SENDS_COMPLAINTS = frozenset(
    {
        *("bluewin", "comcast", "fastmail", "gandi", "laposte", "libero", "mailru", "microsoft_consumer", "seznam"),
        *("sfr", "telenet", "tim", "virgin_media", "yahoo", "yandex", "ziggo"),
    }
)
"""Who runs a feedback loop (Microsoft JMRP, Yahoo's own, Validity's Universal FBL, Mail.ru, Seznam; read November
2026). Of the others, Gmail above all, a source that counts complaints knows of none, and that is not "none"."""

Facts = Sequence[tuple[FactKey, FactCounts]]
Verdicts = Sequence[tuple[ReplyKey, ReplyCounts]]


class Teller(NamedTuple):
    """A source that would tell of mail. `failure`: why it cannot be read, since `failed_since`. `streams`: it tells as
    things happen (webhooks, a log that is followed), so that its newest event says how far it has got; a file that was
    read by hand and an API that was asked are complete up to when they were read. `began_at`: of the first it told of;
    what was before that it cannot know."""

    source: str
    space: str
    last_ingest_at: datetime | None = None
    last_event_at: datetime | None = None
    failed_since: datetime | None = None
    failure: str | None = None
    streams: bool = False
    began_at: datetime | None = None

    @property
    def told_until(self) -> datetime | None:
        """Up to when it has told of all there was, where it told of mail at all."""
        return self.last_event_at if self.streams else self.last_ingest_at


@dataclass(slots=True)
class _Sums:
    """Of one space and provider. `deferred`, `retries` None: not told."""

    attempted: int = 0
    delivered: int = 0
    bounced: int = 0
    deferred: int | None = None
    retries: int | None = None

    def add(self, counts: FactCounts) -> None:
        delivered, bounced = counts.delivered or 0, counts.bounced or 0
        settled = delivered + (counts.deferred or 0) + bounced
        self.attempted += counts.attempted if counts.attempted is not None else settled
        self.delivered += delivered
        self.bounced += bounced
        self.deferred = _plus(self.deferred, counts.deferred)
        self.retries = _plus(self.retries, counts.retries)

    @property
    def messages(self) -> tuple[int, int]:
        """At most, and at least."""
        at_most = max(self.attempted - (self.retries or 0), 0)
        if self.retries is not None or self.deferred == 0:
            return at_most, at_most
        return at_most, min(self.delivered + self.bounced, at_most)


@dataclass(slots=True)
class _Said:
    """Messages that were refused with such a verdict; `bounced`: how many of them for good."""

    blocked: int = 0
    unauthenticated: int = 0
    bounced: int = 0

    def add(self, class_: ReplyClass, counts: ReplyCounts) -> None:
        messages = max(counts.deferred + counts.bounced - counts.retries, 0)
        if class_ is ReplyClass.AUTH_FAILURE:
            self.unauthenticated += messages
        else:
            self.blocked += messages
        self.bounced += counts.bounced


@dataclass(slots=True)
class _OfProvider:
    """By space."""

    mail: dict[str, _Sums] = field(default_factory=lambda: defaultdict(_Sums))
    complaints: dict[str, int] = field(default_factory=dict)
    said: dict[str, _Said] = field(default_factory=lambda: defaultdict(_Said))


def day_span(on: date, zone: str) -> Span:
    """From midnight to midnight on the wall clock of the zone (IANA name), in UTC."""
    of = ZoneInfo(zone)
    return Span(wall_instant(on, time(), of), wall_instant(on + _DAY, time(), of))


def hours_of(span: Span) -> int:
    return span.length // _HOUR


def last_day_over(now: datetime, zone: str) -> date:
    """The newest that is over in the zone: today is partial, and not judged."""
    return now.astimezone(ZoneInfo(zone)).date() - _DAY


def counts_mail(not_measured: Collection[str]) -> bool:
    """Of a source: whether it can count an address's mail. `not_measured`: see `flows.source_ports.Source`."""
    tells_address = {"ip", "delivered_by_ip"}.isdisjoint(not_measured)
    return tells_address and not {"attempted", "delivered"} <= set(not_measured)


def day_counts(
    facts: Facts, verdicts: Verdicts, span: Span, spaces: Spaces, wordless: Collection[str] = ()
) -> dict[str, DayCounts]:
    """By mailbox provider, of one IP. `facts`: of sources that count its mail, or complaints alone; `verdicts`: of the
    classes in `ACCUSING`; `wordless`: sources that tell of no replies. A provider of whose mail nobody told is not
    among them."""
    found: dict[str, _OfProvider] = defaultdict(_OfProvider)
    for key, counts in facts:
        if span.begin <= key.hour_at < span.end:
            _add_fact(found[key.provider], spaces.get(key.source, key.source), counts)
    for reply, said in verdicts:
        if span.begin <= reply.hour_at < span.end:
            found[reply.provider].said[spaces.get(reply.source, reply.source)].add(reply.class_, said)
    return {provider: _counts(provider, each, wordless) for provider, each in sorted(found.items()) if each.mail}


def _add_fact(of: _OfProvider, space: str, counts: FactCounts) -> None:
    if counts.attempted is not None or counts.delivered is not None:
        of.mail[space].add(counts)
    if counts.complaints is not None:
        of.complaints[space] = of.complaints.get(space, 0) + counts.complaints


def _counts(provider: str, of: _OfProvider, wordless: Collection[str]) -> DayCounts:
    space = most((space, sums.attempted) for space, sums in of.mail.items())
    assert space is not None, "the mail of a provider was told by somebody"
    sums, said = of.mail[space], _said(space, of.said, wordless)
    at_most, at_least = sums.messages
    return DayCounts(
        attempted=at_most,
        attempted_least=at_least,
        delivered=sums.delivered,
        deferred=sums.deferred,
        bounced=sums.bounced,
        complaints=_complaints(provider, of.complaints),
        blocked=said.blocked if said else None,
        unauthenticated=said.unauthenticated if said else None,
        accused_bounced=min(said.bounced, sums.bounced) if said else 0,
    )


def _said(space: str, said: Mapping[str, _Said], wordless: Collection[str]) -> _Said | None:
    """What the mail's own source heard; if that is nothing, what another did that heard most. None: not measured."""
    heard_most = most((each, of.blocked + of.unauthenticated) for each, of in said.items())
    if space in said:
        return said[space]
    if heard_most is not None:
        return said[heard_most]
    return None if space in wordless else _Said()


def _complaints(provider: str, by_space: Mapping[str, int]) -> int | None:
    if not by_space:
        return None
    found = max(by_space.values())
    return found if found or provider in _SENDS_COMPLAINTS else None


def _plus(before: int | None, more: int | None) -> int | None:
    return before if more is None else (before or 0) + more


def why_unknown(span: Span, of_day: Iterable[Teller], lately: Collection[Teller]) -> str | None:
    """None: the day's counts are known, no mail included; else why not, in one sentence. `of_day`: who told of its
    mail; `lately`: who told of the address's mail in the days before its end, or whoever would. Sources of one space
    are one: what either told is not told by the other again."""
    told = _by_space(of_day)
    if told and all(_reaches((each.told_until for each in some), span.end) for some in told.values()):
        return None
    if not lately:
        return NOBODY_TELLS
    behind = [
        max(some, key=_heard_last)
        for some in _by_space(lately).values()
        if not _reaches((each.last_event_at for each in some), span.end)
    ]
    if behind:
        return _silent(min(behind, key=_heard_last))
    began = (_began(some) for some in _by_space(lately).values())
    late = next((each for each in began if each is not None and _began_at(each) > span.begin), None)
    return f"{late.source} has told of nothing before {_minute(_began_at(late))}" if late is not None else None


def _by_space(tellers: Iterable[Teller]) -> dict[str, list[Teller]]:
    found: dict[str, list[Teller]] = defaultdict(list)
    for each in tellers:
        found[each.space].append(each)
    return found


def _reaches(moments: Iterable[datetime | None], end: datetime) -> bool:
    return any(at is not None and at >= end for at in moments)


def _began(some: Iterable[Teller]) -> Teller | None:
    """Who of them told of something first."""
    return min((each for each in some if each.began_at is not None), key=_began_at, default=None)


def _began_at(teller: Teller) -> datetime:
    assert teller.began_at is not None
    return teller.began_at


def _heard_last(teller: Teller) -> tuple[bool, datetime, str]:
    at = teller.last_event_at
    return at is not None, at or datetime.min.replace(tzinfo=UTC), teller.source


def _silent(teller: Teller) -> str:
    if teller.failed_since is not None:
        why = f": {visible(teller.failure, 200)}" if teller.failure else ""
        return f"{teller.source} cannot be read since {_minute(teller.failed_since)}{why}"
    if teller.last_event_at is None:
        return f"{teller.source} has told of nothing yet"
    return f"{teller.source} has told of nothing since {_minute(teller.last_event_at)}"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def days_from(first: date, last: date) -> Iterator[date]:
    """Both included."""
    for number in range((last - first).days + 1):
        yield first + number * _DAY
