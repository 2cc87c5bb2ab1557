"""An account manager's day, from signing in to an answered draft, in a real browser: by mouse, by keyboard alone, and
both once more without JavaScript."""

import re

import pytest
from playwright.async_api import expect

from deliverwatch.core.remediation.draft import DraftState, RequestOutcome
from desk.hands import Keyboard, Mouse
from servers.sandbox_week import PASSWORD

BLOCK = "Block of 198.51.100.35 at Microsoft Outlook.com"
MOST_PRESSES = 3


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("hands", [Mouse, Keyboard])
async def test_from_signing_in_to_an_answered_draft(desk, open_page, hands, scripts):
    page = await open_page(java_script_enabled=scripts)
    person = hands(page)
    await page.goto("/drafts")
    await sign_in(person)
    assert page.url == f"{desk.url}/drafts", "one comes to where one wanted to go"
    await person.press("link", "Start")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("2 customers have open listings")

    person.presses = 0
    await person.press("link", BLOCK)
    await person.press("button", "Take it on")
    await person.write("Their reference, or how it went out", "SRX-4711")
    await person.press("button", "Record that it was sent")
    assert person.presses <= MOST_PRESSES
    await expect(page.get_by_role("status").first).not_to_be_empty()
    draft = await draft_of(desk, page)
    assert (draft.state, draft.reference, draft.submitted_by) == (DraftState.SUBMITTED, "SRX-4711", "robin.doe")

    await person.pick("granted")
    await person.write("In their words, or yours", "Mitigated, takes a day.")
    await person.press("button", "Record the answer")
    await expect(page.locator("dl.facts").first).to_contain_text("answered")
    draft = await draft_of(desk, page)
    assert (draft.state, draft.outcome, draft.note) == (
        *(DraftState.ANSWERED, RequestOutcome.GRANTED),
        "Mitigated, takes a day.",
    )
    await person.press("button", "Sign out")
    await expect(page).to_have_url(re.compile("/sign-in"))
    await page.goto("/")
    await expect(page).to_have_url(re.compile("/sign-in"))
    assert page.troubles == []


async def sign_in(person, name="robin.doe"):
    await person.write("Name", name)
    await person.write("Password", PASSWORD)
    await person.press("button", "Sign in")
    await expect(person.page.get_by_role("button", name="Sign out")).to_be_visible()


async def draft_of(desk, page):
    return await desk.house.app.store.draft(page.url.partition("?")[0].rpartition("/")[2])
