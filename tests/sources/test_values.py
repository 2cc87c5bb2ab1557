"""Single values of foreign records."""

import pytest

from deliverwatch.sources import values


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("autumn", "autumn"),
        (17, "17"),
        ("for person.secret@example.com, again", "for ***@example.com, again"),
        ("to person.secret%40example.com", "to ***%40example.com"),
        ('"person secret"@example.com', "***@example.com"),
        ("person.secret\x85@example.com", "***@example.com"),
        ("x" * 110 + " person.secret@example.com", "x" * 110 + " ***@exam…"),
        ("a\nb", "a\\nb"),
        (" ", None),
        (None, None),
    ],
)
def test_a_name_is_one_line_and_nobodys_address(given, name):
    assert values.name(given) == name


def test_a_domain_is_no_longer_than_the_octets_one_may_have():
    assert values.domain("é" * 126) == "é" * 126
    assert values.domain("é" * 127) is None
    assert values.domain("\ud800.example") is None


@pytest.mark.parametrize("sign", ["@", "%40", "%2540", "&#64;", "=40", "\uff20", "\ufe6b", "+tag=", "!"])
def test_an_address_is_no_domain_however_its_sign_is_written(sign):
    written = f"person.secret{sign}mailbox.example"
    assert values.domain(written) is None
    assert values.host(written) is None


@pytest.mark.parametrize("name", ["_dmarc.acme.example", "xn--bcher-kva.example", "b\u00fccher.example", "a-1.example"])
def test_a_domain_may_be_written_in_any_alphabet(name):
    assert values.domain(name.upper()) == name


@pytest.mark.parametrize("text", ["person.secret@example.com", "person.secret", "2026-11-26 for person.secret"])
def test_a_value_that_is_not_expected_is_shown_only_if_it_is_nobodys(text):
    for read in (values.address, values.moment):
        with pytest.raises(ValueError, match=r"expected .*, found other text"):
            read(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [("192.0.2.1:25", "192.0.2.1"), ("[2001:DB8::1]:25", "2001:db8::1"), ("[IPv6:2001:db8::1]", "2001:db8::1")],
)
def test_an_address_may_have_a_port(text, address):
    assert values.address(text) == address


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("MX.example.com (192.0.2.1)", "mx.example.com"),
        ("dns;mx.example.com", "mx.example.com"),
        ("mx.example.com[192.0.2.1]:25", "mx.example.com"),
        ("192.0.2.1", None),
        ("x" * 5000, None),
    ],
)
def test_a_host_is_its_name(text, host):
    assert values.host(text) == host
