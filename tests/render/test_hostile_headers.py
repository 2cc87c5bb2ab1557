"""Ten thousand hostile subjects and customers' names: none adds a header or a recipient (CVE-2024-6923 among others).

They are put together from what breaks lines, what mail programs decode, and what looks like a header or an address; the
same ones in every run.
"""

import random
from datetime import UTC, datetime
from email import message_from_bytes

from deliverwatch.channels.email import EmailChannel
from deliverwatch.flows.ports import OutgoingMail
from deliverwatch.render.mail import Mailing, compose

AT = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)
SENDER, READER = "reports@esp.example", "postmaster@acme.example"
LOOKS_LIKE_MORE = (
    "Bcc: thief@bad.example",
    "To: thief@bad.example",
    "X-Evil: 1",
    "<thief@bad.example>",
    "thief@bad.example,",
)
BREAKS = ("\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\0", "%0d%0a", "=0D=0A", "\r\n ", "\n\t")
ENCODED = (
    "=?utf-8?q?a=0ABcc=3A_thief@bad.example?=",
    "=?utf-8?b?YQpCY2M6IHRoaWVmQGJhZC5leGFtcGxl?=",
    "=?utf-8?q?=0D=0A?=",
    "=?utf-8?q?x",
    "?=",
    "=?",
    "=?iso-2022-jp?B?GyRC?=",
)
ODD = (
    '"',
    "'",
    "\\",
    ",",
    ";",
    ":",
    "<",
    ">",
    "(",
    ")",
    "@",
    "\u202e",
    "\u200b",
    "\ufeff",
    "\U0001f4e7",
    "ä",
    "名前",
    "\ud800",
)
ORDINARY = ("Acme", "Ltd", "LISTED", "192.0.2.10", "x" * 80, " ", "  ", "Attention")
MAILING = Mailing("weekly-report.acme", ("https://d.esp.example/unsubscribe/x", "mailto:tam@esp.example"))
HEADERS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
LIST_HEADERS = ["List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"]
BODY_HEADERS = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]


def hostile(count):
    chance = random.Random(20261123)
    parts = [*LOOKS_LIKE_MORE, *BREAKS, *BREAKS, *ENCODED, *ODD, *ORDINARY]
    return ["".join(chance.choices(parts, k=chance.randint(1, 3))) for _ in range(count)]


def made(subject, number=0, mailing=None):
    author = f"Example ESP <{SENDER}>"
    return compose(author, READER, subject, "Text\n", None, f"n{number}", AT, "tam@esp.example", mailing=mailing)


def header_names(content):
    head = content.partition(b"\r\n\r\n")[0]
    assert head.count(b"\n") == head.count(b"\r") == head.count(b"\r\n")
    return [line.partition(b":")[0].decode() for line in head.split(b"\r\n")]


def test_ten_thousand_hostile_subjects_and_names_add_no_header_and_no_address():
    """Four to a message: a subject, and names within it."""
    strings = iter(hostile(10_000))
    for subject, *names in zip(strings, strings, strings, strings, strict=True):
        content = made(f"{subject}: {', '.join(names)}")
        assert header_names(content) == [*HEADERS, *BODY_HEADERS], (subject, names)
        assert b"\r\nTo: postmaster@acme.example\r\n" in content


async def test_at_a_real_mail_server_too_each_has_one_recipient(start_mailbox):
    mailbox = await start_mailbox()
    channel = EmailChannel("127.0.0.1", mailbox.port, helo="esp.example")
    subjects = hostile(200)
    for number, subject in enumerate(subjects):
        content = made(subject, number=number, mailing=MAILING)
        await channel.deliver(OutgoingMail(SENDER, READER, f"n{number}", content))
    assert [each.recipients for each in mailbox.messages] == [(READER,)] * len(subjects)
    assert all(header_names(each.content) == [*HEADERS, *LIST_HEADERS, *BODY_HEADERS] for each in mailbox.messages)
    assert [message_from_bytes(each.content)["Message-ID"] for each in mailbox.messages] == [
        f"<n{number}@esp.example>" for number in range(len(subjects))
    ]
