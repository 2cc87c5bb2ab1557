"""What is looked up: a sending IP or a sending domain.

A subject is normalised once, at the edge, so that equal things compare equal everywhere after it: IPv6 in its
RFC 5952 form, domains in lower case, without the final dot, as A-labels. A CIDR range is shorthand for its
addresses, every one included (a mail host may well sit on the first or last address of a routed block), and is
refused above `MAX_RANGE` addresses.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MAX_RANGE = 65_536
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SubjectKind(StrEnum):
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    DOMAIN = "domain"


class DomainRole(StrEnum):
    """What a sending domain is used for in a message (RFC 5321 MailFrom, RFC 5322 From, RFC 6376 d=, links, HELO)."""

    FROM = "from"
    ENVELOPE = "envelope"
    DKIM = "dkim"
    LINK = "link"
    HELO = "helo"


@dataclass(frozen=True, slots=True)
class Subject:
    kind: SubjectKind
    value: str

    def __str__(self) -> str:
        return self.value


def parse_subject(text: str) -> Subject:
    """One address or domain. Raises ValueError with a sentence that says what was expected."""
    text = text.strip()
    if looks_like_address(text):
        return _address(text)
    return Subject(SubjectKind.DOMAIN, normal_domain(text))


def parse_network(text: str) -> Network:
    """An address or CIDR range of at most `MAX_RANGE` addresses. Raises ValueError with a sentence."""
    text = text.strip()
    if "%" in text:
        raise ValueError(f"{text!r} has a zone index: expected a plain address")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is not an IP address or CIDR range") from None
    if "/" in text and str(ipaddress.ip_interface(text).ip) != str(network.network_address):
        raise ValueError(f"{text!r} has host bits set: expected {network}")
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise ValueError(f"{text!r} is an IPv4 address written as IPv6: expected {network.network_address.ipv4_mapped}")
    if network.num_addresses > MAX_RANGE:
        raise ValueError(
            f"{network} holds {network.num_addresses:,} addresses: at most {MAX_RANGE:,} are watched, split it"
        )
    return network


def expand(text: str) -> Iterator[Subject]:
    """The subjects that an address, range or domain stands for, in order."""
    if not looks_like_address(text.strip()):
        yield parse_subject(text)
        return
    network = parse_network(text)
    kind = SubjectKind.IPV4 if network.version == 4 else SubjectKind.IPV6
    for address in network:
        yield Subject(kind, str(address))


def normal_domain(text: str) -> str:
    """A domain name as lower-case A-labels without the final dot. Raises ValueError with a sentence."""
    name = text.strip().removesuffix(".").lower()
    if any(character.isspace() for character in name):
        raise ValueError(f"{text!r} has a space in it: expected one domain name")
    try:
        name = name.encode("idna").decode("ascii") if not name.isascii() else name
    except UnicodeError:
        raise ValueError(f"{text!r} is not a domain name") from None
    labels = name.split(".")
    if len(labels) < 2 or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{text!r} is not a domain name: expected letters, digits and hyphens in two labels or more")
    if labels[-1].isdigit():
        raise ValueError(f"{text!r} is not a domain name or IP address")
    return name


def looks_like_address(text: str) -> bool:
    """True for what can only be meant as an address or range, valid or not."""
    return ":" in text or "/" in text or re.fullmatch(r"[0-9.]+", text) is not None


def _address(text: str) -> Subject:
    network = parse_network(text)
    if network.num_addresses != 1:
        raise ValueError(f"{text!r} is a range: expected one address")
    return Subject(SubjectKind.IPV4 if network.version == 4 else SubjectKind.IPV6, str(network.network_address))
