"""Real servers on loopback, and the sandbox's own, for every test that asks.

Each fixture is a factory: what it started is stopped at the end of the test.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest

from deliverwatch.sandbox.mailbox import Mailbox
from deliverwatch.sandbox.nameserver import Nameserver
from deliverwatch.sandbox.zones import Zone
from servers import postgres, rbldnsd, unbound
from servers.commands import Commands

LONG = "truth", "crash", "e2e", "daemon"
"""Folders of tests that take long and live by the machine's time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones come first: among the tests of one worker they stand in each other's way least, and none is left
    when all else is done. Workers begin at even distances and then help each other from behind."""
    folders = [Path(__file__).parent / each for each in LONG]
    items.sort(key=lambda item: next((n for n, each in enumerate(folders) if each in item.path.parents), len(folders)))


@pytest.fixture
async def start_nameserver() -> AsyncIterator[Callable[..., Awaitable[Nameserver]]]:
    """await start_nameserver(zone, ...) -> Nameserver"""
    async with AsyncExitStack() as stack:

        async def start(*zones: Zone) -> Nameserver:
            server = Nameserver(zones)
            await server.start()
            stack.push_async_callback(server.stop)
            return server

        yield start


@pytest.fixture
async def start_mailbox() -> AsyncIterator[Callable[..., Awaitable[Mailbox]]]:
    """await start_mailbox() -> Mailbox"""
    async with AsyncExitStack() as stack:

        async def start(folder: Path | None = None) -> Mailbox:
            mailbox = Mailbox(folder)
            await mailbox.start()
            stack.push_async_callback(mailbox.stop)
            return mailbox

        yield start


@pytest.fixture
def start_rbldnsd() -> Iterator[Callable[[Mapping[str, Iterable[str]]], rbldnsd.Rbldnsd]]:
    """start_rbldnsd({"bl.example": ["ip4set"]}) -> Rbldnsd"""
    if rbldnsd.binary() is None:
        pytest.skip("rbldnsd is not installed (Debian package rbldnsd)")
    with ExitStack() as stack:

        def start(zones: Mapping[str, Iterable[str]]) -> rbldnsd.Rbldnsd:
            server = rbldnsd.Rbldnsd(zones)
            stack.callback(server.stop)
            return server.start()

        yield start


@pytest.fixture
def start_unbound() -> Iterator[Callable[..., unbound.Unbound]]:
    """start_unbound({"bl.example": "127.0.0.1:5353"}, "private-address: 127.0.0.0/8") -> Unbound"""
    if unbound.binary() is None:
        pytest.skip("unbound is not installed (Debian package unbound)")
    with ExitStack() as stack:

        def start(stubs: Mapping[str, str], *options: str) -> unbound.Unbound:
            server = unbound.Unbound(stubs, options)
            stack.callback(server.stop)
            return server.start()

        yield start


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Cluster]:
    binaries = postgres.binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    cluster = postgres.Cluster(binaries)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """await commands.run(folder, environment, "check", "192.0.2.1") -> Ran"""
    commands = Commands()
    try:
        yield commands.start()
    finally:
        commands.stop()
