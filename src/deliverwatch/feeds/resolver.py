"""Asks a list's files as if they were its zone, under the same ports.

An answer is one that DNS would have given: the values found, or not listed. What the test points prove there is proven
here by the file itself: it is whole, no older than its terms of renewal allow for, and its own marks do not speak
against it. A zone file usually holds the test points too; then they are judged as well. One that must not be listed is
judged in any case, so that a file which lists the world is not believed.

An expired file says "unreachable" (we do not know what the list holds now), one that contradicts itself "nonsense".
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from deliverwatch.core.blocklist import Blocklist, FeedSource, query_label
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import NOT_LISTED, Answer, Outcome, Reply, joined
from deliverwatch.core.zone_health import TestResult, judge_test_points
from deliverwatch.feeds.downloads import Downloads, Held
from deliverwatch.feeds.fetch import shown
from deliverwatch.feeds.scan import Listed, scan
from deliverwatch.flows.ports import FEED, MAX_REASON, Clock

_SHORTEST_TTL = timedelta(minutes=1)
_OLD_AFTER_REFRESHES = 4
_OLD_AFTER_AT_LEAST = timedelta(hours=24)

_OUTCOMES = {Reply.NETWORK: Outcome.UNREACHABLE, Reply.NONSENSE: Outcome.NONSENSE}

AskedNames = Callable[[Blocklist, SubjectKind, str], tuple[str, ...]]
"""The names under which a list may hold a subject."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the files of a list hold of some subjects, until they are renewed."""

    listed: Mapping[Subject, Listed]
    ttl_for: timedelta


class FeedResolver:
    """One list, one round. Keeps what it found listed, for the reasons."""

    def __init__(self, path: str, lookups: "FeedLookups") -> None:
        self.path = path
        self._lookups = lookups
        self._listed: dict[tuple[str, Subject], Listed] = {}

    async def ask(self, blocklist: Blocklist, kind: SubjectKind, name: str) -> Answer:
        subject = Subject(kind, name)
        return (await self._answers(blocklist, kind, [subject]))[subject]

    async def ask_all(
        self, blocklist: Blocklist, subjects: Sequence[Subject], stop: Callable[[Answer], bool]
    ) -> Sequence[Answer]:
        found: dict[Subject, Answer] = {}
        for kind in sorted({subject.kind for subject in subjects}):
            of_kind = [subject for subject in subjects if subject.kind is kind]
            found |= await self._answers(blocklist, kind, of_kind)
        answers = [found[subject] for subject in subjects]
        for index, answer in enumerate(answers):
            if answer is not NOT_LISTED and stop(answer):
                rest = replace(answer, asked=False)
                return [*answers[: index + 1], *[rest] * (len(answers) - index - 1)]
        return answers

    async def reason(self, blocklist: Blocklist, kind: SubjectKind, name: str) -> str | None:
        subject = Subject(kind, name)
        asked = [(blocklist.id, each) for each in self._lookups.names_of(blocklist, subject)]
        if not any(each in self._listed for each in asked):
            await self._answers(blocklist, kind, [subject])
        texts = dict.fromkeys(text for each in asked if each in self._listed for text in self._listed[each].texts)
        return "; ".join(texts)[:MAX_REASON] or None

    async def own_test(self, blocklist: Blocklist, kind: SubjectKind) -> TestResult | None:
        points = {point: Subject(kind, point.name) for point in blocklist.points_for(kind)}
        asked = {subject: query_label(kind, subject.value) for subject in points.values()}
        found = await self._lookups.scan_all(blocklist, kind, asked)
        if isinstance(found, Answer):
            return TestResult(_OUTCOMES[found.reply], found.detail)
        there = {point for point, subject in points.items() if subject in found.listed}
        if blocklist.verifiable(kind) and any(point.expect for point in there):
            answers = {point: _answer(found, subject) for point, subject in points.items()}
            return judge_test_points(blocklist, [kind], answers)
        wrong = next((point.name for point in there if not point.expect), None)
        if wrong is None:
            return TestResult(Outcome.CLEAR)
        return TestResult(
            Outcome.NONSENSE, f"test point {wrong} must not be listed and is: the download lists the world"
        )

    async def close(self) -> None:
        self._listed.clear()

    async def _answers(
        self, blocklist: Blocklist, kind: SubjectKind, subjects: Sequence[Subject]
    ) -> dict[Subject, Answer]:
        names = {subject: self._lookups.names_of(blocklist, subject) for subject in subjects}
        asked, answers = _labels(name for some in names.values() for name in some)
        found = await self._lookups.scan_all(blocklist, kind, asked)
        if isinstance(found, Answer):
            answers |= dict.fromkeys(asked, found)
        else:
            self._listed.update({(blocklist.id, name): listed for name, listed in found.listed.items()})
            answers |= {name: _answer(found, name) for name in asked}
        return {subject: joined([answers[name] for name in some]) for subject, some in names.items()}


class FeedLookups:
    """`feeds`: by list id, what the settings say instead of the catalogue. `folder`: where downloads are kept."""

    def __init__(
        self, folder: Path, clock: Clock, asked_names: AskedNames, feeds: Mapping[str, tuple[FeedSource, ...]]
    ) -> None:
        self._asked_names = asked_names
        self._feeds = feeds
        self._clock = clock
        self._downloads = Downloads(folder, clock.now)

    def paths_for(self, blocklist: Blocklist) -> tuple[str, ...]:
        """Empty for a list without a download."""
        return (FEED,) if self._sources(blocklist) else ()

    def names_of(self, blocklist: Blocklist, subject: Subject) -> list[Subject]:
        """What is looked for instead of it, each as a subject of its own."""
        return [Subject(subject.kind, name) for name in self._asked_names(blocklist, subject.kind, subject.value)]

    def open(self, path: str) -> FeedResolver:
        return FeedResolver(path, self)

    async def scan_all(self, blocklist: Blocklist, kind: SubjectKind, asked: Mapping[Subject, str]) -> _Found | Answer:
        """All files of the list for one kind of subjects, as one. An Answer when one of them cannot be believed."""
        sources = [source for source in self._sources(blocklist) if kind in source.kinds]
        if not sources:
            return _not_asked(f"no download of {blocklist.name} is for subjects of kind {kind}")
        listed: dict[Subject, Listed] = {}
        ttls: list[timedelta] = []
        for source in sources:
            found = await self._scan(source, asked)
            if isinstance(found, Answer):
                return found
            listed = {subject: _joined(listed, found.listed, subject) for subject in (*listed, *found.listed)}
            ttls.append(found.ttl_for)
        return _Found(listed, min(ttls))

    async def _scan(self, source: FeedSource, asked: Mapping[Subject, str]) -> _Found | Answer:
        held = await self._downloads.current(source)
        now = self._clock.now()
        trouble = _trouble(source, held, now)
        if held.path is None or trouble:
            return _not_asked(trouble)
        try:
            found = await asyncio.to_thread(scan, held.path, source.format, asked, now)
        except OSError as problem:
            return _not_asked(f"the download of {shown(source.url)} cannot be read: {problem.strerror}")
        if found.fault is not None:
            return Answer(Reply.NONSENSE, detail=f"the download of {shown(source.url)} is of no use: {found.fault}")
        left_for = held.next_at - now if held.next_at else source.refresh_for
        return _Found(found.listed, max(left_for, _SHORTEST_TTL))

    def _sources(self, blocklist: Blocklist) -> tuple[FeedSource, ...]:
        return self._feeds.get(blocklist.id, blocklist.feeds)


def _labels(names: Iterable[Subject]) -> tuple[dict[Subject, str], dict[Subject, Answer]]:
    """What would stand in front of the zone for each, and the answers for those that can have none."""
    labels: dict[Subject, str] = {}
    answers: dict[Subject, Answer] = {}
    for name in names:
        try:
            labels[name] = query_label(name.kind, name.value)
        except ValueError as problem:
            answers[name] = Answer(Reply.NETWORK, detail=f"not asked: {problem}", asked=False)
    return labels, answers


def _trouble(source: FeedSource, held: Held, now: datetime) -> str:
    """Why what we hold is not to be used; empty when it is."""
    because = f": the last one {held.problem}" if held.problem else ""
    if held.path is None or held.fetched_at is None:
        return f"there is no download of {shown(source.url)}{because}"
    age_for = now - held.fetched_at
    if age_for <= max(_OLD_AFTER_REFRESHES * source.refresh_for, _OLD_AFTER_AT_LEAST):
        return ""
    return f"the download of {shown(source.url)} is {age_for // timedelta(hours=1)} h old{because}"


def _answer(found: _Found, subject: Subject) -> Answer:
    listed = found.listed.get(subject)
    return Answer(Reply.ANSWER, listed.values, found.ttl_for) if listed else NOT_LISTED


def _not_asked(why: str) -> Answer:
    return Answer(Reply.NETWORK, detail=why, asked=False)


def _joined(before: Mapping[Subject, Listed], now: Mapping[Subject, Listed], subject: Subject) -> Listed:
    found = [every[subject] for every in (before, now) if subject in every]
    return Listed(
        tuple(dict.fromkeys(value for listed in found for value in listed.values)),
        tuple(dict.fromkeys(text for listed in found for text in listed.texts)),
    )
