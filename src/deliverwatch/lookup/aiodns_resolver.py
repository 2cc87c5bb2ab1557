"""Asks blocklists through aiodns (c-ares): the second look, which shares neither engine nor resolver with the first.

Four habits of c-ares shape this module. It keeps a cache of answers that has no switch, so that the same question to
the same object proves nothing new: a `Resolver` is opened for one list and one round, and closed. It cuts its timeout
to five times the average of a server's latest answers, 250 ms at worst, so that a slow list behind a fast cache looks
dead: a question that got no answer in time is asked once more, through an engine without memories. It fails every
question on a connection for one reply there that it cannot read: so is what failed that way. It repeats at once what a
server refuses, which is no way to treat one: it is given one try, and a refusal is an answer. (c-ares 1.34,
ares_query(3) and ares_init_options(3), checked 2026-11-24.)

Names are absolute and resolv.conf is not read, so that no search suffix can send a key to a third party. EDNS is off
(it comes with c-ares' default flags): the answers are small, and some list servers dislike it. An answer too long
for UDP is asked for again over TCP by c-ares, which is the one question that no budget counts.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import aiodns
import pycares

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import Answer, Reply
from deliverwatch.core.zone_health import TestResult
from deliverwatch.flows.ports import MAX_REASON
from deliverwatch.lookup.budget import BucketOf, wait_for_turn
from deliverwatch.lookup.cares import address_answer, failed_answer, text_answer, worth_asking_again
from deliverwatch.lookup.granularity import ask_by_name
from deliverwatch.lookup.names import asked_names, query_name, without_key
from deliverwatch.lookup.pacing import Bucket
from deliverwatch.lookup.questions import not_asked

RecordType = Literal["A", "TXT"]

IN_FLIGHT = 50

_FLAGS = pycares.ARES_FLAG_NOSEARCH | pycares.ARES_FLAG_NOALIASES
_FIRST_TRY = 1 / 3  # of the time allowed; the second has the rest


class AiodnsResolver:
    """One list, one round, one path. Knows the keys, so its representation must stay the plain one."""

    def __init__(self, path: str, keys: Mapping[str, str], timeout_for: timedelta, bucket_of: BucketOf) -> None:
        self.path = path
        self._keys = keys
        self._allowed = timeout_for.total_seconds()
        self._bucket_of = bucket_of
        self._gate = asyncio.Semaphore(IN_FLIGHT)
        self._engine = self._new_engine()
        self._closed = False

    async def ask(self, blocklist: Blocklist, kind: SubjectKind, name: str) -> Answer:
        (answer,) = await self.ask_all(blocklist, [Subject(kind, name)], _never)
        return answer

    async def ask_all(
        self, blocklist: Blocklist, subjects: Sequence[Subject], stop: Callable[[Answer], bool]
    ) -> Sequence[Answer]:
        async def ask(asked: Sequence[Subject]) -> Sequence[Answer]:
            return await self._ask_in_parts(blocklist, asked, stop)

        return await ask_by_name(blocklist, subjects, ask)

    async def reason(self, blocklist: Blocklist, kind: SubjectKind, name: str) -> str | None:
        names = asked_names(blocklist, kind, name)
        texts = await asyncio.gather(*(self._text(blocklist, kind, asked) for asked in names))
        text = "; ".join(dict.fromkeys(text for text in texts if text))
        return without_key(text, self._key(blocklist))[:MAX_REASON] or None

    async def own_test(self, blocklist: Blocklist, kind: SubjectKind) -> TestResult | None:  # noqa: ARG002
        return None

    async def close(self) -> None:
        self._closed = True
        await self._engine.close()

    async def _ask_in_parts(
        self, blocklist: Blocklist, asked: Sequence[Subject], stop: Callable[[Answer], bool]
    ) -> Sequence[Answer]:
        answers: list[Answer] = []
        for start in range(0, len(asked), IN_FLIGHT):
            some = asked[start : start + IN_FLIGHT]
            got = await asyncio.gather(*(self._addresses(blocklist, subject) for subject in some))
            answers += got
            last = next((answer for answer in got if answer.reply is not Reply.NXDOMAIN and stop(answer)), None)
            if last is not None:
                return answers + [replace(last, asked=False)] * (len(asked) - len(answers))
        return answers

    async def _addresses(self, blocklist: Blocklist, subject: Subject) -> Answer:
        try:
            asked = query_name(blocklist, subject.kind, subject.value, self._key(blocklist))
        except ValueError as problem:
            return not_asked(str(problem))
        found = await self._query(asked, "A", self._bucket_of(blocklist))
        return found if isinstance(found, Answer) else address_answer(asked, found)

    async def _text(self, blocklist: Blocklist, kind: SubjectKind, name: str) -> str | None:
        try:
            asked = query_name(blocklist, kind, name, self._key(blocklist))
        except ValueError:
            return None
        found = await self._query(asked, "TXT", self._bucket_of(blocklist))
        return None if isinstance(found, Answer) else text_answer(asked, found)

    def _key(self, blocklist: Blocklist) -> str | None:
        return self._keys.get(blocklist.id)

    def _new_engine(self) -> aiodns.DNSResolver:
        return aiodns.DNSResolver([self.path], flags=_FLAGS, timeout=self._allowed, tries=1, resolvconf_path=os.devnull)

    async def _query(self, asked: str, rdtype: RecordType, bucket: Bucket | None) -> list[pycares.DNSRecord] | Answer:
        """The answer section, or how it failed."""
        async with self._gate:
            if not await self._may_ask(bucket):
                return not_asked("closed")
            found = await _try(self._engine, asked, rdtype, self._allowed * _FIRST_TRY)
            if not isinstance(found, Answer) or not worth_asking_again(found):
                return found
            if not await self._may_ask(bucket):
                return found
            fresh = self._new_engine()
            try:
                return await _try(fresh, asked, rdtype, self._allowed * (1 - _FIRST_TRY))
            finally:
                await fresh.close()

    async def _may_ask(self, bucket: Bucket | None) -> bool:
        """When it is our turn; False if nobody wants to know any more."""
        await wait_for_turn(bucket)
        return not self._closed


def _never(_: Answer) -> bool:
    return False


async def _try(
    engine: aiodns.DNSResolver, asked: str, rdtype: RecordType, seconds: float
) -> list[pycares.DNSRecord] | Answer:
    try:
        async with asyncio.timeout(seconds):
            return (await engine.query_dns(asked, rdtype)).answer
    except TimeoutError:
        return Answer(Reply.TIMEOUT)
    except aiodns.error.DNSError as failure:
        return failed_answer(failure.args[0])
