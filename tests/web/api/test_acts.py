"""What programs do: each act once with its line in the audit trail, within its scope, for its own customers."""

import asyncio

import httpx
import pytest

from deliverwatch.core.access import Role, Scope
from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.episode_ids import episode_id
from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.flows.access_ports import WORKED_ON_FOR
from web.api.api_world import TAM_OF_ACME, every
from web.signing_in import ORIGIN, add_account

WHY = {"reason": "as agreed"}


async def draft_of(world, customer="acme", subject="192.0.2.20"):
    return next(each for each in await world.drafts() if each.customer == customer and subject in each.subjects)


async def blocks_of_two(world):
    """Ids: acme's, and bravo's."""
    found = [(await world.store.episodes_of({each}, limit=10))[0] for each in ("acme", "bravo")]
    return [episode_id(each) for each in found]


async def done(world):
    return [(each.deed.action, each.deed.object) for each in await world.store.audit(limit=5)]


async def test_a_draft_goes_its_whole_way(world):
    draft = await draft_of(world)
    async with world.program(Scope.WRITE) as client:
        pulled = await client.post(f"/drafts/{draft.id}/pull")
        assert (pulled.status_code, pulled.json()["state"]) == (200, "pulled")
        assert pulled.headers["etag"] == f'"{pulled.json()["version"]}"'
        edited = await client.post(f"/drafts/{draft.id}/edits", json={"fields": {"text": "Please look again."}})
        assert edited.json()["text"] == "Please look again."
        linked = await client.post(f"/drafts/{draft.id}/link", json={"ticket": "https://desk.esp.example/17"})
        assert linked.json()["ticket"] == "https://desk.esp.example/17"
        sent = await client.post(f"/drafts/{draft.id}/submit", json={"reference": "SR1"})
        assert (sent.json()["state"], sent.json()["reference"]) == ("submitted", "SR1")
        said = await client.post(f"/drafts/{draft.id}/answer", json={"outcome": "granted", "note": "it is off"})
        assert (said.json()["outcome"], said.json()["follow_up"]) == ("granted", None)
        closed = await client.post(f"/drafts/{draft.id}/close", json={"reason": "done"})
        assert closed.json()["state"] == "closed"
        again = await client.post(f"/drafts/{draft.id}/close", json={"reason": "done"})
        assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
        steps = (await client.get(f"/drafts/{draft.id}/steps")).json()["items"]
    assert [each["action"] for each in steps][-6:] == ["pulled", "edited", "linked", "submitted", "answered", "closed"]
    by = steps[-1]["by"]
    assert by.endswith("(test)")
    assert (await done(world))[:2] == [("draft.close", draft.id), ("draft.close", draft.id)]


async def test_a_change_to_another_version_is_not_made(world):
    draft = await draft_of(world)
    async with world.program(Scope.WRITE) as client:
        tag = (await client.get(f"/drafts/{draft.id}")).headers["etag"]
        await client.post(f"/drafts/{draft.id}/pull")
        late = await client.post(f"/drafts/{draft.id}/submit", json={"reference": "SR1"}, headers={"If-Match": tag})
        assert late.status_code == 412
        assert (await world.store.draft(draft.id)).state is DraftState.PULLED
        now = (await client.get(f"/drafts/{draft.id}")).headers["etag"]
        sent = await client.post(f"/drafts/{draft.id}/submit", json={"reference": "SR1"}, headers={"If-Match": now})
        assert sent.status_code == 200


BODIES = {
    "edits": {"fields": {"text": "mine"}},
    "overrule": {"check": "practice", "reason": "x"},
    "submit": {"reference": "x"},
    "answer": {"outcome": "denied", "note": "x"},
    "told": {"answers": {"cause": "x"}, "said_by": "Kim"},
    "close": {"reason": "x"},
    "link": {"ticket": "https://x.example/"},
}
ACTS = ["pull", "ask", *BODIES]


@pytest.mark.parametrize("act", ACTS)
async def test_a_change_that_comes_between_looking_and_acting_is_not_built_upon(world, act, monkeypatch):
    draft = await draft_of(world, subject="192.0.2.10")
    record, theirs = world.app.access.record, "https://desk.esp.example/17"

    async def overtaken(*deed):
        await record(*deed)
        await world.remediation.desk("ann").link(draft.id, theirs)

    monkeypatch.setattr(world.app.access, "record", overtaken)
    async with world.program(Scope.WRITE) as client:
        tag = {"If-Match": f'"{draft.version}"'}
        answered = await client.post(f"/drafts/{draft.id}/{act}", json=BODIES.get(act), headers=tag)
    assert answered.status_code == 412, answered.text
    kept = await world.store.draft(draft.id)
    assert (kept.version, kept.ticket, kept.state) == (draft.version + 1, theirs, draft.state)


async def test_what_somebody_else_edited_meanwhile_is_not_written_over(world):
    draft = await draft_of(world)
    await world.remediation.desk("ann").edit(draft.id, {"text": "Ann's"})
    async with world.program(Scope.WRITE) as client:
        body = {"fields": {"text": "mine"}, "version": draft.version}
        answered = await client.post(f"/drafts/{draft.id}/edits", json=body)
    assert answered.status_code == 409
    assert "Ann's" in answered.json()["detail"]
    assert (await world.store.draft(draft.id)).text == "Ann's"


async def test_what_only_the_customer_knows_is_kept(world):
    draft = await draft_of(world, subject="192.0.2.10")
    async with world.program(Scope.WRITE) as client:
        body = {"answers": {"cause": "a form was open"}, "said_by": "Kim"}
        told = await client.post(f"/drafts/{draft.id}/told", json=body)
        assert told.status_code == 200, told.text
        wrong = await client.post(f"/drafts/{draft.id}/told", json={"answers": {"colour": "blue"}, "said_by": "Kim"})
        assert [each["place"] for each in wrong.json()["errors"]] == ["body.answers.colour"]
    (asked,) = await world.store.action_requests(customer="acme")
    assert (asked.answers, asked.answered_by) == ({"cause": "a form was open"}, "Kim")


@pytest.mark.parametrize("act", ACTS)
async def test_a_foreign_draft_cannot_be_touched(world, act):
    draft = next(each for each in await world.drafts() if each.customer == "bravo")
    async with world.program(Scope.WRITE, **TAM_OF_ACME) as tam, world.program(Scope.READ) as reader:
        assert (await tam.post(f"/drafts/{draft.id}/{act}", json=BODIES.get(act))).status_code == 404
        assert (await reader.post(f"/drafts/{draft.id}/{act}", json=BODIES.get(act))).status_code == 403
    assert await world.store.draft(draft.id) == draft


async def test_a_warm_up_is_held_released_stepped_back_finished(world):
    async with world.program(Scope.WRITE) as client:
        for act, state in (("hold", "held"), ("release", None), ("finish", None)):
            answered = await client.post(f"/warmups/192.0.2.30/{act}", json=WHY)
            assert answered.status_code == 200, answered.text
            assert state is None or answered.json()["state"] == state
        steps = (await client.get("/warmups/192.0.2.30")).json()["steps"]
        assert [each["kind"] for each in steps] == ["started", "held", "released", "finished"]
        over = await client.post("/warmups/192.0.2.30/hold", json=WHY)
        assert over.status_code == 409
        body = {"ip": "192.0.2.31", "plan": "sparkpost-stages", "on": "2026-11-30"}
        begun = await client.post("/warmups", json=body)
        assert (begun.json()["ip"], begun.json()["customer"]) == ("192.0.2.31", "acme")
        assert {each["kind"] for each in begun.json()["warnings"]} >= set()
        back = await client.post("/warmups/192.0.2.31/step-back", json={**WHY, "stage": 7})
        assert back.status_code in (200, 409)


async def test_a_foreign_or_shared_address_is_not_warmed_up(world):
    async with world.program(Scope.WRITE, **TAM_OF_ACME) as tam:
        for ip in ("198.51.100.8", "203.0.113.3", "8.8.8.8"):
            body = {"ip": ip, "plan": "sparkpost-stages", "on": "2026-11-30"}
            assert (await tam.post("/warmups", json=body)).status_code == 404
        assert (await tam.post("/warmups/198.51.100.7/hold", json=WHY)).status_code == 404


async def test_a_plan_that_there_is_not_is_named_with_those_that_there_are(world):
    async with world.program(Scope.WRITE) as client:
        body = {"ip": "192.0.2.31", "plan": "sparkpost", "on": "2026-11-30"}
        answered = await client.post("/warmups", json=body)
        assert (answered.status_code, answered.headers["content-type"]) == (422, "application/problem+json")
        (error,) = answered.json()["errors"]
        assert error["place"] == "body.plan"
        assert all(each.id in error["problem"] for each in world.app.warmups.plans)
        assert (await client.get("/warmups/192.0.2.31")).status_code == 404


async def test_a_block_is_ended_by_hand(world):
    async with world.program() as reader, world.program(Scope.WRITE, **TAM_OF_ACME) as tam:
        blocks = await every(reader, "/blocks", open=True)
        mine, foreign = (next(each for each in blocks if each["customers"] == [it]) for it in ("acme", "bravo"))
        assert (await tam.post(f"/blocks/{foreign['id']}/close", json=WHY)).status_code == 404
        ended = await tam.post(f"/blocks/{mine['id']}/close", json=WHY)
        assert (ended.status_code, ended.json()["ended"]) == (200, "by_hand")
        assert (await tam.post(f"/blocks/{mine['id']}/close", json=WHY)).status_code == 404


async def test_a_block_of_what_others_use_too_is_not_for_one_customers_people_to_end(world):
    await world.blocked("203.0.113.2", "microsoft_consumer", "550 5.7.1 [203.0.113.2] (S3140)")
    async with world.program(Scope.WRITE) as whole, world.program(Scope.WRITE, **TAM_OF_ACME) as tam:
        (shared,) = [each for each in await every(tam, "/blocks", open=True) if each["subject"] == "203.0.113.2"]
        assert (await tam.post(f"/blocks/{shared['id']}/close", json=WHY)).status_code == 404
        assert (await whole.post(f"/blocks/{shared['id']}/close", json=WHY)).status_code == 200


async def test_a_silence_is_made_and_ended(world):
    body = {"until": "2026-12-01T09:00:00+01:00", "reason": "a move"}
    async with world.program(Scope.WRITE, **TAM_OF_ACME) as tam:
        assert (await tam.post("/silences", json=body)).status_code == 422  # not of everybody
        assert (await tam.post("/silences", json={**body, "customer": "bravo"})).status_code == 404
        made = await tam.post("/silences", json={**body, "customer": "acme"})
        assert (made.status_code, made.json()["until_at"]) == (200, "2026-12-01T08:00:00Z")
        ended = await tam.post(f"/silences/{made.json()['id']}/end")
        assert ended.json() == {"id": made.json()["id"], "ended": True}
        assert (await tam.post(f"/silences/{made.json()['id']}/end")).status_code == 409
        foreign = next(each for each in await world.store.silences() if each.customer == "bravo")
        assert (await tam.post(f"/silences/{foreign.id}/end")).status_code == 404


async def test_a_message_that_was_given_up_is_tried_again(world):
    async with world.program(Scope.WRITE) as client:
        alerts = await every(client, "/alerts")
        dead = [(a["number"], m["id"]) for a in alerts for m in a["notifications"] if m["state"] == "dead"]
        number, message = dead[0]
        assert (await client.post(f"/alerts/{number}/messages/{message}/resend")).json() == {
            "id": message,
            "resent": True,
        }
        assert (await client.post(f"/alerts/{number}/messages/{message}/resend")).status_code == 409
    waiting = await world.store.outbox(states=[NotificationState.PENDING])
    assert message in {each.notification.id for each in waiting}


async def test_an_alert_says_why_and_names_nobody_else(world):
    async with world.program(**TAM_OF_ACME) as tam:
        number = (await every(tam, "/alerts"))[0]["number"]
        shown = (await tam.get(f"/alerts/{number}")).json()
    assert shown["why"]
    assert "bravo" not in str(shown).casefold()


async def test_lists_are_asked_again_by_those_who_administer(world):
    async with world.program(Scope.ADMIN) as admin, world.program(Scope.WRITE) as writer:
        assert (await admin.post("/lists/psbl/ask-now")).json() == {"list": "psbl", "lifted": 0}
        assert (await admin.post("/lists/nobodys/ask-now")).status_code == 404
        assert (await writer.post("/lists/psbl/ask-now")).status_code == 403
        assert (await admin.get("/lists/psbl")).json()["health"] is not None


async def test_a_token_is_made_shown_once_and_taken_back(world):
    async with world.program(Scope.ADMIN) as admin:
        made = (await admin.post("/tokens", json={"name": "help desk", "customers": ["acme"]})).json()
        headers = {"Authorization": f"Bearer {made['text']}"}
        me = await admin.get("/me", headers=headers)
        assert (me.json()["customers"], me.json()["acts"]) == (["acme"], ["look"])
        listed = await every(admin, "/tokens")
        assert made["text"] not in str(listed)
        assert (await admin.post("/tokens", json={"name": "x", "customers": ["nobody"]})).status_code == 422
        assert (await admin.post(f"/tokens/{made['id']}/revoke")).json()["revoked"] is True
        assert (await admin.get("/me", headers=headers)).status_code == 401
        assert (await admin.post(f"/tokens/{made['id']}/revoke")).status_code == 409


class TestOnce:
    async def test_what_is_sent_again_under_its_key_is_done_once(self, world):
        headers, body = {"Idempotency-Key": "k-1"}, {"until": "2026-12-01T09:00:00Z", "reason": "a", "customer": "acme"}
        async with world.program(Scope.WRITE) as client:
            before = len(await world.store.silences())
            first = await client.post("/silences", json=body, headers=headers)
            again = await client.post("/silences", json=body, headers=headers)
            assert again.content == first.content
            assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
            assert len(await world.store.silences()) == before + 1
            other = await client.post("/silences", json={**body, "reason": "b"}, headers=headers)
            assert other.status_code == 422
        async with world.program(Scope.WRITE) as somebody_else:
            assert (
                "idempotency-replayed"
                not in (await somebody_else.post("/silences", json=body, headers=headers)).headers
            )

    @pytest.mark.parametrize("gone", ["customer", "scope"])
    async def test_an_answer_is_given_again_to_who_may_see_it_alone(self, world, gone):
        """A customer who changed hands within the day takes the answers about it along."""
        drafts = [await draft_of(world), await draft_of(world, "bravo", "198.51.100.5")]
        blocks = await blocks_of_two(world)
        await add_account(world.house, role=Role.TAM, sees_all=True, name="robin")
        _, text = await world.app.access.add_token("robin", "crm", Scope.WRITE, None, 30, "ops")
        transport, headers = httpx.ASGITransport(world.application), {"Authorization": f"Bearer {text}"}
        asked = {
            **{f"/drafts/{each.id}/pull": {} for each in drafts},
            **{f"/warmups/{ip}/hold": WHY for ip in ("192.0.2.30", "198.51.100.7")},
            **{f"/blocks/{id_}/close": WHY for id_ in blocks},
            "/silences": {"until": "2026-12-01T09:00:00Z", "reason": "a", "customer": "bravo"},
        }
        async with httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}/api/v1", headers=headers) as client:

            async def ask():
                sent = {
                    path: await client.post(path, json=body, headers={"Idempotency-Key": path})
                    for path, body in asked.items()
                }
                return {
                    path: (each.status_code, each.headers.get("idempotency-replayed")) for path, each in sent.items()
                }

            assert set((await ask()).values()) == {(200, None)}
            assert set((await ask()).values()) == {(200, "true")}
            if gone == "scope":
                await world.app.access.change_account("robin", "ops", role=Role.READ_ONLY)
                assert set((await ask()).values()) == {(403, None)}
                return
            await world.app.access.change_account("robin", "ops", sees_all=False, email=TAM_OF_ACME["email"])
            now = await ask()
        of_bravo = {path for path in asked if any(each in path for each in (drafts[1].id, "198.51.100.7", "silences"))}
        of_bravo.add(f"/blocks/{blocks[1]}/close")
        assert {path for path, answered in now.items() if answered == (404, None)} == of_bravo
        assert {path for path, answered in now.items() if answered == (200, "true")} == set(asked) - of_bravo

    async def test_of_two_at_once_one_does_it(self, world):
        headers, body = {"Idempotency-Key": "k-2"}, {"until": "2026-12-01T09:00:00Z", "reason": "a", "customer": "acme"}
        before = len(await world.store.silences())
        async with world.program(Scope.WRITE) as client:
            sent = [client.post("/silences", json=body, headers=headers) for _ in range(5)]
            answered = await asyncio.gather(*sent)
        assert {each.status_code for each in answered} <= {200, 409}
        assert len(await world.store.silences()) == before + 1

    async def test_what_was_left_in_mid_work_is_tried_again_after_some_minutes(self, world, monkeypatch):
        headers, body = {"Idempotency-Key": "k-5"}, {"until": "2026-12-01T09:00:00Z", "reason": "a", "customer": "acme"}
        before = len(await world.store.silences())

        async def killed(*_, **__):
            raise OSError("no more of this process")

        async def never(*_):
            pass

        async with world.program(Scope.WRITE) as client:
            with monkeypatch.context() as dying:
                dying.setattr(world.app, "silence", killed)
                dying.setattr(world.store, "drop_answer", never)
                with pytest.raises(OSError, match="no more"):
                    await client.post("/silences", json=body, headers=headers)
            working = await client.post("/silences", json=body, headers=headers)
            assert (working.status_code, working.headers["retry-after"]) == (409, "1")
            world.clock.advance(WORKED_ON_FOR)
            other = await client.post("/silences", json={**body, "reason": "b"}, headers=headers)
            assert other.status_code == 422
            done = await client.post("/silences", json=body, headers=headers)
            again = await client.post("/silences", json=body, headers=headers)
            assert (done.status_code, again.content) == (200, done.content)
        assert len(await world.store.silences()) == before + 1

    async def test_what_is_not_possible_is_kept_too_and_a_fault_of_ours_is_not(self, world):
        draft = await draft_of(world)
        await world.remediation.desk("ann").close(draft.id, "done")
        headers = {"Idempotency-Key": "k-3"}
        async with world.program(Scope.WRITE) as client:
            first = await client.post(f"/drafts/{draft.id}/pull", headers=headers)
            again = await client.post(f"/drafts/{draft.id}/pull", headers=headers)
            assert (first.status_code, again.status_code) == (409, 409)
            assert again.headers["idempotency-replayed"] == "true"
            unknown = await client.post("/drafts/nobodys/pull", headers={"Idempotency-Key": "k-4"})
            assert unknown.status_code == 404
            free = await client.post("/silences/nobodys/end", headers={"Idempotency-Key": "k-4"})
            assert free.status_code == 404
            wrong = await client.post("/silences/nobodys/end", headers={"Idempotency-Key": "a key"})
            assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"\xff\xfe", 422),
        (b'{"reason": "\\u0000"}', 422),
        (b'{"reason": "\\ud800"}', 422),
        (b'{"reason": "x", "provider": "\\u0000"}', 422),
        (b'{"reason": "x", "provider": "two\\nlines"}', 422),
        (b'{"reason": ""}', 422),
        (b'{"reason": 7}', 422),
        (b'{"reason": "x", "colour": "blue"}', 422),
        (b'{"\\ud800": "x"}', 422),
        (b"[" * 100_000, 400),
        (b"null", 422),
        (b'{"reason": "' + b"x" * (5 << 20) + b'"}', 413),
    ],
)
async def test_bodies_that_mean_nothing_are_refused(bare, body, status):
    async with bare.program(Scope.WRITE) as client:
        headers = {"Content-Type": "application/json"}
        answered = await client.post("/warmups/192.0.2.30/hold", content=body, headers=headers)
    assert answered.status_code == status, answered.text
    assert answered.headers["content-type"] == "application/problem+json"
