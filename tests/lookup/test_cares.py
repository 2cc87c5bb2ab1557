from datetime import timedelta

import pycares
import pytest
from pycares import ARecordData, CNAMERecordData, DNSRecord, TXTRecordData

from deliverwatch.core.verdict import Answer, Reply
from deliverwatch.lookup.cares import address_answer, failed_answer, text_answer, worth_asking_again

ASKED = "1.2.0.192.bl.example."
NAME = "1.2.0.192.BL.example"
MEANT = {
    "ARES_ENOTFOUND": Reply.NXDOMAIN,
    "ARES_ENODATA": Reply.EMPTY,
    "ARES_ESERVFAIL": Reply.SERVFAIL,
    "ARES_EREFUSED": Reply.REFUSED,
    "ARES_EFORMERR": Reply.FORMERR,
    "ARES_ENOTIMP": Reply.NOTIMP,
    "ARES_ETIMEOUT": Reply.TIMEOUT,
}


def a(value: str, ttl: int = 300, name: str = NAME) -> DNSRecord:
    return DNSRecord(name, pycares.QUERY_TYPE_A, pycares.QUERY_CLASS_IN, ttl, ARecordData(value))


def cname(target: str, ttl: int = 300, name: str = NAME) -> DNSRecord:
    return DNSRecord(name, pycares.QUERY_TYPE_CNAME, pycares.QUERY_CLASS_IN, ttl, CNAMERecordData(target))


def txt(data: bytes) -> DNSRecord:
    return DNSRecord(NAME, pycares.QUERY_TYPE_TXT, pycares.QUERY_CLASS_IN, 300, TXTRecordData(data))


@pytest.mark.parametrize("number", sorted(pycares.errno.errorcode))
def test_every_number_of_cares_has_its_reply(number):
    """A new release that brings a new number meets this test first."""
    name = pycares.errno.errorcode[number]
    answer = failed_answer(number)
    assert answer.reply is MEANT.get(name, Reply.NETWORK)
    assert answer.detail == (None if name in MEANT else name)
    assert not answer.values


@pytest.mark.parametrize("number", [-1, 26, 999, None, "x"])
def test_an_unheard_of_number_is_a_failure_of_the_network(number):
    assert failed_answer(number) == Answer(Reply.NETWORK, detail=f"c-ares error {number}")


def test_values_come_sorted_as_numbers_each_once_with_the_shortest_time_to_live():
    records = [a("127.0.0.10", 600), a("127.0.0.4", 60), a("127.0.0.10", 900)]
    assert address_answer(ASKED, records) == Answer(Reply.ANSWER, ("127.0.0.4", "127.0.0.10"), timedelta(seconds=60))


@pytest.mark.parametrize(
    ("ttl", "seconds"),
    [(0, 0), (86_400, 86_400), (86_401, 86_400), (2**31 - 1, 86_400), (2**31, 86_400), (2**32 - 1, 86_400)],
)
def test_a_time_to_live_is_capped_at_a_day(ttl, seconds):
    assert address_answer(ASKED, [a("127.0.0.2", ttl)]).ttl_for == timedelta(seconds=seconds)


@pytest.mark.parametrize("number", sorted(pycares.errno.errorcode))
def test_what_may_be_about_another_question_is_asked_again_and_a_verdict_is_not(number):
    name = pycares.errno.errorcode[number]
    settled = MEANT.keys() - {"ARES_ETIMEOUT"} | {"ARES_ECANCELLED", "ARES_EDESTRUCTION"}
    assert worth_asking_again(failed_answer(number)) is (name not in settled)


def test_an_alias_is_followed_and_its_time_to_live_counts():
    records = [cname("x.other.example", 30), cname("y.other.example", name="x.other.example")]
    found = address_answer(ASKED, [*records, a("127.0.0.2", name="Y.other.example")])
    assert found == Answer(Reply.ANSWER, ("127.0.0.2",), timedelta(seconds=30))


def test_an_address_under_another_name_says_nothing():
    assert address_answer(ASKED, [a("127.0.0.2", name="2.2.0.192.bl.example")]) == Answer(Reply.EMPTY)


def test_an_alias_that_leads_nowhere_is_an_empty_answer():
    assert address_answer(ASKED, [cname("x.other.example")]) == Answer(Reply.EMPTY)
    assert address_answer(ASKED, [cname(NAME), cname(NAME)]) == Answer(Reply.EMPTY)
    assert address_answer(ASKED, []) == Answer(Reply.EMPTY)


def test_a_record_of_another_class_says_nothing():
    chaos = DNSRecord(NAME, pycares.QUERY_TYPE_A, pycares.QUERY_CLASS_CHAOS, 300, ARecordData("127.0.0.2"))
    assert address_answer(ASKED, [chaos]) == Answer(Reply.EMPTY)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], None),
        ([b""], None),
        ([b"one", b"", b"two"], "one; two"),
        (["für".encode()], "für"),
        ([b"caf\xe9 \xff"], "caf\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_texts_are_joined_and_bad_bytes_replaced(texts, expected):
    assert text_answer(ASKED, [txt(data) for data in texts]) == expected
