"""One database, one thread that writes, one transaction for each piece of work.

SQLAlchemy is used synchronously, on a thread of its own, so that the event loop never waits for a disk and no two
statements of this process ever meet. Work that was cancelled may still commit: what it did is whole either way.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, text

from deliverwatch.core.errors import StoreError
from deliverwatch.store.engine import open_engine
from deliverwatch.store.faults import plain_errors
from deliverwatch.store.upgrade import upgrade

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    def __init__(self, url: URL) -> None:
        self._engine: Engine = open_engine(url)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self.faults = 0

    def upgrade(self) -> None:
        self._writer.submit(self._transact, upgrade).result()

    def shut(self) -> None:
        """For where no event loop runs."""
        self._writer.submit(self._engine.dispose).result()
        self._writer.shutdown()

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, self._engine.dispose)
        self._writer.shutdown(wait=False)

    async def ping(self) -> None:
        await self._run(_ping)

    async def _run(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        job = partial(self._transact, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._writer, job)

    def _transact(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with plain_errors(self._engine.url), self._engine.begin() as connection:
                return work(connection, *args, **kwargs)
        except StoreError:
            self.faults += 1
            raise


def _ping(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
