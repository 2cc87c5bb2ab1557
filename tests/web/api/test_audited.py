"""Whatever is done by the API stands in the audit trail, from before it is done: no line, no deed."""

import pytest
from sqlalchemy import select

from deliverwatch.core.access import Scope
from deliverwatch.core.episode_ids import episode_id
from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.store.engine import open_engine, read_url
from deliverwatch.store.tables import METADATA
from web.api.described import operations

WHY = {"reason": "as agreed"}
CUSTOMER = {"name": "Acme", "service_time_zone": "uk", "tam": {"name": "Tam C", "email": "tam-c@esp.example"}}
CHANGES = {"changes": [{"change": "add", "name": "192.0.2.128/30", "pool": "acme-news"}]}
SILENCE = {"until": "2026-12-01T09:00:00Z", "reason": "a move", "customer": "acme"}
WARMUP = {"ip": "192.0.2.31", "plan": "sparkpost-stages", "on": "2026-11-30"}
DEEDS = {
    "PUT /customers/{customer_id}": ("customer.put", CUSTOMER),
    "DELETE /customers/{customer_id}": ("customer.forget", None),
    "POST /customers/{customer_id}/subjects/changes": ("customer.change-subjects", CHANGES),
    "POST /blocks/{block_id}/close": ("block.close", WHY),
    "POST /warmups": ("warmup.start", WARMUP),
    "POST /warmups/{ip}/hold": ("warmup.hold", WHY),
    "POST /warmups/{ip}/release": ("warmup.release", WHY),
    "POST /warmups/{ip}/step-back": ("warmup.step-back", WHY),
    "POST /warmups/{ip}/finish": ("warmup.finish", WHY),
    "POST /drafts/{draft_id}/pull": ("draft.pull", None),
    "POST /drafts/{draft_id}/edits": ("draft.edit", {"fields": {"text": "mine"}}),
    "POST /drafts/{draft_id}/overrule": ("draft.overrule", {"check": "practice", "reason": "mended"}),
    "POST /drafts/{draft_id}/submit": ("draft.submit", {"reference": "SR1"}),
    "POST /drafts/{draft_id}/answer": ("draft.answer", {"outcome": "granted", "note": "it is off"}),
    "POST /drafts/{draft_id}/ask": ("draft.ask", None),
    "POST /drafts/{draft_id}/told": ("draft.told", {"answers": {"cause": "a form"}, "said_by": "Kim"}),
    "POST /drafts/{draft_id}/link": ("draft.link", {"ticket": "https://desk.esp.example/17"}),
    "POST /drafts/{draft_id}/close": ("draft.close", WHY),
    "POST /lists/{list_id}/ask-now": ("list.ask-now", None),
    "POST /alerts/{number}/messages/{message_id}/resend": ("alert.resend", None),
    "POST /silences": ("silence.add", SILENCE),
    "POST /silences/{silence_id}/end": ("silence.end", None),
    "POST /tokens": ("token.make", {"name": "help desk"}),
    "POST /tokens/{token_id}/revoke": ("token.take-back", None),
}
REFUSED = {"POST /warmups/{ip}/release", "POST /drafts/{draft_id}/overrule"}
"""As things stand in that world; the trail has the attempt all the same."""


def test_every_deed_is_among_these():
    acting = {label.replace(" /api/v1", " ") for label, _ in operations() if not label.startswith("GET")}
    assert acting == set(DEEDS)


async def asked(world, label):
    """The path, with ids of acme's for which it is possible."""
    drafts = [each for each in await world.drafts() if each.customer == "acme" and "192.0.2.10" in each.subjects]
    blocks = await world.store.episodes_of(["acme"], limit=10)
    alerts = await world.store.alerts_of(None)
    dead = [(a.numbered.id, n.notification.id) for a in alerts for n in a.lines if n.state == "dead"]
    silences = [each for each in await world.store.silences() if each.customer == "acme"]
    await world.token(Scope.READ)
    token = next(each for each in await world.store.tokens() if each.scope is Scope.READ)
    if label.endswith("/answer"):
        await world.remediation.desk("ann").submit(drafts[0].id, "SR1")
        assert (await world.store.draft(drafts[0].id)).state is DraftState.SUBMITTED
    _, path = label.split()
    return path.format(
        customer_id="acme",
        block_id=episode_id(blocks[0]),
        ip="192.0.2.30",
        draft_id=drafts[0].id,
        list_id="psbl",
        number=dead[0][0],
        message_id=dead[0][1],
        silence_id=silences[0].id,
        token_id=token.id,
    )


@pytest.mark.parametrize("label", DEEDS)
async def test_what_is_done_has_its_line(world, label):
    action, body = DEEDS[label]
    async with world.program(Scope.ADMIN) as client:
        path = await asked(world, label)
        with_assets = {"with_assets": True} if label.startswith("DELETE") else {}
        answered = await client.request(label.split()[0], path, json=body, params=with_assets)
    assert answered.status_code == (409 if label in REFUSED else 200), answered.text
    assert action in [each.deed.action for each in await world.store.audit(limit=3)]


@pytest.mark.parametrize("label", [label for label in DEEDS if label not in REFUSED])
async def test_without_a_line_it_is_not_done(world, label, monkeypatch):
    async def full(*_):
        raise OSError("the trail takes no line")

    async with world.program(Scope.ADMIN) as client:
        path = await asked(world, label)
        before = rows(world)
        monkeypatch.setattr(world.app.access, "record", full)
        with pytest.raises(OSError, match="takes no line"):
            await client.request(label.split()[0], path, json=DEEDS[label][1], params={"with_assets": True})
    assert rows(world) == before


def rows(world):
    """All there is, but when a token was used last."""
    engine = open_engine(read_url(world.app.settings.store.url.get_secret_value()))
    with engine.begin() as connection:
        found = {name: connection.execute(select(table)).all() for name, table in METADATA.tables.items()}
    engine.dispose()
    found["api_token"] = [(each.id, each.revoked_at) for each in found["api_token"]]
    return found
