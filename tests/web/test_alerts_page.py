"""Alerts: what was told to whom and why, to those who may know; and sending again what was given up."""

from datetime import timedelta

import pytest

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.silences import Cover
from samples import NOON
from web.desk_world import Seen
from web.watched_world import BRAVOS, HOSTILE, HOUR, OPERATOR, READER, TAM_OF_ACME, open_watched

TAM_OF_BRAVO = {**TAM_OF_ACME, "email": "tam-bravo@esp.example"}


@pytest.fixture
async def watched(tmp_path):
    async with open_watched(tmp_path) as world:
        yield world


async def shown(world, path, status=200, **who):
    async with world.browser(**(who or OPERATOR)) as client:
        answer = await client.get(path)
    assert answer.status_code == status
    return Seen(answer.text)


async def test_alerts_are_listed_newest_first_with_whom_they_were_told(watched):
    first = await watched.listed("192.0.2.10")
    await watched.deliver()
    second = await watched.listed("198.51.100.7", ("bravo",))
    page = await shown(watched, "/alerts")
    assert [link for link in page.links if link.startswith("/alerts/")] == [f"/alerts/{second}", f"/alerts/{first}"]
    assert "192.0.2.10" in page.text
    assert "ops@esp.example: sent 2026-11-18 12:00 UTC" in page.text
    assert "tam-acme@esp.example" in page.text


async def test_what_nobody_was_told_of_is_shown_when_asked_for(watched):
    number = await watched.listed(told=False)
    assert f"/alerts/{number}" not in (await shown(watched, "/alerts")).links
    page = await shown(watched, "/alerts?quiet=1")
    assert f"/alerts/{number}" in page.links
    assert "nobody" in page.text


async def test_pages_of_alerts_follow_each_other_without_loss_or_repeat(watched):
    events = [
        Event(f"test/{n}", EventKind.LIST_STALE, NOON, "psbl", None, {"since": NOON.isoformat(), "detail": ""})
        for n in range(120)
    ]
    await watched.store.commit_endings({}, events, [])
    seen, path = [], "/alerts?quiet=1"
    while path is not None:
        page = await shown(watched, path)
        seen += [int(link.rpartition("/")[2]) for link in page.links if link.startswith("/alerts/")]
        path = next((link for link in page.links if "before=" in link), None)
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == len(seen) == 120


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "%00", "²"])
async def test_a_place_that_is_none_is_the_beginning(watched, before):
    number = await watched.listed()
    assert f"/alerts/{number}" in (await shown(watched, f"/alerts?before={before}")).links


async def test_one_alert_says_why_each_was_told(watched):
    number = await watched.listed()
    await watched.deliver()
    page = await shown(watched, f"/alerts/{number}")
    assert (
        "tam-acme@esp.example, the account manager or their deputy, was told 2026-11-18 12:00 UTC by mail" in page.text
    )
    assert "Acme was sent no alert: customers get none, and the weekly report tells it." in page.text
    assert {"/lists/psbl", "/customers/acme"} <= set(page.links)


async def test_a_bounded_viewer_reads_of_their_customers_alone(watched):
    mine = await watched.listed("192.0.2.10")
    theirs = await watched.listed("198.51.100.7", ("bravo",), reason=BRAVOS)
    shared = await watched.listed("203.0.113.1", ("acme", "bravo"), reason="shared")
    listed = await shown(watched, "/alerts?quiet=1", **TAM_OF_ACME)
    assert {f"/alerts/{mine}", f"/alerts/{shared}"} <= set(listed.links)
    one = await shown(watched, f"/alerts/{shared}", **TAM_OF_ACME)
    for page in (listed, one, await shown(watched, f"/alerts/{mine}", **TAM_OF_ACME)):
        for foreign in (BRAVOS, "198.51.100.7", "Bravo", "bravo", f"/alerts/{theirs}"):
            assert foreign not in page.text
            assert foreign not in page.links
    await shown(watched, f"/alerts/{theirs}", 404, **TAM_OF_ACME)
    assert "ops@esp.example" in (await shown(watched, f"/alerts/{mine}", **TAM_OF_ACME)).text
    assert "ops@esp.example" not in one.text
    assert "tam-acme@esp.example" in one.text


async def test_what_was_told_to_others_alone_is_not_said_to_be_told_to_nobody(watched):
    await watched.store.commit_endings({}, *_shared_and_told_to_the_operator_alone())
    number = (await watched.store.events_of(None, limit=1))[0].id
    one = await shown(watched, f"/alerts/{number}", **TAM_OF_ACME)
    assert "It was told to others, whom you may not see." in one.text
    assert "Nobody was told" not in one.text
    assert "others, whom you may not see" in (await shown(watched, "/alerts", **TAM_OF_ACME)).text


def _shared_and_told_to_the_operator_alone():
    from deliverwatch.core.receivers import Routing, route
    from deliverwatch.core.routing import Match, Route
    from deliverwatch.core.subjects import parse_subject
    from samples import INVENTORY

    facts = {"parties": ["acme", "bravo"], "opened_at": NOON.isoformat(), "confirmed_at": NOON.isoformat()}
    facts |= {"codes": [], "meanings": ["x"], "impact": "high", "reason": None, "path": "p", "first_path": "p"}
    facts |= {"unexplained": []}
    subject = parse_subject("203.0.113.1")
    event = Event("listing_opened/psbl/shared", EventKind.LISTING_OPENED, NOON, "psbl", subject, facts)
    alone = Routing(("ops@esp.example",), routes=(Route("all", Match(), ("operator",)),))
    return [event], route(event, alone, INVENTORY.customers)


@pytest.mark.parametrize("number", ["0", "999999", "x", "9" * 60, "1.5", "-1", "²", "listing_opened%2Fpsbl"])
async def test_an_alert_that_is_none_is_not_found(watched, number):
    await watched.listed()
    await shown(watched, f"/alerts/{number}", 404)


async def test_a_message_that_was_given_up_is_sent_again(watched):
    number = await watched.listed()
    await watched.deliver("550 no such user")
    first, *others = await watched.dead()
    page = await shown(watched, f"/alerts/{number}")
    assert "550 no such user" in page.text
    assert page.forms[f"/alerts/{number}/resend"]["message"] in {first, *others}
    async with watched.browser(**OPERATOR) as client:
        answer = await client.post(f"/alerts/{number}/resend", data={"message": first})
        assert answer.headers["location"] == f"/alerts/{number}?done=resent"
        assert "The message is due again" in (await client.get(answer.headers["location"])).text
    assert await watched.dead() == others
    deeds = [line.deed for line in await watched.store.audit()]
    assert ("alert.resend", first) in {(deed.action, deed.object) for deed in deeds}


async def test_only_a_message_of_that_alert_that_one_sees_is_sent_again(watched):
    shared = await watched.listed("203.0.113.1", ("acme", "bravo"))
    await watched.deliver("550 no")
    outbox = {each.notification.recipient: each.notification.id for each in await watched.store.outbox()}
    before = set(await watched.dead())
    async with watched.browser(**TAM_OF_ACME) as client:
        for message in (outbox["ops@esp.example"], outbox["tam-bravo@esp.example"], "nonsense", ""):
            answer = await client.post(f"/alerts/{shared}/resend", data={"message": message})
            assert answer.status_code == 404
        assert set(await watched.dead()) == before
        mine = {"message": outbox["tam-acme@esp.example"]}
        assert (await client.post(f"/alerts/{shared}/resend", data=mine)).status_code == 303
    assert set(await watched.dead()) == before - {outbox["tam-acme@esp.example"]}


async def test_a_reader_sends_nothing(watched):
    number = await watched.listed()
    await watched.deliver("550 no")
    (first, *_) = await watched.dead()
    async with watched.browser(**READER) as client:
        assert "resend" not in Seen((await client.get(f"/alerts/{number}")).text).forms
        assert (await client.post(f"/alerts/{number}/resend", data={"message": first})).status_code == 403
    assert first in await watched.dead()


async def test_a_silence_that_is_not_theirs_is_named_without_its_words(watched):
    await watched.app.silence("ann", f"because of {BRAVOS}", NOON + HOUR, Cover(place="psbl"))
    number = await watched.listed(at=NOON + timedelta(minutes=1))
    states = {each.state for each in await watched.store.outbox()}
    assert states == {NotificationState.SILENCED}
    assert BRAVOS in (await shown(watched, f"/alerts/{number}")).text
    mine = (await shown(watched, f"/alerts/{number}", **TAM_OF_ACME)).text
    assert BRAVOS not in mine
    assert "was not told: silence s-" in mine


async def test_hostile_words_are_shown_and_never_run(watched):
    number = await watched.listed(reason=HOSTILE)
    await watched.deliver(HOSTILE)
    for path in ("/alerts", f"/alerts/{number}"):
        page = await shown(watched, path)
        assert not [told for tag, told in page.tags if tag == "img"]
        assert "<script>alert(1)" in page.text
        assert "\x1b" not in page.text
