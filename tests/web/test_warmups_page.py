"""Warm-ups as somebody who is signed in sees them: all of them, and one with its days."""

from dataclasses import replace

import pytest

from deliverwatch.core.access import Role
from deliverwatch.core.inventory import Language
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.run import Reading
from deliverwatch.flows.warmup_ports import RunHistory
from deliverwatch.web.warmup_view import in_order, reading_of, tone
from web.desk_world import HOSTILE, Seen, browsing, open_world
from web.test_drafts_page import READER, TAM_A, see

OWN, FOREIGN, SHARED = "192.0.2.10", "198.51.100.4", "203.0.113.2"


@pytest.fixture
async def world(tmp_path, monkeypatch):
    async with open_world(tmp_path, monkeypatch) as world:
        yield world


class TestAll:
    async def test_those_that_wait_for_a_person_come_first(self, world):
        await world.warmed(OWN)
        await world.warmed("192.0.2.11")
        await world.app.warmups.hold("192.0.2.11", "a bad list", "ann")
        async with browsing(world) as client:
            seen = await see(client, "/warmups")
        links = [link for link in seen.links if link and link.startswith("/warmups/")]
        assert links == ["/warmups/192.0.2.11", "/warmups/192.0.2.10"]
        assert "held" in seen.text
        assert "a bad list" in seen.text

    async def test_ready_comes_before_held_before_the_rest(self, world):
        await world.warmed(OWN)
        (status,) = await world.app.warmups.statuses()
        states = [DayState.DONE, DayState.HELD, DayState.IDLE, DayState.READY_TO_RELEASE]
        made = [replace(status, state=state) for state in states]
        order = [each.state for each in in_order(made)]
        assert order == [DayState.READY_TO_RELEASE, DayState.HELD, DayState.IDLE, DayState.DONE]
        assert [tone(each) for each in in_order(made)] == ["unsure", "unsure", "unsure", "good"]

    async def test_one_sees_those_of_ones_own_customers_and_of_shared_ones_no_figures(self, world):
        for ip in (OWN, FOREIGN, SHARED):
            await world.warmed(ip)
        await world.app.warmups.hold(SHARED, "Bravo sends rubbish", "ann")
        async with browsing(world, **TAM_A) as client:
            seen = await see(client, "/warmups")
            assert f"/warmups/{OWN}" in seen.links
            assert f"/warmups/{SHARED}" in seen.links
            assert FOREIGN not in seen.text
            assert "Bravo" not in seen.text
            assert (await client.get(f"/warmups/{FOREIGN}")).status_code == 404
            shared = await see(client, f"/warmups/{SHARED}")
        assert "This address concerns others as well" in shared.text
        assert "Bravo" not in shared.text
        assert "acellemail" not in shared.text

    async def test_who_sees_all_parties_of_a_shared_one_sees_it_whole(self, world):
        await world.warmed(SHARED)
        found = await world.app.warmups.seen_by(frozenset({"acme", "bravo"}))
        assert [each.shared for each in found] == [False]
        assert [each.shared for each in await world.app.warmups.seen_by(frozenset({"acme"}))] == [True]
        assert await world.app.warmups.seen_by(frozenset()) == []

    async def test_none_is_said(self, world):
        async with browsing(world) as client:
            assert "No IP is being warmed up." in (await see(client, "/warmups")).text


class TestOne:
    async def test_it_says_state_why_advice_days_steps_and_plan(self, world):
        await world.warmed(OWN, (200, 190), None)
        async with browsing(world) as client:
            answer = await client.get(f"/warmups/{OWN}")
        seen = Seen(answer.text)
        for words in (
            "Warm-up of 192.0.2.10: held",
            "10 of 200 messages offered bounced, above 2%",
            "Take out the addresses that bounced",
            "Tue 24 Nov 2026 1 1,000 200 190",
            "started ann",
            "Version 1",
            "not measured",
        ):
            assert words in seen.text
        assert "<svg" in answer.text

    async def test_an_address_that_was_never_warmed_up_and_what_is_none(self, world):
        async with browsing(world) as client:
            for ip in ("192.0.2.50", "news.acme.example", "no-address", "%00"):
                assert (await client.get(f"/warmups/{ip}")).status_code == 404

    async def test_foreign_text_stays_text(self, world):
        await world.warmed(OWN, by=f"pat {HOSTILE}"[:60])
        await world.app.warmups.hold(OWN, HOSTILE, "<b>ann</b>")
        async with browsing(world) as client:
            for path in ("/warmups", f"/warmups/{OWN}"):
                answer = await client.get(path)
                seen = Seen(answer.text)
                assert not [tag for tag, told in seen.tags if tag in ("img", "b") or "onerror" in told]
                assert all(told.get("src") for tag, told in seen.tags if tag == "script")
                assert not set(answer.text) & set("\x1b\u202e")

    async def test_a_reader_is_offered_nothing_to_do(self, world):
        await world.warmed(OWN)
        async with browsing(world, **READER) as client:
            for path in ("/warmups", f"/warmups/{OWN}"):
                forms = (await see(client, path)).forms
                assert not [each for each in forms if each and each.startswith("/warmups")]

    async def test_it_is_said_in_the_readers_language(self, world):
        await world.warmed(OWN)
        async with browsing(world, role=Role.TAM, language=Language.DE) as client:
            assert "erster Tag" in (await see(client, f"/warmups/{OWN}")).text

    async def test_what_the_platform_said_last(self, world):
        await world.warmed(OWN, (200, 200))
        history = await world.app.warmups.history(OWN)
        now, day = world.clock.now(), history.days[-1]

        def after(**reading):
            read = Reading("sparkpost", OWN, now.date(), now, **reading)
            result = day.result._replace(after=day.after._replace(reading=read))
            return reading_of(RunHistory(history.status, (day._replace(result=result),), (), ()))

        assert after(warming=True, stage=3).endswith("that it is at stage 3.")
        assert after(warming=False).endswith("that its own warm-up is off or finished.")
        assert after(warming=True).endswith("that its own warm-up goes on.")
        assert reading_of(history) is None
