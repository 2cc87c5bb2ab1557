"""Well-known public resolvers, by address.

Blocklists refuse them, or answer NXDOMAIN to all that comes from them, since everybody's queries arrive under one
address there (Spamhaus, "Successfully accessing Spamhaus's free block lists using a public DNS", checked 2026-11-22).
The table is small on purpose: these are the addresses that get typed into configurations. Sources: dns-servers.conf of
Pi-hole as packaged in the openSUSE Build Service, and for AdGuard the article "Public recursive name server" of
Wikipedia; both read on 2026-11-24.
"""

import ipaddress

_OPERATORS = {
    "Google Public DNS": ("8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"),
    "Cloudflare": ("1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001"),
    "Quad9": (
        *("9.9.9.9", "9.9.9.10", "9.9.9.11", "149.112.112.112", "149.112.112.10", "149.112.112.11"),
        *("2620:fe::fe", "2620:fe::9", "2620:fe::10", "2620:fe::fe:10", "2620:fe::11"),
    ),
    "OpenDNS": ("208.67.222.222", "208.67.220.220", "2620:119:35::35", "2620:119:53::53"),
    "AdGuard": ("94.140.14.14", "94.140.15.15", "2a10:50c0::ad1:ff", "2a10:50c0::ad2:ff"),
    "Level 3": ("4.2.2.1", "4.2.2.2"),
    "Comodo": ("8.26.56.26", "8.20.247.20"),
    "DNS.WATCH": (
        *("84.200.69.80", "84.200.70.40"),
        *("2001:1608:10:25::1c04:b12f", "2001:1608:10:25::9249:d69b"),
    ),
}
_BY_ADDRESS = {ipaddress.ip_address(text): name for name, texts in _OPERATORS.items() for text in texts}


def operator_of(path: str) -> str | None:
    """Who runs the resolver behind a path ("192.0.2.53:53", "[2001:db8::53]:53"), if it is one of these."""
    host = path.rpartition(":")[0].strip("[]")
    try:
        return _BY_ADDRESS.get(ipaddress.ip_address(host))
    except ValueError:
        return None
