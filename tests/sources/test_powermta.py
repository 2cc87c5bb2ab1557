"""PowerMTA's accounting files."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Rejection, Speaker
from deliverwatch.sources.powermta import SOURCE
from sources.contract import OPTIONS, items_of, told

AT = datetime(2026, 11, 26, 10, tzinfo=UTC)
HEAD = "type,timeLogged,orig,rcpt,dsnDiag,dsnStatus,bounceCat,dlvSourceIp,vmta,vmtaPool\n"


def one(line, **options):
    item, *more = items_of(SOURCE, (HEAD + line + "\n").encode(), **options)
    assert not more
    return item


def test_a_delivery_is_all_that_is_known_of_it():
    assert told(items_of(SOURCE, "mixed.csv")[0]) == {
        "at": AT,
        "outcome": DeliveryOutcome.DELIVERED,
        "ip": "192.0.2.10",
        "recipient_domain": "example.com",
        "host": "mx1.example.com",
        "domain": "news.acme.example",
        "pool": "acme-news",
        "campaign": "autumn",
        "speaker": Speaker.RECEIVER,
    }


def test_refusals_carry_the_receivers_words_and_their_times():
    bounced, deferred = items_of(SOURCE, "mixed.csv")[1:3]
    assert (bounced.outcome, bounced.speaker, bounced.expired) == (DeliveryOutcome.BOUNCED, Speaker.RECEIVER, False)
    assert bounced.reply.startswith("550 5.7.1 Mail from [192.0.2.10] was not taken, your network")
    assert bounced.at == AT + timedelta(seconds=1)
    assert (deferred.outcome, deferred.reply[:15]) == (DeliveryOutcome.DEFERRED, "421 4.7.0 [TSS0")
    assert (deferred.host, deferred.at) == ("mta5.yahoo.example", AT + timedelta(seconds=2))


def test_what_expired_is_told_with_the_receivers_last_words():
    expired = items_of(SOURCE, "mixed.csv")[3]
    assert (expired.outcome, expired.expired, expired.speaker) == (DeliveryOutcome.BOUNCED, True, Speaker.RECEIVER)
    assert expired.reply.startswith("421 4.7.0 [TSS04]")
    silent = one("b,1795687200,,p@example.com,smtp;500 5.4.7 (delivery time expired),5.4.7 (expired),,,,")
    assert (silent.expired, silent.speaker, silent.reply) == (True, Speaker.OWN, None)
    by_category = one("b,1795687200,,p@example.com,smtp;421 4.7.0 later,,message-expired,,,")
    assert (by_category.expired, by_category.reply) == (True, "421 4.7.0 later")


def test_own_texts_and_suppressions_are_not_the_receivers():
    own, no_domain, discarded, suppressed, received = items_of(SOURCE, "mixed.csv")[4:]
    assert (own.speaker, own.ip) == (Speaker.OWN, None)
    assert (no_domain.speaker, no_domain.reply) == (Speaker.OWN, None)
    assert suppressed.speaker is Speaker.SUPPRESSION
    assert (discarded, received) == (Ignored(), Ignored())


def test_header_lines_in_the_middle_name_other_columns():
    bounced, deferred, complaint, not_spam, out_of_band, status, queue = items_of(SOURCE, "appended.csv")
    assert bounced.ip == "192.0.2.11"  # by the vmta
    assert bounced.reply == '550-5.1.1 nobody here\n550 5.1.1 ask "person.secret", he moved'
    assert (deferred.ip, deferred.domain) == (None, None)
    assert (complaint.outcome, complaint.ip) == (DeliveryOutcome.COMPLAINED, "192.0.2.10")
    assert (complaint.recipient_domain, complaint.domain) == ("mail.example", "shop.acme.example")
    assert (out_of_band.outcome, out_of_band.domain) == (DeliveryOutcome.OUT_OF_BAND, "acme.example")
    assert [not_spam, status, queue] == [Ignored()] * 3


def test_faults_are_named_by_line_and_the_rest_is_read():
    items = items_of(SOURCE, "faulty.csv")
    assert [item.line for item in items if isinstance(item, Rejection)] == [1, 3, 4, 5, 6, 7, 8, 9, 11, 12]
    assert sum(isinstance(item, DeliveryEvent) for item in items) == 1
    assert "timeLogged" in items[-1].why


@pytest.mark.parametrize(
    ("columns", "ip"),
    [("192.0.2.9,a,b", "192.0.2.9"), (",a,b", "192.0.2.1"), (",x,b", "192.0.2.2"), (",x,y", "192.0.2.3")],
)
def test_the_sending_ip_is_the_records_else_of_vmta_or_pool_else_of_the_file(columns, ip):
    known = {"instances": {"a": "192.0.2.1", "b": "192.0.2.2"}, "ip": "192.0.2.3"}
    assert one(f"d,1795687200,,p@example.com,,,,{columns}", **known).ip == ip


def test_a_local_time_is_of_the_zone_told():
    zone = timezone(timedelta(hours=-5))
    assert one("d,2026-11-26 05:00:00,,p@example.com,,,,,,", zone=zone).at == AT


def test_reading_goes_on_in_the_middle_with_the_newest_header_line():
    reader = SOURCE.reader(OPTIONS)
    reader.remember(b"type,timeLogged,rcpt\nd,1795687200,p@example.com\n")
    reader.remember(b"ome rest, of a line\ntype,rcpt,timeLogged\nd,p@example.com,1795687200\n")
    reader.line = 9
    assert [item.at for item in reader.read(b"d,p@example.net,1795687200\n")] == [AT]
    assert reader.line == 10
