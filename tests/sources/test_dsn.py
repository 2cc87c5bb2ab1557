"""Bounces that come as mail."""

from datetime import UTC, datetime

import pytest

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Rejection, Speaker
from deliverwatch.sources.dsn import SOURCE
from sources.receivers import SAMPLES, read

BOUNCED, OUT_OF_BAND = DeliveryOutcome.BOUNCED, DeliveryOutcome.OUT_OF_BAND
DELIVERED, DEFERRED = DeliveryOutcome.DELIVERED, DeliveryOutcome.DEFERRED


def only(content, **options):
    (item,) = read(SOURCE, content, **options)
    return item


def told(event, *names):
    return tuple(getattr(event, name) for name in names)


def test_our_own_queue_that_gave_up_keeps_the_receivers_last_words():
    assert only("own-queue-gave-up.eml")._replace(event_id=None) == DeliveryEvent(
        datetime(2026, 11, 26, 9, tzinfo=UTC),
        BOUNCED,
        recipient_domain="mail.example",
        host="mx-a.mail.example",
        domain="bounce.shop.example",
        dkim_domain="shop.example",
        campaign="winter-sale",
        reply="421 4.7.0 [XX04] Messages from 192.0.2.10 temporarily deferred due to unexpected volume; "
        "see https://postmaster.mail.example/",
        expired=True,
    )


def test_one_event_for_each_recipient():
    first, second = read(SOURCE, "own-two-recipients.eml")
    assert told(first, "outcome", "recipient_domain", "host", "expired") == (
        BOUNCED,
        "mail.example",
        "mx-a.mail.example",
        False,
    )
    assert first.reply == "550 5.7.1 [192.0.2.10] is on our block list"
    assert told(second, "outcome", "recipient_domain", "host") == (DEFERRED, "post.example", None)
    assert first.event_id != second.event_id
    assert first.at == datetime(2026, 11, 26, 8, 59, tzinfo=UTC)


def test_successes_of_our_own_count_as_delivered_and_an_expanded_list_as_nothing():
    first, second, third = read(SOURCE, "own-successes.eml")
    assert told(first, "outcome", "recipient_domain", "speaker") == (DELIVERED, "a.example", Speaker.RECEIVER)
    assert told(second, "outcome", "recipient_domain", "speaker") == (DELIVERED, "b.example", Speaker.RECEIVER)
    assert isinstance(third, Ignored)


def test_words_of_our_own_mta_are_no_reply():
    assert told(only("own-no-words-of-a-receiver.eml"), "outcome", "speaker", "reply") == (BOUNCED, Speaker.OWN, None)


def test_a_missing_action_is_told_by_the_status_and_an_unknown_one_rejected():
    first, second, third = read(SOURCE, "own-without-action.eml")
    assert first.outcome is BOUNCED
    assert second == Rejection(1, "expected an Action such as failed, found 'lost'")
    assert third == Rejection(1, "expected an Action such as failed, found none")


def test_a_reply_cut_short_in_its_field_is_taken_from_the_text():
    reply = only("own-reply-in-the-text.eml").reply
    assert reply == "550-5.7.26 This mail is 550-5.7.26 unauthenticated, which poses a 550 5.7.26 security risk."


def test_a_receiver_that_had_accepted_bounces_out_of_band_and_tells_our_address():
    event = only("receiver-afterwards.eml")
    assert told(event, "outcome", "ip", "recipient_domain") == (OUT_OF_BAND, "192.0.2.10", "receiver.example")
    assert told(event, "host", "reply", "expired") == ("mx1.receiver.example", "552 5.2.2 Mailbox full", False)


def test_a_receiver_that_passed_the_mail_on_was_refused_with_an_address_of_its_own():
    event = only("receiver-passed-it-on.eml")
    assert told(event, "outcome", "ip", "host") == (OUT_OF_BAND, None, "mx.elsewhere.example")


def test_a_receivers_delays_and_successes_come_after_the_counting():
    assert [type(item) for item in read(SOURCE, "receiver-delays-and-successes.eml")] == [Ignored, Ignored]


def test_an_instance_makes_a_notice_from_elsewhere_our_own_and_names_its_address():
    event = only("receiver-afterwards.eml", instances={"mx1.receiver.example": "198.51.100.80"})
    assert told(event, "outcome", "ip") == (BOUNCED, "198.51.100.80")


def test_replies_in_other_alphabets_come_through():
    assert only("other-alphabets.eml").reply == "550 5.7.1 发件人IP被拒绝"


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("exim.eml", [(BOUNCED, "mail.example", "mx.mail.example", "550 5.7.1 192.0.2.10 is blocked", False)]),
        ("exim-older.eml", [(DEFERRED, "mail.example", "mx.mail.example", "421 4.7.0 try again later", False)]),
        ("qmail.eml", [(BOUNCED, "mail.example", None, "550 5.1.1 no such user", False)]),
        (
            "postfix-words.eml",
            [
                (BOUNCED, "mail.example", "mx.mail.example", "450 4.2.0 greylisted", True),
                (BOUNCED, "post.example", "mx.post.example", "550-5.7.1 no 550 5.7.1 really no", False),
            ],
        ),
    ],
)
def test_replies_quoted_in_words(sample, expected):
    names = ("outcome", "recipient_domain", "host", "reply", "expired")
    assert [told(event, *names) for event in read(SOURCE, sample)] == expected


def test_exim_names_whom_it_gave_up_on_in_the_header():
    first, second = read(SOURCE, "exim-without-a-reply.eml")
    names = ("outcome", "recipient_domain", "speaker", "reply", "expired")
    assert told(first, *names) == (BOUNCED, "mail.example", Speaker.OWN, None, True)
    assert told(second, *names) == (BOUNCED, "post.example", Speaker.OWN, None, True)
    never_tried = (SAMPLES / "dsn/exim-without-a-reply.eml").read_bytes().replace(b"retry timeout", b"no route")
    assert [event.expired for event in read(SOURCE, never_tried)] == [False, False]


def test_a_status_whose_boundaries_got_lost_is_found():
    replies = [event.reply for event in read(SOURCE, "boundaries-lost.eml")]
    assert replies == ["550 5.7.1 [192.0.2.10] is on our block list", "451 4.2.0 try again later"]


def test_what_is_no_bounce_counts_nothing_or_is_named():
    assert isinstance(only("automatic-answer.eml"), Ignored)
    assert isinstance(only("read-receipt.eml"), Ignored)
    assert only("a-complaint.eml") == Rejection(1, "a complaint, no bounce: the source arf reads it")
    assert only("words-only.eml").why.startswith("no delivery status in it (RFC 3464)")


def test_an_mbox_holds_several():
    assert [event.host for event in read(SOURCE, "two.mbox")] == ["mx1.mail.example", "mx2.mail.example"]


def test_a_thousand_recipients_at_most():
    status = b"\n\n".join(b"Final-Recipient: rfc822; p@a.example\nAction: failed" for _ in range(5000))
    mail = b"Date: Thu, 26 Nov 2026 09:00:00 +0000\nContent-Type: message/delivery-status\n\n" + status
    assert len(read(SOURCE, mail)) == 1000


@pytest.mark.parametrize(
    "text",
    [
        b"host mx.example [192.0.2.1] SMTP error from remote mail server after " * 10_000,
        b"host a [1.1.1.1] said: 5" * 20_000,
        b"while talking to " * 30_000 + b"<<< 550 x",
        b"<<< 550 \n" * 50_000,
        b"a" * 1_000_000,
        b"@" * 1_000_000,
        b"a@" * 400_000,
        b"\n \n" * 300_000,
        b"---" * 300_000,
        b" \n" * 300_000 + b"Received: from ",
    ],
    ids=range(10),
)
def test_texts_made_to_harm_are_read_in_bounds(text):
    for item in read(SOURCE, b"From: mailer-daemon@a.example\nDate: Thu, 26 Nov 2026 09:00:00 +0000\n\n" + text):
        assert isinstance(item, Rejection | DeliveryEvent)


def test_bytes_that_are_no_text_in_their_charset_are_read_as_far_as_they_go():
    sample = (SAMPLES / "dsn" / "postfix-words.eml").read_bytes()
    spoilt = sample.replace(b"Auto-Submitted", b"Content-Type: text/plain; charset=idna\nAuto-Submitted")
    assert len(read(SOURCE, spoilt.replace(b"really", b"r\xe9ally"))) == 2
