"""People's addresses that expired are not left in a SQLite file."""

import random
from datetime import UTC, datetime, timedelta

from deliverwatch.flows.delivery_ports import RawBody
from deliverwatch.store import open_store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def test_what_expired_is_not_in_the_file_any_more(tmp_path):
    body = random.Random(3).randbytes(20_000)  # not to be compressed
    file = tmp_path / "store.db"
    store = open_store(f"sqlite:///{file}")
    await store.keep_raw(RawBody(0, "sparkpost", None, NOON - timedelta(days=1), {}, body))
    assert (await store.next_raw()).body == body
    await store.prune_ingest(NOON, NOON, NOON)
    await store.close()
    assert list(tmp_path.iterdir()) == [file]
    left = file.read_bytes()
    assert body[:500] not in left
    assert body[-500:] not in left
