"""Which way a mail came, by its Received fields (RFC 5321 §4.4), and from which address it crossed into a house.

Every host on the way puts one in front, so the newest is first. It says "from NAME (RDNS [ADDRESS]) by NAME", each
vendor in a hand of its own. NAME is what the sender claimed; the address in brackets or parentheses is what the writer
saw. Hops within one house (the same last labels on both sides) and those from private addresses say nothing of who
sent: the border is the newest hop between two houses. All of it can be forged but what the reader's own side wrote.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_MOST_HOPS, _MOST_FIELD = 50, 2000
_BY = re.compile(r"\bby\s+([A-Za-z0-9._-]+)")
_FROM_NAMES = re.compile(r"(?:\bfrom\s+|\bhelo[= ]|\bEHLO |\()([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)", re.IGNORECASE)
_ADDRESS = re.compile(r"[\[(]\s*(?:IPv6:)?([0-9A-Fa-f:.]{3,45})\s*[\])]", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_-]+)+")
_NOT_SENDERS = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "224.0.0.0/3",
            "::/128",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
            "ff00::/8",
        ),
    )
)
"""Private, local and multicast ranges (RFC 6890), but not those for documentation, which examples are made of."""


class Hop(NamedTuple):
    """`from_names`: what the sender called itself and what its address is called. `ip`: None: none that can be ours."""

    by: str | None
    from_names: tuple[str, ...]
    ip: str | None

    @property
    def crosses(self) -> bool:
        """From one house into another."""
        return self.ip is not None and not any(same_house(self.by, name) for name in self.from_names)


def sending_address(text: str | None) -> str | None:
    """An address that mail can come from, in its normal form; None for private ones, placeholders and the rest."""
    bare = (text or "").strip().removeprefix("[").removesuffix("]").removeprefix("IPv6:")
    try:
        found = ipaddress.ip_address(bare.partition(":")[0] if bare.count(":") == 1 else bare)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id is not None:
            return None
        found = found.ipv4_mapped or found
    return None if any(found in network for network in _NOT_SENDERS) else str(found)


def host_name(text: str) -> str | None:
    """The name of a host in lower case; None for an address and for anything else."""
    name = text.strip().rstrip(".").lower()
    return name if len(name) < 254 and _HOST.fullmatch(name) and not name[-1].isdigit() else None


def hops(fields: Iterable[str]) -> Iterator[Hop]:
    """The hops of a mail's Received fields, newest first."""
    for number, field in enumerate(fields):
        if number == _MOST_HOPS:
            return
        yield _hop(field[:_MOST_FIELD])


def border(fields: Iterable[str]) -> Hop | None:
    """The newest hop between two houses."""
    return next((hop for hop in hops(fields) if hop.crosses), None)


def same_house(one: str | None, other: str | None) -> bool:
    """Whether two hosts share the end of their names: the last two labels, three under a short second label
    ("co.jp")."""
    return one is not None and other is not None and _house(one) == _house(other)


def _house(name: str) -> tuple[str, ...]:
    labels = name.rstrip(".").lower().split(".")
    return tuple(labels[-3:] if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else labels[-2:])


def _hop(field: str) -> Hop:
    by = _BY.search(field)
    sender = field[: by.start()] if by else field
    if not sender.lower().startswith("from"):
        return Hop(by[1] if by else None, (), None)
    addresses = [address for found in _ADDRESS.finditer(sender) if (address := sending_address(found[1]))]
    return Hop(by[1] if by else None, tuple(_FROM_NAMES.findall(sender)), addresses[-1] if addresses else None)
