"""A sending platform's API on loopback: strict about key, path and question, and as moody as a test wants it.

`answers`: what is at a path, as a function of the question, or a list used up one by one. An answer is a document,
bytes, or a status with headers. `asked`: the questions that came in, as (path, question).
"""

import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from deliverwatch.sources.http import Patience

QUICK = Patience(
    silence_for=timedelta(seconds=1),
    first_wait_for=timedelta(milliseconds=5),
    longest_wait_for=timedelta(milliseconds=20),
    waits=3,
)


class Platform(ThreadingHTTPServer):
    def __init__(self, authorization):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.authorization = authorization
        self.answers = {}
        self.asked = []

    def handle_error(self, request, client_address):
        """A client that hangs up is a part of the tests."""

    def answer(self, headers, target):
        parts = urlsplit(target)
        question = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.asked.append((parts.path, question))
        if headers.get("Authorization") != self.authorization:
            return 401, {}, b'{"errors": [{"message": "Unauthorized."}]}'
        found = self.answers.get(parts.path)
        if isinstance(found, list):
            found = found.pop(0)
        elif callable(found):
            found = found(question)
        if found is None:
            return 404, {}, b'{"errors": [{"message": "resource not found"}]}'
        if isinstance(found, tuple):
            return found[0], found[1], b"{}"
        return 200, {}, found if isinstance(found, bytes) else json.dumps(found).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: else each answer waits for an acknowledgement

    def do_GET(self):
        status, headers, body = self.server.answer(self.headers, self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *parts):
        """Quiet."""


@contextmanager
def start_platform(authorization):
    with Platform(authorization) as platform:
        thread = threading.Thread(target=platform.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield platform
        finally:
            platform.shutdown()
            thread.join()
