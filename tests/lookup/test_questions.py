import ipaddress

import dns.message
import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import Answer, Reply
from deliverwatch.lookup.names import query_name
from deliverwatch.lookup.questions import TYPE_A, TYPE_TXT, Questions
from servers.lists import sample_list

V4, V6, DOMAIN = SubjectKind.IPV4, SubjectKind.IPV6, SubjectKind.DOMAIN
KEYED = sample_list(keyed_zone="{key}.dq.example")


def read(question: bytes) -> tuple[str, str]:
    """Name and type, as another implementation reads them."""
    message = dns.message.from_wire(b"\x00\x00\x01\x00\x00\x01" + bytes(6) + question)
    asked = message.question[0]
    assert asked.rdclass == 1
    return asked.name.to_text(), asked.rdtype.name


@given(address=st.ip_addresses())
def test_an_address_in_bytes_is_the_address_in_words(address):
    kind = V4 if address.version == 4 else V6
    asked = read(Questions(KEYED, "K3y", TYPE_A).make(kind, str(address)))
    assert asked == (query_name(KEYED, kind, str(address), "K3y"), "A")


@pytest.mark.parametrize("address", ["::ffff:7f00:2", "::ffff:127.0.0.2", "2001:DB8::1", "::"])
def test_an_ipv6_address_may_be_written_in_all_its_ways(address):
    expected = ipaddress.ip_address(address).reverse_pointer.removesuffix("ip6.arpa") + "bl.example."
    assert read(Questions(sample_list(), None, TYPE_A).make(V6, address))[0] == expected


@pytest.mark.parametrize("name", ["", "5", ".5", "0.2.5", "192.0.2.", "192.0.2.256", "192.0.2.05", "192.0.2.1.1"])
def test_what_is_no_address_is_none_after_an_address_too(name):
    questions = Questions(sample_list(), None, TYPE_A)
    for _ in range(2):
        with pytest.raises(ValueError, match="does not appear to be"):
            questions.make(V4, name)
        questions.make(V4, "192.0.2.5")


@pytest.mark.parametrize("name", ["acme.example", "_DNSBL_.test", "INVALID"])
def test_a_domain_keeps_its_letters(name):
    assert read(Questions(sample_list(), None, TYPE_TXT).make(DOMAIN, name)) == (f"{name}.bl.example.", "TXT")


@given(kind=st.sampled_from(SubjectKind), name=st.text(max_size=300))
def test_what_names_refuses_is_no_question_and_what_it_takes_is_that_name(kind, name):
    expected = problem = None
    try:
        expected = query_name(KEYED, kind, name, "c4n4ry")
    except ValueError as complaint:
        problem = complaint
    (question,) = Questions(KEYED, "c4n4ry", TYPE_A).make_all([Subject(kind, name)])
    if problem is None:
        assert read(question)[0] == dns.name.from_text(expected).to_text()
    else:
        assert question == Answer(Reply.NETWORK, detail=f"not asked: {problem}", asked=False)
        assert "c4n4ry" not in str(question)


@pytest.mark.parametrize("zone", ["z" * 63 + ".example", ".".join(["z" * 60] * 3) + ".example"])
def test_a_long_zone_leaves_room_for_short_addresses(zone):
    questions = Questions(sample_list(zone=zone), None, TYPE_A)
    assert read(questions.make(V4, "192.0.2.1"))[0] == f"1.2.0.192.{zone}."


def test_a_zone_that_leaves_no_room_is_told_for_each():
    zone = ".".join(["z" * 60] * 4)
    (question,) = Questions(sample_list(zone=zone), None, TYPE_A).make_all([Subject(V4, "192.0.2.111")])
    assert question.detail == "not asked: the name to ask for has 255 characters, more than the 253 of DNS"


def test_a_list_that_needs_a_key_says_so():
    (question,) = Questions(sample_list(zone=None, keyed_zone="{key}.dq.example"), None, TYPE_A).make_all(
        [Subject(V4, "192.0.2.1")]
    )
    assert question.detail == "not asked: Sample list is asked only with an account key: set keys.sample"
