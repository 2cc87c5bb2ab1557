"""What one entry of blocklists.yaml may hold, and how it becomes a `core.blocklist.Blocklist`."""

import re
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from deliverwatch.catalogue.answers import answer, answer_or_bit, one_answer
from deliverwatch.catalogue.schema import HttpsUrl, IsoDate, KebabId, Strict, Text, choice
from deliverwatch.core.blocklist import (
    Access,
    AccessTerms,
    AskedName,
    Asker,
    Blocklist,
    Budget,
    CodeStyle,
    Confidence,
    FeedFormat,
    FeedSource,
    Impact,
    ListStatus,
    Polarity,
    Removal,
    RemovalWay,
    ReturnCode,
    Scope,
    TestPoint,
    UsedBy,
)
from deliverwatch.core.subjects import DomainRole, SubjectKind, normal_domain

_PROVIDER = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


def _keyed_zone(text: str) -> str:
    if text.count("{key}") != 1 or "{key}" not in text.split("."):
        raise ValueError(f"{text!r} must hold {{key}} once, as a label of its own")
    normal_domain(text.replace("{key}", "key"))
    return text


def _provider(text: str) -> str:
    if not _PROVIDER.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not an id of a mailbox provider: expected one like microsoft_consumer")
    return text


def _feed_url(text: str) -> str:
    parts = urlsplit(text)
    if (parts.scheme == "https" and parts.hostname) or (text.startswith("file:///") and not parts.netloc):
        return text
    raise ValueError(f"{text[:200]!r} is not where a file is: expected https://... or file:///...")


def _more_than_none(number: int) -> int:
    if number < 1:
        raise ValueError(f"{number} is too few: expected 1 or more, or leave the key out")
    return number


Zone = Annotated[Text, AfterValidator(normal_domain)]
_OneAnswer = Annotated[Text, AfterValidator(one_answer)]
_Answers = Annotated[Text, AfterValidator(answer)]
_AnswersOrBit = Annotated[
    Text, BeforeValidator(lambda value: str(value) if type(value) is int else value), AfterValidator(answer_or_bit)
]
_Count = Annotated[int, AfterValidator(_more_than_none)]
_Kind = Annotated[SubjectKind, choice(SubjectKind)]
_Scope = Annotated[Scope, choice(Scope)]
_Polarity = Annotated[Polarity, choice(Polarity)]
_Way = Annotated[RemovalWay, choice(RemovalWay)]


class Code(Strict):
    value: _AnswersOrBit
    impact: Annotated[Impact, choice(Impact)]
    meaning: Text
    scope: _Scope | None = None
    polarity: _Polarity | None = None
    removal: _Way | None = None


class Point(Strict):
    kind: _Kind
    name: Text
    expect: list[_OneAnswer]


class _Access(Strict):
    terms: Annotated[AccessTerms, choice(AccessTerms)]
    note: Text
    url: HttpsUrl | None = None
    own_resolver: bool = False


class _Budget(Strict):
    per_second: _Count | None = None
    per_day: _Count | None = None


class _Removal(Strict):
    way: _Way
    who: Annotated[Asker, choice(Asker)] = Asker.ANYONE
    paid: bool = False
    url: HttpsUrl | None = None
    note: Text | None = None
    expires: Text | None = None


class _UsedBy(Strict):
    name: Text
    basis: Text
    provider: Annotated[Text, AfterValidator(_provider)] | None = None


class Feed(Strict):
    url: Annotated[Text, AfterValidator(_feed_url)]
    format: Annotated[FeedFormat, choice(FeedFormat)]
    kinds: list[_Kind]
    refresh_hours: _Count = 1


class Entry(Strict):
    id: KebabId
    name: Text
    zone: Zone | None = None
    keyed_zone: Annotated[Text, AfterValidator(_keyed_zone)] | None = None
    kinds: list[_Kind]
    granularity: dict[_Kind, int] = Field(default_factory=dict)
    scope: _Scope
    polarity: _Polarity = Polarity.BLOCK
    asked_name: Annotated[AskedName, choice(AskedName)] = AskedName.REGISTERED
    style: Annotated[CodeStyle, choice(CodeStyle)] = CodeStyle.EXACT
    part_of: KebabId | None = None
    codes: list[Code]
    refusals: dict[_AnswersOrBit, Text] = Field(default_factory=dict)
    test_points: list[Point]
    access: _Access
    budget: _Budget = Field(default_factory=_Budget)
    on_by_default: bool = False
    leads: bool = False
    used_by: list[_UsedBy] = Field(default_factory=list)
    matters_to: list[Annotated[DomainRole, choice(DomainRole)]] = Field(default_factory=list)
    lookup_url: HttpsUrl | None = None
    removal: _Removal
    feeds: list[Feed] = Field(default_factory=list)
    notes: Text | None = None
    source: Text
    checked_on: IsoDate
    confidence: Annotated[Confidence, choice(Confidence)]
    status: Annotated[ListStatus, choice(ListStatus)]


def to_core(entry: Entry) -> Blocklist:
    return Blocklist(
        id=entry.id,
        name=entry.name,
        zone=entry.zone,
        kinds=frozenset(entry.kinds),
        scope=entry.scope,
        codes=tuple(_code(code) for code in entry.codes),
        access=Access(entry.access.terms, entry.access.note, entry.access.url, entry.access.own_resolver),
        removal=_removal(entry.removal),
        test_points=tuple(TestPoint(point.kind, point.name, tuple(point.expect)) for point in entry.test_points),
        source=entry.source,
        checked_on=entry.checked_on,
        confidence=entry.confidence,
        style=entry.style,
        polarity=entry.polarity,
        asked_name=entry.asked_name,
        refusals=dict(entry.refusals),
        keyed_zone=entry.keyed_zone,
        lookup_url=entry.lookup_url,
        on_by_default=entry.on_by_default,
        leads=entry.leads,
        status=entry.status,
        granularity=dict(entry.granularity),
        part_of=entry.part_of,
        matters_to=frozenset(entry.matters_to),
        used_by=tuple(UsedBy(user.name, user.basis, user.provider) for user in entry.used_by),
        budget=Budget(entry.budget.per_second, entry.budget.per_day),
        notes=entry.notes,
        feeds=tuple(_feed(feed) for feed in entry.feeds),
    )


def _code(code: Code) -> ReturnCode:
    return ReturnCode(code.value, code.meaning, code.impact, code.scope, code.polarity, code.removal)


def _removal(removal: _Removal) -> Removal:
    return Removal(removal.way, removal.url, removal.note, removal.expires, removal.who, removal.paid)


def _feed(feed: Feed) -> FeedSource:
    return FeedSource(feed.url, feed.format, frozenset(feed.kinds), timedelta(hours=feed.refresh_hours))
