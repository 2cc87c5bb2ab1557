"""Which way a question goes: a resolver's address and port, written one way ("192.0.2.53:53", "[2001:db8::53]:53").

The path is a part of what is believed (a list is healthy or not *as seen through* one resolver), so equal resolvers
must be equal text. Where none is configured the system's are used, each as a path of its own, read from
resolv.conf(5); its search list and options are not ours and stay unread by the engine.
"""

import ipaddress
import re

from dns.exception import DNSException
from dns.resolver import Resolver as SystemConfiguration

from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.lookup.tcp import Endpoint

RESOLV_CONF = "/etc/resolv.conf"
_PATH = re.compile(r"(?:\[(?P<v6>[^\]%]+)\]|(?P<v4>[0-9.]+))(?::(?P<port>[0-9]{1,5}))?")
_DNS_PORT = 53


def normal_path(text: str) -> str:
    """Raises ValueError with a sentence. Addresses only: a resolver's name could not be looked up without one."""
    text = text.strip()
    match = _PATH.fullmatch(text)
    host = (match["v6"] or match["v4"]) if match else text
    port = int(match["port"] or _DNS_PORT) if match else _DNS_PORT
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise ValueError(f"{text!r} is not a resolver: expected an IP address, or address:port") from None
    if "%" in host:
        raise ValueError(f"{text!r} has a zone index: expected a resolver that is reached without one")
    if not 0 < port < 65536:
        raise ValueError(f"{text!r} has no usable port: expected 1 to 65535")
    return f"{address}:{port}" if address.version == 4 else f"[{address}]:{port}"


def endpoint(path: str) -> Endpoint:
    """Address and port of a path written the one way."""
    host, _, port = path.rpartition(":")
    return host.strip("[]"), int(port)


def system_paths(resolv_conf: str = RESOLV_CONF) -> tuple[str, ...]:
    """Raises ConfigError when the system names no resolver. Link-local ones (with a zone index) are passed over."""
    system = SystemConfiguration(configure=False)
    try:
        system.read_resolv_conf(resolv_conf)
    except (DNSException, ValueError):
        system.nameservers = []
    addresses = [str(server) for server in system.nameservers]
    paths = tuple(dict.fromkeys(normal_path(address) for address in addresses if "%" not in address))
    if not paths:
        raise ConfigError(Fault(resolv_conf, "nameserver", "names no resolver that can be used: set dns.resolvers"))
    return paths
