"""The reports of one customer: the next one and what is said of it, one as it was sent, and contacts who were lost."""

import pytest

from deliverwatch.core.access import Role
from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.contacts import lose_contact
from deliverwatch.flows.report_ports import ContactState, WeekPlan
from remediation.world import HOUR
from web.customer_world import ACMES, BRAVOS, open_customers
from web.desk_world import HOSTILE, Seen, browsing

PAGE = "/customers/acme/reports"
READER = {"role": Role.READ_ONLY, "sees_all": True}
ADDRESS = "mail@acme.example"


@pytest.fixture
async def world(tmp_path):
    async with open_customers(tmp_path) as world:
        yield world


async def post(world, act, who=ACMES, **form):
    async with browsing(world, **who) as client:
        if who is ACMES and "week" not in form and act in ("note", "hold", "release", "skip"):
            form = {**Seen((await client.get(PAGE)).text).forms.get(f"{PAGE}/{act}", {}), **form}
        return await client.post(f"{PAGE}/{act}", data=form)


async def get(world, path=PAGE, who=ACMES):
    async with browsing(world, **who) as client:
        return await client.get(path)


async def word(world):
    (found,) = await world.store.report_words(customer="acme")
    return found


class TestNextOne:
    async def test_it_says_when_it_goes_and_to_whom(self, world):
        seen = Seen((await get(world)).text)
        assert "The next one: 2026-W47" in seen.text
        assert "It goes by itself when it is due." in seen.text
        assert ADDRESS in seen.text

    async def test_a_note_is_kept_and_can_be_taken_away(self, world):
        answer = await post(world, "note", text="We  moved your\nIPs.")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=note")
        assert (await word(world)).note == "We moved your IPs."
        assert "We moved your IPs." in (await get(world)).text
        await post(world, "note", text="")
        assert (await word(world)).note == ""

    async def test_of_a_text_without_end_the_trail_keeps_the_beginning(self, world):
        await post(world, "note", text="x" * 100_000)
        (line,) = await world.store.audit(limit=1)
        assert (line.deed.action, line.deed.facts["text"]) == ("report.note", "x" * 499 + "\u2026")

    async def test_it_is_held_with_a_reason_and_let_go(self, world):
        assert (await post(world, "hold", reason="figures are late")).status_code == 303
        held = await word(world)
        assert (held.plan, held.reason, held.week) == (WeekPlan.HELD, "figures are late", "2026-W47")
        seen = Seen((await get(world)).text)
        assert "It is held, and goes when it is released. figures are late" in seen.text
        assert f"{PAGE}/hold" not in seen.forms
        assert (await post(world, "release")).status_code == 303
        assert (await word(world)).plan is WeekPlan.SENT

    async def test_it_is_skipped_for_good(self, world):
        await post(world, "skip", reason="they asked for it")
        assert (await word(world)).plan is WeekPlan.SKIPPED

    async def test_what_is_done_is_written_down_before(self, world):
        await post(world, "hold", reason="figures are late")
        line = next(each for each in await world.store.audit() if each.deed.action == "report.hold")
        assert line.deed.facts == {"week": "2026-W47", "reason": "figures are late"}
        assert line.deed.object == "acme"

    async def test_an_empty_reason_is_said_beside_its_field(self, world):
        answer = await post(world, "hold", reason="")
        assert answer.status_code == 409
        (told,) = [told for _, told in Seen(answer.text).tags if told.get("aria-invalid") == "true"]
        assert (told["name"], told["aria-describedby"]) == ("reason", "hold-error")
        assert await world.store.report_words(customer="acme") == []

    @pytest.mark.parametrize("week", ["2026-W01", "", "nonsense"])
    async def test_a_week_that_is_not_the_next_is_refused(self, world, week):
        assert (await post(world, "hold", reason="why", week=week)).status_code == 409
        assert await world.store.report_words(customer="acme") == []

    @pytest.mark.parametrize(("who", "status"), [(READER, 403), (BRAVOS, 404)])
    async def test_others_may_not(self, world, who, status):
        for act in ("note", "hold", "release", "skip", "restore", "seen-to"):
            assert (await post(world, act, who, week="2026-W47", reason="x", address=ADDRESS)).status_code == status
        assert await world.store.report_words(customer="acme") == []

    async def test_there_is_no_other_act(self, world):
        assert (await post(world, "send")).status_code == 404


class TestMadeOnes:
    async def test_they_go_on_page_by_page(self, world, monkeypatch):
        monkeypatch.setattr("deliverwatch.web.pages.customer_reports._ON_A_PAGE", 2)
        for number in range(10, 15):
            await world.report(week=f"2026-W{number}")
            world.clock.advance(HOUR)
        found, path = [], PAGE
        while path is not None:
            seen = Seen((await get(world, path)).text)
            found += [each for each in seen.links if each.startswith("/reports/")]
            path = next((PAGE + each for each in seen.links if each.startswith("?before=")), None)
        assert found == [f"/reports/r-acme-2026-W{number}" for number in range(14, 9, -1)]

    @pytest.mark.parametrize("place", ["nonsense", "0001-01-01T00:00:00%2B14:00~x", "9999-12-31T23:59:59-14:00~x"])
    async def test_a_place_that_is_none_is_refused(self, world, place):
        assert (await get(world, f"{PAGE}?before={place}")).status_code == 422


class TestOne:
    async def test_it_is_shown_as_it_was_sent_in_a_frame_without_rights(self, world):
        await world.report(subject=HOSTILE, text=f"As it was\n{HOSTILE}", note="We moved your IPs.")
        answer = await get(world, "/reports/r-acme-2026-W47")
        seen = Seen(answer.text)
        (frame,) = [told for tag, told in seen.tags if tag == "iframe"]
        assert (frame["src"], frame["sandbox"]) == ("/reports/r-acme-2026-W47/as-sent", None)
        assert frame["title"]
        assert "frame-src 'self'" in answer.headers["content-security-policy"]
        assert ADDRESS in seen.text
        assert "We moved your IPs." in seen.text
        assert not any(tag == "img" for tag, _ in seen.tags)

    async def test_the_frame_has_a_policy_of_its_own(self, world):
        await world.report(html="<p style='color:red'>As it was</p><script>alert(1)</script>")
        answer = await get(world, "/reports/r-acme-2026-W47/as-sent")
        assert "<p style='color:red'>As it was</p>" in answer.text
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
        assert policy.endswith("; sandbox")
        assert "script-src" not in policy

    @pytest.mark.parametrize("part", ["", "/as-sent"])
    async def test_anothers_is_not_there(self, world, part):
        await world.report()
        foreign = await get(world, f"/reports/r-acme-2026-W47{part}", BRAVOS)
        none = await get(world, f"/reports/r-nobody{part}", BRAVOS)
        assert (foreign.status_code, none.status_code) == (404, 404)
        assert "As it was" not in foreign.text


class TestContacts:
    async def lost(self, world, why="550 no such user"):
        routing = world.app.telling.routing
        await lose_contact(world.store, routing, world.clock, "acme", ADDRESS, ContactState.BOUNCED, why)

    async def test_who_was_lost_is_shown_with_why(self, world):
        await self.lost(world, HOSTILE)
        seen = Seen((await get(world)).text)
        assert "mail came back" in seen.text
        assert "Readers nobody" in seen.text
        assert not any(tag == "img" for tag, _ in seen.tags)
        assert "gets no more reports" in Seen((await get(world, "/customers/acme/timeline")).text).text

    async def test_they_are_seen_to_or_restored(self, world):
        await self.lost(world)
        assert (await post(world, "seen-to", address=ADDRESS)).status_code == 303
        assert f"{PAGE}/seen-to" not in Seen((await get(world)).text).forms
        assert (await post(world, "restore", address=ADDRESS)).status_code == 303
        (contact,) = await world.store.contacts(customer="acme")
        assert contact.state is ContactState.WELL
        assert "Nobody was lost." in Seen((await get(world)).text).text

    async def test_one_who_was_not_lost_is_said_to_be_none(self, world):
        answer = await post(world, "restore", address="other@acme.example")
        assert answer.status_code == 409
        assert "is no lost contact" in answer.text
        with pytest.raises(NotPossible):
            await world.app.reporting.restore_contact((await world.store.inventory()).customers[0], "x@acme.example")
