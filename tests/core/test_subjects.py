"""Equal things must be equal text, and what cannot be watched must say what was expected instead."""

import ipaddress
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.subjects import (
    MAX_RANGE,
    Subject,
    SubjectKind,
    expand,
    looks_like_address,
    normal_domain,
    parse_network,
    parse_subject,
)

_DOTS = re.compile("[\u3002\uff0e\uff61]")
V4, V6, DOMAIN = SubjectKind.IPV4, SubjectKind.IPV6, SubjectKind.DOMAIN


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("192.0.2.1", Subject(V4, "192.0.2.1")),
        (" 192.0.2.1\n", Subject(V4, "192.0.2.1")),
        ("192.0.2.1/32", Subject(V4, "192.0.2.1")),
        ("2001:DB8:0:0::1", Subject(V6, "2001:db8::1")),
        ("2001:db8::1/128", Subject(V6, "2001:db8::1")),
        ("Acme.Example.", Subject(DOMAIN, "acme.example")),
        ("_dmarc.acme.example", Subject(DOMAIN, "_dmarc.acme.example")),
        ("bücher.example", Subject(DOMAIN, "xn--bcher-kva.example")),
        ("BÜCHER.example", Subject(DOMAIN, "xn--bcher-kva.example")),
        ("acme。example", Subject(DOMAIN, "acme.example")),
        ("acme.example。", Subject(DOMAIN, "acme.example")),
        ("bu\u0308cher.example", Subject(DOMAIN, "xn--bcher-kva.example")),
        ("xn--strae-oqa.bücher.example", Subject(DOMAIN, "xn--strae-oqa.xn--bcher-kva.example")),
        ("1.2.3.4.example", Subject(DOMAIN, "1.2.3.4.example")),
        ("3com.example", Subject(DOMAIN, "3com.example")),
    ],
)
def test_a_subject_is_written_one_way(text, subject):
    assert parse_subject(text) == subject
    assert parse_subject(str(subject)) == subject


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not a domain name"),
        ("localhost", "in two labels or more"),
        ("two words.example", "has a space in it: expected one domain name"),
        ("a\tb.example", "has a space in it"),
        ("a..example", "is not a domain name"),
        (".example.com", "is not a domain name"),
        ("-a.example", "expected letters, digits and hyphens"),
        ("a-.example", "expected letters, digits and hyphens"),
        ("a,b.example", "expected letters, digits and hyphens"),
        ("a@b.example", "expected letters, digits and hyphens"),
        ("*.example", "expected letters, digits and hyphens"),
        ("x" * 64 + ".example", "is not a domain name"),
        ("x." * 124 + "example", "is not a domain name"),
        ("ü" * 64 + ".example", "is not a domain name"),
        ("acme.123", "expected a name that does not end in a number, or four decimal numbers like 192.0.2.1"),
        ("0x7f.1", "expected a name that does not end in a number, or four decimal numbers like 192.0.2.1"),
        ("0x7f.0X1", "is not a domain name or IP address"),
        (".", "is not a domain name: expected letters, digits and hyphens in two labels or more"),
        ("straße.de", r"is read as different domains by different programs: expected its A-labels \(xn--\.\.\.\)"),
        ("STRAẞE.de", "expected its A-labels"),
        ("ſ.example", "expected its A-labels"),
        ("ς.example", "expected its A-labels"),
        ("ａcme.example", "expected its A-labels"),
        ("a\u200db.example", "expected its A-labels"),
        ("192.0.2", "is not an IP address or CIDR range"),
        ("192.0.2.256", "is not an IP address or CIDR range"),
        ("192.0.2.01", "is not an IP address or CIDR range"),
        ("1234", "is not an IP address or CIDR range"),
        ("https://acme.example", "is not an IP address or CIDR range"),
        ("2001:db8::g", "is not an IP address or CIDR range"),
        ("fe80::1%eth0", "has a zone index: expected a plain address"),
        ("::ffff:192.0.2.1", "is an IPv4 address written as IPv6: expected 192.0.2.1"),
        ("::ffff:192.0.2.1/128", "is an IPv4 address written as IPv6: expected 192.0.2.1$"),
        ("::ffff:192.0.2.0/120", "is an IPv4 range written as IPv6: expected 192.0.2.0/24"),
        ("::ffff:192.0.2.1/120", "is an IPv4 range written as IPv6: expected 192.0.2.0/24"),
        ("::ffff:0:0/96", "is an IPv4 range written as IPv6: expected 0.0.0.0/0"),
        ("192.0.2.0/31", "is a range: expected one address"),
        ("192.0.2.1/24", "has host bits set: expected 192.0.2.0/24"),
    ],
)
def test_what_is_no_subject_is_named_with_what_was_expected(text, complaint):
    with pytest.raises(ValueError, match=complaint) as raised:
        parse_subject(text)
    assert repr(text.strip()) in str(raised.value) or repr(text) in str(raised.value)


def test_a_range_is_all_of_its_addresses_the_first_and_the_last_too():
    assert [str(subject) for subject in expand("192.0.2.0/30")] == [
        "192.0.2.0",
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.3",
    ]
    assert list(expand(" 2001:db8::/127 ")) == [Subject(V6, "2001:db8::"), Subject(V6, "2001:db8::1")]


@pytest.mark.parametrize("text", ["192.0.2.1", "2001:db8::1", "acme.example"])
def test_one_subject_stands_for_itself(text):
    assert list(expand(text)) == [parse_subject(text)]


@pytest.mark.parametrize("text", ["10.0.0.0/16", "2001:db8::/112"])
def test_the_largest_range_is_watched_whole(text):
    assert len(set(expand(text))) == MAX_RANGE


@pytest.mark.parametrize("text", ["10.0.0.0/15", "0.0.0.0/0", "2001:db8::/111", "::/0"])
def test_a_larger_range_is_refused_before_it_is_counted_out(text):
    with pytest.raises(ValueError, match=r"holds [0-9,]+ addresses: at most 65,536 are watched, split it"):
        next(expand(text))


@given(address=st.ip_addresses())
def test_every_address_comes_back_as_itself_or_is_an_ipv4_address_in_disguise(address):
    if address.version == 6 and address.ipv4_mapped:
        with pytest.raises(ValueError, match="written as IPv6"):
            parse_subject(address.exploded)
        return
    subject = parse_subject(address.exploded)
    assert subject.kind is (V4 if address.version == 4 else V6)
    assert ipaddress.ip_address(subject.value) == address
    assert parse_subject(address.compressed.upper()) == subject


@given(address=st.ip_addresses(v=4), prefix=st.integers(16, 32))
def test_every_range_holds_its_addresses_and_no_other(address, prefix):
    network = ipaddress.ip_network((address, prefix), strict=False)
    assert parse_network(str(network)) == network
    if prefix > 24:
        assert [ipaddress.ip_address(subject.value) for subject in expand(str(network))] == list(network)


@given(text=st.text(max_size=80))
def test_any_text_is_a_subject_that_stays_itself_or_a_sentence(text):
    try:
        subject = parse_subject(text)
    except ValueError as problem:
        sentence = str(problem)
    else:
        assert parse_subject(subject.value) == subject
        assert subject.value.isascii()
        return
    assert any(word in sentence for word in (" is ", " has ", " holds "))


@given(text=st.from_regex(r"[a-z0-9-]{1,70}(\.[a-z0-9-]{1,70}){1,4}", fullmatch=True))
def test_a_domain_is_what_dns_can_carry(text):
    try:
        name = normal_domain(text)
    except ValueError:
        return
    assert name == text
    assert len(name) <= 253
    assert all(
        0 < len(label) <= 63 and not label.startswith("-") and not label.endswith("-") for label in name.split(".")
    )


@pytest.mark.parametrize("text", ["192.0.2.1", "1.2", "2001:db8::", "a/b", "::"])
def test_what_can_only_be_meant_as_an_address_is_taken_for_one(text):
    assert looks_like_address(text)


@given(name=st.text(alphabet=st.characters(min_codepoint=0x80), min_size=1, max_size=20))
def test_a_name_that_is_taken_reads_the_same_from_its_a_labels(name):
    """Whoever asks for A-labels must ask for the domain that was meant."""
    try:
        taken = normal_domain(f"{name}.example")
    except ValueError:
        return
    labels = (label.encode().decode("idna") for label in taken.split("."))
    assert ".".join(labels) == _DOTS.sub(".", unicodedata.normalize("NFC", f"{name}.example".strip().lower()))


@pytest.mark.parametrize("text", ["acme.example", "", ".", "1.2.3.4.example"])
def test_what_may_be_a_domain_is_not(text):
    assert not looks_like_address(text)
