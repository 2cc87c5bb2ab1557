"""Webhook receivers over a real database, called as platforms call them."""

import gzip
import json
import zlib

import httpx
import pytest

from deliverwatch.flows.receive import WebhookInbox
from deliverwatch.flows.source_ports import Shape, Source
from deliverwatch.web import create_app
from flows.line_source import LineReader
from samples import NOON
from web.signing_in import open_house

BODY = b'[{"msys": {}}]'
TOKEN = {"x-token": "canary-4711"}


class TokenReceiver:
    secrets = ("token", "header")

    def refusal(self, headers, body, secrets, now):
        return None if headers.get("x-token") == secrets.get("token") else "the token is not canary-like"

    def identity(self, headers, body):
        return headers.get("x-batch")


class Clock:
    def now(self):
        return NOON


def source(id_):
    return Source(id_, "A platform", Shape.DOCUMENT, id_, LineReader, receiver=TokenReceiver())


SOURCES = {id_: source(id_) for id_ in ("sparkpost-webhook", "sendgrid", "ses")}
SOURCES["postfix"] = Source("postfix", "A log", Shape.LINES, "postfix", LineReader)
SETTINGS = {"sparkpost-webhook": {"token": "canary-4711"}, "ses": {"header": "x-token"}}


def receivers(house):
    house.app.intake.inbox = WebhookInbox(house.app.store, Clock(), SOURCES, SETTINGS, 1000)
    return create_app(house)


@pytest.fixture
async def house(tmp_path):
    house = await open_house(tmp_path)
    yield house
    await house.app.store.close()


@pytest.fixture
def store(house):
    return house.app.store


@pytest.fixture
async def platform(house):
    app = receivers(house)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as client:
        yield client


def is_problem(answer, status):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    return answer.json()["detail"]


async def test_a_genuine_call_is_kept_as_it_came(platform, store):
    answer = await platform.post("/ingest/sparkpost-webhook", content=BODY, headers=TOKEN | {"x-batch": "7"})
    assert (answer.status_code, answer.json()) == (200, {"status": "kept"})
    raw = await store.next_raw()
    assert (raw.source, raw.identity, raw.body, raw.received_at) == ("sparkpost-webhook", "7", BODY, NOON)
    assert "canary" not in repr(raw.headers)


async def test_the_same_call_again_is_welcome_and_kept_once(platform, store):
    for _ in range(2):
        answer = await platform.post("/ingest/sparkpost-webhook", content=BODY, headers=TOKEN | {"x-batch": "7"})
        assert answer.status_code == 200
    await store.fail_raw((await store.next_raw()).id, "done")
    assert await store.next_raw() is None


@pytest.mark.parametrize("headers", [{}, {"x-token": "wrong"}, {"x-token": ""}])
async def test_a_call_that_is_not_genuine_changes_nothing_and_learns_nothing(platform, store, headers, capsys):
    detail = is_problem(await platform.post("/ingest/sparkpost-webhook", content=BODY, headers=headers), 401)
    assert "canary" not in detail
    assert "webhook_refused" in capsys.readouterr().out
    assert await store.next_raw() is None


@pytest.mark.parametrize("name", ["sendgrid", "ses"])
async def test_without_a_secret_nothing_is_taken(platform, store, name, capsys):
    is_problem(await platform.post(f"/ingest/{name}", content=BODY, headers=TOKEN), 403)
    assert f"set token in [sources.{name}]" in capsys.readouterr().out
    assert await store.next_raw() is None


@pytest.mark.parametrize("name", ["postfix", "nobody", "%1b%5b2J", "a" * 4000])
async def test_a_source_that_sends_no_webhooks_is_not_there(platform, name, capsys):
    is_problem(await platform.post(f"/ingest/{name}", content=BODY, headers=TOKEN), 404)
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_only_posting_is_possible(platform, method):
    answer = await platform.request(method, "/ingest/sparkpost-webhook")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.headers["content-type"] == "application/problem+json"


async def chunks(size, times):
    for _ in range(times):
        yield b"x" * size


@pytest.mark.parametrize("body", [b"x" * 1001, chunks(400, 3)])
async def test_a_body_that_is_too_large_is_cut_off(platform, store, body):
    detail = is_problem(await platform.post("/ingest/sparkpost-webhook", content=body, headers=TOKEN), 413)
    assert detail == "The body is larger than 1000 bytes."
    assert await store.next_raw() is None


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress)]
)
async def test_a_compressed_body_is_kept_decompressed(platform, store, encoding, pack):
    headers = TOKEN | {"content-encoding": encoding}
    answer = await platform.post("/ingest/sparkpost-webhook", content=pack(BODY), headers=headers)
    assert answer.status_code == 200
    assert (await store.next_raw()).body == BODY


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", gzip.compress(b"\0" * 100_000, mtime=0), 413),
        ("gzip", gzip.compress(b"\0" * 600, mtime=0) * 2, 413),
        ("gzip", gzip.compress(BODY, mtime=0)[:-9], 400),
        ("gzip", gzip.compress(BODY, mtime=0) + b"and more", 400),
        ("gzip", b"not compressed", 400),
        ("br", BODY, 415),
        ("gzip, gzip", BODY, 415),
    ],
)
async def test_what_cannot_be_decompressed_safely_is_not_taken(platform, store, encoding, body, status):
    headers = TOKEN | {"content-encoding": encoding}
    is_problem(await platform.post("/ingest/sparkpost-webhook", content=body, headers=headers), status)
    assert await store.next_raw() is None


async def test_a_body_compressed_in_several_parts_is_kept_whole(platform, store):
    packed = gzip.compress(BODY[:6]) + gzip.compress(BODY[6:])
    headers = TOKEN | {"content-encoding": "gzip"}
    answer = await platform.post("/ingest/sparkpost-webhook", content=packed, headers=headers)
    assert answer.status_code == 200
    assert (await store.next_raw()).body == BODY


async def test_while_the_database_is_away_the_platform_is_told_to_come_again(platform, store, tmp_path):
    for file in tmp_path.glob("house.db*"):
        file.write_bytes(b"no database any more" * 500)
    answer = await platform.post("/ingest/sparkpost-webhook", content=BODY, headers=TOKEN)
    assert str(tmp_path) not in is_problem(answer, 503)


async def test_what_is_announced_as_too_large_is_refused_before_it_comes(platform, store):
    async def never():
        raise AssertionError("the body was read")
        yield b""

    answer = await platform.post(
        "/ingest/sparkpost-webhook", content=never(), headers=TOKEN | {"content-length": "1001"}
    )
    assert "1000 bytes" in is_problem(answer, 413)
    assert await store.next_raw() is None


async def test_a_caller_that_hangs_up_is_no_fault_of_ours(house, store, capsys):
    app = receivers(house)
    parts = [{"type": "http.request", "body": BODY[:5], "more_body": True}, {"type": "http.disconnect"}]

    async def receive():
        return parts.pop(0)

    async def send(message):
        assert message.get("status") != 200

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/ingest/sparkpost-webhook",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"x-token", b"canary-4711")],
    }
    await app(scope, receive, send)
    assert await store.next_raw() is None
    assert "hung up" in capsys.readouterr().out


async def test_it_is_described_for_programs(platform):
    document = (await platform.get("/api/openapi.json")).json()
    answers = document["paths"]["/ingest/{source}"]["post"]["responses"]
    assert {"200", "400", "401", "403", "404", "413", "415", "503"} <= set(answers)
    assert json.dumps(document)
