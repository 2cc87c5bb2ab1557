import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.blocklist import AskedName
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.lookup.names import MAX_NAME, asked_names, check_key, query_name, registered_domain, without_key
from servers.lists import sample_list

V4, V6, DOMAIN = SubjectKind.IPV4, SubjectKind.IPV6, SubjectKind.DOMAIN
KEYED = sample_list(zone="zen.bl.example", keyed_zone="{key}.zen.dq.example")


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        (V4, "192.0.2.99", "99.2.0.192.zen.bl.example."),
        (V6, "2001:db8::1", "1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.zen.bl.example."),
        (V6, "::ffff:7f00:2", "2.0.0.0.0.0.f.7.f.f.f.f" + ".0" * 20 + ".zen.bl.example."),
        (DOMAIN, "acme.example", "acme.example.zen.bl.example."),
        (DOMAIN, "_DNSBL_.test", "_DNSBL_.test.zen.bl.example."),
        (DOMAIN, "INVALID", "INVALID.zen.bl.example."),
    ],
)
def test_the_label_stands_in_front_of_the_zone_and_the_name_is_absolute(kind, name, expected):
    assert query_name(KEYED, kind, name, None) == expected


def test_a_key_turns_the_zone_into_the_keyed_one():
    assert query_name(KEYED, V4, "192.0.2.1", "k3y") == "1.2.0.192.k3y.zen.dq.example."


def test_a_list_without_a_keyed_zone_is_asked_without_the_key():
    assert query_name(sample_list(), V4, "192.0.2.1", "k3y") == "1.2.0.192.bl.example."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("news.acme.example", "acme.example"),
        ("a.b.c.acme.co.uk", "acme.co.uk"),
        ("acme.co.uk", "acme.co.uk"),
        ("co.uk", "co.uk"),
        ("invalid", "invalid"),
        ("news.xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("mail.unheard-of-suffix", "mail.unheard-of-suffix"),
    ],
)
def test_the_registered_domain_is_one_label_below_the_public_suffix(name, expected):
    assert registered_domain(name) == expected


@pytest.mark.parametrize(
    ("asked_name", "name", "expected"),
    [
        ("registered", "news.acme.example", ("acme.example",)),
        ("registered", "a.b.acme.co.uk", ("acme.co.uk",)),
        ("full", "news.acme.example", ("news.acme.example",)),
        ("both", "news.acme.example", ("news.acme.example", "acme.example")),
        ("both", "a.b.acme.co.uk", ("a.b.acme.co.uk", "acme.co.uk")),
        ("both", "acme.example", ("acme.example",)),
        ("both", "co.uk", ("co.uk",)),
    ],
)
def test_each_list_is_asked_for_the_names_it_may_hold(asked_name, name, expected):
    assert asked_names(sample_list(asked_name=AskedName(asked_name)), DOMAIN, name) == expected


def test_a_list_of_which_nothing_else_is_known_holds_registered_domains():
    assert asked_names(sample_list(), DOMAIN, "news.acme.example") == ("acme.example",)


@pytest.mark.parametrize("asked_name", AskedName)
def test_a_test_point_and_an_address_are_asked_as_they_stand(asked_name):
    blocklist = sample_list(asked_name=asked_name)
    assert asked_names(blocklist, DOMAIN, "test.uribl.example") == ("test.uribl.example",)
    assert asked_names(blocklist, V4, "192.0.2.1") == ("192.0.2.1",)
    assert asked_names(blocklist, V6, "2001:db8::1") == ("2001:db8::1",)


@given(name=st.text(max_size=300), asked_name=st.sampled_from(AskedName))
def test_any_text_has_one_or_two_names(name, asked_name):
    assert len(asked_names(sample_list(asked_name=asked_name), DOMAIN, name)) in (1, 2)


@pytest.mark.parametrize("key", ["a", "A1", "abc-def", "0" * 63])
def test_a_key_is_one_label(key):
    check_key("sample", key)


@pytest.mark.parametrize("key", ["", "a.b", "-a", "a-", "a_b", "a b", "0" * 64, "a\n", "ключ", "a{key}", "*", "a/b"])
def test_what_is_more_than_one_label_is_no_key_and_is_not_shown(key):
    with pytest.raises(ValueError, match=r"^the key of sample is not a key: expected one label"):
        check_key("sample", key)


@given(key=st.text(alphabet=st.characters(exclude_categories=["L", "N"]), min_size=2))
def test_no_complaint_about_a_key_shows_it(key):
    with pytest.raises(ValueError, match="is not a key") as raised:
        check_key("sample", f"c4n4ry{key}")
    assert "c4n4ry" not in f"{raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r}"


@given(name=st.text(max_size=300))
def test_any_text_becomes_a_name_that_dns_can_carry_or_a_complaint_without_it(name):
    problem = asked = ""
    try:
        asked = query_name(KEYED, DOMAIN, name, "c4n4ry")
    except ValueError as complaint:
        problem = str(complaint)
    assert "c4n4ry" not in problem
    assert problem or asked.endswith(".c4n4ry.zen.dq.example.")
    assert problem or all(0 < len(label) <= 63 for label in asked.removesuffix(".").split("."))
    assert asked.isascii()
    assert len(asked) <= MAX_NAME + 1


@pytest.mark.parametrize("text", ["see k3y.zen.dq.example", "see K3Y.zen.dq.example", "k3yk3y"])
def test_a_list_that_quotes_the_name_does_not_quote_the_key(text):
    assert "k3y" not in without_key(text, "k3y").lower()


def test_without_a_key_the_text_stays_as_it_is():
    assert without_key("see k3y", None) == "see k3y"
