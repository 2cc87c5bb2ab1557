"""From an empty folder to an answered draft and a report, by commands alone; the daemon's part is played in process."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.app import App
from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.subjects import parse_subject
from deliverwatch.daemon import Daemon
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.zones import list_subject
from deliverwatch.settings import load_settings

CONFIG = """\
[store]
url = "sqlite:///{folder}/state/deliverwatch.db"
[dns]
resolvers = ["{resolver}"]
[requester]
mailbox = "ops@esp.example"
[mail]
host = "127.0.0.1"
port = {port}
"""
INVENTORY = """\
esp:
  pools:
    - {id: shared-1, ips: [203.0.113.0/30], customers: [acme]}
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {name: Robin Doe, email: robin@esp.example}
    contacts: [postmaster@acme.example]
    pools:
      - {id: acme-news, stream: newsletter, ips: [192.0.2.8/29]}
    domains:
      - {name: news.acme.example, roles: [from]}
"""
LAST_WEEK = datetime.now(UTC) - timedelta(days=7)


@pytest.fixture
async def installed(tmp_path, lists, start_mailbox):
    mailbox = await start_mailbox()
    text = CONFIG.format(folder=tmp_path, resolver=lists[0].address, port=mailbox.port)
    (tmp_path / "deliverwatch.toml").write_text(text)
    (tmp_path / "customers.yaml").write_text(INVENTORY)
    return tmp_path


async def pass_hours(folder, count):
    """What the daemon does in that time."""
    app = App.open(load_settings(folder / "deliverwatch.toml", {}), SteppedClock(LAST_WEEK))
    daemon = Daemon(app)
    for _ in range(count):
        app.clock.advance(timedelta(hours=1))
        for _ in range(2):
            await daemon.start_due()
            await daemon.settle()
    await app.store.close()


async def send(folder, attempts):
    """An hour ago, to one provider each."""
    app = App.open(load_settings(folder / "deliverwatch.toml", {}))
    at = app.clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    facts = {
        FactKey("postfix", ip, f"mail-{ip}", "", "", "", "", at): FactCounts(count) for ip, count in attempts.items()
    }
    await app.store.commit_ingest(IngestBatch("postfix", "postfix", app.clock.now(), facts))
    await app.store.close()


async def test_from_an_empty_folder_to_an_answered_draft(deliverwatch, installed, lists, catalogue):
    ran = await deliverwatch("customers", "import", "customers.yaml", "--dry-run")
    assert ran.code == 0
    assert "would change" in ran.out
    assert (await deliverwatch("customers", "list", "--json")).document == []
    assert (await deliverwatch("customers", "import", "customers.yaml")).code == 0
    assert "Nothing to change" in (await deliverwatch("customers", "import", "customers.yaml")).out
    (customer,) = (await deliverwatch("customers", "list", "--json")).document
    assert {asset["name"] for asset in customer["assets"]} == {"192.0.2.8/29", "203.0.113.0/30", "news.acme.example"}
    exported = await deliverwatch("customers", "export")
    (installed / "again.yaml").write_text(exported.out)
    assert "Nothing to change" in (await deliverwatch("customers", "import", "again.yaml")).out

    list_subject(lists[1]["psbl"], catalogue["psbl"], parse_subject("192.0.2.10"))
    await pass_hours(installed, 3)
    (listing,) = (await deliverwatch("listings", "--open", "--customer", "acme", "--json")).document
    assert (listing["subject"], listing["list"], listing["closed_at"]) == ("192.0.2.10", "psbl", None)
    assert listing["mail_share"] is None
    await send(installed, {"192.0.2.10": 1, "192.0.2.11": 3})
    (listing,) = (await deliverwatch("listings", "--json")).document
    assert listing["mail_share"] == 0.25
    assert (await deliverwatch("listings", "--customer", "bravo")).code == 2

    (draft,) = (await deliverwatch("drafts", "list", "--json")).document
    assert (draft["customer"], draft["state"], draft["kind"]) == ("acme", "prepared", "listing")
    pulled = (await deliverwatch("drafts", "pull", draft["id"], "--by", "Robin", "--json")).document
    assert (pulled["state"], pulled["pulled_by"]) == ("pulled", "Robin")
    assert "192.0.2.10" in pulled["text"]
    assert (await deliverwatch("drafts", "submit", draft["id"], "--reference", "case 1")).code == 0
    wrong = await deliverwatch("drafts", "pull", draft["id"])
    assert (wrong.code, "submitted" in wrong.err) == (2, True)
    answered = ["drafts", "answer", draft["id"], "--outcome", "granted", "--note", "removed"]
    assert (await deliverwatch(*answered)).code == 0
    shown = (await deliverwatch("drafts", "show", draft["id"], "--json")).document
    assert [step["state"] for step in shown["history"]] == ["prepared", "pulled", "submitted", "answered"]
    assert (await deliverwatch("drafts", "show", "d-none")).code == 2

    ran = await deliverwatch("report", "preview", "--customer", "acme", "--out", "out")
    assert ran.code == 0
    assert {path.name for path in (installed / "out").iterdir()} == {"report.html", "report.txt", "report.eml"}
    assert (await deliverwatch("report", "send", "--customer", "acme")).code == 0
    again = await deliverwatch("report", "send", "--customer", "acme")
    assert (again.code, "made already" in again.err) == (2, True)
    assert len((await deliverwatch("report", "list", "--json")).document) == 1
    for week in ("2026-W99", "0001-W01", "2999-W01", "last"):
        ran = await deliverwatch("report", "preview", "--customer", "acme", "--out", "x", "--week", week)
        assert (ran.code, "week" in ran.err) == (2, True)
    year, number, _ = datetime.now(UTC).isocalendar()
    ran = await deliverwatch("report", "send", "--customer", "acme", "--week", f"{year}-W{number:02}")
    assert (ran.code, "is not over" in ran.err) == (2, True)
    assert (await deliverwatch("drafts", "list", "--customer", "nobody")).code == 2
    assert (await deliverwatch("report", "preview", "--customer", "acme", "--out", "/dev/null")).code == 2


async def test_init_writes_what_works_and_never_over_anything(deliverwatch, tmp_path):
    assert (await deliverwatch("init", "here")).code == 0
    assert (await deliverwatch("init", "here")).code == 2
    ran = await deliverwatch("config", "show", "--config", "here/deliverwatch.toml", "--json")
    assert ran.code == 0
    assert {"key", "value", "origin"} == set(ran.document[0])


async def test_lists(deliverwatch, tmp_path, lists):
    listed = (await deliverwatch("lists", "--json")).document
    on = {each["id"] for each in listed if each["on"]}
    assert on >= {"spamcop-scbl", "uribl-multi", "psbl", "mailspike-bl"}
    assert all(each["access"] == "open" for each in listed if each["on"])
    assert (await deliverwatch("lists", "show", "psbl", "--json")).document["zone"] == "psbl.surriel.com"
    assert (await deliverwatch("lists", "show", "pspl")).code == 2
    assert (await deliverwatch("lists", "check")).code == 0
    (tmp_path / "bad.yaml").write_text("lists:\n  - id: a b\n    zones: x\n")
    bad = await deliverwatch("lists", "check", "bad.yaml")
    assert bad.code == 2
    assert bad.err.count("bad.yaml") > 2
    lists[1]["psbl"].unlist("2.0.0.127")
    health = await deliverwatch("lists", "health", "--resolver", lists[0].address, "--json")
    assert health.code == 1
    assert {each["list"]: each["health"] for each in health.document}["psbl"] == "failing"


async def test_json_is_one_document_with_times_in_z(deliverwatch, installed):
    ran = await deliverwatch("listings", "--json")
    assert json.loads(ran.out) == []
    assert (await deliverwatch("drafts", "list")).out == "No drafts.\n"


async def test_a_database_that_cannot_be_opened_is_3(deliverwatch, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text('[store]\nurl = "sqlite:////proc/nowhere/deliverwatch.db"\n')
    ran = await deliverwatch("listings")
    assert ran.code == 3
    assert "/proc/nowhere" in ran.err
