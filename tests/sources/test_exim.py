"""Exim's main log."""

from datetime import UTC, datetime, timedelta, timezone

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Rejection, Speaker
from deliverwatch.sources.exim import SOURCE
from sources.contract import items_of, told

AT = datetime(2026, 11, 26, 10, tzinfo=UTC)


def sample(**options):
    return items_of(SOURCE, "mainlog", **options)


def test_a_delivery_is_all_that_is_known_of_it():
    assert told(sample()[0]) == {
        "at": AT + timedelta(seconds=1),
        "outcome": DeliveryOutcome.DELIVERED,
        "ip": "192.0.2.10",
        "recipient_domain": "example.com",
        "host": "mx1.example.com",
        "domain": "news.acme.example",
        "speaker": Speaker.RECEIVER,
    }


def test_a_receivers_reply_cannot_name_our_address():
    assert sample()[1].ip is None
    assert sample(ip="192.0.2.1")[1].ip == "192.0.2.1"
    assert sample(instances={"remote_smtp": "192.0.2.2"})[1].ip == "192.0.2.2"


def test_refusals_carry_the_receivers_words():
    deferred, bounced = sample()[2:4]
    assert (deferred.outcome, deferred.host) == (DeliveryOutcome.DEFERRED, "mta5.yahoo.example")
    assert deferred.reply == "421 4.7.0 [TSS04] Too many complaints"
    assert (bounced.outcome, bounced.host, bounced.domain) == (
        DeliveryOutcome.BOUNCED,
        "mx.outlook.example",
        "shop.acme.example",
    )
    assert bounced.reply == "550-5.7.1 Mail was not taken\n550 5.7.1 your network is on our list (S3140)"


def test_what_expired_is_told_with_the_receivers_last_words():
    expired, silent = sample()[4:6]
    assert (expired.expired, expired.speaker, expired.reply) == (True, Speaker.RECEIVER, "451 4.7.650 later")
    assert (silent.expired, silent.speaker, silent.reply) == (True, Speaker.OWN, None)


def test_own_words_are_no_verdict_and_what_was_not_tried_or_is_local_is_left_out():
    timed_out, no_host, after_completion, older, *rejected = sample()[6:]
    assert (timed_out.speaker, timed_out.outcome, timed_out.host) == (
        Speaker.OWN,
        DeliveryOutcome.DEFERRED,
        "mx.example.net",
    )
    assert (no_host.speaker, no_host.outcome) == (Speaker.OWN, DeliveryOutcome.BOUNCED)
    assert after_completion.domain is None
    assert (older.host, older.reply, older.at) == (
        "mx1.example.com",
        "550 5.1.1 nobody here",
        AT + timedelta(seconds=13.25),
    )
    assert [item.line for item in rejected if isinstance(item, Rejection)] == [19, 20]


def test_times_are_of_the_zone_told_and_lines_may_come_through_syslog():
    line = "2026-11-26 11:00:00 1abCDE-0001AB-Cd => a@example.com R=r T=remote_smtp H=mx.example.com [198.51.100.1]\n"
    through = "Nov 26 11:00:00 mx1 exim[4242]: " + line
    for each in (line, through):
        (event,) = items_of(SOURCE, each.encode(), zone=timezone(timedelta(hours=1)))
        assert isinstance(event, DeliveryEvent)
        assert event.at == AT
