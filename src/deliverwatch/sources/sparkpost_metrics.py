"""SparkPost's Metrics API: counts of the platform's own, by sending IP, mailbox provider and more, over a period.

An answer has {"results": [row, ...]} and does not say which period was asked for. A saved one needs it: "from" and "to"
(ISO 8601, UTC) beside "results", as our own poller writes them, or the question among its "links"; rows of a time
series have their beginning in "ts", and need "precision" ("day") beside "results". Without a period nothing is counted.

Counts are messages: `count_sent` is what was offered at all, whatever the number of attempts; so deferred is
`count_delayed_first`, messages that were put off at least once. Late bounces are in `count_bounce` and in nobody's
refusal, so bounced is `count_inband_bounce` where the answer has it. What was not asked for is not measured.
(developers.sparkpost.com, API description "Metrics", read November 2026.)
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from deliverwatch.core.delivery import Item, Measure
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import json_values as value
from deliverwatch.sources.documents import reader
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.sparkpost_api import open_metrics_poller

_PRECISIONS: Mapping[str, timedelta] = {
    "1min": timedelta(minutes=1),
    "5min": timedelta(minutes=5),
    "15min": timedelta(minutes=15),
    "hour": timedelta(hours=1),
    "12hr": timedelta(hours=12),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_LONGEST_FOR = timedelta(days=200)
_KEPT = {"sending_ip", "mailbox_provider", "ip_pool", "sending_domain", "campaign", "campaign_id", "subaccount_id"}
_TOLD_BESIDE = {"ts", "subaccount_name"}


class _Row(NamedTuple):
    """A row with what its document says of all of them."""

    row: Any
    document: Record
    starts_at: datetime | None
    lasts_for: timedelta | None


def _rows(document: Any) -> Sequence[_Row]:
    results = document.get("results") if isinstance(document, dict) else None
    if isinstance(results, dict):
        raise ValueError("is a list of names: there are no counts in it")
    if not isinstance(results, list):
        raise ValueError('expected {"results": [...]}, as the Metrics API answers')
    starts_at, lasts_for = _period(document)
    return [_Row(row, document, starts_at, lasts_for) for row in results]


def _period(document: Record) -> tuple[datetime | None, timedelta | None]:
    asked: Record = next(_questions(document), {})
    start, end = document.get("from") or asked.get("from"), document.get("to") or asked.get("to")
    precision = document.get("precision") or asked.get("precision")
    if isinstance(precision, str) and precision in _PRECISIONS:
        return (None if start is None else value.moment(start, "from")), _PRECISIONS[precision]
    if start is None or end is None:
        return None, None
    starts_at, ends_at = value.moment(start, "from"), value.moment(end, "to")
    if not timedelta(0) < ends_at - starts_at <= _LONGEST_FOR:
        raise ValueError("to: expected a time after 'from', by 200 days at most")
    return starts_at, ends_at - starts_at


def _questions(document: Record) -> Iterator[Record]:
    """What was asked for, out of the answer's links."""
    links = document.get("links")
    for link in links if isinstance(links, list) else ():
        href = link.get("href") if isinstance(link, dict) else None
        try:
            query = parse_qs(urlsplit(href).query) if isinstance(href, str) else {}
        except ValueError:
            continue
        if "from" in query:
            yield {name: values[0] for name, values in query.items()}


def _measures(each: _Row, options: ReaderOptions) -> Sequence[Item]:
    row, document = each.row, each.document
    if not isinstance(row, dict):
        raise ValueError("expected a row of counts")
    starts_at, lasts_for = _row_period(each)
    pool = value.name(row, "ip_pool")
    measure = Measure(
        starts_at,
        lasts_for,
        value.sending_ip(_ip(row) or _ip(document), options, pool, value.text(row, "sending_ip")),
        value.domain(row, "sending_domain"),
        value.name(row, "mailbox_provider"),
        pool,
        value.name(row, "campaign_id") or value.name(row, "campaign"),
        value.name(row, "subaccount_id"),
        value.count(row, "count_sent"),
        _first(row, "count_delivered", "count_accepted"),
        _first(row, "count_delayed_first", "count_delayed"),
        _first(row, "count_inband_bounce", "count_bounce"),
        value.count(row, "count_spam_complaint"),
        value.at(document, "as_of") if document.get("as_of") else None,
    )
    _check_grouping(row)
    return (measure,)


def _row_period(each: _Row) -> tuple[datetime, timedelta]:
    starts_at = value.at(each.row, "ts") if each.row.get("ts") else each.starts_at
    if starts_at is None or each.lasts_for is None:
        raise ValueError('the period of the counts is not told: add "from" and "to" beside "results"')
    return starts_at, each.lasts_for


def _ip(record: Record) -> str | None:
    """None for the platform's name of an IP, which the operator may know."""
    try:
        return value.address(record, "sending_ip")
    except ValueError:
        return None


def _first(row: Record, *keys: str) -> int | None:
    return next((found for key in keys if (found := value.count(row, key)) is not None), None)


def _check_grouping(row: Record) -> None:
    """Rows told apart by what is not kept would replace one another."""
    names = {key for key, found in row.items() if isinstance(found, str) and not key.startswith("count_")}
    others = sorted(names - _KEPT - _TOLD_BESIDE)
    if others:
        other = others[0][:40] if others[0].isidentifier() else "another name"
        raise ValueError(f"is grouped by {other}, which is not kept: group by sending_ip or mailbox_provider")


SOURCE = Source(
    "sparkpost-metrics",
    "SparkPost Metrics API",
    Shape.DOCUMENT,
    "sparkpost-metrics",
    reader(_rows, _measures),
    poller=open_metrics_poller,
)
