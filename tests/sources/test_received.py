"""Which way a mail came."""

import pytest

from deliverwatch.sources.received import border, host_name, same_house, sending_address

OURS = "from out1.esp.example (out1.esp.example [192.0.2.10]) by mx1.receiver.example with ESMTPS; a date"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.10", "192.0.2.10"),
        (" [192.0.2.10] ", "192.0.2.10"),
        ("192.0.2.10:4711", "192.0.2.10"),
        ("IPv6:2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.10", "192.0.2.10"),
        ("x.x.x.x", None),
        ("10.0.0.1", None),
        ("127.0.0.1", None),
        ("100.64.1.1", None),
        ("::ffff:10.0.0.1", None),
        ("fe80::1%eth0", None),
        ("255.255.255.255", None),
        ("", None),
        (None, None),
    ],
)
def test_only_an_address_that_mail_can_come_from_is_one(text, expected):
    assert sending_address(text) == expected


@pytest.mark.parametrize(
    ("field", "ip"),
    [
        (OURS, "192.0.2.10"),
        ("from [203.0.113.99] (HELO out1.esp.example) ([192.0.2.10]) by mx.receiver.example", "192.0.2.10"),
        ("from 127.0.0.1 (EHLO out1.esp.example) (192.0.2.10) by mx.receiver.example with SMTPS", "192.0.2.10"),
        ("from [192.0.2.10] ([192.0.2.10:4711] helo=out1.esp.example) by mx.receiver.example", "192.0.2.10"),
        ("from out1.esp.example (2001:db8::25) by mx.receiver.example (2001:db8:ffff::1) with ESMTPS", "2001:db8::25"),
        ("from localhost (localhost [127.0.0.1]) by out1.esp.example (Postfix)", None),
        ("by 10.37.32.132 with SMTP id g126csp", None),
        ("from edge.receiver.example ([198.51.100.1]) by store.receiver.example with LMTP", None),
        ("(qmail 99 invoked by uid 1); 26 Nov 2026", None),
        ("", None),
    ],
)
def test_the_border_is_where_one_house_takes_mail_from_another(field, ip):
    hop = border([field])
    assert (hop.ip if hop else None) == ip


def test_the_newest_border_counts_and_hops_within_the_receivers_house_do_not():
    inner = "from edge.receiver.example ([198.51.100.1]) by store.receiver.example with LMTP"
    older = "from app.shop.example ([203.0.113.77]) by out1.esp.example with ESMTPS"
    assert border([inner, OURS, older]).ip == "192.0.2.10"


def test_houses_under_a_short_second_label_are_told_apart():
    assert same_house("a.mail.example.com", "b.example.com")
    assert not same_house("mx.one.co.jp", "mx.two.co.jp")
    assert not same_house(None, None)


def test_an_address_is_no_host_name():
    assert host_name(" MX1.Mail.Example. ") == "mx1.mail.example"
    assert host_name("192.0.2.1") is None
    assert host_name("nonsense") is None
