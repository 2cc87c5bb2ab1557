"""The DNS records that a sender stands on, and whether one of them went or changed.

A reverse name that vanishes, an SPF or DMARC record that somebody dropped with a zone, a DKIM key that was rotated and
not published: each is found by the mailbox providers within the hour, and by the sender weeks later. So the records of
every sending IP and domain are looked at a few times a day, and what was there is kept.

As with blocklists, only an answer counts: a name that has no such record (NXDOMAIN, or no data) is ABSENT, and silence
or a server's failure is UNKNOWN and changes nothing. Since a resolver may lie once, a change is believed when a second
look, half an hour later at the earliest, finds the same. What was never there is not missed here.

SPF: RFC 7208 §4.5. DKIM: RFC 6376 §3.6.1, where an empty p= is a key that was revoked. DMARC: RFC 7489 §6.1, §6.6.3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.inventory import Asset
from deliverwatch.core.subjects import DomainRole, Subject, parse_subject

CONFIRM_AFTER = timedelta(minutes=30)
NEWS_FOR = timedelta(days=7)
"""How long a changed record is news; after that it is simply the record."""


class RecordKind(StrEnum):
    PTR = "ptr"
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"


@dataclass(frozen=True, slots=True)
class Record:
    """A record to look at. `name`: an address (PTR), else the name in DNS. `subject`: whose it is."""

    kind: RecordKind
    name: str
    subject: Subject

    @property
    def key(self) -> tuple[str, str]:
        return (self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Found:
    """`values` None: unknown, and `detail` says why. Empty: there is no such record."""

    values: tuple[str, ...] | None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class RecordState:
    """`values`: what is believed to be there. `before`: what was there until `changed_at`. `other`, `other_at`: what a
    look found that a second one must confirm."""

    values: tuple[str, ...]
    before: tuple[str, ...] | None = None
    changed_at: datetime | None = None
    other: tuple[str, ...] | None = None
    other_at: datetime | None = None

    @property
    def is_gone(self) -> bool:
        return not self.values and bool(self.before)


def records_of(asset: Asset, subjects: Iterable[Subject]) -> list[Record]:
    """What there is to look at of an asset; `subjects`: the addresses of a range, or the domain."""
    if not asset.is_domain:
        return [Record(RecordKind.PTR, subject.value, subject) for subject in subjects]
    domain = parse_subject(asset.name)
    found = []
    if DomainRole.ENVELOPE in asset.roles:
        found.append(Record(RecordKind.SPF, asset.name, domain))
    if DomainRole.FROM in asset.roles:
        found.append(Record(RecordKind.DMARC, f"_dmarc.{asset.name}", domain))
    for selector in asset.dkim_selectors:
        found.append(Record(RecordKind.DKIM, f"{selector}._domainkey.{asset.name}", domain))
    return found


def relevant(kind: RecordKind, texts: Iterable[str]) -> tuple[str, ...]:
    """Of all TXT records of a name, those that are meant; in an order of their own, since DNS has none."""
    match kind:
        case RecordKind.PTR:
            kept = [text.rstrip(".").lower() for text in texts]
        case RecordKind.SPF:
            kept = [text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]
        case RecordKind.DMARC:
            kept = [text for text in texts if text.lower().replace(" ", "").startswith("v=dmarc1")]
        case RecordKind.DKIM:
            kept = [text for text in texts if _has_key(text)]
    return tuple(sorted(" ".join(text.split()) for text in kept))


def _has_key(text: str) -> bool:
    tags = {tag.strip().lower(): value.strip() for tag, _, value in (part.partition("=") for part in text.split(";"))}
    return bool(tags.get("p"))


def fold(state: RecordState | None, found: Found, at: datetime) -> RecordState | None:
    """The same object when nothing changed."""
    if found.values is None:
        return state
    if state is None:
        return RecordState(found.values)
    if found.values == state.values:
        return state if state.other is None else replace(state, other=None, other_at=None)
    if state.other != found.values or state.other_at is None:
        return replace(state, other=found.values, other_at=at)
    if at - state.other_at < CONFIRM_AFTER:
        return state
    return RecordState(found.values, before=state.values, changed_at=state.other_at)


def warning(record: Record, state: RecordState, now: datetime) -> Episode | None:
    """What is to be told of a record now; None: nothing."""
    if state.changed_at is None or not state.before:
        return None
    if not state.is_gone and now - state.changed_at > NEWS_FOR:
        return None
    what = f"{record.kind}_{'gone' if state.is_gone else 'changed'}"
    return Episode(
        key=f"{EpisodeKind.WARNING}//{record.subject.value}/{what}/{record.name}/{state.changed_at:%Y-%m-%dT%H}",
        kind=EpisodeKind.WARNING,
        provider="",
        subject=record.subject,
        what=what,
        class_=None,
        opened_at=state.changed_at,
        last_seen_at=now,
        evidence={"record": record.name, "before": list(state.before), "now": list(state.values)},
    )


def to_facts(state: RecordState) -> dict[str, Any]:
    """JSON values, for the store."""
    return {
        "values": list(state.values),
        "before": None if state.before is None else list(state.before),
        "changed_at": state.changed_at and state.changed_at.isoformat(),
        "other": None if state.other is None else list(state.other),
        "other_at": state.other_at and state.other_at.isoformat(),
    }


def from_facts(facts: Mapping[str, Any]) -> RecordState:
    def texts(name: str) -> tuple[str, ...] | None:
        return None if facts[name] is None else tuple(facts[name])

    def at(name: str) -> datetime | None:
        return None if facts[name] is None else datetime.fromisoformat(facts[name])

    return RecordState(tuple(facts["values"]), texts("before"), at("changed_at"), texts("other"), at("other_at"))
