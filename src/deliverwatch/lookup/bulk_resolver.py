"""Asks a blocklist through our own engine: the resolver of every round.

It opens its sockets at the first question, since only then it is known which list is meant, and with it which servers
(a resolver, or the list's own). Where there is no way to them, that is the answer to everything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import Answer, Reply
from deliverwatch.core.zone_health import TestResult
from deliverwatch.flows.ports import MAX_REASON
from deliverwatch.lookup.budget import BucketOf
from deliverwatch.lookup.engine import Engine
from deliverwatch.lookup.granularity import ask_by_name
from deliverwatch.lookup.names import without_key
from deliverwatch.lookup.peers import Peers
from deliverwatch.lookup.questions import TYPE_A, TYPE_TXT, Questions, not_asked
from deliverwatch.lookup.tcp import Endpoint, what_failed

ServerFinder = Callable[[Blocklist], Awaitable[Sequence[Endpoint] | Answer]]


class BulkResolver:
    """One list, one round, one path. `recursion`: False where the list's own servers are asked.

    Knows the keys, so its representation must stay the plain one.
    """

    def __init__(
        self,
        path: str,
        keys: Mapping[str, str],
        timeout_for: timedelta,
        find_servers: ServerFinder,
        bucket_of: BucketOf,
        *,
        recursion: bool = True,
    ) -> None:
        self.path = path
        self._keys = keys
        self._timeout_s = timeout_for.total_seconds()
        self._find_servers = find_servers
        self._bucket_of = bucket_of
        self._recursion = recursion
        self._opening = asyncio.Lock()
        self._engine: Engine | Answer | None = None

    async def ask(self, blocklist: Blocklist, kind: SubjectKind, name: str) -> Answer:
        (answer,) = await self._ask(blocklist, [Subject(kind, name)], TYPE_A, _never)
        return answer

    async def ask_all(
        self, blocklist: Blocklist, subjects: Sequence[Subject], stop: Callable[[Answer], bool]
    ) -> Sequence[Answer]:
        return await self._ask(blocklist, subjects, TYPE_A, stop)

    async def reason(self, blocklist: Blocklist, kind: SubjectKind, name: str) -> str | None:
        (answer,) = await self._ask(blocklist, [Subject(kind, name)], TYPE_TXT, _never)
        text = "; ".join(text for text in answer.values if text)
        return without_key(text, self._keys.get(blocklist.id))[:MAX_REASON] or None

    async def own_test(self, blocklist: Blocklist, kind: SubjectKind) -> TestResult | None:  # noqa: ARG002
        return None

    async def close(self) -> None:
        async with self._opening:
            if isinstance(self._engine, Engine):
                await self._engine.close()
            self._engine = Answer(Reply.NETWORK, detail="not asked: closed", asked=False)

    async def _ask(
        self, blocklist: Blocklist, subjects: Sequence[Subject], rdtype: int, stop: Callable[[Answer], bool]
    ) -> Sequence[Answer]:
        engine = await self._opened(blocklist)
        if isinstance(engine, Answer):
            return [engine] * len(subjects)
        questions = Questions(blocklist, self._keys.get(blocklist.id), rdtype)

        async def ask(asked: Sequence[Subject]) -> Sequence[Answer]:
            return await engine.ask(questions.make_all(asked), len(asked), stop)

        return await ask_by_name(blocklist, subjects, ask)

    async def _opened(self, blocklist: Blocklist) -> Engine | Answer:
        async with self._opening:
            if self._engine is None:
                self._engine = await self._open(blocklist)
            return self._engine

    async def _open(self, blocklist: Blocklist) -> Engine | Answer:
        servers = await self._find_servers(blocklist)
        if isinstance(servers, Answer):
            return servers
        try:
            peers = Peers(servers)
        except OSError as failure:
            return not_asked(what_failed(failure))
        return Engine(peers, self._timeout_s, self._bucket_of(blocklist), recursion=self._recursion)


def _never(_: Answer) -> bool:
    return False
