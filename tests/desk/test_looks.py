"""Every page as a browser shows it, light and dark, from a phone's width to a desk's: to whoever cannot see it as well,
within its width, and without anything that its own content policy forbids."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe

from desk.places import examples, filled, pages
from servers.sandbox_week import PASSWORD

WIDTHS = (320, 768, 1280)
SCHEMES = ("light", "dark")
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
WIDER_THAN_SHOWN = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FORBIDDEN = """
    window.forbidden = [];
    document.addEventListener("securitypolicyviolation", event =>
        window.forbidden.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""
STRANGERS = {"/sign-in", "/unsubscribe/{token}"}
UNKNOWN_TOKEN = "x" * 32


async def addresses(desk):
    """Of each page: of a customer in trouble, and of one that warms up."""
    found = {}
    for customer in ("acme", "delta"):
        values = {**await examples(desk.house, customer), "token": UNKNOWN_TOKEN}
        for path in pages(desk.app):
            found[filled(path, values)] = path
    del found[None]
    draft = await desk.house.app.store.drafts(customer="delta")
    found |= {f"/drafts/{each.id}": "/drafts/{draft_id}" for each in draft}
    return {**found, "/search?q=192.0.2": "/search", "/nothing": "an error"}


async def sign_in(page, name="ops"):
    await page.goto("/sign-in")
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(re.compile("/$"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_every_page_can_be_used_by_everybody(desk, open_page, scheme, width):
    page = await open_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    await page.add_init_script(FORBIDDEN)
    faults = []
    found = await addresses(desk)
    strangers = [address for address, path in found.items() if path in STRANGERS]
    for address in strangers:
        faults += [f"{address}: {fault}" for fault in await faults_of(page, address)]
    await sign_in(page)
    for address in sorted(found.keys() - set(strangers)):
        faults += [f"{address}: {fault}" for fault in await faults_of(page, address)]
    assert faults == []


async def faults_of(page, address):
    page.troubles.clear()
    answer = await page.goto(address)
    found = await Axe().run(page, options={"runOnly": TAGS, "resultTypes": ["violations"]})
    wider = await page.evaluate(WIDER_THAN_SHOWN)
    return [
        *(_said(violation) for violation in found.response["violations"]),
        *(each for each in page.troubles if answer.ok or "Failed to load resource" not in each),
        *await page.evaluate("window.forbidden"),
        *([f"answers {answer.status}"] if answer.status >= 500 else []),
        *([f"{wider} px too wide"] if wider > 0 else []),
    ]


def _said(violation):
    (first, *_) = violation["nodes"]
    return f"{violation['id']} ({len(violation['nodes'])}): {first['html'][:160]}"
