"""`ingest` and `sources` as a user runs them."""

import json
from datetime import UTC, datetime

from deliverwatch.core.source_ids import SOURCE_IDS
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.sources.registry import SOURCES
from deliverwatch.store import open_store

LINE = (
    "2026-11-20T10:00:0{n}.000000+00:00 mta-1 postfix/smtp[9]: 4ABC{n}: to=<person.secret@mail.example>, "
    "relay=mx.mail.example[198.51.100.25]:25, delay=1, delays=0/0/1/0, dsn=5.7.1, status=bounced "
    "(host mx.mail.example[198.51.100.25] said: 550 5.7.1 something odd {n} (in reply to RCPT TO command))\n"
)


def test_the_ids_are_those_of_the_registry():
    assert set(SOURCES) == set(SOURCE_IDS)
    assert len(SOURCE_IDS) == len(SOURCES)


async def test_a_log_is_read_twice_and_counted_once(deliverwatch, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/d.db"\n')
    (tmp_path / "mail.log").write_text("".join(LINE.format(n=n) for n in range(3)))
    first = await deliverwatch("ingest", "postfix", "mail.log", "--json")
    assert (first.code, first.document) == (
        0,
        {"read": 3, "accepted": 3, "duplicates": 0, "rejected": 0, "rejections": []},
    )
    again = await deliverwatch("ingest", "postfix", "mail.log", "--json")
    assert again.document == {"read": 3, "accepted": 0, "duplicates": 3, "rejected": 0, "rejections": []}
    listed = (await deliverwatch("sources", "--json")).document
    (postfix,) = [each for each in listed if each["id"] == "postfix"]
    assert (postfix["read"], postfix["configured"], postfix["state"]) == (3, False, "fine")
    assert postfix["last_event_at"] == "2026-11-20T10:00:02Z"
    assert "person.secret" not in str(listed) + (await deliverwatch("sources", "unknown")).out


async def test_what_opens_nothing_is_shown_all_the_same(deliverwatch, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/d.db"\n')
    at = datetime.now(UTC).isoformat()
    said = {"at": at, "outcome": "bounced", "ip": "192.0.2.10", "recipient_domain": "gmail.com"}
    records = [
        {**said, "reply": "550 5.1.1 The email account of person.secret@gmail.com that you tried does not exist"},
        {**said, "reply": "552 5.7.0 This message was blocked because its content presents a potential security issue"},
    ]
    (tmp_path / "data.json").write_text("".join(f"{json.dumps(each)}\n" for each in [*records, records[1]]))
    ran = await deliverwatch("ingest", "json", "data.json", "--json")
    assert ran.document["accepted"] == 3, ran.document
    found = (await deliverwatch("sources", "replies", "--json")).document
    assert [(each["provider"], each["class"], each["bounced"]) for each in found] == [
        ("google", "content_block", 2),
        ("google", "unknown_recipient", 1),
    ]
    shown = (await deliverwatch("sources", "replies")).out
    assert "content_block" in shown
    assert "person.secret" not in shown + str(found)
    assert (await deliverwatch("blocks", "--json")).document == []


async def test_what_is_rejected_is_told_and_not_a_failure(deliverwatch, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/d.db"\n')
    (tmp_path / "data.json").write_text('{"at": "2026-11-20T10:00:00Z", "outcome": "delivered"}\n{"outcome": 7}\nx\n')
    ran = await deliverwatch("ingest", "json", "data.json")
    assert ran.code == 0
    assert "2 rejected" in ran.out
    told = (await deliverwatch("sources", "rejections", "json", "--json")).document
    assert [each["line"] for each in told] == [3, 2]
    assert "data.json" in (await deliverwatch("sources", "rejections")).out


async def test_what_an_outage_lost_is_said(deliverwatch, tmp_path):
    url = f"sqlite:///{tmp_path}/d.db"
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "{url}"\n')
    store = open_store(url)
    lost = {"lost_from": "2026-11-01T00:00:00+00:00", "lost_before": "2026-11-03T00:00:00+00:00"}
    now = datetime(2026, 11, 13, tzinfo=UTC)
    await store.commit_ingest(IngestBatch("sparkpost-events", "sparkpost", now, cursor={"until": "x", **lost}))
    await store.close()
    found = {each["id"]: each["lost"] for each in (await deliverwatch("sources", "--json")).document}
    assert found.pop("sparkpost-events") == {"from": lost["lost_from"], "before": lost["lost_before"]}
    assert set(found.values()) == {None}
    assert "lost: what happened from 2026-11-01" in (await deliverwatch("sources")).out


async def test_wrong_usage_is_named(deliverwatch, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(
        f'[store]\nurl = "sqlite:///{tmp_path}/d.db"\n[sources.postfix]\nfollow = ["{tmp_path}/none.log"]\n'
    )
    (tmp_path / "folder").mkdir()
    for arguments, words in [
        (("ingest", "postfx", "x"), "unknown source 'postfx': did you mean 'postfix'?"),
        (("ingest", "postfix", "none"), "none does not exist"),
        (("ingest", "postfix", "folder"), "folder is a folder"),
        (("sources", "rejections", "nobody"), "unknown source 'nobody'"),
    ]:
        ran = await deliverwatch(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert words in ran.err
    assert "waiting for" in (await deliverwatch("sources")).out


async def test_which_list_a_receiver_cites_and_whether_we_ask_it_is_said(deliverwatch, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/d.db"\n')
    zones = ["psbl.surriel.com", "psbl.surriel.com", "dnsbl-3.uceprotect.net", "bl.unheard-of.example"]
    said = {
        "at": datetime.now(UTC).isoformat(),
        "outcome": "bounced",
        "ip": "192.0.2.10",
        "recipient_domain": "x.example",
    }
    replies = [f"554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using {zone}" for zone in zones]
    (tmp_path / "data.json").write_text("".join(f"{json.dumps({**said, 'reply': each})}\n" for each in replies))
    assert (await deliverwatch("ingest", "json", "data.json", "--json")).document["accepted"] == 4
    found = (await deliverwatch("sources", "replies", "--json")).document
    assert {(each["blocklist"], each["blocklist_cited"], each["list_state"], each["bounced"]) for each in found} == {
        ("psbl", "psbl.surriel.com", "on", 2),
        ("uceprotect-3", "dnsbl-3.uceprotect.net", "off", 1),
        (None, "bl.unheard-of.example", None, 1),
    }
    shown = " ".join((await deliverwatch("sources", "replies")).out.split())
    assert "psbl (on)" in shown
