"""The weekly report as a browser shows it: at the width of a phone and of a mail, light and dark, to whoever cannot see
it as well.

Mail programs differ, and this is only one engine; what it finds wrong is wrong everywhere.
"""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from deliverwatch.core.inventory import Asset, DomainRole, Language
from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.remediation.draft import DraftState, RequestOutcome
from deliverwatch.render.look import Look
from deliverwatch.render.weekly import render_weekly
from render.week_runs import held_week, run_week, shared_week, told
from render.weeks import (
    ACME,
    KEYED,
    LISTS,
    NEWS,
    WEEKS,
    advice,
    block,
    cycles,
    draft,
    listing,
    result,
    week,
)

LOOK = Look(unsubscribe_url="https://deliverwatch.esp.example/unsubscribe/0123456789abcdef0123456789abcdef01")
WIDTHS = (320, 600)
WIDER_THAN_SHOWN = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN = """longest => {
    const broken = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode, range = document.createRange();
        for (const found of text.data.matchAll(/(?<=^|[\\s(-])\\p{L}+(?=[).,:;]*(?:[\\s-]|$))/gu)) {
            range.setStart(text, found.index);
            range.setEnd(text, found.index + found[0].length);
            const lines = new Set([...range.getClientRects()].map(each => Math.round(each.top)));
            if (lines.size > 1 && found[0].length <= longest) broken.push(found[0]);
        }
    }
    return broken;
}"""
LONGEST_OF_ONE_LINE = 12
CONTRAST = "color-contrast"
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
ALL = {"runOnly": TAGS, "resultTypes": ["violations"]}
ALL_BUT_CONTRAST = {**ALL, "rules": {CONTRAST: {"enabled": False}}}
READ = {
    "compared": Language.EN,
    "asked": Language.ID,
    "warming": Language.ES,
    "minor": Language.DE,
    "quiet": Language.DE,
}
"""Colours are no matter of language, and to measure them takes most of the time: each week's are in one."""
CATALOGUE = (Path(__file__).parents[2] / "blocklists.yaml").read_text(encoding="utf-8")
LONGEST_ADDRESS = max(re.findall(r"lookup_url: (\S+)", CATALOGUE), key=len)
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitaensmuetze" * 2
LONG_NAME = f"{'n' * 60}.example"


@pytest.fixture(scope="module")
def page():
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield chromium.new_page()
        chromium.close()


def week_of_long_words():
    """Wherever a name or foreign text comes, one without a place to break it."""
    lists = [replace(each, name=LONG_WORD, lookup_url=LONGEST_ADDRESS) for each in LISTS]
    found = [listing(lists[0], "192.0.2.9", 30, meaning=LONG_WORD), listing(lists[1], LONG_NAME, 2)]
    refused = block("outlook", "192.0.2.9", 26, last_seen=160)
    return week(
        assets=[
            Asset("192.0.2.8/29", "acme", pool=LONG_WORD, stream=LONG_WORD),
            Asset(LONG_NAME, "acme", roles=(DomainRole.FROM,)),
            Asset("203.0.113.0/30", None, shared_with=("acme",), pool=LONG_WORD),
        ],
        lists_on=lists,
        lists_off=[replace(KEYED, name=LONG_WORD)],
        listings=found,
        episodes=[refused],
        provider_names={"outlook": LONG_WORD},
        drafts=[
            draft(found[0], DraftState.ANSWERED, LONG_WORD, RequestOutcome.GRANTED, addressee=LONG_WORD),
            draft(refused, DraftState.SUBMITTED, LONG_WORD, addressee=LONG_WORD),
        ],
        cycles=cycles(lists, failing={"middle": (3, 9, LONG_WORD)}),
        note=LONG_WORD,
        warmups=told(run_week(), held_week(), shared_week()),
        practice=[result(Check.DMARC, LONG_NAME, CheckOutcome.FAIL, LONG_WORD)],
        advice=[advice(Check.DMARC, LONG_NAME, "dmarc_missing", LONG_WORD, 5, facts={"domain": LONG_NAME})],
        bulletin=[replace(NEWS, title=LONG_WORD, text=LONG_WORD, source=LONGEST_ADDRESS)],
    )


def show(page, report, language, **customer):
    page.set_content(render_weekly(replace(report, customer=replace(ACME, language=language, **customer)), LOOK).html)


def at_each_width(page):
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        yield width


@pytest.mark.parametrize("language", Language)
def test_it_fits_a_phone_and_a_mail(page, language):
    for name, of_week in WEEKS.items():
        show(page, of_week(), language)
        for width in at_each_width(page):
            assert page.evaluate(WIDER_THAN_SHOWN) <= 0, f"{name} at {width}"
            assert page.evaluate(BROKEN, LONGEST_OF_ONE_LINE) == [], f"{name} at {width}"


@pytest.mark.parametrize("language", Language)
def test_long_names_are_broken_and_widen_nothing(page, language):
    assert len(LONGEST_ADDRESS) > 50
    show(page, week_of_long_words(), language, name=LONG_WORD)
    for width in at_each_width(page):
        assert page.evaluate(WIDER_THAN_SHOWN) <= 0, width
    assert LONGEST_ADDRESS in page.content()


@pytest.mark.parametrize("language", Language)
def test_everybody_can_read_it(page, language):
    for name, of_contrast in READ.items():
        rules = ALL if language is of_contrast else ALL_BUT_CONTRAST
        show(page, WEEKS[name](), language)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in at_each_width(page):
                found = Axe().run(page, options=rules)
                assert found.violations_count == 0, f"{name}, {scheme}, at {width}: {found.generate_report()}"
