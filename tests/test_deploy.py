"""What lies in deploy/ for Prometheus and Grafana: sound by their own tools, and about metrics that there are."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from web.test_metrics import filled, samples, scraped
from web.watched_world import OPERATOR, open_watched

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "deliverwatch.rules.yml"
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here: Debian's package prometheus has it")

OF_PROMETHEUS = {"up"}
_METRIC = re.compile(r"\b(?:deliverwatch|process)_[a-z_]+")


def promtool(*command):
    return subprocess.run([PROMTOOL, *map(str, command)], capture_output=True, text=True, check=False)


def dashboard():
    return json.loads((DEPLOY / "grafana" / "deliverwatch.json").read_text(encoding="utf-8"))


def asked():
    """Every expression of the dashboard."""
    return [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ())]


async def test_every_metric_of_dashboard_and_rules_exists(tmp_path):
    async with open_watched(tmp_path) as world:
        await filled(world)
        async with world.browser(**OPERATOR) as client:
            await client.get("/lists")
            there = set(samples(await scraped(client)))
    named = {name for text in (*asked(), RULES.read_text(encoding="utf-8")) for name in _METRIC.findall(text)}
    assert len(named) > 15
    assert named - there == set()


async def test_every_metric_of_ours_has_its_place_on_the_dashboard(tmp_path):
    async with open_watched(tmp_path) as world:
        await filled(world)
        async with world.browser() as client:
            there = {name for name in samples(await scraped(client)) if name.startswith("deliverwatch_")}
    shown = {name for text in asked() for name in _METRIC.findall(text)}
    assert there - shown - {"deliverwatch_drafts_overdue"} == set()


def test_the_dashboard_names_no_server_of_ours_and_each_panel_once():
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {json.dumps(panel["datasource"]) for panel in panels if "datasource" in panel} == {
        '{"type": "prometheus", "uid": "${datasource}"}'
    }
    taken = [panel["gridPos"] for panel in panels]
    places = [(place["x"] + x, place["y"] + y) for place in taken for x in range(place["w"]) for y in range(place["h"])]
    assert len(set(places)) == len(places)
    assert max(x for x, _ in places) < 24


@needs_promtool
def test_the_expressions_of_the_dashboard_are_sound(tmp_path):
    rules = [{"record": f"panel:{n}", "expr": expr.replace("$instance", ".*")} for n, expr in enumerate(asked())]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    checked = promtool("check", "rules", file)
    assert checked.returncode == 0, checked.stderr
    assert f"{len(rules)} rules found" in checked.stdout


@needs_promtool
def test_rules_and_scraping_are_sound():
    assert promtool("check", "rules", RULES).returncode == 0
    checked = promtool("check", "config", "--syntax-only", DEPLOY / "prometheus" / "scrape.yml")
    assert checked.returncode == 0, checked.stderr


@needs_promtool
def test_each_rule_fires_when_it_should_and_not_before():
    file = ROOT / "tests" / "deploy" / "rules_test.yml"
    checked = promtool("test", "rules", file)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    alerts = re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8"))
    tested = file.read_text(encoding="utf-8")
    for alert in alerts:
        assert f"alertname: {alert}\n" in tested, f"{alert} is not seen to fire"
        assert f"alertname: {alert}, eval_time" in tested, f"{alert} is not seen to keep still"
