"""SparkPost's own counts."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.delivery import Measure, Rejection
from deliverwatch.sources.sparkpost_metrics import SOURCE
from sources.receivers import read

DAY = datetime(2026, 11, 25, tzinfo=UTC)


def test_rows_are_counts_of_messages_over_the_period_and_what_was_not_asked_is_not_measured():
    gmail, outlook = read(SOURCE, "providers_of_ip.json")
    assert gmail == Measure(
        DAY,
        timedelta(days=1),
        ip="192.0.2.10",
        provider="Gmail",
        attempted=1000,
        delivered=990,
        deferred=40,
        bounced=10,
        complaints=2,
        as_of=datetime(2026, 11, 26, 6, tzinfo=UTC),
    )
    assert (outlook.attempted, outlook.delivered, outlook.bounced) == (500, 480, 20)
    assert (outlook.deferred, outlook.complaints) == (None, None)


def test_the_period_may_stand_in_the_link():
    (row,) = read(SOURCE, "linked.json")
    assert (row.starts_at, row.lasts_for) == (DAY + timedelta(hours=8), timedelta(hours=1))
    assert (row.ip, row.pool) == ("192.0.2.11", "acme-news")


def test_a_series_has_its_beginnings_in_its_rows():
    first, second = read(SOURCE, "series.json")
    assert (first.starts_at, second.starts_at) == (DAY - timedelta(days=1), DAY)
    assert second.lasts_for == timedelta(days=1)


def test_without_a_period_nothing_is_counted():
    assert read(SOURCE, "no_period.json") == [
        Rejection(1, 'the period of the counts is not told: add "from" and "to" beside "results"')
    ]


def test_rows_that_would_replace_one_another_are_rejected():
    items = read(SOURCE, "other_groups.json")
    assert [item.line for item in items if isinstance(item, Rejection)] == [1, 2, 5, 6, 7]
    assert "mailbox_provider_region" in items[0].why
    assert (items[2].domain, items[2].campaign, items[2].subaccount) == ("acme.example", "autumn-2026", "12")
    assert items[3].ip is None
    assert items[7].attempted is None


def test_the_platforms_name_of_an_ip_is_what_the_operator_says():
    assert read(SOURCE, "other_groups.json", instances={"mta-7": "192.0.2.7"})[3].ip == "192.0.2.7"


@pytest.mark.parametrize(
    "document",
    [
        {"results": {"sending-ips": []}},
        {"errors": []},
        [],
        {"from": "2026-11-25T00:00", "to": "2026-11-25T00:00", "results": [{"count_sent": 1}]},
        {"from": "2024-11-25T00:00", "to": "2026-11-25T00:00", "results": [{"count_sent": 1}]},
        {"from": "never", "to": "2026-11-25T00:00", "results": [{"count_sent": 1}]},
        {"from": [1], "to": {}, "results": [{"count_sent": 1}]},
    ],
)
def test_what_has_no_counts_or_no_usable_period_is_one_rejection(document):
    (item,) = read(SOURCE, json.dumps(document).encode())
    assert isinstance(item, Rejection)
