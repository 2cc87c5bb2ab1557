"""What programs change of the inventory, take along, and have forgotten."""

import sqlite3

import pytest

from deliverwatch.core.access import Scope
from web.api.api_world import TAM_OF_ACME, every

CUSTOMER = {"name": "Cairo Ltd", "service_time_zone": "uk", "tam": {"name": "Tam C", "email": "tam-c@esp.example"}}


def adding(*names, **more):
    return [
        {"change": "add", "name": each, **({"pool": "acme-news"} if each[0].isdigit() else {}), **more}
        for each in names
    ]


async def names(client, customer="acme"):
    return {each["name"] for each in await every(client, f"/customers/{customer}/subjects")}


async def test_a_customer_is_added_and_its_data_replaced(bare):
    async with bare.program(Scope.ADMIN) as admin, bare.program(Scope.WRITE) as writer:
        made = await admin.put("/customers/cairo", json=CUSTOMER)
        assert (made.status_code, made.json()["language"], made.json()["assets"]) == (200, "en", [])
        changed = await admin.put("/customers/acme", json={**CUSTOMER, "language": "id"})
        assert (changed.json()["name"], changed.json()["language"]) == ("Cairo Ltd", "id")
        assert "192.0.2.0/26" in {each["name"] for each in changed.json()["assets"]}
        assert (await writer.put("/customers/cairo", json=CUSTOMER)).status_code == 403
        wrong = await admin.put("/customers/ESP", json={**CUSTOMER, "service_time_zone": "mars"})
        assert [each["place"] for each in wrong.json()["errors"]] == ["path.customer_id", "body.service_time_zone"]
        assert (await admin.put("/customers/a%00b", json=CUSTOMER)).status_code == 404
    async with bare.program(Scope.ADMIN, customers=["acme"]) as bounded:
        assert (await bounded.put("/customers/bravo", json=CUSTOMER)).status_code == 404


async def test_subjects_are_added_ended_and_removed_and_a_dry_run_changes_nothing(bare):
    changes = [
        *adding("192.0.2.128/30", "mail.acme.example", roles=["from"]),
        {"change": "end", "name": "news.acme.example", "until": "2026-12-24"},
        {"change": "remove", "name": "2001:db8::/120"},
    ]
    changes[0].pop("roles")
    async with bare.program(Scope.ADMIN) as admin:
        before = await names(admin)
        path = "/customers/acme/subjects/changes"
        tried = (await admin.post(path, json={"changes": changes, "dry_run": True})).json()
        assert await names(admin) == before
        made = (await admin.post(path, json={"changes": changes})).json()
        assert made["changes"] == tried["changes"]
        assert {each["what"] for each in made["changes"]} == {"add", "change", "end"}
        assert await names(admin) == (before - {"2001:db8::/120"}) | {"192.0.2.128/30", "mail.acme.example"}
        assert (await admin.post(path, json={"changes": changes[:3]})).json()["changes"] == []


async def test_ten_thousand_at_once(bare):
    rows = adding(*(f"10.{n >> 8}.{n & 255}.0/32" for n in range(10_000)))
    async with bare.program(Scope.ADMIN) as admin:
        made = await admin.post("/customers/acme/subjects/changes", json={"changes": rows})
        assert (made.status_code, len(made.json()["changes"])) == (200, 10_000)
        rows.append(rows[0])
        assert (await admin.post("/customers/acme/subjects/changes", json={"changes": rows})).status_code == 422


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"change": "add", "name": "192.0.2.300", "pool": "p"}, "is not an IP address"),
        ({"change": "add", "name": "10.0.0.1"}, "is in a pool"),
        ({"change": "add", "name": "x.acme.example"}, "has roles"),
        ({"change": "add", "name": "192.0.2.1", "pool": "p"}, "overlaps 192.0.2.0/26"),
        ({"change": "add", "name": "198.51.100.0/28", "pool": "p"}, "held by bravo"),
        ({"change": "end", "name": "10.0.0.1"}, "is not held"),
        ({"change": "add", "name": "10.0.0.1", "pool": "p", "from": "2026-12-02", "until": "2026-12-01"}, "last day"),
        ({"change": "add", "name": "10.0.0.0", "pool": "p"}, "stands in row 0 already"),
        ({"change": "paint", "name": "10.0.0.1"}, "unknown word"),
    ],
)
async def test_one_wrong_row_is_named_and_none_is_made(bare, row, said):
    async with bare.program(Scope.ADMIN) as admin:
        before = await names(admin)
        body = {"changes": [*adding("10.0.0.0"), row]}
        answered = await admin.post("/customers/acme/subjects/changes", json=body)
        assert answered.status_code == 422, answered.text
        errors = answered.json()["errors"]
        assert [said in each["problem"] for each in errors] == [True]
        assert errors[0]["place"].startswith("body.changes.1")
        assert await names(admin) == before


async def test_all_that_is_kept_of_a_customer_is_had_as_one_document(world):
    async with world.program(Scope.ADMIN) as admin, world.program(Scope.ADMIN, customers=["acme"]) as bounded:
        kept = (await admin.get("/customers/acme/data")).json()
        assert (await bounded.get("/customers/bravo/data")).status_code == 404
    assert all(kept[name] for name in ("listings", "blocks", "events", "warmups", "drafts", "reports"))
    assert "bravo" not in str(kept).casefold()
    assert "198.51.100." not in str(kept)


async def test_a_customer_who_holds_something_is_forgotten_only_with_it(world):
    async with world.program(Scope.ADMIN) as admin:
        refused = await admin.delete("/customers/bravo")
        assert refused.status_code == 409
        assert "still holds 2 subjects" in refused.json()["detail"]
        assert (await admin.get("/customers/bravo")).status_code == 200


async def test_what_is_forgotten_is_nowhere_any_more_and_others_keep_theirs(world):
    async with world.program(**TAM_OF_ACME) as tam, world.program(Scope.ADMIN) as admin:
        paths = ("/drafts", "/warmups", "/reports", "/silences")
        before = [await every(tam, path) for path in paths]
        gone = await admin.delete("/customers/bravo", params={"with_assets": True})
        assert gone.status_code == 200, gone.text
        assert gone.json()["deleted"]["draft"] >= 1
        assert gone.json()["anonymised"]["event"] >= 1
        assert [await every(tam, path) for path in paths] == before
        assert (await admin.get("/customers/bravo")).status_code == 404
        shared = [each for each in await every(admin, "/events") if each["subject"] == "203.0.113.2"]
        assert [each["customers"] for each in shared] == [["acme"]]
        assert ("customer.forget", "bravo") in [
            (each.deed.action, each.deed.object) for each in await world.store.audit()
        ]
    left = await rows_with(world, ("bravo", "198.51.100.5", "198.51.100.6", "198.51.100.7"))
    assert left <= {"audit_line"}


async def rows_with(world, words):
    """The tables in which any of these words is left."""
    url = world.app.settings.store.sqlite_file
    found = set()
    with sqlite3.connect(url) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                if any(word in str(row).casefold() for word in words):
                    found.add(table)
    return found
