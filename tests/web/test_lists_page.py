"""Lists: whether each can be believed, why others are off, and what one list is, to everybody who may look."""

from datetime import timedelta

import pytest

from deliverwatch.core.zone_health import Health, ZoneState
from samples import NOON
from web.desk_world import Seen
from web.watched_world import BRAVOS, HOSTILE, HOUR, OPERATOR, PATH, READER, TAM_OF_ACME, open_watched


@pytest.fixture
async def watched(tmp_path):
    async with open_watched(tmp_path) as world:
        yield world


async def shown(world, path, status=200, **who):
    async with world.browser(**(who or READER)) as client:
        answer = await client.get(path)
    assert answer.status_code == status
    return Seen(answer.text)


async def test_a_list_is_shown_with_when_it_was_verified_and_how_it_is_by_each_resolver(watched):
    await watched.round("psbl", zones={PATH: ZoneState(Health.HEALTHY)})
    await watched.round("spamcop-scbl", at=NOON - 3 * HOUR)
    await watched.refused()
    text = (await shown(watched, "/lists")).text
    assert "1 of 5 important lists are verified." in text
    assert "Passive Spam Block List verified 10 min ago 1 h medium 192.0.2.53:53: healthy" in text
    assert "refuses us it refuses us 3 h ago 1 h high" in text
    assert "192.0.2.53:53: refuses us since Wed 18 Nov 2026 11:00 UTC , asked again Wed 18 Nov 2026 13:00 UTC" in text
    assert "198.51.100.53:53: healthy" in text
    assert "not asked yet never" in text


async def test_a_verified_round_that_is_old_says_nothing_of_now(watched):
    await watched.round("psbl", at=NOON - timedelta(hours=2, minutes=1))
    assert "Passive Spam Block List overdue 2 h 1 min ago" in (await shown(watched, "/lists")).text


async def test_lists_that_are_off_say_why_and_dead_ones_how_they_died(watched):
    off = (await shown(watched, "/lists?show=off")).text
    assert "Spamhaus ZEN critical" in off
    assert "It is asked with an account key: get one, and set it in [keys]." in off
    assert "Passive Spam" not in off
    dead = watched.app.catalogue.dead[0]
    page = (await shown(watched, "/lists?show=dead")).text
    assert dead.name in page
    assert dead.died_on in page
    assert dead.name not in off


async def test_one_that_was_turned_off_by_name_says_so(tmp_path):
    async with open_watched(tmp_path, '[lists]\ndisable = ["psbl"]') as world:
        assert "Turned off by name in lists.disable." in (await shown(world, "/lists/psbl")).text


async def test_a_part_of_a_list_that_is_on_is_asked_within_it(tmp_path):
    async with open_watched(tmp_path, '[lists]\nenable = ["spamhaus-zen"]') as world:
        text = (await shown(world, "/lists/spamhaus-sbl")).text
    assert "Its entries are all in spamhaus-zen, which is on." in text


async def test_the_choice_is_by_state_and_impact(watched):
    await watched.round("psbl")
    await watched.refused()
    doubted = (await shown(watched, "/lists?show=doubted")).links
    assert "/lists/spamcop-scbl" in doubted
    assert "/lists/psbl" not in doubted
    medium = (await shown(watched, "/lists?show=on&impact=medium")).links
    assert "/lists/psbl" in medium
    assert "/lists/spamcop-scbl" not in medium
    every = (await shown(watched, "/lists?show=all")).links
    assert {f"/lists/{each.id}" for each in watched.app.catalogue.all} <= set(every)


async def test_nonsense_in_the_choice_is_as_if_nothing_was_chosen(watched):
    await watched.round("psbl")
    assert "/lists/psbl" in (await shown(watched, "/lists?show=%00&impact=worst")).links


async def test_a_list_has_its_codes_test_points_terms_and_ways_off_it(watched):
    await watched.round("psbl", zones={PATH: ZoneState(Health.FAILING, NOON, 1, None, "no answer")})
    page, psbl = await shown(watched, "/lists/psbl"), watched.app.catalogue.pick(["psbl"])[0]
    assert psbl.codes[0].value in page.text
    assert psbl.test_points[0].name in page.text
    assert psbl.removal.url in page.links
    assert "failing since Wed 18 Nov 2026 12:00 UTC no answer" in page.text


async def test_every_list_of_the_catalogue_has_its_page(watched):
    async with watched.browser(**READER) as client:
        for each in watched.app.catalogue.all:
            assert (await client.get(f"/lists/{each.id}")).status_code == 200, each.id


async def test_links_of_a_list_are_https_open_apart_and_tell_nobody_where_one_came_from(watched):
    page = await shown(watched, "/lists/psbl")
    away = [told for tag, told in page.tags if tag == "a" and not (told.get("href") or "/").startswith(("/", "#"))]
    assert away
    assert all(told["href"].startswith("https://") for told in away)
    assert all((told["rel"], told["target"]) == ("noopener noreferrer", "_blank") for told in away)


async def test_a_list_that_is_none_is_not_found(watched):
    await shown(watched, "/lists/no-such-list", 404)


async def test_rounds_are_a_strip_and_the_same_as_a_table(watched):
    for hours in range(8, 4, -1):
        await watched.round("psbl", at=NOON - hours * HOUR)
    await watched.round("psbl", at=NOON - 4 * HOUR, verified=False, detail="the test point was not listed")
    await watched.round("psbl", at=NOON - HOUR)
    page = await shown(watched, "/lists/psbl")
    bars = [told["class"] for tag, told in page.tags if tag == "rect"]
    assert bars == ["ground", "verified", "unverified", "verified"]
    assert "Rounds of the last seven days: 5 verified, 1 not." in page.text
    assert "04:00 UTC Wed 18 Nov 2026 08:00 UTC verified 4 rounds" in page.text
    assert "not verified 1 round the test point was not listed" in page.text
    (drawn,) = [told for tag, told in page.tags if tag == "svg"]
    assert drawn["role"] == "img"
    assert "5 verified, 1 not" in drawn["aria-label"]
    assert not [told for _, told in page.tags if "style" in told]


async def test_open_listings_are_those_that_the_viewer_may_see(watched):
    await watched.listed("192.0.2.10", reason="of acme")
    await watched.listed("198.51.100.7", ("bravo",), reason=BRAVOS)
    await watched.listed("203.0.113.1", ("acme", "bravo"), reason="shared")
    everything = await shown(watched, "/lists/psbl")
    assert "198.51.100.7" in everything.text
    assert {"/customers/acme", "/customers/bravo"} <= set(everything.links)
    mine = await shown(watched, "/lists/psbl", **TAM_OF_ACME)
    assert "192.0.2.10" in mine.text
    assert "203.0.113.1" in mine.text
    for foreign in (BRAVOS, "198.51.100.7", "Bravo", "bravo"):
        assert foreign not in mine.text
    assert "/customers/bravo" not in mine.links


async def test_what_a_list_says_is_shown_and_never_run(watched):
    await watched.listed(reason=HOSTILE)
    await watched.refused("psbl", HOSTILE)
    for path in ("/lists", "/lists/psbl"):
        page = await shown(watched, path)
        assert not [told for tag, told in page.tags if tag == "img"]
        assert "<script>alert(1)" in page.text
        assert "\\x1b[2J\\u202e" in page.text


async def test_an_operator_has_a_list_asked_again_at_once(watched):
    await watched.refused()
    async with watched.browser(**OPERATOR) as client:
        answer = await client.post("/lists/spamcop-scbl/ask-now")
        assert answer.headers["location"] == "/lists/spamcop-scbl?done=asked"
        after = await client.get(answer.headers["location"])
    assert "It is asked again in its next round." in after.text
    zones = await watched.store.zone_states()
    assert zones["spamcop-scbl", PATH].ask_again_at <= NOON + timedelta(seconds=1)
    deeds = [line.deed for line in await watched.store.audit()]
    assert ("list.ask-now", "spamcop-scbl") in {(deed.action, deed.object) for deed in deeds}


async def test_nothing_is_lifted_where_nothing_was_stopped(watched):
    async with watched.browser(**OPERATOR) as client:
        answer = await client.post("/lists/psbl/ask-now")
        assert answer.headers["location"] == "/lists/psbl?done=not-stopped"
        assert (await client.post("/lists/no-such-list/ask-now")).status_code == 404


@pytest.mark.parametrize("who", [TAM_OF_ACME, READER])
async def test_others_have_no_such_button_and_may_not_press_it(watched, who):
    await watched.refused()
    async with watched.browser(**who) as client:
        assert "ask-now" not in (await client.get("/lists/spamcop-scbl")).text
        assert (await client.post("/lists/spamcop-scbl/ask-now")).status_code == 403
    assert (await watched.store.zone_states())["spamcop-scbl", PATH].stopped_at is not None
