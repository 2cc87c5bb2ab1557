"""Runs an opened installation until it is told to stop: the daemon, and the pages where they are wanted.

SIGTERM and SIGINT stop both and drain what runs. The pages share the daemon's event loop and die with it.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TextIO

import structlog
import uvicorn

from deliverwatch.app import App, Policy
from deliverwatch.daemon import Daemon, Pace, only_one
from deliverwatch.flows.ports import Clock
from deliverwatch.listening import MOST_ANSWERED, listen_at
from deliverwatch.settings import Settings, check_listening
from deliverwatch.web import House, create_app

log = structlog.get_logger()


def set_up_logs(stream: TextIO) -> None:
    """One JSON object per line, times in UTC, ours and what libraries warn of alike.

    Tracebacks come without the values of variables: a password may be among them.
    """
    tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.ExceptionRenderer(tracebacks),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )


@contextlib.asynccontextmanager
async def only_daemon(
    settings: Settings, clock: Clock | None = None, policy: Policy | None = None
) -> AsyncIterator[App]:
    """The installation, opened for its one daemon. On SQLite a lock proves that leases left behind have no owner; on
    PostgreSQL, where there may be several workers, they run out by themselves.

    Raises NotPossible when another daemon holds the lock, ConfigError where the pages would not be safe to serve.
    """
    check_listening(settings)
    file = settings.store.sqlite_file
    with only_one(file.with_name(file.name + ".lock")) if file is not None else contextlib.nullcontext():
        app = App.open(settings, clock, policy)
        try:
            app.remediation.check()
            app.reporting.check()
            if file is not None:
                await app.store.release_leases()
            yield app
        finally:
            await app.store.close()


async def serve(app: App, pace: Pace | None = None, beside: Callable[[Daemon], Awaitable[Any]] | None = None) -> None:
    """`beside`: something to run next to the daemon; when it returns, the daemon is stopped."""
    daemon = Daemon(app, pace)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, daemon.stop)
    async with _pages(app, daemon), asyncio.TaskGroup() as group:
        running = group.create_task(daemon.run())
        if beside is not None:
            companion = group.create_task(_then_stop(beside, daemon))
            running.add_done_callback(lambda _: companion.cancel())


async def _then_stop(beside: Callable[[Daemon], Awaitable[Any]], daemon: Daemon) -> None:
    try:
        await beside(daemon)
    finally:
        daemon.stop()


class _Server(uvicorn.Server):
    """uvicorn, with its own signal handlers left out: they would take the daemon's away."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def _pages(app: App, daemon: Daemon) -> AsyncIterator[None]:
    """Serves the pages while inside."""
    listen = app.settings.web.listen
    if listen is None:
        yield
        return
    closing = asyncio.Event()
    server = _server(House(app, lambda: daemon.last_tick_at, daemon.pace.tick_at_most, closing.is_set))
    serving = asyncio.create_task(server.serve(sockets=[listen_at(listen)]))
    log.info("pages_served", listen=listen)
    await _say_if_nobody_can_sign_in(app)
    try:
        yield
    finally:
        closing.set()
        server.should_exit = True
        await serving


async def _say_if_nobody_can_sign_in(app: App) -> None:
    """By a provider accounts are made when people come."""
    if app.settings.web.oidc is None and not await app.access.accounts():
        hint = "nobody can sign in at the pages: on this host, run deliverwatch users add NAME --role operator"
        log.warning("no_account", hint=hint)


def _server(house: House) -> _Server:
    """Who comes and how is believed of proxies that are named, and of nobody else."""
    web = house.app.settings.web
    certificate, key = web.tls or (None, None)
    proxies = [str(each) for each in web.trusted_proxies]
    config = uvicorn.Config(
        create_app(house),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        limit_concurrency=MOST_ANSWERED,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
    )
    return _Server(config)
