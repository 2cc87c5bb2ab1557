"""A program that is bounded to some customers takes nothing from others, and is not told whose it is."""

import pytest

from deliverwatch.core.access import Scope

OTHERS = (
    "198.51.100.5",  # one address of bravo's range
    "198.51.0.0/16",  # a range around it
    "198.51.100.0/28",  # itself
    "203.0.113.2",  # of a pool that both send from
)


def adding(name, **more):
    return {"changes": [{"change": "add", "name": name, "pool": "acme-news", **more}]}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("dry_run", [True, False])
async def test_what_others_hold_is_not_taken_from_them(bare, name, dry_run):
    path, body = "/customers/acme/subjects/changes", {**adding(name), "dry_run": dry_run}
    async with bare.program(Scope.ADMIN, customers=["acme"]) as bounded:
        refused = await bounded.post(path, json=body)
        held = await bounded.get("/customers/acme/subjects")
    assert refused.status_code == 422
    assert [each["place"] for each in refused.json()["errors"]] == ["body.changes.0"]
    assert "bravo" not in refused.text.lower()
    assert name not in {each["name"] for each in held.json()["items"] if not each["shared"]}


async def test_neither_is_what_they_held_then(bare):
    async with bare.program(Scope.ADMIN) as operator, bare.program(Scope.ADMIN, customers=["acme"]) as bounded:
        ended = {"changes": [{"change": "remove", "name": "198.51.100.0/28"}]}
        assert (await operator.post("/customers/bravo/subjects/changes", json=ended)).status_code == 200
        path = "/customers/acme/subjects/changes"
        then = adding("198.51.100.5", **{"from": "2026-01-01", "until": "2026-02-01"})
        assert (await bounded.post(path, json=then)).status_code == 422
        assert (await bounded.post(path, json=adding("198.51.100.5"))).status_code == 200


async def test_its_own_is_changed_as_ever(bare):
    async with bare.program(Scope.ADMIN, customers=["acme"]) as bounded:
        path = "/customers/acme/subjects/changes"
        assert (await bounded.post(path, json=adding("192.0.2.128/30"))).status_code == 200
        assert (await bounded.post(path, json=adding("192.0.2.128/30", stream="bulk"))).status_code == 200
