"""What is looked up: a sending IP or a sending domain.

A subject is normalised once, at the edge, so that equal things compare equal everywhere after it: IPv6 in its
RFC 5952 form, domains in lower case, without the final dot, as A-labels. A CIDR range is shorthand for its
addresses, every one included (a mail host may well sit on the first or last address of a routed block), and is
refused above `MAX_RANGE` addresses.

Python's own codec turns a name into A-labels by the rules of 2003 (RFC 3490), which replace some letters: "straße.de"
becomes strasse.de there and xn--strae-oqa.de by the rules of 2008 (RFC 5894 §7.2), and these are two owners. To look up
the wrong one would call the right one clear, so a name is taken only if it comes back from the codec as it went in.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MAX_RANGE = 65_536
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a name that ends in one is read as an IPv4 address by many a program
_DOTS = re.compile(r"[\u3002\uff0e\uff61]")  # what is typed for a dot where one is hard to type (RFC 3490 §3.1)

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
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped is not None:
        what = "address" if network.num_addresses == 1 else "range"
        raise ValueError(f"{text!r} is an IPv4 {what} written as IPv6: expected {_as_ipv4(network)}")
    if "/" in text and str(ipaddress.ip_interface(text).ip) != str(network.network_address):
        raise ValueError(f"{text!r} has host bits set: expected {network}")
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
    name = _DOTS.sub(".", unicodedata.normalize("NFC", text.strip().lower())).removesuffix(".")
    if any(character.isspace() for character in name):
        raise ValueError(f"{text!r} has a space in it: expected one domain name")
    labels = [_a_label(label, text) for label in name.split(".")]
    name = ".".join(labels)
    if len(labels) < 2 or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{text!r} is not a domain name: expected letters, digits and hyphens in two labels or more")
    if _NUMBER.fullmatch(labels[-1]):
        raise ValueError(
            f"{text!r} is not a domain name or IP address: expected a name that does not end in a number, or four "
            "decimal numbers like 192.0.2.1"
        )
    return name


def _a_label(label: str, text: str) -> str:
    if label.isascii():
        return label
    try:
        encoded = label.encode("idna")
        same = encoded.decode("idna") == label
    except UnicodeError:
        raise ValueError(f"{text!r} is not a domain name") from None
    if not same:
        raise ValueError(
            f"{text!r} is read as different domains by different programs: expected its A-labels (xn--...)"
        )
    return encoded.decode("ascii")


def looks_like_address(text: str) -> bool:
    """True for what can only be meant as an address or range, valid or not."""
    return ":" in text or "/" in text or re.fullmatch(r"[0-9.]*[0-9][0-9.]*", text) is not None


def _as_ipv4(network: ipaddress.IPv6Network) -> str:
    """A mapped network, whose prefix is 96 bits or longer; one address without its "/32"."""
    same = ipaddress.IPv4Network((int(network.network_address) & 0xFFFF_FFFF, network.prefixlen - 96))
    return str(same).removesuffix("/32")


def _address(text: str) -> Subject:
    network = parse_network(text)
    if network.num_addresses != 1:
        raise ValueError(f"{text!r} is a range: expected one address")
    return Subject(SubjectKind.IPV4 if network.version == 4 else SubjectKind.IPV6, str(network.network_address))
