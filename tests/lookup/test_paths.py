import pytest

from deliverwatch.core.errors import ConfigError
from deliverwatch.lookup.paths import normal_path, system_paths


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("192.0.2.53", "192.0.2.53:53"),
        (" 192.0.2.53:5353 ", "192.0.2.53:5353"),
        ("2001:db8::53", "[2001:db8::53]:53"),
        ("[2001:db8::53]", "[2001:db8::53]:53"),
        ("[2001:DB8:0::53]:853", "[2001:db8::53]:853"),
    ],
)
def test_a_resolver_is_written_one_way(text, path):
    assert normal_path(text) == path
    assert normal_path(path) == path


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not a resolver: expected an IP address, or address:port"),
        ("dns.example", "is not a resolver"),
        ("dns.example:53", "is not a resolver"),
        ("192.0.2.999", "is not a resolver"),
        ("192.0.2.53:", "is not a resolver"),
        ("[2001:db8::53", "is not a resolver"),
        ("192.0.2.53,192.0.2.54", "is not a resolver"),
        ("192.0.2.53:0", "has no usable port: expected 1 to 65535"),
        ("192.0.2.53:65536", "has no usable port"),
        ("fe80::1%eth0", "has a zone index"),
    ],
)
def test_what_is_no_resolver_is_named(text, complaint):
    with pytest.raises(ValueError, match=complaint) as raised:
        normal_path(text)
    assert repr(text) in str(raised.value)


def test_the_resolvers_of_the_system_are_read_in_order_and_once(tmp_path):
    file = tmp_path / "resolv.conf"
    file.write_text(
        "# written by hand\nsearch lan.example\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\n"
        "nameserver 2001:db8::53\nnameserver 192.0.2.53\noptions ndots:5 rotate\n"
    )
    assert system_paths(str(file)) == ("192.0.2.53:53", "[2001:db8::53]:53")


@pytest.mark.parametrize("text", ["", "search lan.example\n", "nameserver fe80::1%eth0\n", "nameserver what\n"])
def test_a_system_without_a_resolver_is_a_mistake_to_tell(tmp_path, text):
    file = tmp_path / "resolv.conf"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"resolv\.conf: nameserver: names no resolver that can be used"):
        system_paths(str(file))


def test_a_system_without_the_file_is_told_the_same(tmp_path):
    with pytest.raises(ConfigError, match=r"set dns\.resolvers"):
        system_paths(str(tmp_path / "missing"))
