"""Complaints, as feedback loops really send them."""

from datetime import UTC, datetime

import pytest

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Rejection
from deliverwatch.sources.arf import SOURCE
from deliverwatch.sources.mail_files import MOST_MAIL
from sources.receivers import SAMPLES, read


def only(content, **options):
    (item,) = read(SOURCE, content, **options)
    return item


def with_fields(*fields):
    """The whole sample, with other fields in the report."""
    head, rest = (SAMPLES / "arf" / "whole.eml").read_text().split("Feedback-Type: abuse\n")
    return (head + "\n".join(fields) + "\n\n--" + rest.split("\n--", 1)[1]).encode()


def test_a_whole_report():
    assert only("whole.eml")._replace(event_id=None) == DeliveryEvent(
        datetime(2026, 11, 26, 7, 15, 2, tzinfo=UTC),
        DeliveryOutcome.COMPLAINED,
        ip="192.0.2.10",
        recipient_domain="receiver.example",
        host="mx7.receiver.example",
        provider="ReceiverLoop",
        domain="bounce.shop.example",
        dkim_domain="shop.example",
        campaign="winter-sale",
    )


@pytest.mark.parametrize(
    ("sample", "told"),
    [
        (
            "by-dkim-domain.eml",
            {"ip": "198.51.100.7", "dkim_domain": "shop.example", "provider": "Yahoo!-Mail-Feedback"},
        ),
        ("placeholder-address.eml", {"ip": None, "recipient_domain": "cable.example", "provider": "Cable Co"}),
        ("private-address.eml", {"ip": "2001:db8:1::25", "domain": "shop.example"}),
        ("no-boundary-named.eml", {"ip": "192.0.2.12"}),
        ("cut-off.eml", {"ip": "192.0.2.13", "domain": "bounce.shop.example", "recipient_domain": None}),
        ("crlf-and-bytes.eml", {"ip": "192.0.2.14", "provider": "Schleife"}),
        ("encoded.eml", {"ip": "192.0.2.15"}),
        ("old-form.eml", {"ip": "192.0.2.16", "recipient_domain": "hotmail.example"}),
    ],
)
def test_reports_that_break_the_rules_are_read_as_far_as_they_go(sample, told):
    event = only(sample)
    assert event.outcome is DeliveryOutcome.COMPLAINED
    assert {name: getattr(event, name) for name in told} == told


@pytest.mark.parametrize("sample", ["not-spam.eml", "opt-out.eml", "auth-failure.eml"])
def test_what_is_no_complaint_counts_nothing(sample):
    assert isinstance(only(sample), Ignored)


@pytest.mark.parametrize(
    ("sample", "why"),
    [
        ("nothing.eml", "no feedback report in it (RFC 5965): expected a part message/feedback-report"),
        ("unknown-type.eml", "expected a Feedback-Type such as abuse, found 'praise'"),
        ("no-date.eml", "no date in it: expected Arrival-Date, Received-Date or Date"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_the_reason(sample, why):
    assert only(sample) == Rejection(1, why)


def test_a_type_that_is_somebodys_address_is_not_shown():
    assert "person" not in only(with_fields("Feedback-Type: person.secret@receiver.example")).why


def test_incidents_count_each_and_a_hundred_at_most():
    events = read(SOURCE, "three-incidents.eml")
    assert len({event.event_id for event in events}) == len(events) == 3
    many = with_fields("Feedback-Type: abuse", "Incidents: 4000000")
    assert len(read(SOURCE, many)) == 100
    assert len(read(SOURCE, with_fields("Feedback-Type: abuse", "Incidents: -1"))) == 1


def test_an_mbox_holds_several_and_names_the_one_that_cannot_be_read():
    assert [event.ip for event in read(SOURCE, "two.mbox")] == ["192.0.2.21", "192.0.2.22"]
    box = (SAMPLES / "arf" / "two.mbox").read_bytes() + b"From nobody\nSubject: nothing\n\nnothing\n"
    assert [item.line for item in read(SOURCE, box) if isinstance(item, Rejection)] == [3]


def test_the_same_report_that_comes_twice_has_one_id_and_another_has_another():
    again = b"Received: from elsewhere.example by in2.esp.example; a date\n" + (SAMPLES / "arf/whole.eml").read_bytes()
    assert only(again).event_id == only("whole.eml").event_id != only("encoded.eml").event_id


def test_a_complaint_is_of_the_time_when_its_mail_arrived():
    assert only("by-dkim-domain.eml").at == datetime(2026, 11, 26, 7, 20, tzinfo=UTC)
    assert only("old-form.eml").at == datetime(2026, 11, 26, 8, 30, tzinfo=UTC)


def test_the_address_may_be_the_operators_to_say():
    assert only("whole.eml", ip="192.0.2.99").ip == "192.0.2.99"


def test_an_aggregated_feedback_id_of_another_form_names_no_campaign():
    for other in (b"1.eu.abc=:Platform", b"winter-sale:shop", b":::espexample", b"a:b:c:d:e"):
        mail = (SAMPLES / "arf/whole.eml").read_bytes().replace(b"winter-sale:shop:news:espexample", other)
        assert only(mail).campaign is None


def test_too_large_a_mail_is_not_read():
    assert "at most" in only(b"Subject: x\n\n" + b"x" * MOST_MAIL).why


def nested(depth):
    inner = b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
    for number in range(depth):
        mark = b"b%d" % number
        inner = b"Content-Type: multipart/mixed; boundary=%s\n\n--%s\n%s\n--%s--\n" % (mark, mark, inner, mark)
    return b"Date: Thu, 26 Nov 2026 08:30:00 +0000\n" + inner


@pytest.mark.parametrize(
    "mail",
    [
        nested(5000),
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 250_000,
        b"a: b\n" * 200_000,
        b"a:\n" + b" b\n" * 300_000,
        b"Content-Type: multipart/mixed; boundary=\n\n--" + b" " * 500_000 + b"\n" * 500_000,
        b"Content-Type: multipart/x\n\n" + b"--" + b"-" * 1_000_000,
        b"Content-Type: message/delivery-status\n\n" + b"\n" * 1_000_000,
        b"Content-Type: message/feedback-report\n\nArrival-Date: " + b"(" * 500_000,
        b"Content-Type: multipart/mixed; boundary*" + b"9" * 60_000 + b"=x\n\nx",
        b"From \n" * 170_000,
        b"\n\nFrom x\n" * 100_000,
        b"From nobody",
        b"From a\rb\n\nFrom c\n",
        b"\0" * 1000,
        b"\n" * 1_000_000,
        b"",
    ],
    ids=range(16),
)
def test_mails_made_to_harm_are_read_in_bounds(mail):
    for item in read(SOURCE, mail):
        assert isinstance(item, Rejection | DeliveryEvent)


def test_parts_four_deep_are_found_and_deeper_ones_not():
    assert isinstance(only(nested(4)), DeliveryEvent)
    assert isinstance(only(nested(5)), Rejection)
