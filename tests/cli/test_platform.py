"""`customers platform` and `sources unwatched`: what sends, against what the inventory holds, as a user reads it."""

from datetime import UTC, datetime

import pytest

from deliverwatch.core.delivery import SenderKey
from deliverwatch.core.platform import PlatformIp, PlatformPool, PlatformSnapshot, to_facts
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.flows.read_platform import JOB
from deliverwatch.store import open_store

INVENTORY = """\
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {name: Robin Doe, email: robin@esp.example}
    contacts: [postmaster@acme.example]
    pools:
      - {id: acme-news, ips: [192.0.2.10]}
"""
NOW = datetime.now(UTC)
SNAPSHOT = PlatformSnapshot(
    "sparkpost",
    NOW,
    (PlatformIp("192.0.2.10", "p1"), PlatformIp("192.0.2.11", "p1"), PlatformIp("198.51.100.9", "p2")),
    (PlatformPool("p1", "acme-news"), PlatformPool("p2", "somebodys")),
)


@pytest.fixture
async def store(deliverwatch, tmp_path):
    url = f"sqlite:///{tmp_path}/d.db"
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "{url}"\n')
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    assert (await deliverwatch("customers", "import", "inventory.yaml")).code == 0
    store = open_store(url)
    yield store
    await store.close()


async def test_the_difference_is_shown_and_applied_when_asked_to(deliverwatch, store):
    unread = await deliverwatch("customers", "platform")
    assert (unread.code, unread.out) == (2, "")
    assert "--read" in unread.err
    await store.keep_platform_proposal(to_facts(SNAPSHOT))
    shown = (await deliverwatch("customers", "platform", "--json")).document
    assert not shown["applied"]
    assert [each["name"].split()[0] for each in shown["changes"]] == ["192.0.2.11"]
    assert ["198.51.100.9" in each for each in shown["unmapped"]] == [True]
    assert len((await store.inventory()).assets) == 1
    assert (await deliverwatch("customers", "platform", "--apply", "--json")).document["applied"]
    assert {asset.name for asset in (await store.inventory()).assets} == {"192.0.2.10", "192.0.2.11"}
    assert (await deliverwatch("customers", "platform", "--json")).document["changes"] == []


async def test_a_platform_that_could_not_be_read_is_said(deliverwatch, store):
    await store.keep_platform_proposal(to_facts(SNAPSHOT))
    await store.source_failed(JOB, "the platform answered 503", NOW)
    shown = await deliverwatch("customers", "platform")
    assert "192.0.2.11" in shown.out
    assert "could not be read lately: the platform answered 503" in shown.err


async def test_what_sends_and_is_not_held_is_named(deliverwatch, store):
    names = {SenderKey("postfix", "ip", ip): 7 for ip in ("192.0.2.10", "198.51.100.9")}
    await store.commit_ingest(IngestBatch("postfix", "postfix", NOW, senders=names, last_event_at=NOW))
    (found,) = (await deliverwatch("sources", "unwatched", "--json")).document
    assert (found["name"], found["role"], found["events"]) == ("198.51.100.9", "ip", 7)
    assert "192.0.2.10" not in (await deliverwatch("sources", "unwatched")).out
