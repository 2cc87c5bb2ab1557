"""What the sandbox's customers publish in the DNS: SPF, DKIM, DMARC, reverse names, hosts for their mail.

Most of it is in order, so that requests for them can be sent. Two things are not: a reverse name of Acme's leads
elsewhere, and its newsletter has no DMARC record, until Acme does what it was told (`publish_dmarc`).
"""

import ipaddress
from collections.abc import Mapping
from typing import NamedTuple

from deliverwatch.core.subjects import expand
from deliverwatch.sandbox.zones import Record, Zone

_NAMES = "example"
_REVERSE = {4: "in-addr.arpa", 6: "ip6.arpa"}
_DKIM = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""The example key of RFC 8463, appendix A.2."""
_NEWSLETTER = "news.acme"
_MISLED = "192.0.2.12"


class _Sender(NamedTuple):
    """`name`: without the common "example"; `ranges`: what it sends from."""

    name: str
    ranges: tuple[str, ...]


_SENDERS = (
    _Sender(_NEWSLETTER, ("192.0.2.8/29", "198.51.100.20", "2001:db8::20")),
    _Sender("mail.bravo", ("203.0.113.0/30",)),
    _Sender("cedar", ("203.0.113.0/30",)),
    _Sender("mail.delta", ("198.51.100.32/29",)),
)


def build_names() -> dict[str, Zone]:
    """By their names."""
    zones = {name: Zone(name) for name in (_NAMES, *_REVERSE.values())}
    for sender in _SENDERS:
        _publish(zones[_NAMES], sender)
    for address in dict.fromkeys(each.value for sender in _SENDERS for name in sender.ranges for each in expand(name)):
        _name_address(zones, address)
    return zones


def publish_dmarc(zones: Mapping[str, Zone]) -> None:
    """Acme does."""
    _dmarc(zones[_NAMES], _NEWSLETTER)


def _publish(zone: Zone, sender: _Sender) -> None:
    allowed = " ".join(f"{'ip6' if ':' in each else 'ip4'}:{each}" for each in sender.ranges)
    mx = f"10 mx.{sender.name}.{_NAMES}."
    zone.records[sender.name] = Record((), f"v=spf1 {allowed} -all", mx=(mx,))
    zone.records[f"mx.{sender.name}"] = Record(("203.0.113.25",))
    zone.records[f"s1._domainkey.{sender.name}"] = Record((), _DKIM)
    if sender.name != _NEWSLETTER:
        _dmarc(zone, sender.name)


def _dmarc(zone: Zone, name: str) -> None:
    zone.records[f"_dmarc.{name}"] = Record((), f"v=DMARC1; p=none; rua=mailto:dmarc@{name}.{_NAMES}")


def _name_address(zones: Mapping[str, Zone], text: str) -> None:
    """One that leads back, but for the one that was forgotten."""
    address = ipaddress.ip_address(text)
    host = "old-relay.esp" if text == _MISLED else f"{_letters(address)}.out.esp"
    reverse = zones[_REVERSE[address.version]]
    reverse.records[address.reverse_pointer.removesuffix(f".{reverse.name}")] = Record((), ptr=f"{host}.{_NAMES}.")
    zones[_NAMES].records[host] = Record(("203.0.113.26",) if text == _MISLED else (text,))


def _letters(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """A name that does not look generated: no digits of the address in it."""
    return "".join(chr(ord("a") + int(digit, 16)) for digit in f"{int(address) & 0xFFFFFF:06x}")
