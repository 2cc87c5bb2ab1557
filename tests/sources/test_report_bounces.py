"""Bounces of reports, as mail systems write them; and what is none."""

import pytest

from deliverwatch.sources.report_bounces import ReportBounce, report_bounces

ID = "86a54ee8-d122-57ee-ad90-7548467c4209"
BOUNCE = """From: MAILER-DAEMON@mx.acme.example
To: reports@esp.example
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

Your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; postmaster@acme.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user
--b
Content-Type: text/rfc822-headers

From: reports@esp.example
Message-ID: <{id}@esp.example>
--b--
"""


def read(text, id_=ID):
    return list(report_bounces(text.format(id=id_).encode()))


def test_one_names_the_report_the_reader_and_what_was_said():
    assert read(BOUNCE) == [ReportBounce(ID, ("postmaster@acme.example",), "550 5.1.1 no such user")]


def test_the_address_it_was_sent_to_comes_before_the_one_it_was_passed_on_to():
    forwarded = BOUNCE.replace("Final-Recipient", "Original-Recipient: rfc822; team@acme.example\nFinal-Recipient")
    assert read(forwarded)[0].addresses == ("team@acme.example", "postmaster@acme.example")


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("Action: failed", "Action: delayed"),
        ("Action: failed", "Action: delivered"),
        ("Status: 5.1.1", "Status: 4.4.7"),
        ("Status: 5.1.1\n", ""),
        ("Message-ID: <{id}@esp.example>", "Message-ID: <another@esp.example>"),
        ("Message-ID: <{id}@esp.example>\n", ""),
        ("Final-Recipient: rfc822; postmaster@acme.example\n", ""),
        ("message/delivery-status", "text/plain"),
    ],
)
def test_what_is_no_final_answer_to_a_report_counts_nothing(said, instead):
    assert said in BOUNCE
    assert read(BOUNCE.replace(said, instead)) == []


@pytest.mark.parametrize("mail", [b"", b"\xff" * 1000, b"Subject: hello\n\nhello", BOUNCE.encode() + b"x" * (2 << 20)])
def test_other_mail_is_nothing(mail):
    assert list(report_bounces(mail)) == []
