"""Events as a stream that is resumed, and histories as CSV."""

import asyncio
import csv
import io
import json
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

from deliverwatch.web import create_app
from remediation.world import ACME, BRAVO
from web.api.api_world import TAM_OF_ACME, every


class Stream:
    """One that is read while it is open, over the bare ASGI: httpx's transport waits for the end."""

    def __init__(self, application, headers, path="/api/v1/events/stream", query=""):
        self._application, self.text, self.status, self._gone = application, "", None, asyncio.Event()
        names = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": names}
        self._scope |= {"query_string": query.encode(), "http_version": "1.1", "scheme": "http", "root_path": ""}
        self._scope |= {"client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080), "asgi": {"version": "3.0"}}
        self._asked, self._told = False, asyncio.Event()

    async def __aenter__(self):
        self._task = asyncio.create_task(self._application(self._scope, self._receive, self._send))
        return self

    async def __aexit__(self, *_):
        self._gone.set()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _receive(self):
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        self.status = message.get("status", self.status)
        self.text += message.get("body", b"").decode()
        self._told.set()

    async def until(self, is_so):
        while not is_so(self.events):
            self._told.clear()
            await self._told.wait()
        return self.events

    @property
    def events(self):
        blocks = [dict(line.partition(": ")[::2] for line in block.split("\n")) for block in self.text.split("\n\n")]
        return [(int(each["id"]), each["event"], json.loads(each["data"])) for each in blocks if "id" in each]

    async def ended(self):
        await self._task
        self._gone.set()


async def test_what_happens_is_followed_and_resumed_where_it_broke_off(world):
    headers = await world.token()
    async with Stream(world.application, headers) as first:
        await first.until(lambda _: ": events follow" in first.text)
        number = await world.told(ACME, "192.0.2.22")
        found = await first.until(len)
    assert [(each[0], each[1]) for each in found] == [(number, "still_listed")]
    more = [await world.told(BRAVO, f"198.51.100.{n}") for n in (8, 9)]
    async with Stream(world.application, {**headers, "Last-Event-ID": str(number)}) as again:
        found = await again.until(lambda events: len(events) == 2)
        assert [each[0] for each in found] == more
    async with Stream(world.application, headers, query="after=0") as whole, world.program() as client:
        everything = await every(client, "/events")
        found = await whole.until(lambda events: len(events) == len(everything))
        assert [each[2] for each in found] == everything[::-1]


async def test_a_bounded_program_follows_only_its_own(world):
    async with Stream(world.application, await world.token(**TAM_OF_ACME), query="after=0") as stream:
        async with world.program(**TAM_OF_ACME) as client:
            theirs = await every(client, "/events")
        found = await stream.until(lambda events: len(events) == len(theirs))
        assert [each[2] for each in found] == theirs[::-1]
    assert "bravo" not in stream.text


async def test_a_stream_ends_with_the_server(world):
    house = replace(world.house, is_closing=lambda: True)
    async with Stream(create_app(house), await world.token()) as stream:
        await stream.ended()
    assert stream.status == 200


async def test_one_program_holds_no_more_than_some_streams(world):
    headers, other = await world.token(), await world.token()
    async with AsyncExitStack() as held:
        for _ in range(10):
            stream = await held.enter_async_context(Stream(world.application, headers))
            await stream.until(lambda _, stream=stream: stream.text)
        async with Stream(world.application, headers) as refused:
            await refused.until(lambda _: refused.status is not None)
        async with Stream(world.application, other) as another:
            await another.until(lambda _: another.text)
    async with Stream(world.application, headers) as again:
        await again.until(lambda _: again.text)
    assert (refused.status, another.status, again.status) == (429, 200, 200)


async def test_where_to_resume_is_a_number(world):
    async with world.program() as client:
        for headers in ({"Last-Event-ID": "x"}, {"Last-Event-ID": "9" * 30}):
            assert (await client.get("/events/stream", headers=headers)).status_code == 422


async def test_exports_are_the_histories_row_by_row(world):
    async with world.program() as client:
        for path, name in (("/listings", "listings"), ("/blocks", "blocks"), ("/warmups", "warmups")):
            documents, answered = await every(client, path), await client.get(f"/exports/{name}.csv")
            rows = list(csv.DictReader(io.StringIO(answered.text)))
            assert answered.headers["content-type"] == "text/csv; charset=utf-8"
            key = "subject" if name != "warmups" else "ip"
            assert [row[key] for row in rows] == [each[key] for each in documents]
            assert [row.get("opened_at") for row in rows] == [each.get("opened_at") for each in documents]


async def test_a_bounded_program_exports_only_its_own(world):
    async with world.program(**TAM_OF_ACME) as client:
        for name in ("listings", "blocks", "warmups"):
            text = (await client.get(f"/exports/{name}.csv")).text
            assert text.count("\r\n") > 1
            assert "198.51.100." not in text
            assert "bravo" not in text
        assert (await client.get("/exports/listings.csv", params={"customer": "bravo"})).status_code == 404
