"""Asking over HTTP stays within its bounds, whatever answers."""

import gzip
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deliverwatch.core.errors import SourceFailed
from deliverwatch.sources.http import HttpApi
from sources.platform_server import QUICK, start_platform

SMALL = replace(QUICK, most_bytes=1000, retries=0)


@contextmanager
def server(answer):
    """A server whose every request is answered by `answer(handler)`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self):
            answer(self)

        def do_POST(self):
            self.body = self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        def log_message(self, *parts):
            """Quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            """A client that hangs up is a part of the tests."""

    with Server(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join()


def give(handler, body, **headers):
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


async def get(url, patience=SMALL):
    api = HttpApi(url, {"Authorization": "k3y"}, "The platform", "[sources.x] key", patience)
    try:
        return await api.get("/p", {"q": "1"})
    finally:
        await api.close()


async def test_a_body_may_be_as_large_as_the_bound_and_no_larger():
    with server(lambda handler: give(handler, b"x" * 1000)) as url:
        assert len(await get(url)) == 1000
    with server(lambda handler: give(handler, b"x" * 1001)) as url, pytest.raises(SourceFailed, match="more than"):
        await get(url)


async def test_a_compressed_body_counts_as_what_it_becomes():
    with server(lambda handler: give(handler, gzip.compress(b"x" * 900), Content_Encoding="gzip")) as url:
        assert await get(url) == b"x" * 900
    bomb = gzip.compress(b"x" * 100_000)
    with (
        server(lambda handler: give(handler, bomb, Content_Encoding="gzip")) as url,
        pytest.raises(SourceFailed, match="more than"),
    ):
        await get(url)


async def test_a_body_that_breaks_off_is_no_answer():
    def broken(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "10")
        handler.end_headers()
        handler.wfile.write(b"half")
        handler.close_connection = True

    with server(broken) as url, pytest.raises(SourceFailed, match="cannot be reached"):
        await get(url)


async def test_silence_and_dripping_come_to_an_end():
    done = threading.Event()

    def silent(handler):
        done.wait(5)

    def dripping(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not done.wait(0.01):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    try:
        with server(silent) as url, pytest.raises(SourceFailed, match="was silent"):
            await get(url, replace(SMALL, silence_for=timedelta(milliseconds=100)))
        with server(dripping) as url, pytest.raises(SourceFailed, match="takes longer"):
            await get(url, replace(SMALL, answer_for=timedelta(milliseconds=300)))
    finally:
        done.set()


async def test_neither_a_redirect_nor_the_environments_proxy_is_followed(monkeypatch):
    with start_platform("k3y") as elsewhere, start_platform("k3y") as platform:
        monkeypatch.setenv("HTTP_PROXY", elsewhere.url)
        monkeypatch.setenv("ALL_PROXY", elsewhere.url)
        platform.answers["/p"] = [(301, {"Location": elsewhere.url + "/p"}), {"fine": True}]
        with pytest.raises(SourceFailed, match="HTTP status 301"):
            await get(platform.url)
        assert await get(platform.url) == b'{"fine": true}'
        assert elsewhere.asked == []


async def test_a_question_by_post_is_tried_again_with_its_content():
    seen = []

    def moody(handler):
        seen.append((handler.headers["Content-Type"], handler.headers["Authorization"], handler.body))
        if len(seen) == 1:
            handler.send_error(500)
        else:
            give(handler, b"done")

    with server(moody) as url:
        api = HttpApi(url, {}, "The platform", "[sources.x] key", QUICK)
        api.authorize("Bearer t0ken")
        assert await api.post("/p", b"{}") == b"done"
        await api.close()
    assert seen == [("application/json", "Bearer t0ken", b"{}")] * 2


async def test_a_url_is_in_no_log(caplog):
    caplog.set_level(0)
    with start_platform("k3y") as platform:
        platform.answers["/p"] = {"fine": True}
        await get(platform.url)
    assert "/p?q=1" not in caplog.text
    assert "k3y" not in caplog.text
