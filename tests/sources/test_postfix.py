"""Postfix's log lines."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from deliverwatch.core.delivery import DeliveryOutcome, Rejection, Speaker
from deliverwatch.sources.postfix import SOURCE
from sources.contract import OPTIONS, items_of, told

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def lines(text, **options):
    return items_of(SOURCE, text.encode(), **options)


def attempt(time="2026-11-26T10:00:00Z", queue_id="4AbCdE1", who="mx1 postfix/smtp", to="a@example.com", said="250 ok",
            status="sent", relay="mx.example.com[198.51.100.1]:25"):  # fmt: skip
    return f"{time} {who}[1]: {queue_id}: to=<{to}>, relay={relay}, delay=1, dsn=2.0.0, status={status} ({said})\n"


def test_a_delivery_is_all_that_is_known_of_it():
    assert told(items_of(SOURCE, "traditional.log")[0]) == {
        "at": NEW_YEAR - timedelta(seconds=1),
        "outcome": DeliveryOutcome.DELIVERED,
        "ip": "192.0.2.10",
        "recipient_domain": "example.com",
        "host": "mx1.example.com",
        "domain": "news.acme.example",
        "speaker": Speaker.RECEIVER,
    }


def test_the_receivers_words_and_a_greeting_that_refuses():
    bounced, deferred, refused = items_of(SOURCE, "traditional.log")[1:4]
    assert (bounced.outcome, bounced.host) == (DeliveryOutcome.BOUNCED, "mx.outlook.example")
    assert bounced.reply.startswith("550 5.7.1 Mail from")
    assert bounced.reply.endswith("(S3140).")
    assert deferred.reply == "421 4.7.0 [TSS04] Too many complaints"
    assert (refused.outcome, refused.recipient_domain) == (DeliveryOutcome.DEFERRED, "icloud.example")
    assert refused.reply.startswith("554 5.7.0 Blocked, see")


def test_own_words_are_no_verdict():
    silent, no_domain = items_of(SOURCE, "traditional.log")[4:6]
    assert (silent.speaker, silent.host, silent.outcome) == (Speaker.OWN, None, DeliveryOutcome.DEFERRED)
    assert (no_domain.speaker, no_domain.outcome) == (Speaker.OWN, DeliveryOutcome.BOUNCED)


def test_what_expired_is_told_for_each_that_waited_and_nothing_else_is():
    again, *expired = items_of(SOURCE, "traditional.log")[6:]
    assert again.retry is True
    assert [(event.recipient_domain, event.reply[:3], event.retry) for event in expired] == [
        ("yahoo.example", "421", None),
        ("icloud.example", "554", None),
    ]
    assert {(event.outcome, event.expired, event.domain) for event in expired} == {
        (DeliveryOutcome.BOUNCED, True, "shop.acme.example")
    }


def test_who_was_served_later_has_not_expired():
    said = attempt(status="deferred", said="host mx.example.com[198.51.100.1] said: 450 later")
    expired = (
        "2026-11-26T10:00:02Z mx1 postfix/qmgr[1]: 4AbCdE1: from=<a@acme.example>, status=expired, returned to sender\n"
    )
    assert len(lines(said + expired)) == 2
    assert len(lines(said + attempt() + expired)) == 2
    assert len(lines(said + "2026-11-26T10:00:01Z mx1 postfix/qmgr[1]: 4AbCdE1: removed\n" + expired)) == 1


def test_times_zones_and_a_recipient_who_looks_like_a_log_line():
    zoned, local, hostile, *rejected = items_of(SOURCE, "iso.log", zone=timezone(timedelta(hours=1)))
    assert zoned.at == datetime(2026, 11, 26, 9, 0, 0, 123456, tzinfo=UTC)
    assert local.at == datetime(2026, 11, 26, 9, 0, 1, tzinfo=UTC)
    assert (hostile.outcome, hostile.host, hostile.reply) == (DeliveryOutcome.DEFERRED, "mx1.example.com", "450 later")
    assert [item.line for item in rejected if isinstance(item, Rejection)] == [4, 5]


@pytest.mark.parametrize(
    ("now", "line", "at"),
    [
        ("2027-01-05", "Dec 31 23:00:00", "2026-12-31 23:00:00"),
        ("2027-01-05", "Jan  5 11:00:00", "2027-01-05 11:00:00"),
        ("2026-12-31", "Jan  1 00:30:00", "2026-01-01 00:30:00"),
        ("2026-12-31T23:59", "Jan 1 00:30:00", "2027-01-01 00:30:00"),
        ("2026-03-01", "Feb 29 10:00:00", "2024-02-29 10:00:00"),
    ],
)
def test_the_year_is_the_latest_that_is_not_to_come(now, line, at):
    now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert str(lines(attempt(line), now=now)[0].at) == f"{at}+00:00"


def test_a_log_that_is_followed_over_new_year_goes_on():
    times = ("Dec 30 12:00:00", "Dec 31 06:00:00", "Dec 31 23:59:59", "Jan  1 23:00:00", "Jan  2 22:00:00")
    now = datetime(2026, 12, 30, 12, tzinfo=UTC)
    assert [item.at.year for item in lines("".join(map(attempt, times)), now=now)] == [2026, 2026, 2026, 2027, 2027]


def test_a_date_that_is_none_is_rejected():
    assert [type(item) for item in lines(attempt("Feb 30 10:00:00") + attempt("Abc 10 10:00:00"))] == [Rejection] * 2


@pytest.mark.parametrize(
    ("who", "ip"),
    [
        ("mx1 postfix-192.0.2.10/smtp", "192.0.2.10"),
        ("mx1 postfix-2001:db8::10/smtp", "2001:db8::10"),
        ("mx1 postfix-b/smtp", "192.0.2.2"),
        ("mx2 postfix/relay/smtp", "192.0.2.3"),
        ("mx1 postfix/smtp", "192.0.2.4"),
    ],
)
def test_the_sending_ip_is_the_instances_or_hosts_else_of_the_file(who, ip):
    known = {"instances": {"postfix-b": "192.0.2.2", "mx2": "192.0.2.3"}, "ip": "192.0.2.4"}
    assert [event.ip for event in lines(attempt(who=who), **known)] == [ip]


@pytest.mark.parametrize("relay", ["127.0.0.1[127.0.0.1]:10024", "localhost[::1]:24", "mx[private/lmtp]", "local"])
def test_a_hand_over_on_the_same_machine_is_no_delivery(relay):
    assert lines(attempt(relay=relay)) == []


def test_what_is_remembered_is_bounded():
    reader = SOURCE.reader(OPTIONS)
    said = "host mx.example.com[198.51.100.1] said: 450 " + "x" * 3000
    for number in range(25_000):
        line = attempt(queue_id=f"Q{number:06}", status="deferred", said=said)
        assert len(list(reader.read(line.encode()))) == 1
    expired = "2026-11-26T10:00:02Z mx1 postfix/qmgr[1]: Q{:06}: from=<>, status=expired, returned to sender\n"
    assert list(reader.read(expired.format(0).encode())) == []
    (last,) = reader.read(expired.format(24_999).encode())
    assert last.expired
    assert len(last.reply) < 600
