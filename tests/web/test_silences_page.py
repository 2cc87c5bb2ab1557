"""Silences by form: made with an end and a reason, ended by hand; those of one's customers alone."""

from datetime import timedelta

import pytest

from deliverwatch.core.routing import Family
from deliverwatch.core.silences import Cover
from samples import NOON
from web.desk_world import Seen
from web.watched_world import BRAVOS, HOSTILE, HOUR, OPERATOR, READER, TAM_OF_ACME, open_watched

FORM = {"customer": "acme", "subject": "", "place": "", "kind": "", "until": "2026-11-19T09:00", "reason": "planned"}


@pytest.fixture
async def watched(tmp_path):
    async with open_watched(tmp_path) as world:
        yield world


async def made(world, status=303, who=OPERATOR, **changes):
    async with world.browser(**who) as client:
        answer = await client.post("/silences", data={**FORM, **changes})
    assert answer.status_code == status
    return answer


async def test_a_silence_is_made_as_the_form_says(watched):
    answer = await made(watched, subject="News.Acme.Example", place="psbl", kind="listing")
    assert answer.headers["location"] == "/silences?done=made"
    (kept,) = await watched.store.silences()
    assert (kept.customer, kept.subject, kept.place, kept.family) == (
        "acme",
        "news.acme.example",
        "psbl",
        Family.LISTING,
    )
    assert kept.until_at == NOON + timedelta(hours=21)
    assert kept.reason == "planned"
    deeds = [line.deed for line in await watched.store.audit()]
    assert deeds[0].action == "silence.make"
    assert kept.by == deeds[0].by


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"reason": "  "}, "reason", "Say why"),
        ({"reason": "x" * 501}, "reason", "500 characters at most."),
        ({"until": ""}, "until", "Give a day and a time."),
        ({"until": "tomorrow"}, "until", "Give a day and a time."),
        ({"until": "2026-11-18T12:00"}, "until", "It ends later than now."),
        ({"until": "2026-12-18T12:01"}, "until", "It lasts 30 days at most."),
        ({"customer": "nobody"}, "customer", "There is no such customer."),
        ({"customer": ""}, "customer", "A silence covers something"),
        ({"subject": "192.0.2.1/24"}, "subject", "This is no address, range or domain."),
        ({"place": "no-such"}, "place", "There is no such list or mailbox provider."),
        ({"kind": "gossip"}, "kind", "There is no such kind of alert."),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(watched, changes, field, sentence):
    answer = await made(watched, 422, **changes)
    page, sent = Seen(answer.text), {**FORM, **changes}
    control = next(told for _, told in page.tags if told.get("id") == field)
    assert control["aria-invalid"] == "true"
    assert f"{field}-error" in control["aria-describedby"].split()
    assert sentence in page.text
    assert page.forms["/silences"]["reason"] == sent["reason"].strip()
    assert page.forms["/silences"]["until"] == sent["until"]
    assert await watched.store.silences() == []


async def test_it_is_ended_by_hand(watched):
    kept = await watched.app.silence("ann", "planned work", NOON + HOUR, Cover(place="psbl"))
    async with watched.browser(**OPERATOR) as client:
        assert "planned work" in (await client.get("/silences")).text
        answer = await client.post(f"/silences/{kept.id}/end")
        assert answer.headers["location"] == "/silences?done=ended"
        after = Seen((await client.get(answer.headers["location"])).text)
        assert "The silence is over." in after.text
        assert f"/silences/{kept.id}/end" not in after.forms
        assert (await client.post(f"/silences/{kept.id}/end")).status_code == 404
    (over,) = await watched.store.silences()
    assert not over.is_on(watched.app.clock.now())


async def test_a_bounded_viewer_sees_makes_and_ends_those_of_their_customers(watched):
    mine = await watched.app.silence("ann", "of acme", NOON + HOUR, Cover(customer="acme"))
    theirs = await watched.app.silence("ann", BRAVOS, NOON + HOUR, Cover(customer="bravo"))
    everybodys = await watched.app.silence("ann", "of all", NOON + HOUR, Cover(place="psbl"))
    async with watched.browser(**TAM_OF_ACME) as client:
        page = Seen((await client.get("/silences")).text)
        for foreign in (BRAVOS, "of all", "Bravo", "bravo"):
            assert foreign not in page.text
        assert f"/silences/{mine.id}/end" in page.forms
        for other in (theirs, everybodys):
            assert (await client.post(f"/silences/{other.id}/end")).status_code == 404
        assert (await client.post(f"/silences/{mine.id}/end")).status_code == 303
    now = watched.app.clock.now()
    on = {each.id for each in await watched.store.silences() if each.is_on(now)}
    assert on == {theirs.id, everybodys.id}
    assert "There is no such customer." in (await made(watched, 422, TAM_OF_ACME, customer="bravo")).text
    assert "Choose one of your customers." in (await made(watched, 422, TAM_OF_ACME, customer="", place="psbl")).text
    await made(watched, 303, TAM_OF_ACME)


async def test_a_reader_makes_and_ends_none(watched):
    kept = await watched.app.silence("ann", "of acme", NOON + HOUR, Cover(customer="acme"))
    async with watched.browser(**READER) as client:
        page = Seen((await client.get("/silences")).text)
        assert "of acme" in page.text
        assert [form for form in page.forms if form and form.startswith("/silences")] == []
        assert (await client.post("/silences", data=FORM)).status_code == 403
        assert (await client.post(f"/silences/{kept.id}/end")).status_code == 403
    assert len(await watched.store.silences()) == 1


async def test_hostile_words_are_kept_visible_and_never_run(watched):
    await made(watched, reason=HOSTILE)
    async with watched.browser(**OPERATOR) as client:
        page = Seen((await client.get("/silences")).text)
    assert not [told for tag, told in page.tags if tag == "img"]
    assert "<script>alert(1)" in page.text
    assert "\x1b" not in (await watched.store.silences())[0].reason


async def test_what_is_over_stands_apart(watched):
    await watched.app.silence("ann", "soon over", NOON + HOUR, Cover(place="psbl"))
    watched.app.clock.advance(2 * HOUR)
    async with watched.browser(**OPERATOR) as client:
        page = Seen((await client.get("/silences")).text)
    assert page.text.index("Over, in the last 30 days") < page.text.index("soon over")
