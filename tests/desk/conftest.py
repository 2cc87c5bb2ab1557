"""The desk over the sandbox's week, served on loopback, and a real browser to look at it."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, async_playwright

from desk.serving import Desk, served
from servers.sandbox_week import opened_week, played_week


@pytest.fixture(scope="session")
def played(tmp_path_factory, worker_id):
    """Played once for all workers of the run."""
    base = tmp_path_factory.getbasetemp()
    return played_week((base if worker_id == "master" else base.parent) / "sandbox-week")


@pytest.fixture
async def desk(played, tmp_path) -> AsyncIterator[Desk]:
    async with opened_week(played, tmp_path) as house, served(house) as desk:
        yield desk


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    binary = shutil.which("chromium")
    if binary is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def open_page(chromium, desk) -> AsyncIterator[Callable[..., Awaitable[object]]]:
    """await open_page(java_script_enabled=False, ...) -> a page in a context of its own; `troubles`: what is wrong."""
    async with AsyncExitStack() as stack:

        async def open_one(**options):
            context = await chromium.new_context(base_url=desk.url, **options)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.troubles = []
            page.on("pageerror", lambda error: page.troubles.append(f"script: {error}"))
            page.on("console", lambda said: page.troubles.append(said.text) if said.type == "error" else None)
            return page

        yield open_one
