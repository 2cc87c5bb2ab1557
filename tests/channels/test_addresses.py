"""Which addresses may be called: each refused network at both its ends, its neighbours, and IPv4 within IPv6."""

import ipaddress

import pytest

from deliverwatch.channels.addresses import is_inside, refused

NOT_OF_THE_INTERNET = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32", "::/128", "::1/128", "::/96", "::ffff:0:0:0/96"),
    *("64:ff9b:1::/48", "100::/64", "2001::/23", "2001::/32", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16"),
    *("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "4000::/3", "8000::/1", "0400::/6"),
]
OF_THE_INTERNET = [
    *("1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"),
    *("169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0"),
    *("198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:200::1", "2003::1", "2600::1", "3ffd::1"),
]
HOLDERS = ["::ffff:{}", "64:ff9b::{}", "2600:1:2:3:0:5efe:{}", "2600:1:2:3:200:5efe:{}"]
"""Whatever they hold is judged."""
ALWAYS_REFUSED = ["::{}", "::ffff:0:{}", "64:ff9b:1::{}", "2002:{}::", "2001:0:4136:e378:8000:63bf:{}", "fe80::5efe:{}"]


def spelled(pattern, ipv4):
    """The lower 32 bits as two groups; Teredo hides them inverted, which makes no difference here."""
    number = int(ipaddress.IPv4Address(ipv4))
    return ipaddress.ip_address(pattern.format(f"{number >> 16:x}:{number & 0xFFFF:x}"))


@pytest.mark.parametrize("network", NOT_OF_THE_INTERNET)
def test_all_of_a_special_network_is_refused(network):
    network = ipaddress.ip_network(network)
    for address in (network[0], network[-1], network[network.num_addresses // 2]):
        assert refused(address)


@pytest.mark.parametrize("address", OF_THE_INTERNET)
def test_its_neighbours_are_not(address):
    assert refused(ipaddress.ip_address(address)) is None


@pytest.mark.parametrize("pattern", HOLDERS)
def test_an_ipv4_address_within_is_judged(pattern):
    for ipv4 in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "0.0.0.0"):
        assert refused(spelled(pattern, ipv4)) == refused(ipaddress.ip_address(ipv4))
    assert refused(spelled(pattern, "9.9.9.9")) is None


@pytest.mark.parametrize("pattern", ALWAYS_REFUSED)
def test_what_is_given_up_or_local_is_refused_whatever_it_holds(pattern):
    for ipv4 in ("127.0.0.1", "10.1.2.3", "9.9.9.9"):
        assert refused(spelled(pattern, ipv4))


def test_a_mapped_address_is_inside_where_its_ipv4_address_is():
    networks = [ipaddress.ip_network("192.0.2.0/24")]
    assert is_inside(ipaddress.ip_address("::ffff:192.0.2.1"), networks)
    assert is_inside(ipaddress.ip_address("192.0.2.1"), networks)
    assert not is_inside(ipaddress.ip_address("64:ff9b::192.0.2.1"), networks)
    assert not is_inside(ipaddress.ip_address("2001:db8::1"), networks)
