"""Which addresses a webhook may be called at: unicast ones of the internet, and networks that the operator allows.

Python's `is_global` is no guard: on 3.11 it says yes to 64:ff9b::7f00:1 and 2002:7f00:1::, which may lead to 127.0.0.1,
and to fec0::1 and 224.0.0.1. So this is a table of its own, after IANA's registries of special-purpose addresses (IPv4,
IPv6; looked at on 2026-11-26), the deprecated site-local range (RFC 3879) and multicast. IPv6 is the other way round:
nothing outside 2000::/3 is unicast of the internet.

An IPv6 address may stand for an IPv4 one. A mapped address (RFC 4291 §2.5.5.2) is that IPv4 address. What a
translator's well-known prefix (RFC 6052) or an ISATAP interface (RFC 5214 §6.1) holds is judged as well. Tunnels that
are given up on (6to4, Teredo) and a translator's local prefix (RFC 8215) are refused whatever they hold.
"""

import ipaddress
from collections.abc import Iterable, Mapping

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_REFUSED_4: Mapping[str, str] = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared behind a provider's NAT",
    "127.0.0.0/8": "this machine",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved for protocols",
    "192.0.2.0/24": "for documentation",
    "192.31.196.0/24": "AS112",
    "192.52.193.0/24": "multicast relays",
    "192.88.99.0/24": "6to4 relays",
    "192.168.0.0/16": "private",
    "192.175.48.0/24": "AS112",
    "198.18.0.0/15": "for benchmarks",
    "198.51.100.0/24": "for documentation",
    "203.0.113.0/24": "for documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
_REFUSED_6: Mapping[str, str] = {
    "::/128": "this machine",
    "::1/128": "this machine",
    "::/96": "IPv4-compatible, given up",
    "::ffff:0:0:0/96": "a translator's",
    "64:ff9b:1::/48": "a translator's, local",
    "100::/64": "for discarding",
    "2001::/32": "Teredo",
    "2001::/23": "reserved for protocols",
    "2001:db8::/32": "for documentation",
    "2002::/16": "6to4",
    "2620:4f:8000::/48": "AS112",
    "3ffe::/16": "the 6bone's, given up",
    "3fff::/20": "for documentation",
    "5f00::/16": "segment routing",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "fec0::/10": "site-local",
    "ff00::/8": "multicast",
}
_TABLE: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(network), what) for network, what in {**_REFUSED_4, **_REFUSED_6}.items()
)
_UNICAST = ipaddress.IPv6Network("2000::/3")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})  # the upper half of the interface's number
_LOW = 0xFFFF_FFFF


def is_inside(address: Address, networks: Iterable[Network]) -> bool:
    meant = _meant(address)
    return any(meant in network for network in networks)


def refused(address: Address) -> str | None:
    """What it is, where it is nothing of the internet: "private"."""
    address = _meant(address)
    for network, what in _TABLE:
        if address in network:
            return what
    held = _held(address)
    if held is not None:
        return refused(held)
    if address.version == 6 and address not in _UNICAST:
        return "not of the internet"
    return None


def _meant(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped


def _held(address: Address) -> ipaddress.IPv4Address | None:
    if address.version == 4:
        return None
    if address in _TRANSLATED or (int(address) >> 32) & _LOW in _ISATAP:
        return ipaddress.IPv4Address(int(address) & _LOW)
    return None
