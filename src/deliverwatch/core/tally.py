"""Counts what a source tells: items become the hours, replies, clusters and senders of one commit.

An attempt is mail that was offered to the receiver, a retry included. What a queue gave up on (`expired`) was bounced
without another attempt; a bounce out of band and a complaint come after one that is counted already. What the platform
did of its own accord (a suppression, or `OWN` with a text and without a host that was tried) was never offered and
counts nowhere. Mail that found nobody at the other end (`OWN`, nothing said) was offered, and deferred.

Only the receiver's words make reply observations, and only those that are understood; the others are clustered by what
they have in common. Recipients do not get past here: a sample is masked before it is kept.

A million records have a few thousand keys: everything that repeats is looked up, not worked out.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from deliverwatch.core.delivery import (
    Cluster,
    DeliveryEvent,
    DeliveryOutcome,
    FactCounts,
    FactKey,
    Item,
    Measure,
    Rejection,
    ReplyCounts,
    ReplyKey,
    SenderKey,
    Signal,
    Speaker,
)
from deliverwatch.core.masking import template, without_people
from deliverwatch.core.reply import Classification, ReplyClass
from deliverwatch.core.subjects import Subject, parse_subject
from deliverwatch.core.tally_rules import TallyRules
from deliverwatch.core.visible import visible

_AHEAD_AT_MOST = timedelta(days=1)
_MOST_REJECTIONS = 1000
_HOUR = timedelta(hours=1)

_ATTEMPTED, _DELIVERED, _DEFERRED, _BOUNCED, _OUT_OF_BAND, _COMPLAINTS, _RETRIES = range(7)
_COLUMN = {
    DeliveryOutcome.DELIVERED: _DELIVERED,
    DeliveryOutcome.DEFERRED: _DEFERRED,
    DeliveryOutcome.BOUNCED: _BOUNCED,
    DeliveryOutcome.OUT_OF_BAND: _OUT_OF_BAND,
    DeliveryOutcome.COMPLAINED: _COMPLAINTS,
}
_ABOUT_THE_RECIPIENT = frozenset(
    {ReplyClass.UNKNOWN_RECIPIENT, ReplyClass.MAILBOX_FULL, ReplyClass.OTHER_PERMANENT, ReplyClass.OTHER_TRANSIENT}
)
"""What these say may name a person in any way ("no mailbox here by the name ..."): counted, and no words kept."""
_MEASURED = ("attempted", "delivered", "deferred", "bounced", "out_of_band", "complaints")

Numbered = tuple[int | None, int, Item]
"""The digest of an item's event id, the number of its line, the item."""


def event_digest(event_id: str) -> int:
    """63 bits of an event's id: a thousand million of them have one chance in twenty of a single mistake."""
    return int.from_bytes(hashlib.blake2b(event_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1


class Tally:
    """Of one source, for one commit. `add` the items, then read what was counted."""

    def __init__(self, source: str, not_measured: Collection[str], rules: TallyRules, now: datetime) -> None:
        self.read = self.accepted = self.duplicates = self.rejected = 0
        self.rejections: list[Rejection] = []
        self.measures: list[Measure] = []
        self.signals: list[Signal] = []
        self.event_ids: set[int] = set()
        self.last_event_at: datetime | None = None
        self._source = source
        self._rules = rules
        self._latest = now + _AHEAD_AT_MOST
        self._unmeasured = [number for number, name in enumerate(_MEASURED) if name in not_measured]
        self._facts: dict[tuple[str, str, str, str, str, str, str, datetime], list[int]] = {}
        self._replies: dict[ReplyKey, list[int]] = {}
        self._samples: dict[ReplyKey, str] = {}
        self._clusters: dict[str, Cluster] = {}
        self._named: dict[SenderKey, int] = {}
        self._looks: dict[tuple[str, Subject], None] = {}
        self._hour = self._hour_ends = datetime.min.replace(tzinfo=now.tzinfo)

    def add(self, items: Iterable[Numbered], seen: Collection[int] = ()) -> None:
        """`seen`: digests of events that are counted already."""
        known = self.event_ids
        for digest, line, item in items:
            self.read += 1
            if digest is not None:
                if digest in known or digest in seen:
                    self.duplicates += 1
                    continue
                known.add(digest)
            taken = self._add_event(item, line) if type(item) is DeliveryEvent else self._add_other(item, line)
            if not taken and digest is not None:
                known.discard(digest)

    @property
    def facts(self) -> dict[FactKey, FactCounts]:
        return {FactKey(*key): self._counts(cells) for key, cells in self._facts.items()}

    @property
    def replies(self) -> dict[ReplyKey, ReplyCounts]:
        return {
            key: ReplyCounts(deferred, bounced, expired, self._samples[key], retries)
            for key, (deferred, bounced, expired, retries) in self._replies.items()
        }

    @property
    def first_reply_at(self) -> datetime | None:
        """The hour of the oldest that was understood."""
        return min((key.hour_at for key in self._replies), default=None)

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        return tuple(self._clusters.values())

    @property
    def look_requests(self) -> tuple[tuple[str, Subject], ...]:
        """Lists that a receiver cites, and whom it says is on them."""
        return tuple(self._looks)

    @property
    def senders(self) -> Mapping[SenderKey, int]:
        """How many attempts left under each name; of a source that counts for itself, 0: it was seen."""
        named = dict(self._named)
        for (_, ip, _, domain, *_), cells in self._facts.items():
            for role, name in (("ip", ip), ("envelope", domain)):
                if name:
                    sender = SenderKey(self._source, role, name)
                    named[sender] = named.get(sender, 0) + cells[_ATTEMPTED]
        return named

    def _add_event(self, event: DeliveryEvent, line: int) -> bool:
        """False: it is not taken."""
        at = event.at
        if not self._hour <= at < self._hour_ends and not self._enter_hour(at):
            return self._reject(Rejection(line, _still_to_come(at)))
        self.accepted += 1
        if self.last_event_at is None or at > self.last_event_at:
            self.last_event_at = at
        speaker = event.speaker
        if speaker is not Speaker.RECEIVER and not _was_offered(event):
            return True
        column = _COLUMN[event.outcome]
        provider = self._rules.provider_of(event.host, event.recipient_domain, event.provider)
        if _DEFERRED <= column <= _OUT_OF_BAND and event.reply and speaker is Speaker.RECEIVER:
            provider = self._add_reply(event, provider)
        self._add_fact(event, column, provider or "")
        return True

    def _add_fact(self, event: DeliveryEvent, column: int, provider: str) -> None:
        key = (  # equal to the FactKey of the same values, and made in a quarter of the time
            self._source,
            event.ip or "",
            provider,
            event.domain or "",
            event.pool or "",
            event.campaign or "",
            event.subaccount or "",
            self._hour,
        )
        cells = self._facts.get(key)
        if cells is None:
            cells = self._facts[key] = [0] * 8
        cells[column] += 1
        if column <= _BOUNCED and not event.expired:
            cells[_ATTEMPTED] += 1
            if event.retry is not None:
                cells[_RETRIES] += event.retry
                cells[-1] = 1
            if event.dkim_domain or event.link_domain:
                self._add_names(event)

    def _add_names(self, event: DeliveryEvent) -> None:
        for role, name in (("dkim", event.dkim_domain), ("link", event.link_domain)):
            if name:
                key = SenderKey(self._source, role, name)
                self._named[key] = self._named.get(key, 0) + 1

    def _counts(self, cells: list[int]) -> FactCounts:
        found: list[int | None] = list(cells[:7])
        for number in self._unmeasured:
            found[number] = found[number] or None
        found[_OUT_OF_BAND] = found[_OUT_OF_BAND] or None
        found[_RETRIES] = found[_RETRIES] if cells[-1] else None
        return FactCounts(*found)

    def _add_reply(self, event: DeliveryEvent, provider: str | None) -> str | None:
        """Returns who spoke, as far as the words tell."""
        reply = event.reply or ""
        found = self._rules.classify(reply, event.host, event.recipient_domain)
        provider = provider or found.provider
        if found.class_ is ReplyClass.UNKNOWN:
            self._cluster(found, reply, event.at)
            return provider
        ip, subject = event.ip or "", found.subject or ""
        key = ReplyKey(
            self._source,
            ip,
            provider or "",
            event.domain or "",
            found.class_,
            found.rule or "",
            found.blocklist or "",
            subject if subject != ip else "",
            self._hour,
        )
        cells = self._replies.get(key)
        if cells is None:
            cells = self._replies[key] = [0, 0, 0, 0]
            self._samples[key] = "" if found.class_ in _ABOUT_THE_RECIPIENT else visible(without_people(reply))
            self._ask_for_look(found, event)
        cells[event.outcome is not DeliveryOutcome.DEFERRED] += 1
        cells[2] += event.expired
        if event.retry or event.expired:
            cells[3] += 1
        return provider

    def _ask_for_look(self, found: Classification, event: DeliveryEvent) -> None:
        if found.class_ is not ReplyClass.DNSBL_CITED or found.blocklist not in self._rules.lists_on:
            return
        named = found.subject or event.ip
        if named is not None and (subject := _subject(named)) is not None:
            self._looks[found.blocklist, subject] = None

    def _cluster(self, found: Classification, reply: str, at: datetime) -> None:
        common = found.template or template(reply)
        before = self._clusters.get(common)
        first_at, last_at = (at, at) if before is None else (min(before.first_at, at), max(before.last_at, at))
        replies = 1 if before is None else before.replies + 1
        self._clusters[common] = Cluster(common, replies, found.looks_like_block, first_at, last_at)

    def _add_other(self, item: Item, line: int) -> bool:
        """False: it is not taken. What is ignored was understood, and is not counted."""
        if isinstance(item, Rejection):
            return self._reject(item)
        at = None
        if isinstance(item, Measure):
            at = item.starts_at
        elif isinstance(item, Signal):
            at = datetime(item.on.year, item.on.month, item.on.day, tzinfo=self._latest.tzinfo)
        if at is not None and at > self._latest:
            return self._reject(Rejection(line, _still_to_come(at)))
        self.accepted += 1
        if at is not None and (self.last_event_at is None or at > self.last_event_at):
            self.last_event_at = at
        if isinstance(item, Measure):
            self.measures.append(self._with_provider(item))
        elif isinstance(item, Signal):
            self.signals.append(item)
        return True

    def _with_provider(self, measure: Measure) -> Measure:
        """A name that nobody knows stays: two of them are not one."""
        for role, name in (("ip", measure.ip), ("envelope", measure.domain)):
            if name:
                self._named.setdefault(SenderKey(self._source, role, name), 0)
        if measure.provider is None:
            return measure
        return measure._replace(provider=self._rules.provider_of(None, None, measure.provider) or measure.provider)

    def _enter_hour(self, at: datetime) -> bool:
        """False: no event is taken from then."""
        if at > self._latest:
            return False
        self._hour = at.replace(minute=0, second=0, microsecond=0)
        self._hour_ends = self._hour + _HOUR
        return True

    def _reject(self, rejection: Rejection) -> bool:
        self.rejected += 1
        if len(self.rejections) < _MOST_REJECTIONS:
            self.rejections.append(rejection)
        return False


def _was_offered(event: DeliveryEvent) -> bool:
    return event.speaker is Speaker.OWN and (event.host is not None or not event.reply)


def _still_to_come(at: datetime) -> str:
    when = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return f"is dated {when}, which is still to come: check the clock and the time zone of the source"


@lru_cache(1 << 12)
def _subject(name: str) -> Subject | None:
    try:
        return parse_subject(name)
    except ValueError:
        return None
