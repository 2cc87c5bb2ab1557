"""What people decide about a warm-up on its page, and what is answered when it is not possible."""

import pytest

from deliverwatch.core.access import Role
from deliverwatch.core.warmup.run import RunEnd, StepKind
from web.desk_world import HOSTILE, Seen, browsing, open_world

TAM_A = {"role": Role.TAM, "sees_all": False, "email": "tam-a@esp.example"}
OWN, FOREIGN, SHARED = "192.0.2.10", "198.51.100.4", "203.0.113.2"
ACTS = ("hold", "release", "step-back", "finish")
START = {"ip": OWN, "plan": "acellemail", "on": "2026-11-24", "target": ""}


@pytest.fixture
async def world(tmp_path, monkeypatch):
    async with open_world(tmp_path, monkeypatch) as world:
        yield world


@pytest.fixture
async def client(world):
    async with browsing(world, name="pat") as client:
        yield client


async def act(client, name, ip=OWN, **told):
    return await client.post(f"/warmups/{ip}/{name}", data={"reason": "a bad list"} | told)


async def done(client, name, **told):
    answer = await act(client, name, **told)
    assert answer.status_code == 303, Seen(answer.text).text
    return Seen((await client.get(answer.headers["location"])).text)


async def start(client, **told):
    return await client.post("/warmups/start", data=START | told)


async def steps(world, ip=OWN):
    return [(step.kind, step.by, step.reason) for step in (await world.app.warmups.history(ip)).steps]


async def test_each_act_is_done_with_its_reason_and_audited(world, client):
    await world.warmed(OWN)
    page = await done(client, "hold", provider="google")
    assert "It is held: its volume is not to grow." in page.text
    assert "held at Gmail since" in page.text
    await done(client, "release", reason="it was removed")
    page = await done(client, "finish", reason="the customer left")
    assert (await world.app.warmups.history(OWN)).status.run.ended is RunEnd.FINISHED
    assert f"/warmups/{OWN}/hold" not in page.forms
    assert await steps(world) == [
        (StepKind.STARTED, "ann", ""),
        (StepKind.HELD, "pat", "a bad list"),
        (StepKind.RELEASED, "pat", "it was removed"),
        (StepKind.FINISHED, "pat", "the customer left"),
    ]
    deeds = [line.deed for line in await world.store.audit(object_=OWN)]
    assert [deed.action for deed in deeds] == ["warmup.finish", "warmup.release", "warmup.hold"]
    assert deeds[-1].facts == {"reason": "a bad list", "provider": "google"}


async def test_it_is_stepped_back_to_a_stage(world):
    await world.warmed(OWN, (1000, 1000), (2000, 2000), (4000, 4000))
    stage = (await world.app.warmups.history(OWN)).status.stage
    assert stage > 2
    async with browsing(world) as client:
        page = await done(client, "step-back", stage=str(stage - 2))
    assert f"stage {stage - 2} of 10" in page.text
    assert (await world.app.warmups.history(OWN)).status.stage == stage - 2


async def test_what_is_not_possible_is_said_beside_the_reason(world, client):
    await world.warmed(OWN)
    for name, told, status in (
        ("hold", {"reason": " "}, 422),
        ("hold", {"reason": "x" * 501}, 422),
        ("hold", {"provider": "nobody"}, 409),
        ("release", {}, 409),
        ("step-back", {}, 409),
        ("step-back", {"stage": "-1"}, 409),
        ("step-back", {"stage": "9" * 40}, 409),
    ):
        answer = await act(client, name, **told)
        assert answer.status_code == status
        assert 'role="alert"' in answer.text
    assert await steps(world) == [(StepKind.STARTED, "ann", "")]
    assert (await client.post(f"/warmups/{OWN}/burn")).status_code == 404


async def test_a_foreign_one_is_not_there_a_shared_one_is_for_others_and_a_reader_may_nothing(world):
    for ip in (OWN, FOREIGN, SHARED):
        await world.warmed(ip)
    async with browsing(world, **TAM_A) as tam:
        for name in ACTS:
            assert (await act(tam, name, FOREIGN)).status_code == 404
            assert (await act(tam, name, SHARED)).status_code == 403
        assert (await act(tam, "hold")).status_code == 303
    async with browsing(world, role=Role.READ_ONLY) as reader:
        for name in ACTS:
            assert (await act(reader, name)).status_code == 403
        assert (await start(reader)).status_code == 403
    assert len(await steps(world, FOREIGN)) == len(await steps(world, SHARED)) == 1


async def test_one_is_begun_once_what_speaks_against_it_was_read(world, client):
    answer = await start(client)
    seen = Seen(answer.text)
    assert answer.status_code == 200
    assert "Its reverse name could not be looked up" in seen.text
    assert not await world.store.warmups(ip=OWN)
    asked = {**START, "all_the_same": "yes"}
    assert seen.forms["/warmups/start"]["ip"] == OWN
    answer = await client.post("/warmups/start", data=asked)
    assert answer.headers["location"] == f"/warmups/{OWN}?done=start"
    assert await steps(world) == [(StepKind.STARTED, "pat", "")]
    (line,) = await world.store.audit(object_=OWN)
    assert line.deed.facts == {"plan": "acellemail", "on": "2026-11-24", "target": None}


async def test_what_cannot_be_begun_is_said_beside_its_field(world, client):
    for told, status, field in (
        ({"ip": "news.acme.example"}, 422, "ip"),
        ({"ip": HOSTILE}, 422, "ip"),
        ({"on": "soon"}, 422, "on"),
        ({"target": "many"}, 422, "target"),
        ({"target": "0"}, 422, "target"),
        ({"plan": "nobody's"}, 409, "ip"),
        ({"ip": "198.51.100.99", "all_the_same": "yes"}, 409, "ip"),
        ({"on": "2036-01-01", "all_the_same": "yes"}, 409, "ip"),
    ):
        answer = await start(client, **told)
        wrong = [told["name"] for _, told in Seen(answer.text).tags if told.get("aria-invalid") == "true"]
        assert (answer.status_code, wrong) == (status, [field])
        assert "\u202e" not in answer.text


async def test_of_others_addresses_nothing_is_said(world):
    async with browsing(world, **TAM_A) as tam:
        words = {Seen((await start(tam, ip=ip)).text).text.count("None of your customers holds this address alone.")
                 for ip in (FOREIGN, SHARED, "198.51.100.99")}  # fmt: skip
        assert words == {2}
        assert (await start(tam, all_the_same="yes")).status_code == 303


async def test_from_another_site_nothing_is_done(world, client):
    await world.warmed(OWN)
    answer = await client.post(f"/warmups/{OWN}/hold", data={"reason": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert len(await steps(world)) == 1
