"""Files read into a real database: each record once, whatever the file is called and however often it comes."""

import gzip
import os
from pathlib import Path

import pytest

from deliverwatch.core.delivery import FactCounts
from deliverwatch.core.errors import NotPossible
from deliverwatch.flows import chunk as chunks
from deliverwatch.flows import file_reading
from deliverwatch.flows.ingest import ingest_file
from deliverwatch.store import open_store
from flows.line_source import DESK, DOCUMENT, EIGHT, LINES, NOW


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/ingest.db")
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
def file(tmp_path):
    def write(*lines, name="data.log", end="\n"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + end)
        return path

    return write


def delivered(*minutes, domain="mail.example"):
    return [f"delivered {minute % 200} 192.0.2.10 {domain}" for minute in minutes]


async def ingest(store, path, source=LINES):
    found = await ingest_file(store, DESK, source, path, NOW)
    return found.read, found.accepted, found.duplicates, found.rejected


async def attempted(store):
    return sum(counts.attempted or 0 for _, counts in await store.facts(EIGHT))


async def everything(store):
    return (
        await store.facts(EIGHT),
        await store.replies(EIGHT),
        await store.rejections(),
        await store.source_states(),
        await store.clusters(),
    )


async def test_a_file_is_counted_and_what_cannot_be_read_is_told(store, file):
    path = file(*delivered(1, 2, 61), "bounced 3 192.0.2.10 mail.example 550 no", "nonsense", "ping")
    found = await ingest_file(store, DESK, LINES, path, NOW)
    assert (found.read, found.accepted, found.duplicates, found.rejected) == (6, 5, 0, 1)
    assert [(each.line, each.why) for each in found.rejections] == [(5, "is no record")]
    assert [counts for _, counts in await store.facts(EIGHT)] == [FactCounts(3, 2, 0, 1), FactCounts(1, 1, 0, 0)]
    (told,) = await store.rejections()
    assert (told.source, told.origin, told.line) == ("postfix", "data.log", 5)
    state = (await store.source_states())["postfix"]
    assert (state.read, state.accepted, state.rejected, state.last_ingest_at) == (6, 5, 1, NOW)


async def test_the_same_file_twice_changes_nothing_whatever_its_name(store, file, tmp_path):
    path = file(*delivered(1, 2), "nonsense")
    await ingest(store, path)
    before = await everything(store)
    assert await ingest(store, path) == (3, 0, 2, 1)
    path.rename(tmp_path / "data.log.1")
    assert await ingest(store, tmp_path / "data.log.1") == (3, 0, 2, 1)
    (tmp_path / "data.log.1.gz").write_bytes(gzip.compress((tmp_path / "data.log.1").read_bytes()))
    assert await ingest(store, tmp_path / "data.log.1.gz") == (3, 0, 2, 1)
    assert await everything(store) == before


@pytest.mark.parametrize("first", [1, 3, 20, 200, 3000])
async def test_a_file_that_has_grown_is_read_on(store, file, first):
    lines = ["sender acme.example", *delivered(*range(first))]
    await ingest(store, file(*lines))
    grown = file(*lines, *delivered(1, 2), "nonsense")
    found = await ingest_file(store, DESK, LINES, grown, NOW)
    assert (found.read, found.accepted, found.duplicates, found.rejected) == (first + 3, 2, first, 1)
    assert found.rejections[0].line == first + 4
    assert {key.domain for key, _ in await store.facts(EIGHT)} == {"acme.example"}
    assert await attempted(store) == first + 2


async def test_what_came_before_is_remembered_over_more_than_is_kept_in_mind(store, file, monkeypatch):
    monkeypatch.setattr(file_reading, "_REMEMBERED", 1000)
    lines = [*delivered(*range(500)), "sender acme.example", *delivered(*range(10))]
    await ingest(store, file(*lines))
    await ingest(store, file(*lines, *delivered(1)))
    domains = {key.domain: counts for key, counts in await store.facts(EIGHT) if key.hour_at == EIGHT}
    assert domains["acme.example"].attempted == 11


async def test_files_that_begin_alike_are_different_files(store, file):
    lines = delivered(*range(3000))
    assert await ingest(store, file(*lines, *delivered(1), name="a")) == (3001, 3001, 0, 0)
    assert await ingest(store, file(*lines, *delivered(2), name="b")) == (3001, 3001, 0, 0)
    assert await ingest(store, file(*lines, *delivered(3), name="c")) == (3001, 3001, 0, 0)
    for name, minute in (("a", 1), ("b", 2), ("c", 3)):
        assert await ingest(store, file(*lines, *delivered(minute), name=name)) == (3001, 0, 3001, 0)


async def test_a_file_that_was_changed_behind_its_beginning_is_another(store, file):
    await ingest(store, file(*delivered(*range(3000))))
    assert (await ingest(store, file(*delivered(*range(2999)), *delivered(2998))))[1] == 3000


async def test_events_with_ids_count_once_in_all_files(store, file):
    first = file(*(f"delivered {n} 192.0.2.10 mail.example id={n}" for n in range(5)), name="a")
    second = file(*(f"delivered {n} 192.0.2.10 mail.example id={n}" for n in (7, 3, 8, 8, 4)), name="b")
    assert await ingest(store, first) == (5, 5, 0, 0)
    assert await ingest(store, second) == (5, 2, 3, 0)
    assert await attempted(store) == 7


async def test_an_event_that_another_worker_counts_meanwhile_is_left_out(store, file, monkeypatch):
    path = file(*(f"delivered {n} 192.0.2.10 mail.example id={n}" for n in range(3)))
    other = file("delivered 1 192.0.2.10 mail.example id=1", name="other")
    await ingest(store, file("delivered 0 192.0.2.10 mail.example id=0", name="before"))
    asked = store.seen_events
    overtaken = []

    async def seen(space, ids):
        found = await asked(space, ids)
        if not overtaken:
            overtaken.append(True)
            assert (await ingest(store, other))[1] == 1
        return found

    monkeypatch.setattr(store, "seen_events", seen)
    assert await ingest(store, path) == (3, 1, 2, 0)
    assert await attempted(store) == 3


async def test_a_last_line_without_an_end_is_read(store, file):
    assert await ingest(store, file(*delivered(1, 2), end="")) == (2, 2, 0, 0)


async def test_a_large_file_is_committed_in_parts_and_a_killed_run_goes_on(store, file, monkeypatch):
    monkeypatch.setattr(chunks, "ITEMS_A_COMMIT", 100)
    monkeypatch.setattr(file_reading, "BLOCK", 1 << 10)
    path = file(*delivered(*range(1000)))
    commit, committed = store.commit_ingest, []

    async def dies_at_the_third(batch):
        if len(committed) == 2:
            raise KeyboardInterrupt
        await commit(batch)
        committed.append(batch.read)

    with monkeypatch.context() as patch:
        patch.setattr(store, "commit_ingest", dies_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            await ingest(store, path)
    before = sum(committed)
    assert 200 <= before < 400
    assert await ingest(store, path) == (1000, 1000 - before, before, 0)
    assert await attempted(store) == 1000


async def test_two_at_one_file_do_not_count_it_twice(store, file, monkeypatch):
    path = file(*delivered(1, 2))
    commit = store.commit_ingest

    async def is_overtaken(batch):
        monkeypatch.setattr(store, "commit_ingest", commit)
        await ingest(store, path)
        await commit(batch)

    monkeypatch.setattr(store, "commit_ingest", is_overtaken)
    with pytest.raises(NotPossible, match="is being read by another process"):
        await ingest(store, path)
    assert await attempted(store) == 2


async def test_a_compressed_file_that_is_damaged_is_read_as_far_as_it_goes(store, tmp_path):
    content = "".join(f"{line}\n" for line in delivered(*range(20000))).encode()
    path = tmp_path / "data.gz"
    path.write_bytes(gzip.compress(content)[:-3000])
    read, accepted, _, rejected = await ingest(store, path)
    assert 0 < accepted < 20000
    assert read - accepted == rejected
    assert "damaged from here on" in (await store.rejections())[0].why
    before = await everything(store)
    await ingest(store, path)
    assert await everything(store) == before


async def test_a_record_without_an_end_is_skipped(store, tmp_path, monkeypatch):
    monkeypatch.setattr(file_reading, "BLOCK", 1 << 10)
    monkeypatch.setattr(file_reading, "_MOST_RECORD", 1 << 12)
    path = tmp_path / "data.log"
    path.write_bytes(b"delivered 1 192.0.2.10 mail.example\n" + b"x" * 20_000 + b"\ndelivered 2 192.0.2.10 -\nbad\n")
    found = await ingest_file(store, DESK, LINES, path, NOW)
    assert (found.accepted, [each.line for each in found.rejections]) == (2, [2, 4])


async def test_a_document_is_known_by_all_of_it(store, file, tmp_path):
    path = file(*delivered(1, 2), name="a.eml")
    assert await ingest(store, path, DOCUMENT) == (2, 2, 0, 0)
    path.rename(tmp_path / "b.eml")
    assert await ingest(store, tmp_path / "b.eml", DOCUMENT) == (2, 0, 2, 0)
    assert await ingest(store, file(*delivered(1, 2, 3), name="a.eml"), DOCUMENT) == (3, 3, 0, 0)


async def test_a_file_that_breaks_off_while_it_is_read_is_named(store):
    with pytest.raises(OSError, match="/proc/self/mem"):
        await ingest(store, Path("/proc/self/mem"))
    with pytest.raises(OSError, match="/proc/self/mem"):
        await ingest(store, Path("/proc/self/mem"), DOCUMENT)


async def test_what_is_no_file_is_named(store, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotPossible, match="pipe is no ordinary file"):
        await ingest(store, tmp_path / "pipe")
    with pytest.raises(FileNotFoundError):
        await ingest(store, tmp_path / "none")
    (tmp_path / "bad.gz").write_bytes(gzip.compress(b"x" * 99)[:-9])
    with pytest.raises(NotPossible, match="is damaged"):
        await ingest(store, tmp_path / "bad.gz", DOCUMENT)


async def test_an_empty_file_says_nothing(store, file):
    assert await ingest(store, file(end="")) == (0, 0, 0, 0)
    assert await store.source_states() == {}
