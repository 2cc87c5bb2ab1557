"""Charts: what is drawn of what is known, and nothing that a policy without inline code would refuse."""

import re
from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.warmup.day import Because, DayCounts, DayResult, DayState, Decision
from deliverwatch.core.warmup.plan import Stage
from deliverwatch.core.warmup.run import RunState
from deliverwatch.core.warmup.status import WarmupDay
from deliverwatch.flows.desk_ports import MailOfDay
from deliverwatch.flows.warmup_ports import PlanVersion, RunHistory
from deliverwatch.web.charts import Chart, Series, highest
from deliverwatch.web.mail_charts import mail_chart, senders
from deliverwatch.web.warmup_charts import charts_of
from render.warmups import NAMES, PLAN, RUN, status

ON = date(2026, 11, 25)


def a_chart(*values, line=None, labels=None):
    labels = labels or [f"day {number}" for number in range(len(values))]
    return Chart("c", "Title", "Described", labels, [Series("Delivered", "good", values)], line)


def parts(chart, tag):
    return [each for each in ElementTree.fromstring(chart.svg).iter() if each.tag == tag]


class TestShapes:
    def test_it_is_one_image_with_a_title_and_a_description(self):
        (image,) = parts(a_chart(1, 2), "svg")
        assert image.get("role") == "img"
        named = {each.get("id"): each.text for each in [*parts(a_chart(1), "title"), *parts(a_chart(1), "desc")]}
        assert [named[id_] for id_ in image.get("aria-labelledby").split()] == ["Title", "Described"]

    def test_nothing_inline_is_in_it(self):
        svg = a_chart(5, None, 3, line=Series("Allowed", "plan", [4, 4, None])).svg
        assert not re.search(r"style=|<style|<script|\son\w+=|href|url\(", svg)

    def test_hostile_names_are_text(self):
        chart = Chart('x"><script>', "<script>", "&", ["<b>"], [Series("s", "good", [1])])
        assert "<script" not in chart.svg
        assert parts(chart, "title")[0].text == "<script>"

    def test_bars_are_as_high_as_their_values_and_none_is_above_the_scale(self):
        heights = [float(each.get("height")) for each in parts(a_chart(100, 50, 0), "rect")]
        assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
        assert len(heights) == 2
        assert all(float(each.get("y")) >= 0 for each in parts(a_chart(100, 50, 0), "rect"))

    def test_parts_lie_upon_each_other(self):
        chart = Chart("c", "t", "d", ["day"], [Series("a", "good", [30]), Series("b", "bad", [10])])
        low, high = parts(chart, "rect")
        assert float(high.get("y")) + float(high.get("height")) == pytest.approx(float(low.get("y")), abs=0.2)

    def test_what_is_not_known_has_a_mark_and_no_bar(self):
        chart = a_chart(5, None, 0)
        assert len(parts(chart, "rect")) == 1
        assert [each.text for each in parts(chart, "text")].count("?") == 1

    def test_a_line_is_broken_where_it_is_not_known(self):
        (path,) = parts(a_chart(1, 1, 1, 1, line=Series("Allowed", "plan", [4, None, 5, 6])), "path")
        assert path.get("d").count("M") == 2
        assert path.get("d").count("L") == 1

    @pytest.mark.parametrize(
        ("most", "top"), [(0, 4), (3, 4), (9, 10), (101, 120), (2_401, 3_000), (999_999, 1_000_000)]
    )
    def test_the_scale_ends_at_a_round_number(self, most, top):
        assert highest(a_chart(most)) >= most
        assert highest(a_chart(most)) == top or most < 5

    def test_few_labels_are_written_the_first_and_the_last_among_them(self):
        labels = [f"day {number}" for number in range(45)]
        written = [each.text for each in parts(a_chart(*range(45), labels=labels), "text")]
        assert {"day 0", "day 44"} <= set(written)
        assert sum(each.startswith("day") for each in written) == 5

    def test_the_table_behind_it_has_the_same_figures_newest_first(self):
        chart = a_chart(5, None, line=Series("Allowed", "plan", [4, 6]))
        assert chart.rows == [("day 1", (None, 6)), ("day 0", (5, 4))]


def a_day(number, delivered, allowed=1000, unknown=None, **providers):
    counts = DayCounts(delivered, delivered, delivered)
    result = DayResult(
        ON + timedelta(days=number),
        2,
        allowed,
        counts,
        DayState.ON_PLAN,
        Decision.ADVANCE,
        Because.ENOUGH_DELIVERED,
        RunState(2),
        unknown=unknown,
    )
    each = {name: DayCounts(count, count, count) for name, count in providers.items()}
    return WarmupDay("run-1", "digest", result, each)


def a_history(*days, plan=PLAN, versions=1, **more):
    run = replace(RUN, plan=plan)
    agreed = tuple(PlanVersion("run-1", each, plan, RUN.created_at, "pat", "") for each in range(1, versions + 1))
    return RunHistory(status(run=run, **more), tuple(days), (), agreed)


class TestWarmups:
    def test_delivered_stands_against_the_allowance(self):
        (chart,) = charts_of(a_history(a_day(0, 800), a_day(1, 1000)), NAMES)
        assert chart.series[0].values == [800, 1000]
        assert chart.line.values == [1000, 1000]

    def test_what_went_beyond_the_plan_is_a_part_of_its_own(self):
        (chart,) = charts_of(a_history(a_day(0, 1300)), NAMES)
        assert [each.values for each in chart.bars] == [[1000], [300]]

    def test_a_day_that_is_not_known_has_no_bar(self):
        (chart,) = charts_of(a_history(a_day(0, 0, unknown="no counts"), a_day(1, 9)), NAMES)
        assert chart.bars[0].values == [None, 9]
        assert "1 of 2 days are not known" in chart.description

    def test_providers_have_their_own_with_a_line_where_the_plan_caps_them(self):
        plan = replace(PLAN, stages=(Stage(200, providers={"yahoo": 50}), Stage(500, providers={"yahoo": 100})))
        history = a_history(a_day(0, 90, yahoo=80, microsoft_consumer=10), plan=plan)
        _, yahoo, microsoft = charts_of(history, NAMES)
        assert yahoo.bars[0].values == [80]
        assert yahoo.line.values == [100]
        assert microsoft.line is None

    def test_a_cap_of_an_older_plan_is_not_made_out_of_a_newer_one(self):
        plan = replace(PLAN, stages=(Stage(200, providers={"yahoo": 50}), Stage(500, providers={"yahoo": 100})))
        _, yahoo = charts_of(a_history(a_day(0, 80, yahoo=80), plan=plan, versions=2), NAMES)
        assert yahoo.line is None

    def test_of_one_that_is_shared_nothing_is_drawn(self):
        assert charts_of(a_history(a_day(0, 80), shared=True), NAMES) == []


class TestMail:
    def test_days_without_a_count_are_not_known(self):
        chart = mail_chart(
            [MailOfDay(ON, "gmail", 10, 7, 2, None), MailOfDay(ON, "yahoo", 5, 5, 0, None)], ON + timedelta(1)
        )
        delivered, deferred, bounced = chart.bars
        assert delivered.values[-1] == 12
        assert deferred.values[-1] == 2
        assert bounced.values[-1] is None
        assert delivered.values[:-1] == [None] * 27

    def test_only_what_is_theirs_alone_counts_and_only_since_it_is(self):
        since = ON - timedelta(days=3)
        mine = Asset("192.0.2.1", "acme", from_on=since)
        ranged = Asset("198.51.100.0/31", "acme")
        assets = (
            mine,
            Asset("192.0.2.1", "bravo", until_on=since - timedelta(days=1)),
            ranged,
            Asset("198.51.100.1", "bravo"),
            Asset("203.0.113.1", None, shared_with=("acme", "bravo")),
        )
        found = senders("acme", [each for each in assets if "acme" in each.parties], Holdings(assets), ON)
        assert found == {since: ["192.0.2.1"], ON - timedelta(days=28): ["198.51.100.0"]}

    def test_too_many_are_not_asked_for(self):
        asset = Asset("198.18.0.0/16", "acme")
        assert senders("acme", [asset], Holdings([asset]), ON) is None
