"""What the daemon collects by itself: webhook calls, pages of an API, mails in a maildir; and what it forgets."""

import os
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from deliverwatch.core.errors import ConfigError, Fault, SourceFailed
from deliverwatch.flows.collect import Collector, Retention
from deliverwatch.flows.delivery_ports import RawBody
from deliverwatch.flows.source_ports import Page
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.store import open_store
from flows.line_source import DESK, DOCUMENT, EIGHT, LINES, NOW

HOUR = timedelta(hours=1)


@pytest.fixture
async def store(tmp_path):
    (tmp_path / "state").mkdir()
    store = open_store(f"sqlite:///{tmp_path}/state/collect.db")
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def clock():
    return SteppedClock(NOW)


@dataclass
class Service:
    """An API with pages; each stands for the cursor behind it."""

    pages_left: list = field(default_factory=list)
    fails: str | None = None
    asked: list = field(default_factory=list)
    every: timedelta = HOUR

    def open(self, settings):
        if settings.get("key") == "wrong":
            raise ConfigError(Fault("", "[sources.postfix] key", "is missing"))
        return self

    async def pages(self, cursor, now):
        self.asked.append(cursor)
        for number, body in enumerate(self.pages_left, (cursor or {"page": 0})["page"] + 1):
            yield Page(body, {"page": number})
        if self.fails:
            raise SourceFailed(self.fails, permanent=False)

    async def close(self):
        self.asked.append("closed")


def collector(store, clock, source, settings):
    return Collector(
        store,
        DESK,
        clock,
        {source.id: source},
        {source.id: settings},
        Retention(timedelta(days=7), timedelta(days=400)),
        timedelta(minutes=15),
    )


async def counted(store):
    return sum(counts.attempted or 0 for _, counts in await store.facts(EIGHT - HOUR * 9999))


async def state_of(store, source=LINES):
    return (await store.source_states())[source.id]


def record(number):
    return b"bounced 1 192.0.2.10 mail.example id=%d 550 no\n" % number


async def test_calls_are_read_once_oldest_first(store, clock):
    collect = collector(store, clock, LINES, {})
    for number in (1, 2, 2):
        await store.keep_raw(RawBody(0, "postfix", str(number), NOW, {}, record(number)))
    await store.keep_raw(RawBody(0, "gone", None, NOW, {}, b""))
    totals = await collect.read_webhooks()
    assert (totals.read, totals.accepted) == (2, 2)
    assert (await collect.read_webhooks()).read == 0
    assert await counted(store) == 2
    (told,) = await store.rejections("gone")
    assert "no source 'gone' is known" in told.why


async def test_pages_are_fetched_at_the_services_own_pace_from_where_it_was_left(store, clock):
    service = Service([record(1), record(2)])
    collect = collector(store, clock, replace(LINES, poller=service.open), {"key": "k"})
    fetch = collect.jobs()["fetch/postfix"]
    assert (await fetch()).accepted == 2
    assert (await state_of(store)).cursor == {"page": 2}
    assert await fetch() is None
    clock.advance(HOUR)
    service.pages_left = [record(2), record(3)]
    assert (await fetch()).duplicates == 1
    assert [each for each in service.asked if each != "closed"] == [None, {"page": 2}]
    assert await counted(store) == 3


async def test_a_service_that_fails_keeps_what_it_gave_and_is_asked_more_rarely(store, clock):
    service = Service([record(1)], fails="HTTP status 500")
    collect = collector(store, clock, replace(LINES, poller=service.open), {"key": "k"})
    fetch = collect.jobs()["fetch/postfix"]
    with pytest.raises(SourceFailed):
        await fetch()
    state = await state_of(store)
    assert (state.failure, state.cursor) == ("HTTP status 500", {"page": 1})
    assert NOW <= state.failed_since < NOW + HOUR
    tries, service.pages_left = 0, []
    for _ in range(48):
        clock.advance(HOUR)
        try:
            tries += await fetch() is not None
        except SourceFailed:
            tries += 1
    assert 8 <= tries <= 14
    service.fails, service.pages_left = None, []
    clock.advance(6 * HOUR)
    await fetch()
    assert (await state_of(store)).failed_since is None
    clock.advance(HOUR)
    assert await fetch() is not None


async def test_settings_that_do_not_suffice_are_told_once(store, clock):
    collect = collector(store, clock, replace(LINES, poller=Service().open), {"key": "wrong"})
    fetch = collect.jobs()["fetch/postfix"]
    with pytest.raises(SourceFailed, match="is missing"):
        await fetch()
    assert await fetch() is None
    assert "is missing" in (await state_of(store)).failure


async def test_a_source_without_a_key_is_not_fetched(store, clock):
    collect = collector(store, clock, replace(LINES, poller=Service().open), {"secret": "s"})
    assert set(collect.jobs()) == {"webhooks", "prune"}


async def test_a_log_is_followed_and_what_keeps_it_from_being_read_is_told(store, clock, tmp_path):
    log = tmp_path / "mail.log"
    log.mkdir()
    collect = collector(store, clock, LINES, {"follow": (str(log),)})
    follow = collect.jobs()[f"follow/{log}"]
    with pytest.raises(SourceFailed, match="it is not a file"):
        await follow()
    assert await follow() is None
    assert (await state_of(store)).failed_since is not None
    log.rmdir()
    log.write_bytes(record(1))
    assert (await follow()).accepted == 1
    assert (await state_of(store)).failed_since is None
    collect.close()


FIRST = record(1)


@pytest.fixture
def maildir(tmp_path):
    for part in ("new", "cur", "tmp"):
        (tmp_path / "mails" / part).mkdir(parents=True)

    def put(name, content=FIRST, part="new", at=NOW):
        path = tmp_path / "mails" / part / name
        path.write_bytes(content)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    put.folder = tmp_path / "mails"
    return put


async def test_each_mail_is_read_once_and_left_where_it_is(store, clock, maildir):
    first, _ = maildir("1.a", record(1)), maildir("2.b:2,S", record(2), "cur")
    maildir("3.c", record(3), "tmp")
    settings = {"maildir": (str(maildir.folder),)}
    name = f"maildir/{maildir.folder}"
    read = collector(store, clock, DOCUMENT, settings).jobs()[name]
    assert (await read()).accepted == 2
    assert (await read()).read == 0
    first.rename(maildir.folder / "cur" / "1.a:2,S")
    again = collector(store, clock, DOCUMENT, settings).jobs()[name]
    assert (await again()).read == 0
    maildir("4.d", record(2))
    assert (await again()).duplicates == 1
    maildir("5.e", b"nonsense")
    await again()
    (told,) = await store.rejections("arf")
    assert told.origin == "5.e"
    assert await counted(store) == 2


async def test_mails_older_than_ids_are_kept_are_left_alone(store, clock, maildir):
    maildir("1.a", at=NOW - timedelta(days=29, minutes=1))
    maildir("2.b", record(2), at=NOW - timedelta(days=28))
    read = collector(store, clock, DOCUMENT, {"maildir": (str(maildir.folder),)}).jobs()[f"maildir/{maildir.folder}"]
    assert (await read()).accepted == 1
    clock.advance(timedelta(days=35))
    await store.prune_ingest(clock.now(), clock.now() - timedelta(days=30), NOW - timedelta(days=400))
    again = collector(store, clock, DOCUMENT, {"maildir": (str(maildir.folder),)}).jobs()[f"maildir/{maildir.folder}"]
    assert (await again()).read == 0


async def test_once_a_day_what_is_old_is_dropped(store, clock):
    collect = collector(store, clock, LINES, {})
    await store.keep_raw(RawBody(0, "postfix", "1", NOW - timedelta(days=8), {}, record(1)))
    await store.keep_raw(RawBody(0, "postfix", "2", NOW, {}, record(2)))
    assert await collect.prune()
    assert (await store.next_raw()).identity == "2"
    assert not await collect.prune()
    clock.advance(timedelta(days=8))
    assert await collect.prune()
    assert await store.next_raw() is None


class Broken(Exception):
    """What a reader must never raise, and may all the same."""


class Fragile:
    """Breaks on the bodies in `on`, as often as they come."""

    def __init__(self, on):
        self.on = on

    def __call__(self, options):
        reader = LINES.reader(options)
        read = reader.read

        def breaks(block):
            if any(each in block for each in self.on):
                raise Broken("a defect of the reader")
            return read(block)

        reader.read = breaks
        return reader


async def keep_calls(store, *numbers):
    for number in numbers:
        await store.keep_raw(RawBody(0, "postfix", str(number), NOW, {}, record(number)))


async def test_a_call_that_its_reader_breaks_on_holds_up_no_other(store, clock):
    collect = collector(store, clock, replace(LINES, reader=Fragile([b"id=1 "])), {})
    await keep_calls(store, 1, 2, 3)
    with pytest.raises(Broken):
        await collect.read_webhooks()
    assert await counted(store) == 0
    for _ in range(2):
        with pytest.raises(Broken):
            await collect.read_webhooks()
        assert await counted(store) == 2
    assert await store.rejections() == []
    await keep_calls(store, 4)
    assert (await collect.read_webhooks()).accepted == 1
    (told,) = await store.rejections("postfix")
    assert "failed 3 times" in told.why
    assert await store.next_raw() is None


async def test_a_call_that_is_read_in_the_end_is_counted(store, clock):
    fragile = Fragile([b"id=1 "])
    collect = collector(store, clock, replace(LINES, reader=fragile), {})
    await keep_calls(store, 1, 2)
    for _ in range(2):
        with pytest.raises(Broken):
            await collect.read_webhooks()
    fragile.on = []
    assert (await collect.read_webhooks()).accepted == 1
    assert (await counted(store), await store.rejections()) == (2, [])


@pytest.mark.parametrize("missing", ["new", "cur"])
async def test_which_part_of_a_maildir_is_missing_is_said(store, clock, maildir, missing):
    (maildir.folder / missing).rmdir()
    read = collector(store, clock, DOCUMENT, {"maildir": (str(maildir.folder),)}).jobs()[f"maildir/{maildir.folder}"]
    with pytest.raises(SourceFailed, match=f"{maildir.folder} cannot be read: it has no folder '{missing}'"):
        await read()
    maildir.folder.rename(maildir.folder.with_name("elsewhere"))
    with pytest.raises(SourceFailed, match="No such file or directory"):
        await read()
