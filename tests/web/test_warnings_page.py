"""Early warnings by customer; of a sender that others use too without their figures."""

from datetime import timedelta

import pytest

from deliverwatch.core.block import EpisodeEnd
from samples import NOON
from web.desk_world import Seen
from web.watched_world import BRAVOS, HOSTILE, READER, TAM_OF_ACME, open_watched


@pytest.fixture
async def watched(tmp_path):
    async with open_watched(tmp_path) as world:
        yield world


async def shown(world, **who):
    async with world.browser(**(who or READER)) as client:
        answer = await client.get("/warnings")
    assert answer.status_code == 200
    return Seen(answer.text)


async def test_warnings_stand_under_their_customers_what_is_urgent_first(watched):
    await watched.warned("192.0.2.10", text="yellow")
    await watched.warned("192.0.2.11", urgent=True, mail_share=0.4)
    await watched.warned("198.51.100.7", ("bravo",))
    await watched.warned("203.0.113.2", ())
    text = (await shown(watched)).text
    assert "4 early warnings are open." in text
    assert text.index("192.0.2.11 urgent") < text.index("192.0.2.10") < text.index("198.51.100.7")
    assert "Microsoft's SNDS shows it yellow or red" in text
    assert "2026-11-17: yellow" in text
    assert "40%" in text
    assert "unknown" in text


async def test_what_ended_lately_is_shown_as_over_and_older_ones_no_more(watched):
    ended = {"closed_at": NOON - timedelta(days=1), "ended": EpisodeEnd.MENDED}
    await watched.warned("192.0.2.10", **ended)
    page = (await shown(watched)).text
    assert "No early warning that we know of is open." in page
    assert "192.0.2.10" in page
    watched.app.clock.advance(timedelta(days=14))
    assert "192.0.2.10" not in (await shown(watched)).text


async def test_they_go_on_page_by_page_and_all_that_are_open_are_counted(watched, monkeypatch):
    monkeypatch.setattr("deliverwatch.web.pages.warnings._ON_A_PAGE", 2)
    addresses = [f"192.0.2.{number}" for number in range(8, 13)]
    for address in addresses:
        await watched.warned(address)
    path, found = "/warnings", []
    async with watched.browser(**READER) as client:
        while path and len(found) < 9:
            page = Seen((await client.get(path)).text)
            assert "5 early warnings are open." in page.text
            found += [address for address in addresses if address in page.text.split()]
            path = next((link for link in page.links if link and "before=" in link), None)
        assert (await client.get("/warnings?before=never")).status_code == 422
    assert sorted(found) == sorted(addresses)


async def test_a_bounded_viewer_sees_theirs_and_of_shared_senders_no_figures(watched):
    await watched.warned("192.0.2.10", text="of-acme-alone")
    await watched.warned("198.51.100.7", ("bravo",), text=BRAVOS)
    await watched.warned("203.0.113.1", ("acme", "bravo"), text=f"shared {BRAVOS}", mail_share=0.77)
    page = await shown(watched, **TAM_OF_ACME)
    assert "of-acme-alone" in page.text
    assert "203.0.113.1" in page.text
    assert "of all who send from it: not shown" in page.text
    for foreign in (BRAVOS, "198.51.100.7", "Bravo", "bravo", "77"):
        assert foreign not in page.text
    assert "/customers/bravo" not in page.links


async def test_hostile_words_are_shown_and_never_run(watched):
    await watched.warned(text=HOSTILE)
    page = await shown(watched)
    assert not [told for tag, told in page.tags if tag == "img"]
    assert "<script>alert(1)" in page.text
