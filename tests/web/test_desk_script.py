"""Our own script in a real browser: copying, keys, and search as one types. Without it all of this goes another way."""

import shutil
from contextlib import asynccontextmanager

import httpx
import pytest
from playwright.async_api import async_playwright, expect

from desk.serving import served
from samples import INVENTORY
from web.signing_in import open_house, sign_in

COPIED = "navigator.clipboard.readText()"
FIELD = """
  const field = document.createElement("textarea");
  field.id = "field"; field.value = "line one\\nline two"; field.readOnly = true;
  const button = document.createElement("button");
  button.dataset.copy = "field"; button.textContent = "Copy it";
  document.querySelector("main").append(field, button);
"""


@pytest.fixture
async def desk(tmp_path):
    """Served, with the cookie of an operator."""
    house = await open_house(tmp_path, INVENTORY)
    async with served(house) as desk, httpx.AsyncClient() as jar:
        await sign_in(jar, house)
        cookies = [{"name": each.name, "value": each.value, "url": desk.url} for each in jar.cookies.jar]
        yield desk.url, cookies
    await house.app.store.close()


@asynccontextmanager
async def browsing(desk, **more):
    url, cookies = desk
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = await browser.new_context(base_url=url, **more)
        await context.add_cookies(cookies)
        yield await context.new_page()
        await browser.close()


@pytest.fixture
async def page(desk):
    told = []
    async with browsing(desk) as page:
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        await page.goto("/customers")
        yield page
    assert told == []


async def focused(page, what="id"):
    return await page.evaluate(f"document.activeElement.{what}")


async def test_a_field_is_copied_and_that_is_said(page):
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.evaluate(FIELD)
    await page.get_by_role("button", name="Copy it").click()
    await expect(page.get_by_role("status").first).to_have_text("Copied.")
    assert await page.evaluate(COPIED) == "line one\nline two"


async def test_what_cannot_be_copied_is_selected(page):
    await page.evaluate(FIELD)
    await page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); }")
    await page.get_by_role("button", name="Copy it").click()
    await expect(page.get_by_role("status").first).to_contain_text("it is selected, copy it by hand")
    assert await page.evaluate("getSelection().toString()") == "line one\nline two"


async def test_keys_lead_to_the_search_box_through_the_rows_and_to_places(page):
    await page.keyboard.press("/")
    assert await focused(page, "id") == "search-box"
    await page.keyboard.type("jk/")
    assert await page.locator("#search-box").input_value() == "jk/"
    await page.locator("main").focus()
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    assert await focused(page, "textContent") == "Bravo"
    await page.keyboard.press("k")
    assert await focused(page, "textContent") == "Acme"
    await page.keyboard.press("g")
    await page.keyboard.press("l")
    await page.wait_for_url("**/lists")


async def test_keys_with_a_modifier_are_the_browsers(page):
    await page.locator("main").focus()
    await page.keyboard.press("Alt+j")
    assert await focused(page, "id") == "main"


async def test_the_keys_can_be_turned_off_and_stay_off(page):
    await page.get_by_text("Keyboard").click()
    await page.get_by_role("button", name="Turn these keys off").click()
    await page.reload()
    await page.locator("main").focus()
    await page.keyboard.press("/")
    await page.keyboard.press("j")
    assert await focused(page, "id") == "main"
    await page.get_by_text("Keyboard").click()
    await page.get_by_role("button", name="Turn these keys on").click()
    await page.locator("main").focus()
    await page.keyboard.press("/")
    assert await focused(page, "id") == "search-box"


async def test_what_is_found_comes_as_one_types_and_is_said_aloud(page):
    await page.goto("/search")
    await page.locator("main").get_by_role("searchbox").press_sequentially("bravo")
    await expect(page.locator("#found").get_by_role("link", name="Bravo").first).to_be_visible()
    await expect(page.locator("#heard")).to_contain_text("found for “bravo”")
    assert await page.locator("h1").count() == 1


async def test_the_menu_opens_on_a_small_screen_without_scripts(desk):
    async with browsing(desk, java_script_enabled=False, viewport={"width": 320, "height": 700}) as page:
        await page.goto("/")
        await expect(page.get_by_role("link", name="Drafts", exact=True)).to_be_hidden()
        await page.get_by_role("button", name="Menu").click()
        await page.get_by_role("link", name="Drafts", exact=True).click()
        await page.wait_for_url("**/drafts")
