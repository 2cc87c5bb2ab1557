"""Downloads from a real HTTPS server that answers by a script."""

import asyncio
import json
import logging
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deliverwatch.core.blocklist import FeedFormat, FeedSource
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.feeds.downloads import Downloads
from deliverwatch.sandbox.clock import SteppedClock

CERTIFICATE = Path(__file__).with_name("server.pem")
START = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def zone_file(entries):
    return "".join(f"192.0.{number // 256}.{number % 256}\n" for number in range(entries)).encode()


def drop_file(networks, records=None):
    lines = [{"cidr": f"192.0.{number}.0/24", "sblid": f"SBL{number}", "rir": "none"} for number in range(networks)]
    last = {
        "type": "metadata",
        "timestamp": int(START.timestamp()),
        "records": networks if records is None else records,
    }
    return "".join(json.dumps(line) + "\n" for line in [*lines, last]).encode()


class Server(ThreadingHTTPServer):
    """`replies`: one after the other, the last for ever: (status, headers, body). `asked`: the headers it was sent."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.replies, self.asked = [], []
        self.before_reply = lambda: None
        self.base = f"https://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """A client that hangs up is a part of the tests."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.before_reply()
        replies = self.server.replies
        status, headers, body = replies.pop(0) if len(replies) > 1 else replies[0]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def clock():
    return SteppedClock(START)


def source(server, path="/list?token=s3cret", form=FeedFormat.IP4SET):
    return FeedSource(f"{server.base}{path}", form, frozenset({SubjectKind.IPV4}), HOUR)


async def renew(downloads, clock, feed):
    clock.advance(HOUR)
    return await downloads.current(feed)


async def test_a_file_is_fetched_once_an_hour_even_over_restarts(server, clock, tmp_path):
    server.replies = [(200, {}, zone_file(9))]
    held = await Downloads(tmp_path, clock.now).current(source(server))
    assert held.path.read_bytes() == zone_file(9)
    assert held.problem is None
    assert START < held.fetched_at < START + timedelta(seconds=1)

    clock.advance(HOUR - timedelta(minutes=1))
    again = await Downloads(tmp_path, clock.now).current(source(server))
    assert (again.fetched_at, len(server.asked)) == (held.fetched_at, 1)

    clock.advance(timedelta(minutes=1))
    assert (await Downloads(tmp_path, clock.now).current(source(server))).fetched_at > held.fetched_at
    assert len(server.asked) == 2


async def test_the_attempt_is_noted_before_it_is_made(server, clock, tmp_path):
    noted = []
    server.before_reply = lambda: noted.extend(file.read_text() for file in tmp_path.glob("*.json"))
    server.replies = [(200, {}, zone_file(9))]
    await Downloads(tmp_path, clock.now).current(source(server))
    assert [json.loads(note)["asked_at"][:10] for note in noted] == ["2026-11-24"]


async def test_a_failed_attempt_counts_as_one(server, clock, tmp_path):
    server.replies = [(500, {}, b"")]
    held = await Downloads(tmp_path, clock.now).current(source(server))
    assert (held.path, held.problem) == (None, "was answered with HTTP status 500")
    await Downloads(tmp_path, clock.now).current(source(server))
    assert len(server.asked) == 1


async def test_an_unchanged_file_is_not_sent_again(server, clock, tmp_path):
    validators = {"ETag": '"one"', "Last-Modified": "Tue, 24 Nov 2026 11:00:00 GMT"}
    server.replies = [(200, validators, zone_file(9)), (304, {}, b"")]
    downloads = Downloads(tmp_path, clock.now)
    first = await downloads.current(source(server))
    second = await renew(downloads, clock, source(server))
    assert second.fetched_at - first.fetched_at >= HOUR
    assert second.path.read_bytes() == zone_file(9)
    asked = [
        {name: headers.get(name) for name in ("If-None-Match", "If-Modified-Since")} for _, headers in server.asked
    ]
    assert asked == [
        {"If-None-Match": None, "If-Modified-Since": None},
        {"If-None-Match": '"one"', "If-Modified-Since": validators["Last-Modified"]},
    ]


async def test_a_validator_that_cannot_be_sent_back_is_dropped(server, clock, tmp_path):
    server.replies = [(200, {"ETag": '"\xe9"', "Last-Modified": "x" * 2000}, zone_file(9))]
    downloads = Downloads(tmp_path, clock.now)
    await downloads.current(source(server))
    assert (await renew(downloads, clock, source(server))).problem is None
    assert not {"If-None-Match", "If-Modified-Since"} & server.asked[1][1].keys()


async def test_the_validators_of_data_that_is_gone_are_not_sent(server, clock, tmp_path):
    server.replies = [(200, {"ETag": '"one"'}, zone_file(9))]
    downloads = Downloads(tmp_path, clock.now)
    held = await downloads.current(source(server))
    held.path.write_bytes(b"cut")
    assert (await renew(downloads, clock, source(server))).path.read_bytes() == zone_file(9)
    held.path.unlink()
    assert (await renew(downloads, clock, source(server))).path is not None
    assert ["If-None-Match" in headers for _, headers in server.asked] == [False] * 3


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ((500, {}, zone_file(9)), "was answered with HTTP status 500"),
        ((404, {}, b""), "was answered with HTTP status 404"),
        ((206, {}, zone_file(9)), "was answered with HTTP status 206"),
        ((200, {"Content-Length": "9999"}, zone_file(9)), "broke off: peer closed connection"),
        ((200, {}, b"<html>\n" + b"<p>busy\n" * 9), "is of no use: 10 of its 10 lines cannot be read"),
        ((200, {}, b""), "is of no use: it holds no entry"),
        ((200, {}, b"\x1f\x8b\0"), "is of no use: it holds binary data"),
        ((200, {"Content-Encoding": "gzip"}, zone_file(9)), "came in an encoding that was not asked for"),
        ((200, {}, b"x" * 300_000), "is of no use: it has a line of more than 32,768 bytes"),
        ((200, {}, b"$TIMESTAMP 2027:01:01\n" + zone_file(9)), "is of no use: it says that it was made at 2027-01-01"),
        ((302, {"Location": "http://127.0.0.1/list"}, b""), "is redirected away from https"),
        ((302, {"Location": "/again"}, b""), "is redirected more than 5 times"),
        ((302, {}, b""), "was answered with HTTP status 302"),
        ((304, {}, b""), None),
    ],
)
async def test_what_is_held_stays_when_a_download_is_broken(reply, problem, server, clock, tmp_path):
    server.replies = [(200, {"ETag": '"one"'}, zone_file(10)), reply]
    downloads = Downloads(tmp_path, clock.now)
    first = await downloads.current(source(server))
    after = await renew(downloads, clock, source(server))
    assert (after.path, after.path.read_bytes()) == (first.path, zone_file(10))
    assert (after.problem or "").startswith(problem or "")
    assert bool(after.problem) == bool(problem)
    assert (after.fetched_at == first.fetched_at) == bool(problem)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (drop_file(9, records=10), "is of no use: it holds 9 networks and says that there are 10"),
        (drop_file(9).rsplit(b"\n", 2)[0], "is of no use: its last line, the metadata, is missing"),
        (drop_file(9)[:-20], "is of no use: it has a line that is no JSON object"),
        (drop_file(0), "is of no use: it holds no entry"),
        (b'{"cidr": "192.0.2.1/24"}\n' + drop_file(9, 10), "is of no use: it has a line without a network"),
        (b"[" * 30_000, "is of no use: it has a line that is no JSON object"),
        (drop_file(9), None),
    ],
)
async def test_a_drop_file_is_whole_or_nothing(body, problem, server, clock, tmp_path):
    server.replies = [(200, {}, body)]
    held = await Downloads(tmp_path, clock.now).current(source(server, form=FeedFormat.DROP))
    assert (held.problem or "").startswith(problem or "")
    assert (held.path is None) == bool(problem)


async def test_a_redirect_within_https_is_followed(server, clock, tmp_path):
    server.replies = [(301, {"Location": "/moved"}, b""), (200, {}, zone_file(9))]
    held = await Downloads(tmp_path, clock.now).current(source(server))
    assert held.path.read_bytes() == zone_file(9)
    assert [path for path, _ in server.asked] == ["/list?token=s3cret", "/moved"]


async def test_a_list_that_shrinks_is_put_aside_until_it_stays_so_for_an_hour(server, clock, tmp_path):
    server.replies = [(200, {}, zone_file(100)), (200, {}, zone_file(40)), (200, {}, zone_file(41))]
    downloads = Downloads(tmp_path, clock.now)
    await downloads.current(source(server))
    shrunk = await renew(downloads, clock, source(server))
    assert shrunk.problem == "has shrunk from 100 to 40 entries and is put aside"
    assert shrunk.path.read_bytes() == zone_file(100)
    assert next(tmp_path.glob("*.aside")).read_bytes() == zone_file(40)

    believed = await renew(downloads, clock, source(server))
    assert (believed.problem, believed.path.read_bytes()) == (None, zone_file(41))
    assert not list(tmp_path.glob("*.aside"))


async def test_a_smaller_size_must_be_the_same_twice(server, clock, tmp_path):
    server.replies = [(200, {}, zone_file(size)) for size in (100, 40, 20, 50, 45)]
    downloads = Downloads(tmp_path, clock.now)
    await downloads.current(source(server))
    sizes = [(await renew(downloads, clock, source(server))).path.read_bytes().count(b"\n") for _ in range(4)]
    assert sizes == [100, 100, 50, 45]


async def test_an_hour_must_pass_before_a_smaller_size_is_believed(server, clock, tmp_path):
    feed = FeedSource(f"{server.base}/list", FeedFormat.IP4SET, frozenset({SubjectKind.IPV4}), HOUR / 4)
    server.replies = [(200, {}, zone_file(100)), (200, {}, zone_file(40))]
    downloads = Downloads(tmp_path, clock.now)
    await downloads.current(feed)
    sizes = []
    for _ in range(5):
        clock.advance(HOUR / 4)
        sizes.append((await downloads.current(feed)).path.read_bytes().count(b"\n"))
    assert sizes == [100, 100, 100, 100, 40]


async def test_a_size_limit(server, clock, tmp_path, monkeypatch):
    monkeypatch.setattr("deliverwatch.feeds.fetch.MAX_BYTES", 1024**2)
    server.replies = [(200, {}, zone_file(200_000))]
    held = await Downloads(tmp_path, clock.now).current(source(server))
    assert (held.path, held.problem) == (None, "is larger than 1 MiB")


async def test_nothing_shows_what_is_secret_in_a_url(server, clock, tmp_path, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    server.replies = [(302, {"Location": "/next?token=s3cret"}, b""), (500, {}, b"")]
    feed = source(server)
    problems = [(await Downloads(tmp_path, clock.now).current(feed)).problem]
    monkeypatch.delenv("SSL_CERT_FILE")
    problems.append((await renew(Downloads(tmp_path, clock.now), clock, feed)).problem)
    assert problems[1].startswith("found no way there: [SSL: CERTIFICATE_VERIFY_FAILED]")
    odd = FeedSource("http://user:s3cret@lists.example/file?token=s3cret", FeedFormat.IP4SET, frozenset(), HOUR)
    problems.append((await Downloads(tmp_path, clock.now).current(odd)).problem)
    assert problems[2] == "has the address http://lists.example/file: expected https:// or file:///"
    kept = "".join(file.name + file.read_text("latin-1") for file in tmp_path.iterdir())
    assert "s3cret" not in f"{problems} {kept} {caplog.text}"


async def test_a_port_where_nobody_listens(server, clock, tmp_path):
    feed = source(server)
    server.socket.close()
    server.replies = [(200, {}, zone_file(9))]
    held = await Downloads(tmp_path, clock.now).current(
        FeedSource(feed.url.replace(str(server.server_port), "1"), feed.format, feed.kinds, HOUR)
    )
    assert (held.path, held.problem) == (None, "found no way there: All connection attempts failed")


@pytest.mark.parametrize("note", [b"", b"[]", b'{"asked_at": 5}', b'{"asked_at": "2026-11-24T12:00:00"}', b'{"x": 1}'])
async def test_a_note_that_cannot_be_read_is_none(note, server, clock, tmp_path):
    server.replies = [(200, {}, zone_file(9))]
    downloads = Downloads(tmp_path, clock.now)
    await downloads.current(source(server))
    next(tmp_path.glob("*.json")).write_bytes(note)
    assert (await downloads.current(source(server))).problem is None
    assert len(server.asked) == 2


async def test_a_clock_that_was_set_back_does_not_stop_downloads(server, clock, tmp_path):
    server.replies = [(200, {}, zone_file(9))]
    downloads = Downloads(tmp_path, clock.now)
    await downloads.current(source(server))
    clock.advance(-9 * HOUR)
    await downloads.current(source(server))
    assert len(server.asked) == 2


async def test_a_folder_that_cannot_be_written(server, clock, tmp_path):
    (tmp_path / "file").write_text("")
    held = await Downloads(tmp_path / "file", clock.now).current(source(server))
    assert held.path is None
    assert held.problem.startswith(f"cannot be kept in {tmp_path}/file: ")


async def test_two_rounds_at_once_fetch_once(server, clock, tmp_path):
    server.replies = [(200, {}, zone_file(9))]
    downloads = Downloads(tmp_path, clock.now)
    await asyncio.gather(*(downloads.current(source(server)) for _ in range(5)))
    assert len(server.asked) == 1
