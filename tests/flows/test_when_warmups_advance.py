"""Who judges the days of warm-ups, and of which: commands do, of all or of one; reading for a report judges nothing."""

import asyncio
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from deliverwatch.app import App
from deliverwatch.cli.main import commands
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.flows import manage_warmups
from deliverwatch.flows.send_reports import preview
from deliverwatch.settings import load_settings
from flows.rounds import OPS
from flows.warmup_world import DAY, DESK, IP, PLAN
from samples import INVENTORY

OTHER = "192.0.2.11"


@pytest.fixture
def config(tmp_path):
    config = tmp_path / "deliverwatch.toml"
    config.write_text(f"""
[store]
url = "sqlite:///{tmp_path}/d.db"
[dns]
resolvers = ["127.0.0.1:9"]
timeout = "100ms"
[mail]
from = "watch@esp.example"
[alerts]
to = ["{OPS}"]
""")
    return config


@pytest.fixture
async def app(config):
    """Two runs that began two days ago, of which nothing is judged."""
    app = App.open(load_settings(config, {}))
    now = app.clock.now()
    await app.store.apply_inventory(InventoryChange(INVENTORY.customers, assets_added=INVENTORY.assets), now)
    for ip in (IP, OTHER):
        on = now.date() - 2 * DAY
        await manage_warmups.start(app.store, app.clock, DESK, ip, replace(PLAN, platform=None), on, "ann", None, None)
    yield app
    await app.store.close()


async def judged(app):
    runs = await app.store.warmups()
    days = await app.store.warmup_days([run.id for run in runs])
    return {run.ip: len(days.get(run.id, ())) for run in runs}


async def test_an_act_judges_the_days_of_its_own_address(app):
    await app.warmups.hold(IP, "because", "ann")
    assert await judged(app) == {IP: 2, OTHER: 0}


async def test_so_does_the_status_of_one_and_that_of_all_those_of_all(app):
    await app.warmups.statuses(ip=OTHER)
    assert await judged(app) == {IP: 0, OTHER: 2}
    await app.warmups.statuses()
    assert await judged(app) == {IP: 2, OTHER: 2}


async def test_what_a_report_reads_judges_nothing(app):
    inventory = await app.store.inventory()
    acme = inventory.customer("acme")
    week = app.reporting.week_or_last(acme, None)
    await preview(app.store, app.reporting.desk, app.clock, inventory, acme, week)
    await app.judge()
    assert await judged(app) == {IP: 0, OTHER: 0}


async def test_reports_that_are_due_are_made_of_what_was_judged(app):
    await app.reporting.send_due()
    assert await judged(app) == {IP: 2, OTHER: 2}


def run(config, *arguments):
    """A command, in another event loop than the test's."""
    ran = CliRunner().invoke(commands, [*map(str, arguments), "--config", str(config)], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output


async def test_commands_that_read_mail_or_make_a_report_judge_those_of_all(app, config, tmp_path):
    (tmp_path / "none.json").write_text("")
    await asyncio.to_thread(run, config, "ingest", "json", tmp_path / "none.json")
    assert await judged(app) == {IP: 2, OTHER: 2}


async def test_so_does_the_preview_of_a_report(app, config, tmp_path):
    await asyncio.to_thread(run, config, "report", "preview", "--customer", "acme", "--out", tmp_path / "out")
    assert await judged(app) == {IP: 2, OTHER: 2}
