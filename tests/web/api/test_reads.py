"""What programs read: all of it, and of others nothing."""

from email import message_from_bytes, policy

import pytest

from deliverwatch.core.access import Scope
from deliverwatch.render.draft_document import document
from web.api.api_world import BRAVOS, TAM_OF_ACME, every

LISTS = {
    "/customers": {"acme", "bravo"},
    "/listings": 3,
    "/blocks": 2,
    "/drafts": 4,
    "/reports": 2,
    "/warmups": 2,
    "/silences": 2,
    "/alerts": None,
    "/events": None,
}
FOR_ALL = ("/replies", "/tokens")


@pytest.mark.parametrize("path", LISTS)
async def test_what_there_is_is_read_and_of_others_nothing(world, path):
    async with world.program() as whole, world.program(**TAM_OF_ACME) as tam:
        everything, theirs = await every(whole, path), await every(tam, path)
    assert everything
    assert theirs
    assert len(theirs) < len(everything)
    told = str(theirs)
    assert not [each for each in BRAVOS if each in told]
    assert any(BRAVOS[1] in str(each) or BRAVOS[0] in str(each) for each in everything)


@pytest.mark.parametrize("path", [*(each for each in LISTS if each != "/customers"), "/customers"])
async def test_a_bounded_token_sees_what_its_bounds_are(world, path):
    async with world.program(customers=["acme"]) as bounded, world.program(**TAM_OF_ACME) as tam:
        assert await every(bounded, path) == await every(tam, path)


@pytest.mark.parametrize("path", [*LISTS, "/customers/acme/subjects"])
async def test_pages_lose_nothing_and_repeat_nothing(world, path):
    async with world.program() as client:
        whole = await every(client, path)
        assert await every(client, path, limit=1) == whole
        assert await every(client, path, limit=2) == whole


@pytest.mark.parametrize("path", ["/listings", "/blocks", "/drafts", "/reports", "/warmups", "/alerts", "/events"])
async def test_one_customers_are_asked_for_by_its_id_and_a_foreign_one_is_not_there(world, path):
    async with world.program() as whole, world.program(**TAM_OF_ACME) as tam:
        assert await every(whole, path, customer="acme") == await every(tam, path, customer="acme")
        for client, customer in ((whole, "nobody"), (tam, "nobody"), (tam, "bravo")):
            answered = await client.get(path, params={"customer": customer})
            assert answered.status_code == 404
            assert answered.headers["content-type"] == "application/problem+json"
            assert answered.json()["status"] == 404


async def test_a_foreign_id_is_answered_like_one_that_nobody_has(world):
    drafts = [each for each in await world.drafts() if each.customer == "bravo"]
    alert = (await world.store.events_of(["bravo"], limit=1))[0].id
    paths = ["customers/{}", "customers/{}/subjects", "reports/{}", "reports/{}/html", "drafts/{}", "drafts/{}/steps"]
    paths += ["drafts/{}/text", "warmups/{}", "alerts/{}", "reports/{}/text", "reports/{}/eml"]
    of = {"customers": "bravo", "reports": "r-bravo-2026-W47", "drafts": drafts[0].id}
    of |= {"warmups": "198.51.100.7", "alerts": alert}
    async with world.program() as whole, world.program(**TAM_OF_ACME) as tam:
        for path in paths:
            foreign, nobodys = path.format(of[path.partition("/")[0]]), path.format("nobodys")
            one, other = await tam.get(foreign), await tam.get(nobodys)
            assert (one.status_code, one.content) == (404, other.content), path
            seen = await whole.get(foreign)
            assert seen.status_code == 200, path


@pytest.mark.parametrize("path", FOR_ALL)
async def test_what_is_of_the_whole_house_is_for_those_who_see_all(world, path):
    async with world.program(Scope.ADMIN) as whole, world.program(Scope.ADMIN, customers=["acme"]) as bounded:
        assert await every(whole, path)
        assert (await bounded.get(path)).status_code == 403


async def test_what_is_shared_tells_no_share_and_nobody_else(world):
    async with world.program() as whole, world.program(**TAM_OF_ACME) as tam:
        shared = [each for each in await every(tam, "/listings") if each["subject"] == "203.0.113.2"]
        assert [each["mail_share"] for each in shared] == [None]
        (alike,) = [each for each in await every(whole, "/listings") if each["subject"] == "203.0.113.2"]
    assert shared[0]["opened_at"] == alike["opened_at"]
    assert shared[0]["codes"] == ["127.0.0.2"]


async def test_the_documents_are_those_of_the_command_line(world):
    drafts = await world.drafts()
    async with world.program() as client:
        shown = {each["id"]: each for each in await every(client, "/drafts")}
        assert shown == {each.id: document(each) for each in drafts}
        one = (await client.get(f"/drafts/{drafts[0].id}")).json()
    steps = await world.store.draft_steps(drafts[0].id)
    assert one == document(drafts[0], steps)


async def test_a_report_is_shown_as_it_was_sent(world):
    async with world.program() as client:
        html = await client.get("/reports/r-acme-2026-W47/html")
        assert html.text == "<p style='color:red'>As it was</p>"
        assert html.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in html.headers["content-security-policy"]
        assert (await client.get("/reports/r-acme-2026-W47/text")).text == "As it was"
        mail = message_from_bytes((await client.get("/reports/r-acme-2026-W47/eml")).content, policy=policy.default)
        assert (mail["Subject"], mail["To"]) == ("Your week 2026-W47", "mail@acme.example")
        assert "As it was" in mail.get_body(("plain",)).get_content()


async def test_what_the_sources_brought_is_the_whole_house_s(world):
    async with world.program() as whole, world.program(**TAM_OF_ACME) as tam:
        everything, theirs = await every(whole, "/sources"), await every(tam, "/sources")
    assert [each["id"] for each in theirs] == [each["id"] for each in everything]
    assert sum(each["read"] for each in everything) > 0
    assert {each["read"] for each in theirs} == {None}


async def test_what_has_not_changed_is_not_sent_again(world):
    async with world.program() as client:
        first = await client.get("/listings")
        assert first.headers["etag"].startswith('W/"')
        again = await client.get("/listings", headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        await world.listed("192.0.2.22", "psbl")
        changed = await client.get("/listings", headers={"If-None-Match": first.headers["etag"]})
        assert changed.status_code == 200


async def test_head_answers_as_get_does_without_the_body(world):
    async with world.program() as client:
        for path in ("/listings", "/me", "/exports/listings.csv", "/drafts/nobodys", "/events/stream"):
            one, head = (await client.get(path)) if path != "/events/stream" else None, await client.head(path)
            assert head.content == b""
            if one is not None:
                assert head.status_code == one.status_code
                assert head.headers["content-type"] == one.headers["content-type"]
                assert head.headers.get("etag") == one.headers.get("etag")


async def test_search_finds_what_one_sees(world):
    async with world.program() as whole, world.program(**TAM_OF_ACME) as tam:
        found = (await whole.get("/search", params={"q": "198.51.100."})).json()
        assert [each["subject"] for each in found["listings"]] == ["198.51.100.5"]
        assert found["drafts"]
        theirs = (await tam.get("/search", params={"q": "198.51.100."})).json()
        assert not any(theirs.values())
        assert [each["id"] for each in (await tam.get("/search", params={"q": "cme"})).json()["customers"]] == ["acme"]


async def test_who_asks_is_said(world):
    async with world.program(Scope.WRITE, customers=["acme"]) as client:
        me = (await client.get("/me")).json()
    assert me["acts"] == ["look", "work"]
    assert (me["sees_all"], me["customers"]) == (False, ["acme"])


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=0", "query.limit"),
        ("limit=501", "query.limit"),
        ("limit=many", "query.limit"),
        ("cursor=x", "query.cursor"),
        ("cursor=bnVsbA", "query.cursor"),
        ("cursor=WyIyMDI2LTExLTE4VDEyOjAwOjAwIiwiYSJd", "query.cursor"),  # a time without its zone
        ("cursor=WyIyMDI2LTExLTE4VDEyOjAwOjAwWiIsIlx1ZDgwMCJd", "query.cursor"),  # half a character
        ("since=yesterday", "query.since"),
        ("since=2026-11-18T12:00:00", "query.since"),
    ],
)
async def test_what_does_not_fit_is_named_with_its_place(bare, query, place):
    async with bare.program() as client:
        answered = await client.get(f"/listings?{query}")
    assert answered.status_code == 422
    assert [each["place"] for each in answered.json()["errors"]] == [place]


async def test_what_is_unknown_in_a_query_is_ignored_and_nul_is_not_text(bare):
    async with bare.program() as client:
        assert (await client.get("/listings?colour=blue")).status_code == 200
        assert (await client.get("/search?q=a%00b")).status_code == 422
        assert (await client.get("/customers/a%00b")).status_code == 404


async def test_without_a_token_there_is_nothing(bare):
    async with bare.program() as client:
        for headers in ({"Authorization": ""}, {"Authorization": "Bearer dw_nobodys"}):
            answered = await client.get("/listings", headers=headers)
            assert answered.status_code == 401
            assert answered.headers["www-authenticate"] == "Bearer"
            assert answered.headers["content-type"] == "application/problem+json"
