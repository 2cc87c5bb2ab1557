"""Draws the pictures of the weekly report that README and docs show, in real Chromium: light, dark, narrow, in German.

The week is made up, of the tests' values and the shipped lists, so that the pictures change only when the report does:
look at each before you commit it. A long page is cut above a heading.
"""

import shutil
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Asset, Language, Tam
from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.remediation.draft import DraftState, RequestOutcome
from deliverwatch.core.subjects import DomainRole
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.render.look import Look
from deliverwatch.render.weekly import render_weekly

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from render import weeks  # noqa: E402 - the tests are no package that is installed
from render.week_runs import run_week, told  # noqa: E402

IMAGES = ROOT / "docs" / "images"
LOOK = Look("Example ESP", unsubscribe_url="https://deliverwatch.esp.example/unsubscribe/0123456789abcdef")
_HIGHEST = 1_600
_ENDS = """[
    document.documentElement.scrollHeight,
    ...[...document.querySelectorAll("h2")].map(heading => Math.floor(heading.getBoundingClientRect().top) + 14),
]"""
_ON = ("spamhaus-zen", "spamhaus-dbl", "spamcop-scbl", "psbl", "uribl-multi", "mailspike-bl")
_OFF = ("barracuda-brbl", "abusix-combined")


class Picture(NamedTuple):
    name: str
    width: int = 600
    scheme: str = "light"
    language: Language = Language.EN


PICTURES = (
    Picture("weekly-report"),
    Picture("weekly-report-dark", scheme="dark"),
    Picture("weekly-report-narrow", width=320),
    Picture("weekly-report-de", language=Language.DE),
)


def sample_week(language: Language) -> WeeklyReport:
    """A listing that was asked about, one that is over, a block that was lifted in vain, a warm-up, and a gap."""
    lists = {each.id: each for each in load_blocklists()}
    zen, psbl = lists["spamhaus-zen"], lists["psbl"]
    listed = weeks.listing(zen, "192.0.2.10", 61.7, meaning="CSS: low-reputation sending, found automatically")
    over = weeks.listing(psbl, "192.0.2.12", 12.4, 75.4, Ending.DELISTED, "mail to the list's own spam traps")
    block = weeks.block("outlook", "192.0.2.10", 64, last_seen=165, replies=412, share=0.146)
    requests = [
        weeks.draft(listed, DraftState.SUBMITTED, "SBL-10442"),
        replace(weeks.draft(block, DraftState.ANSWERED, "SRX-901", RequestOutcome.GRANTED), addressee="Microsoft"),
    ]
    practice = [
        weeks.result(Check.SPF, "news.acme.example"),
        weeks.result(Check.DMARC, "news.acme.example", CheckOutcome.FAIL, "no DMARC record is published"),
    ]
    dmarc = (Check.DMARC, "news.acme.example", "dmarc_missing", "no DMARC record is published", 30)
    return weeks.week(
        customer=replace(weeks.ACME, language=language, tam=Tam("Robin Doe", "robin.doe@esp.example")),
        assets=(
            Asset("192.0.2.8/29", "acme", pool="acme-news", stream="newsletter"),
            Asset("198.51.100.16/30", "acme", pool="acme-receipts", stream="receipts"),
            Asset("news.acme.example", "acme", roles=(DomainRole.FROM, DomainRole.LINK)),
        ),
        lists_on=[lists[each] for each in _ON],
        lists_off=[lists[each] for each in _OFF],
        every=dict.fromkeys(_ON, timedelta(hours=1)),
        cycles=weeks.cycles([lists[each] for each in _ON], failing={"spamhaus-dbl": (88, 95, "no answer in time")}),
        listings=[listed, over],
        episodes=[block],
        drafts=requests,
        counted=[weeks.mail(weeks.WEEK, attempted=820_000, delivered=790_100, deferred=9_200, bounced=20_700)],
        last_week=weeks.last_week(
            [weeks.mail(weeks.WEEK_BEFORE, attempted=905_000, delivered=898_000, deferred=3_100, bounced=3_900)],
            attempted=905_000,
            delivered=898_000,
            deferred=3_100,
            bounced=3_900,
        ),
        warmups=told(run_week("198.51.100.17")),
        practice=practice,
        advice=[weeks.advice(*dmarc, facts=weeks.DMARC)],
        bulletin=[weeks.NEWS],
        note=weeks.NOTE if language is Language.EN else "",
    )


def draw(browser: Browser, picture: Picture) -> bytes:
    viewport = {"width": picture.width, "height": _HIGHEST}
    with browser.new_page(color_scheme=picture.scheme, viewport=viewport) as page:
        page.set_content(render_weekly(sample_week(picture.language), LOOK).html)
        height = max(each for each in page.evaluate(_ENDS) if each <= _HIGHEST)
        return page.screenshot(clip={"x": 0, "y": 0, "width": picture.width, "height": height})


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for picture in PICTURES:
            image = draw(browser, picture)
            (IMAGES / f"{picture.name}.png").write_bytes(image)
            print(f"docs/images/{picture.name}.png: {len(image) // 1000} KB")
        browser.close()


if __name__ == "__main__":
    main()
