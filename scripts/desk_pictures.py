"""Draws the pictures of the desk that README and docs show, in real Chromium, over the sandbox's week.

The week is played anew and moves with the calendar, so that dates in the pictures change: look at each before you
commit it.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Browser, async_playwright

from deliverwatch.core.remediation.draft import DraftState

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from desk.serving import Desk, served  # noqa: E402 - the tests are no package that is installed
from servers.sandbox_week import PASSWORD, opened_week, played_week  # noqa: E402

IMAGES = ROOT / "docs" / "images"


class Picture(NamedTuple):
    """`who`: an account of the week. `height`: where a long page is cut, px."""

    name: str
    path: str
    height: int
    width: int = 1200
    scheme: str = "light"
    who: str = "robin.doe"


PICTURES = (
    Picture("desk-start", "/", 1180),
    Picture("desk-start-dark", "/", 1180, scheme="dark"),
    Picture("desk-start-narrow", "/", 1000, width=320),
    Picture("desk-customer", "/customers/delta", 1500),
    Picture("desk-draft", "/drafts/{draft}", 1500),
    Picture("desk-warmup", "/warmups/198.51.100.35", 1300),
    Picture("desk-lists", "/lists", 1100, who="ops"),
)


async def draw(browser: Browser, desk: Desk, picture: Picture) -> bytes:
    viewport = {"width": picture.width, "height": picture.height}
    context = await browser.new_context(base_url=desk.url, color_scheme=picture.scheme, viewport=viewport)
    try:
        page = await context.new_page()
        await page.goto("/sign-in")
        await page.get_by_label("Name", exact=True).fill(picture.who)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(f"{desk.url}/")
        await page.goto(picture.path.format(draft=await _waiting_draft(desk)))
        return await page.screenshot()
    finally:
        await context.close()


async def _waiting_draft(desk: Desk) -> str:
    waiting = await desk.house.app.store.drafts(customer="delta", state=DraftState.PREPARED)
    return waiting[0].id


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("The sandbox plays its week; that takes about a minute.")
        played = await asyncio.to_thread(played_week, folder / "week")
        async with opened_week(played, folder) as house, served(house) as desk, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for picture in PICTURES:
                image = await draw(browser, desk, picture)
                (IMAGES / f"{picture.name}.png").write_bytes(image)
                print(f"docs/images/{picture.name}.png: {len(image) // 1000} KB")
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
