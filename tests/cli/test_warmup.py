"""A warm-up from its start to its end, by commands alone, over mail that was counted."""

import asyncio
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from deliverwatch.app import App
from deliverwatch.cli.main import commands
from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.settings import load_settings
from servers.commands import Ran

CONFIG = """\
[store]
url = "sqlite:///{folder}/state/deliverwatch.db"
[dns]
resolvers = ["127.0.0.1:9"]
timeout = "100ms"
[mail]
from = "watch@esp.example"
"""
INVENTORY = """\
esp:
  pools:
    - {id: shared-1, ips: [203.0.113.1], customers: [acme, bravo]}
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {name: Robin Doe, email: robin@esp.example}
    contacts: [postmaster@acme.example]
    pools:
      - {id: acme-news, stream: newsletter, ips: [192.0.2.8/29]}
  - id: bravo
    name: Bravo
    service_time_zone: uk
    tam: {name: Alex Roe, email: alex@esp.example}
    contacts: [postmaster@bravo.example]
    pools:
      - {id: bravo-news, ips: [198.51.100.7]}
"""
PLAN = """\
id: ours
name: Our plan
owner: Example ESP
basis: result
stages: [200, 500, 1000, 2000]
source: our own
checked_on: 2026-11-22
"""
EASTERN = ZoneInfo("America/New_York")
UK = ZoneInfo("Europe/London")
TODAY = datetime.now(EASTERN).date()
BEGAN_ON = TODAY - timedelta(days=2)


def mail(ip, days_ago, attempted, delivered, provider="yahoo", zone=EASTERN):
    """At noon of that day."""
    today = datetime.now(zone).date()
    at = datetime.combine(today - timedelta(days=days_ago), time(12), zone).astimezone(UTC)
    key = FactKey("postfix", ip, provider, "", "", "", "", at)
    return key, FactCounts(attempted, delivered, attempted - delivered, 0, retries=0)


@pytest.fixture
def deliverwatch(tmp_path, monkeypatch):
    """deliverwatch("status") -> what `deliverwatch warmup status` put out; in this process, since there are many."""
    monkeypatch.setenv("LOGNAME", "robin")

    def run(*arguments):
        config = ("--config", tmp_path / "deliverwatch.toml")
        ran = CliRunner().invoke(commands, [*map(str, (*arguments, *config))], catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    return run


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "ours.yaml").write_text(PLAN)
    return tmp_path / "ours.yaml"


@pytest.fixture
def warmup(tmp_path, deliverwatch):
    """As `deliverwatch`, of an installation with customers and counted mail."""
    (tmp_path / "deliverwatch.toml").write_text(CONFIG.format(folder=tmp_path))
    (tmp_path / "customers.yaml").write_text(INVENTORY)
    deliverwatch("customers", "import", tmp_path / "customers.yaml")
    facts = [
        mail("192.0.2.10", 2, 200, 195),
        mail("192.0.2.10", 1, 500, 300),
        mail("203.0.113.1", 1, 777, 777, zone=UK),
    ]
    asyncio.run(ingest(tmp_path / "deliverwatch.toml", facts))
    return lambda *arguments: deliverwatch("warmup", *arguments)


async def ingest(config, facts):
    app = App.open(load_settings(config, {}))
    await app.store.commit_ingest(IngestBatch("postfix", "postfix", datetime.now(UTC), dict(facts), {}))
    await app.store.close()


def one(warmup, *arguments):
    (document,) = warmup("status", *arguments, "--json").document
    return document


def test_a_warm_up_from_start_to_finish(warmup, plan):
    started = warmup("start", "--ip", "192.0.2.10", "--plan", plan, "--on", BEGAN_ON)
    assert "The warm-up of 192.0.2.10 by ours began on" in started.out
    assert "is at stage 2 of 4 now" in started.out
    assert "Nothing is changed at any sending platform." in started.out
    assert "192.0.2.10: Its reverse name could not be looked up" in started.err

    now = one(warmup)
    assert (now["customer"], now["pool"], now["zone"], now["day"]) == ("acme", "acme-news", "America/New_York", 3)
    assert (now["state"], now["stage"], now["stages"]) == ("behind_refused", 2, 4)
    day = now["yesterday"]
    assert (day["allowed"], day["attempted"], day["delivered"], day["complaints"]) == (500, 500, 300, None)
    assert (now["next"]["on"], now["next"]["allowance"], now["next"]["decision"]) == (TODAY.isoformat(), 500, "repeat")
    assert now["reason"] == "At Yahoo Mail 300 of 500 messages were delivered, 200 put off."
    assert [(each["provider"], each["state"]) for each in now["providers"]] == [("yahoo", "behind_refused")]
    table = warmup("status", "--customer", "acme").out
    assert "2 of 4" in table
    assert "300 of 500" in table
    assert f"192.0.2.10: {now['reason']}" in table
    assert "What to do with " in table

    held = warmup("hold", "--ip", "192.0.2.10", "--reason", "wait \x1b[2J for Yahoo")
    assert '192.0.2.10 is held: its volume is not to grow. Its state is "held".' in held.out
    assert "Nothing is changed at any sending platform." in held.out
    now = one(warmup, "--ip", "192.0.2.10")
    assert (now["state"], now["next"]["decision"], now["holds"][0]["cause"]) == ("held", "hold", "person")
    assert now["holds"][0]["facts"]["by"] == "robin"
    released = warmup("release", "--ip", "192.0.2.10", "--reason", "ok", "--by", "Alex", "--json")
    assert (released.document["state"], released.document["holds"]) == ("behind_refused", [])
    amended = warmup("amend", "--ip", "192.0.2.10", "--plan", "sparkpost-stages", "--reason", "more mail to come")
    assert "goes on by sparkpost-stages, version 2 of its plan, at stage 2 of 29." in amended.out
    back = warmup("step-back", "--ip", "192.0.2.10", "--reason", "once more", "--json")
    assert (back.document["stage"], back.document["state"]) == (1, "fell_back")

    shown = warmup("show", "192.0.2.10", "--json").document
    assert [(each["stage"], each["delivered"]) for each in shown["days"]] == [(1, 195), (2, 300)]
    kinds = ["started", "held", "released", "amended", "stepped_back"]
    assert [step["kind"] for step in shown["steps"]] == kinds
    assert [each["version"] for each in shown["plan_versions"]] == [1, 2]
    finished = warmup("finish", "--ip", "192.0.2.10", "--reason", "moved").out
    assert 'finished by hand. Its state is "finished".' in finished
    text = warmup("show", "192.0.2.10").out
    assert "released by Alex: ok" in text
    assert "held by robin: wait \\x1b[2J for Yahoo" in text
    assert "finished by robin: moved" in text
    assert one(warmup, "--all")["ended"] == "finished"


def test_it_warns_before_it_starts(warmup, plan):
    """Seen of one that cannot be started: what speaks against it was said all the same."""
    command = ("--ip", "192.0.2.10", "--plan", plan, "--on", BEGAN_ON, "--config", plan.parent / "deliverwatch.toml")
    warmup("start", *command[:-2])
    ran = CliRunner().invoke(commands, list(map(str, ("warmup", "start", *command))))
    assert isinstance(ran.exception, NotPossible)
    assert ran.stderr == "192.0.2.10: Its reverse name could not be looked up: no answer in time.\n"


def test_what_is_shared_is_shown_to_one_customer_without_figures(warmup, plan):
    """What is the ESP's own has its days in the UK."""
    yesterday = datetime.now(UK).date() - timedelta(days=1)
    started = warmup("start", "--ip", "203.0.113.1", "--plan", plan, "--on", yesterday, "--yes", "--json").document
    assert {each["kind"] for each in started["warnings"]} == {"ptr_unknown"}
    assert started["yesterday"]["delivered"] == 777
    seen = one(warmup, "--customer", "acme")
    assert (seen["ip"], seen["shared"], seen["yesterday"], seen["state"]) == ("203.0.113.1", True, None, "over_plan")
    assert (seen["plan"], seen["stage"], seen["next"]["allowance"], seen["pool"]) == (None, None, None, "shared-1")
    table = warmup("status", "--customer", "acme").out
    assert ("figures of all are left out" in table, "777" in table, "ours" in table) == (True, False, False)
    assert warmup("pools", "--customer", "bravo", "--json").document[0]["delivered"] is None
    (pool,) = warmup("pools", "--json").document
    assert (pool["pool"], pool["delivered"], pool["states"]) == ("shared-1", 777, {"over_plan": 1})


@pytest.mark.parametrize(("answer", "code", "runs"), [("n", 2, 0), ("y", 0, 1)])
def test_on_a_terminal_it_asks_before_it_starts_against_a_warning(warmup, plan, answer, code, runs):
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    command = ("warmup", "start", "--ip", "192.0.2.11", "--plan", plan.name, "--on", str(TODAY))
    ran = subprocess.run(
        [sys.executable, "-m", "deliverwatch", *command],
        cwd=plan.parent,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    asked = os.read(ours, 10_000).decode()
    os.close(ours)
    os.close(theirs)
    assert asked.index("could not be looked up") < asked.index("Start it all the same?")
    assert (ran.returncode, len(warmup("status", "--json").document)) == (code, runs)
    assert ("begins on" in ran.stdout.decode(), "nothing was started" in asked) == (runs == 1, runs == 0)


def test_what_is_not_there_is_named(warmup, plan):
    for arguments, said in (
        (("start", "--ip", "192.0.2.99", "--plan", plan, "--on", TODAY), "customers import"),
        (("hold", "--ip", "192.0.2.10", "--reason", "x"), "is not being warmed up"),
        (("show", "192.0.2.10"), "was never warmed up"),
        (("status", "--customer", "nobody"), "nobody"),
    ):
        with pytest.raises(NotPossible, match=said):
            warmup(*arguments)
    assert warmup("status").out == "No IP is being warmed up.\n"
