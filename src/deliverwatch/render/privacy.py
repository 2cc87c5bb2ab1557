"""Whether a text may name addresses and domains, and what stands in their place where it may not.

Who writes a whole text says so once (`privately`), as with its language. From then on every name of a subject that
goes into a sentence is one of the words made here, so that nothing has to be found in finished sentences and taken out
again: what is cut, bracketed, or written in another form there could not be found for certain.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from deliverwatch.render.tongue import listed, say, say_n

_PRIVATE: ContextVar[bool] = ContextVar("private", default=False)


@contextmanager
def privately(private: bool) -> Iterator[None]:
    before = _PRIVATE.set(private)
    try:
        yield
    finally:
        _PRIVATE.reset(before)


def is_private() -> bool:
    return _PRIVATE.get()


def addresses_in(name: str) -> int:
    """1 for a domain."""
    return ipaddress.ip_network(name).num_addresses if "/" in name else 1


def unnamed(names: Iterable[str]) -> str:
    """Of addresses, ranges and domains: "3 of your sending IPs and one of your sending domains"."""
    names = list(names)
    addresses = [name for name in names if _is_network(name)]
    told = (_of_ips(sum(map(addresses_in, addresses))), _of_domains(len(names) - len(addresses)))
    return listed([each for each in told if each])


def _is_network(name: str) -> bool:
    """The rest are names, and what is written like one: a selector's, or one that nobody could look up."""
    try:
        ipaddress.ip_network(name)
    except ValueError:
        return False
    return True


def _of_ips(count: int) -> str:
    if count == 1:
        return say("one of your sending IPs")
    return say_n("{n} of your sending IPs", "{n} of your sending IPs", count) if count else ""


def _of_domains(count: int) -> str:
    if count == 1:
        return say("one of your sending domains")
    return say_n("{n} of your sending domains", "{n} of your sending domains", count) if count else ""
