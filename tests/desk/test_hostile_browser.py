"""Hostile texts in every field, in a real browser with scripts and htmx on: nothing of them runs or is loaded.

By default it reads some of the portions; with DELIVERWATCH_HOSTILE=all each text by itself.
"""

import pytest

from deliverwatch.store.columns import storable
from desk import page_payloads
from desk.hostile_reader import ALL, HARMLESS, TEXTS, harmless, hostile, opened_reader
from desk.page_structure import IN_BROWSER, structure
from desk.serving import served

WATCHED = """
    Object.defineProperty(window, "__run", { set() { console.error("RAN"); }, get() { return undefined; } });
    document.addEventListener("securitypolicyviolation", event =>
        console.error(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""
RAN = "RAN"
IN_BROWSER_EVERY = 23
TYPED_EVERY = 8


@pytest.fixture
async def reader(played, tmp_path):
    async with opened_reader(played, tmp_path) as reader:
        yield reader


@pytest.fixture
async def browsed(reader, chromium):
    """A browser that is signed in, with all that it should not do noted in `page.troubles`."""
    async with served(reader.house) as desk:
        context = await chromium.new_context(base_url=desk.url)
        cookies = [{"name": name, "value": value, "url": desk.url} for name, value in reader.client.cookies.items()]
        await context.add_cookies(cookies)
        page = await context.new_page()
        page.troubles = []
        await page.add_init_script(WATCHED)
        page.on("console", lambda said: page.troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.troubles.append(f"script: {error}"))
        page.on("dialog", lambda dialog: page.troubles.append(f"dialog: {dialog.message}"))
        page.on("popup", lambda other: page.troubles.append(f"window: {other.url}"))
        page.on("download", lambda file: page.troubles.append(f"download: {file.url}"))
        page.on("request", lambda each: page.troubles.append(f"asks {each.url}") if desk.url not in each.url else None)
        yield page
        await context.close()


@pytest.mark.timeout(0 if ALL else 300)
async def test_in_a_browser_nothing_runs(reader, browsed):
    """Scripts and htmx are on. With a few portions every text is on some page."""
    addresses = [each for each, path in (await reader.addresses()).items() if is_page(path)]
    usual, faults = set(), []
    for words in HARMLESS:
        await reader.spoil(harmless(words), deeds=60)
        for address in addresses:
            usual |= await made_of(browsed, address)
    assert browsed.troubles == []
    for portion in range(0, len(TEXTS), 1 if ALL else IN_BROWSER_EVERY):
        await reader.spoil(hostile(portion))
        for address in addresses:
            faults += [f"{address}, {portion}: {each}" for each in await made_of(browsed, address) - usual]
    assert faults == []
    assert browsed.troubles == []


async def test_what_is_typed_into_the_search_box_does_not_run(browsed):
    await browsed.goto("/")
    for text in page_payloads.PAYLOADS[:: 1 if ALL else TYPED_EVERY]:
        await browsed.locator("#search-box").fill(storable(text))
        await browsed.locator("#search-box").press("Enter")
        await browsed.wait_for_url("**/search*")
        await browsed.wait_for_load_state()
    assert browsed.troubles == []


async def test_a_report_that_holds_scripts_is_shown_without_them(reader, browsed):
    """As if it had not been escaped when it was made: the frame it stands in lets nothing of it run or load."""
    (head, *_) = await reader.house.app.store.report_heads(["delta"])
    reader.spoiler.replace("report_run.html", "".join(f"<p>{each}</p>" for each in page_payloads.PAYLOADS))
    await browsed.goto(f"/reports/{head.id}")
    await browsed.frame_locator("iframe").locator("p").first.wait_for(state="attached")
    assert [each for each in browsed.troubles if each.startswith((RAN, "dialog", "window", "download"))] == []
    assert [each for each in browsed.troubles if each.startswith("asks") and "evil.example" in each] == []
    assert browsed.url.endswith(head.id)


def is_page(path):
    other = ("/api", "/healthz", "/readyz", "/metrics", "/sign-in", "/unsubscribe", ".txt", ".md", ".eml", ".csv")
    return not path.startswith(other) and not path.endswith((*other, "/as-sent"))


async def made_of(page, address):
    answer = await page.goto(address)
    found = structure([(tag, pairs) for tag, pairs in await page.evaluate(IN_BROWSER)])
    gone = page.url.partition("?")[0].endswith(address.partition("?")[0])
    return (
        found
        | ({("status", str(answer.status))} if answer.status >= 500 else set())
        | (set() if gone else {("is now at", page.url)})
    )
