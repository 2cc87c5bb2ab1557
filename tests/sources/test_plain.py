"""The plain form, as CSV and as JSON, and the page that describes it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Measure, Rejection, Speaker
from deliverwatch.sources import plain_csv, plain_json
from deliverwatch.sources.plain import FIELDS
from sources.contract import items_of, told

CSV, JSON = plain_csv.SOURCE, plain_json.SOURCE
PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text().partition("## Plain CSV and JSON")[2]
AT = datetime(2026, 11, 26, 10, tzinfo=UTC)


def test_an_event_is_what_its_fields_say():
    _, deferred, *_ = (item for item in items_of(CSV, "events.csv") if isinstance(item, DeliveryEvent))
    assert told(deferred) == {
        "at": AT + timedelta(seconds=1),
        "outcome": DeliveryOutcome.DEFERRED,
        "ip": "192.0.2.11",
        "recipient_domain": "yahoo.example",
        "host": "mta5.yahoo.example",
        "domain": "news.acme.example",
        "campaign": "autumn, to ***@yahoo.example",
        "retry": True,
        "speaker": Speaker.RECEIVER,
        "reply": "421 4.7.0 [TSS04], later\n421 for person.secret@yahoo.example",
        "event_id": "e-2",
    }


def test_counts_that_are_left_out_are_not_measured_and_zero_is_zero():
    _, second = items_of(CSV, "measures.csv")
    assert second == Measure(
        datetime(2026, 11, 25, tzinfo=UTC),
        timedelta(days=1),
        domain="news.acme.example",
        pool="acme-news",
        campaign="autumn",
        subaccount="17",
        delivered=0,
        complaints=2,
    )


def test_json_may_be_lines_or_one_array():
    items = items_of(JSON, "lines.jsonl")
    events = [item for item in items if isinstance(item, DeliveryEvent)]
    assert [event.event_id for event in events] == ["e-1", "e-2", None, None, None]
    assert (events[1].ip, events[2].subaccount, events[2].expired) == ("2001:db8::10", "17", True)
    assert [type(item) for item in items_of(JSON, "array.json")] == [DeliveryEvent, Rejection, Rejection, Measure]


def test_an_unknown_field_is_named_once():
    for source, sample, line in ((CSV, "events.csv", 1), (JSON, "lines.jsonl", 5)):
        rejected = [item for item in items_of(source, sample) if isinstance(item, Rejection)]
        assert rejected == [Rejection(line, "unknown field mood: its values are passed over")]


@pytest.mark.parametrize(("source", "sample", "read"), [(CSV, "faulty.csv", 1), (JSON, "faulty.jsonl", 0)])
def test_faults_are_named_by_line_and_the_rest_is_read(source, sample, read):
    items = items_of(source, sample)
    rejected = [item.line for item in items if isinstance(item, Rejection)]
    assert len(items) - len(rejected) == read
    assert rejected == [*range(rejected[0], rejected[0] + len(rejected))]


def test_the_sending_ip_may_be_the_pools_or_the_files():
    known = {"instances": {"acme-news": "192.0.2.1"}, "ip": "192.0.2.2"}
    content = b"at,outcome,pool\n1795687200,delivered,acme-news\n1795687200,delivered,other\n"
    assert [event.ip for event in items_of(CSV, content, **known)] == ["192.0.2.1", "192.0.2.2"]


def test_the_page_names_every_field_and_no_other():
    cells = "".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", cells)) == FIELDS


@pytest.mark.parametrize(
    ("number", "source", "kinds"),
    [
        (0, CSV, [DeliveryEvent, DeliveryEvent]),
        (1, JSON, [DeliveryEvent, DeliveryEvent]),
        (2, CSV, [Measure]),
        (3, JSON, [Measure]),
    ],
)
def test_the_pages_examples_are_read(number, source, kinds):
    example = re.findall(r"```(?:csv|json)\n(.*?)```", PAGE, re.DOTALL)[number]
    assert [type(item) for item in items_of(source, example.encode())] == kinds
