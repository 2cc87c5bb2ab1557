"""Sources: whether each speaks; what is the ESP's whole only to who sees all."""

from datetime import timedelta

import pytest

from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.flows.read_platform import JOB
from samples import NOON
from web.desk_world import Seen
from web.watched_world import BRAVOS, HOSTILE, READER, TAM_OF_ACME, open_watched


@pytest.fixture
async def watched(tmp_path):
    async with open_watched(tmp_path, '[sources.postfix]\nfollow = ["/var/log/no-such-log"]') as world:
        yield world


async def shown(world, **who):
    async with world.browser(**(who or READER)) as client:
        answer = await client.get("/sources")
    assert answer.status_code == 200
    return Seen(answer.text)


async def test_a_source_says_when_it_spoke_and_what_it_cannot_tell(watched):
    assert "nothing read yet" in (await shown(watched)).text
    await watched.read("postfix", rejected=[(3, "no date")])
    text = (await shown(watched)).text
    assert "Every source that is set up speaks." in text
    assert "Postfix" in text
    assert "complaints" in text
    assert "postfix Wed 18 Nov 2026 12:00 UTC" in text
    assert "3 no date" in text


async def test_one_that_fell_silent_or_fails_is_said_first(watched):
    await watched.read("postfix")
    watched.app.clock.advance(timedelta(days=2))
    assert "1 of 1 sources are silent or cannot be read." in (await shown(watched)).text
    await watched.store.source_failed("postfix", f"cannot be opened {HOSTILE}", NOON)
    page = await shown(watched)
    assert "cannot be read since Wed 18 Nov 2026 12:00 UTC cannot be opened <script>alert(1)" in page.text
    assert not [told for tag, told in page.tags if tag == "img"]


async def test_counts_rejections_and_the_platform_are_for_who_sees_all(watched):
    await watched.read("postfix", rejected=[(3, f"no date in {BRAVOS}")], read=1234)
    await watched.store.source_failed(JOB, f"no answer about {BRAVOS}", NOON)
    everything = (await shown(watched)).text
    assert "1,234" in everything
    assert everything.count(BRAVOS) == 2
    mine = (await shown(watched, **TAM_OF_ACME)).text
    assert "Postfix" in mine
    assert "1,234" not in mine
    assert BRAVOS not in mine


async def test_what_the_platform_has_and_the_inventory_has_not_is_named(watched, monkeypatch):
    from deliverwatch.core.platform import PlatformDifference

    change = InventoryChange(assets_added=(Asset("198.51.100.99", "acme"),))
    found = PlatformDifference(change, ("203.0.113.77",))

    async def difference():
        return found

    monkeypatch.setattr(watched.app.intake, "platform_difference", difference)
    text = (await shown(watched)).text
    assert "add 198.51.100.99 (acme)" in text
    assert "nobody's: 203.0.113.77" in text
