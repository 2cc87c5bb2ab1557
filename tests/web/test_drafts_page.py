"""The queue of drafts, and the page of one, as somebody who is signed in sees them."""

from dataclasses import replace

import pytest

from deliverwatch.core.access import Role
from deliverwatch.core.inventory import Language
from remediation.world import DAY, HOUR
from web.desk_world import HOSTILE, Seen, browsing, open_world

TAM_A = {"role": Role.TAM, "sees_all": False, "email": "tam-a@esp.example"}
READER = {"role": Role.READ_ONLY, "sees_all": True}


@pytest.fixture
async def world(tmp_path, monkeypatch):
    async with open_world(tmp_path, monkeypatch) as world:
        yield world


async def see(client, path, status=200):
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return Seen(answer.text)


class TestQueue:
    async def test_what_waits_comes_first_by_due_time_and_late_ones_stand_out(self, world):
        first = await world.block()
        world.clock.advance(2 * DAY)
        second = await world.listing()
        async with browsing(world) as client:
            answer = await client.get("/drafts")
        assert answer.text.index(first.id) < answer.text.index(second.id)
        seen = Seen(answer.text)
        assert "Block of 192.0.2.10 at Microsoft Outlook.com" in seen.text
        assert "overdue for" in seen.text
        rows = [told.get("class") for tag, told in seen.tags if tag == "tr" and "data-row" in told]
        assert rows == ["unsure", "plain"]

    async def test_one_sees_the_drafts_of_ones_own_customers_alone(self, world):
        mine, foreign = await world.block(), await world.block("198.51.100.3", "gmail", "550 5.7.1 [198.51.100.3] x")
        async with browsing(world, **TAM_A) as client:
            seen = await see(client, "/drafts")
            assert f"/drafts/{mine.id}" in seen.links
            assert f"/drafts/{foreign.id}" not in seen.links
            assert "Bravo" not in seen.text
            assert "198.51.100.3" not in seen.text
            assert (await client.get("/drafts?customer=bravo")).status_code == 404
            for path in ("", "/text.txt", "/mail.eml", "/evidence.md", "/draft.md"):
                assert (await client.get(f"/drafts/{foreign.id}{path}")).status_code == 404
                assert (await client.get(f"/drafts/none-of-ours{path}")).status_code == 404

    async def test_filters_are_a_plain_form(self, world):
        block, listing = await world.block(), await world.listing("198.51.100.4")
        await world.desk().close(listing.id, "by hand")
        async with browsing(world) as client:
            assert f"/drafts/{block.id}" in (await see(client, "/drafts?customer=acme")).links
            assert f"/drafts/{block.id}" not in (await see(client, "/drafts?customer=bravo")).links
            assert f"/drafts/{block.id}" not in (await see(client, "/drafts?provider=gmail")).links
            assert f"/drafts/{listing.id}" not in (await see(client, "/drafts")).links
            assert f"/drafts/{listing.id}" in (await see(client, "/drafts?state=closed")).links
            for nonsense in ("state=lost", "state=closed&before=never", "state=closed&before=2026-11-24~x"):
                assert (await client.get(f"/drafts?{nonsense}")).status_code == 422

    async def test_what_is_over_goes_on_page_by_page_and_loses_nothing(self, world, monkeypatch):
        monkeypatch.setattr("deliverwatch.web.pages.drafts._ON_A_PAGE", 2)
        made = set()
        for number in range(5):
            draft = await world.listing(f"192.0.2.{20 + 4 * number}", reason=f"reason {number}")
            await world.desk().close(draft.id, "by hand")
            made.add(f"/drafts/{draft.id}")
            world.clock.advance(HOUR)
        path, found = "/drafts?state=closed", []
        async with browsing(world) as client:
            while path:
                seen = await see(client, path)
                found += [link for link in seen.links if link in made]
                path = next((link for link in seen.links if link and "before=" in link), None)
        assert len(found) == 5
        assert set(found) == made

    async def test_of_many_those_due_first_are_shown_and_the_rest_is_counted(self, world, monkeypatch):
        monkeypatch.setattr("deliverwatch.web.pages.drafts._MOST_SHOWN", 1)
        first = await world.block()
        world.clock.advance(2 * DAY)
        second = await world.listing()
        async with browsing(world) as client:
            seen = await see(client, "/drafts")
        assert f"/drafts/{first.id}" in seen.links
        assert f"/drafts/{second.id}" not in seen.links
        assert "1 more is not shown" in seen.text

    async def test_it_is_said_in_the_readers_language(self, world):
        await world.block()
        async with browsing(world, language=Language.DE) as client:
            assert 'lang="de"' in (await client.get("/drafts")).text


class TestOne:
    async def test_it_says_what_to_do_next_as_one_action(self, world):
        draft = await world.block()
        async with browsing(world) as client:
            assert primary(await see(client, f"/drafts/{draft.id}")) == 1
            await world.desk().pull(draft.id)
            seen = await see(client, f"/drafts/{draft.id}")
            assert primary(seen) == 1
            assert "never submits anything for you" in seen.text
            assert f"/drafts/{draft.id}/submit" in seen.forms

    async def test_every_field_has_its_value_limit_source_and_button(self, world):
        draft = await world.block()
        async with browsing(world) as client:
            seen = await see(client, f"/drafts/{draft.id}")
        for field in draft.fields:
            assert field.label in seen.text
            assert not field.source or field.source in seen.text
            if field.value and field.value.strip() != draft.text.strip():
                assert " ".join(field.value.split()) in seen.text
        copied = {told["data-copy"] for tag, told in seen.tags if "data-copy" in told}
        ids = {told.get("id") for _, told in seen.tags}
        assert {"copy-text", "copy-all"} < copied <= ids
        for missing in draft.missing:
            assert next((field.label for field in draft.fields if field.name == missing.field), "") in seen.text

    async def test_only_an_address_of_our_catalogue_becomes_a_link(self, world):
        draft = await world.block()
        assert draft.url.startswith("https://")
        async with browsing(world) as client:
            await world.desk().pull(draft.id)
            links = [told for tag, told in (await see(client, f"/drafts/{draft.id}")).tags if tag == "a"]
            (form,) = [each for each in links if each.get("href") == draft.url]
            assert (form["rel"], form["target"]) == ("noopener noreferrer", "_blank")
            kept = await world.store.draft(draft.id)
            steps = await world.store.draft_steps(draft.id)
            for url in ("https://attacker.example/", "javascript:alert(1)", "http://sender.office.com/"):
                kept = replace(kept, url=url, version=kept.version + 1)
                await world.store.move_draft(kept, steps[-1])
                assert url not in (await see(client, f"/drafts/{draft.id}")).links

    async def test_foreign_text_stays_text(self, world):
        draft = await world.block(reply=f"550 5.7.1 [192.0.2.10] S3140 {HOSTILE}")
        kept = replace(draft, addressee=HOSTILE, text=HOSTILE, caveat=HOSTILE, version=draft.version + 1)
        await world.store.move_draft(kept, (await world.store.draft_steps(draft.id))[-1])
        await world.desk("<b>pat</b>").link(draft.id, "https://desk.example/<script>")
        async with browsing(world) as client:
            for path in (f"/drafts/{draft.id}", "/drafts"):
                answer = await client.get(path)
                seen = Seen(answer.text)
                assert not [tag for tag, told in seen.tags if tag in ("img", "b") or "onerror" in told]
                assert all(told.get("src") for tag, told in seen.tags if tag == "script")
                assert not set(answer.text) & set("\x1b\u202e")

    async def test_a_reader_is_offered_nothing_to_do(self, world):
        draft = await world.block()
        async with browsing(world, **READER) as client:
            seen = await see(client, f"/drafts/{draft.id}")
        assert not [path for path in seen.forms if path and path.startswith("/drafts")]
        assert "You may look at this draft" in seen.text

    async def test_what_only_the_customer_knows_names_no_command(self, world):
        draft = await world.block()
        assert any("drafts ask" in each.why for each in draft.missing)
        async with browsing(world) as client:
            seen = await see(client, f"/drafts/{draft.id}")
        assert "Only the customer knows" in seen.text
        assert "`deliverwatch" not in seen.text

    async def test_all_of_it_as_text_and_the_evidence_as_a_file(self, world):
        draft = await world.block()
        async with browsing(world) as client:
            text = await client.get(f"/drafts/{draft.id}/text.txt")
            evidence = await client.get(f"/drafts/{draft.id}/evidence.md")
        assert text.headers["content-type"] == "text/plain; charset=utf-8"
        assert draft.text.strip() in text.text
        assert "## What is not known" in evidence.text
        assert evidence.headers["content-disposition"].startswith("attachment")


def primary(seen):
    return sum("primary" in (told.get("class") or "").split() for _, told in seen.tags)
