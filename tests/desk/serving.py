"""The desk on a port of its own, and the addresses of all its pages."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from deliverwatch.web import create_app
from deliverwatch.web.house import House


@dataclass
class Desk:
    house: House
    app: FastAPI
    url: str


class _Server(uvicorn.Server):
    """Without signal handlers: they are the test runner's."""

    def capture_signals(self):
        return contextlib.nullcontext()


@asynccontextmanager
async def served(house: House) -> AsyncIterator[Desk]:
    app = create_app(house)
    listening = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield Desk(house, app, f"http://127.0.0.1:{listening.getsockname()[1]}")
    finally:
        server.should_exit = True
        await serving
