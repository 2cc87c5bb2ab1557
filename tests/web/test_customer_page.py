"""The pages of one customer, as somebody who is signed in sees them: how they stand, their timeline, their subjects."""

import csv
import io
from dataclasses import replace

import pytest

from deliverwatch.core.access import Act, Role, Viewer
from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.inventory import Asset, Inventory, Language
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.web.customer_desk import CustomerDesk
from deliverwatch.web.timeline_reads import Turn, timeline_page
from remediation.world import ACME, BRAVO, DAY, HOUR, NOON
from web.customer_world import ACMES, open_customers
from web.desk_world import HOSTILE, Seen, browsing

EVERYTHING = {"role": Role.OPERATOR}
PAGES = ("", "/subjects", "/timeline", "/practice", "/reports", "/history.csv")
BLOCKED = "550 5.7.1 [192.0.2.10] is blocked"


@pytest.fixture
async def world(tmp_path):
    async with open_customers(tmp_path) as world:
        yield world


async def see(world, path, who=ACMES, status=200):
    async with browsing(world, **who) as client:
        answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return answer


async def text(world, path, who=ACMES):
    return Seen((await see(world, path, who)).text).text


class TestBounds:
    @pytest.mark.parametrize("page", PAGES)
    async def test_anothers_and_nobodys_are_answered_alike(self, world, page):
        async with browsing(world, **ACMES) as client:
            foreign, none = await client.get(f"/customers/bravo{page}"), await client.get(f"/customers/nobody{page}")
        assert (foreign.status_code, none.status_code) == (404, 404)
        assert Seen(foreign.text).text == Seen(none.text).text.replace("nobody", "bravo")

    @pytest.mark.parametrize("page", PAGES)
    @pytest.mark.parametrize("who", [ACMES, EVERYTHING])
    async def test_of_a_shared_pool_no_other_customer_is_named(self, world, page, who):
        await world.listed("203.0.113.2", "psbl", reason="of bravo")
        await world.blocked("203.0.113.2", "gmail", "550 news.bravo.example", mail_share=0.375)
        await world.listed("198.51.100.3", "psbl")
        answer = await see(world, f"/customers/acme{page}", who)
        for marker in ("bravo", "198.51.100", "37.5%", "0.375"):
            assert marker not in answer.text.lower(), marker

    async def test_who_is_not_signed_in_is_sent_to_sign_in(self, world):
        async with browsing(world, **ACMES) as client:
            client.cookies.clear()
            answer = await client.get("/customers/acme")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")


class TestVerdict:
    async def test_what_is_open_is_said_first(self, world):
        await world.listed("192.0.2.20", "psbl")
        await world.blocked("192.0.2.10", "microsoft_consumer", BLOCKED, mail_share=0.25)
        seen = await text(world, "/customers/acme")
        assert "Acme Ltd: Open now: 1 listing on an important list, and 1 block at a mailbox provider." in seen
        assert "25%" in seen

    async def test_nothing_found_is_not_called_well_before_lists_were_verified(self, world):
        seen = await text(world, "/customers/acme")
        assert "Nothing that we know of is open" in seen
        assert "None that we know of is open: not all lists could be verified." in seen

    async def test_without_an_asset_nothing_is_watched(self, tmp_path):
        async with open_customers(tmp_path, Inventory((ACME, BRAVO), ())) as world:
            assert "Nothing is watched for this customer" in await text(world, "/customers/acme")

    async def test_what_was_not_measured_is_said_so_and_is_no_zero(self, world):
        await world.listed("192.0.2.20", "psbl")
        seen = await text(world, "/customers/acme")
        assert "not measured" in seen
        assert "0%" not in seen

    async def test_the_share_of_a_shared_sender_is_not_told(self, world):
        await world.listed("203.0.113.2", "psbl")
        assert "shared with others: not told" in await text(world, "/customers/acme")

    async def test_a_request_that_is_under_way_is_linked(self, world):
        draft = await world.listing("192.0.2.20", "psbl")
        seen = Seen((await see(world, "/customers/acme")).text)
        assert f"/drafts/{draft.id}" in seen.links

    async def test_a_shared_senders_request_is_linked_for_who_sees_all(self, world):
        draft = await world.listing("203.0.113.2", "psbl")
        assert f"/drafts/{draft.id}" not in Seen((await see(world, "/customers/acme")).text).links
        assert f"/drafts/{draft.id}" in Seen((await see(world, "/customers/acme", EVERYTHING)).text).links

    async def test_it_is_said_in_the_readers_language(self, world):
        answer = await see(world, "/customers/acme", {**ACMES, "language": Language.DE})
        assert '<html lang="de"' in answer.text

    async def test_foreign_text_stays_text(self, tmp_path):
        customer = replace(ACME, name=HOSTILE, tam=replace(ACME.tam, name=HOSTILE))
        assets = (Asset("192.0.2.0/26", "acme", pool=HOSTILE, stream=HOSTILE, network_owner=HOSTILE),)
        async with open_customers(tmp_path, Inventory((customer,), assets)) as world:
            await world.listed("192.0.2.20", "psbl", reason=HOSTILE)
            await world.blocked("192.0.2.10", "microsoft_consumer", HOSTILE)
            await world.report(subject=HOSTILE, note=HOSTILE)
            for page in PAGES[:-1]:
                seen = Seen((await see(world, f"/customers/acme{page}")).text)
                assert not any(tag == "img" or "onerror" in told for tag, told in seen.tags)
                assert "\x1b" not in seen.text
                assert "\u202e" not in seen.text


class TestMail:
    async def test_mail_is_drawn_with_its_figures_behind_it(self, world):
        counts = FactCounts(attempted=900, delivered=800, deferred=60, bounced=40)
        key = FactKey("csv", "192.0.2.10", "gmail", "news.acme.example", "", "", "", NOON - DAY)
        await world.store.commit_ingest(IngestBatch("csv", "csv", NOON, {key: counts}))
        answer = await see(world, "/customers/acme")
        seen = Seen(answer.text)
        assert answer.text.count('role="img"') == 1
        assert "Mail by day, and what became of it" in seen.text
        assert "23 Nov 800 60 40" in seen.text

    async def test_nothing_measured_is_not_drawn(self, world):
        answer = await see(world, "/customers/acme")
        assert 'role="img"' not in answer.text
        assert "no data source has told of mail" in answer.text


class TestWarmups:
    async def test_runs_are_told_with_their_state_and_who_started_them(self, world):
        plan = world.app.warmups.plans[0]
        for ip in ("192.0.2.30", "203.0.113.3", "198.51.100.3"):
            await world.app.warmups.start(ip, plan, NOON.date(), "robin")
        seen = Seen((await see(world, "/customers/acme")).text)
        assert "/warmups/192.0.2.30" in seen.links
        assert "first day" in seen.text
        assert "/warmups/198.51.100.3" not in seen.links
        timeline = await text(world, "/customers/acme/timeline")
        assert "192.0.2.30: the warm-up was started by robin" in timeline
        assert timeline.count("robin") == 1


class TestSubjects:
    async def test_each_asset_with_what_is_open_and_whose_it_is(self, world):
        await world.listed("192.0.2.20", "psbl")
        seen = await text(world, "/customers/acme/subjects")
        assert "192.0.2.20: listed on Passive Spam Block List" in seen
        assert "64 addresses" in seen
        assert "acme-news" in seen
        assert seen.index("192.0.2.0/26") < seen.index("203.0.113.0/29")
        assert "nothing that we know of" in seen

    async def test_what_opened_together_on_an_asset_is_one_line(self, world):
        await world.listed_together([f"192.0.2.{number}" for number in range(8, 16)])
        seen = await text(world, "/customers/acme/subjects")
        assert seen.count("listed on Passive Spam Block List") == 1
        assert "192.0.2.8/29: listed on Passive Spam Block List" in seen

    async def test_a_filter_and_pages_are_plain_addresses(self, tmp_path):
        assets = tuple(Asset(f"192.0.2.{number}", "acme", pool=f"p{number % 2}") for number in range(250))
        async with open_customers(tmp_path, Inventory((ACME,), assets)) as world:
            found, path = [], "/customers/acme/subjects"
            for number in (2, 3, None):
                seen = Seen((await see(world, path)).text)
                found += [word.strip() for word in seen.words if word.strip().startswith("192.0.2.")]
                if number is not None:
                    assert f"?page={number}" in seen.links
                    path = f"/customers/acme/subjects?page={number}"
            assert "?page=4" not in seen.links
            assert sorted(found) == sorted(asset.name for asset in assets)
            assert "125 assets" in await text(world, "/customers/acme/subjects?q=p1")

    async def test_a_page_that_is_no_number_is_the_first(self, world):
        assert "192.0.2.0/26" in await text(world, "/customers/acme/subjects?page=-1")
        assert "192.0.2.0/26" in await text(world, "/customers/acme/subjects?page=²")


class TestTimeline:
    async def test_everything_is_in_one_order(self, world):
        await world.listed("192.0.2.20", "psbl")
        world.clock.advance(HOUR)
        draft = await world.block("192.0.2.10")
        world.clock.advance(HOUR)
        await world.desk().pull(draft.id)
        await world.report()
        seen = await text(world, "/customers/acme/timeline")
        order = [
            "Weekly report of 2026-W47 made, for 1 reader",
            "192.0.2.10: blocked at",
            "192.0.2.20: listed on Passive Spam Block List",
            ": taken into the inventory",
        ]
        places = [seen.index(each) for each in order]
        assert places == sorted(places)
        assert "taken on" in seen
        assert "What changed before: not known yet" in seen

    async def test_pages_lose_and_repeat_nothing(self, world):
        for number in range(9):
            await world.listed(f"192.0.2.{number}", "psbl")
            world.clock.advance(HOUR)
            await world.report(week=f"2026-W{number + 10}")
        whole = await entries(world)
        assert len(whole) == len(set(whole)) == 9 + 9 + 1
        for lines in (1, 2, 4, 100):
            assert await entries(world, lines) == whole

    async def test_a_page_goes_on_by_a_link(self, world, monkeypatch):
        monkeypatch.setattr("deliverwatch.web.timeline_reads._LINES", 1)
        monkeypatch.setattr("deliverwatch.web.timeline_reads.timeline_page.__defaults__", (1,))
        await world.listed("192.0.2.20", "psbl")
        world.clock.advance(HOUR)
        await world.listed("192.0.2.21", "psbl")
        first = Seen((await see(world, "/customers/acme/timeline")).text)
        (older,) = [each for each in first.links if each.startswith("?before=")]
        second = await text(world, "/customers/acme/timeline" + older)
        assert "192.0.2.21: listed" in first.text
        assert "192.0.2.20: listed" not in first.text
        assert "192.0.2.20: listed" in second
        assert "192.0.2.21: listed" not in second

    @pytest.mark.parametrize(
        "query", ["before=x", "before=1", "before=1&until=2026-11-24", "before=-1&until=2026-11-24T12:00:00Z"]
    )
    async def test_a_place_that_is_none_is_refused(self, world, query):
        await see(world, f"/customers/acme/timeline?{query}", status=422)

    @pytest.mark.parametrize("who", [ACMES, EVERYTHING])
    async def test_what_opened_together_is_one_line_with_their_own_part(self, tmp_path, who):
        assets = (Asset("192.0.2.0/26", "bravo"), Asset("192.0.2.2/31", "acme"))
        async with open_customers(tmp_path, Inventory((ACME, BRAVO), assets)) as world:
            await world.listed_together([f"192.0.2.{number}" for number in range(8)])
            seen = await text(world, "/customers/acme/timeline", who)
            assert seen.count("listed on Passive Spam Block List") == 1
            assert "192.0.2.2/31: listed on Passive Spam Block List" in seen


async def entries(world, lines=100):
    """Of all pages, in their order."""
    snapshot = await world.app.desk.snapshot()
    viewer = Viewer("a", "pat", frozenset(Act), None)
    desk = CustomerDesk(world.app, viewer, snapshot.customers["acme"], snapshot, world.clock.now())
    found, turn = [], Turn()
    while turn is not None:
        page = await timeline_page(desk, turn, lines)
        found += [(entry.what, entry.id, entry.at) for entry in page.entries]
        turn = page.older
    return found


class TestHistory:
    async def test_it_is_a_file_of_all_that_was(self, world):
        await world.listed("192.0.2.20", "psbl")
        await world.ended("192.0.2.20", "psbl", ending="delisted")
        await world.accepted(await world.blocked("192.0.2.10", "microsoft_consumer", BLOCKED))
        answer = await see(world, "/customers/acme/history.csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="acme-history.csv"'
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert {(row["kind"], row["subject"], row["ended"]) for row in rows} == {
            ("listing", "192.0.2.20", "delisted"),
            ("block", "192.0.2.10", "accepted"),
        }
