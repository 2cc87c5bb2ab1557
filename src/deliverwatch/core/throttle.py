"""How soon somebody may try again to sign in.

Failures are counted under the name that was tried and by the address they came from. Some are free, since people
mistype; then each makes the wait twice as long, up to a limit. An address may be made to wait long: it is one guesser,
or a few people who can ask. A name never for long, or any stranger could lock its owner out by guessing; and not at
all where it was signed in from this address of late, so that its owner does not queue behind the guesser.

What is refused here was not tried, and counts as nothing.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_ONE_HOLDER = 64
"""Of an IPv6 address: one customer of a network has at least as many of them as fit below (RFC 6177)."""


@dataclass(frozen=True, slots=True)
class Patience:
    """`free`: failures without a wait; then `first_for`, doubled each time, and never more than `most_for`."""

    free: int
    first_for: timedelta
    most_for: timedelta


WITH_NAME = Patience(5, timedelta(seconds=1), timedelta(seconds=30))
WITH_ADDRESS = Patience(20, timedelta(seconds=1), timedelta(minutes=15))
COUNTED_FOR = timedelta(hours=24)
KNOWN_FOR = timedelta(days=90)
"""How long an address is known as one that a name was signed in from."""
_DOUBLED_AT_MOST = 20


def again_at(
    now: datetime, of_name: Sequence[datetime], of_address: Sequence[datetime], *, is_known: bool
) -> datetime | None:
    """When one may try again, after failures (oldest first); None: now. `is_known`: this name was signed in from this
    address of late."""
    free_at = [_free_at(now, of_address, WITH_ADDRESS)]
    if not is_known:
        free_at.append(_free_at(now, of_name, WITH_NAME))
    latest = max(free_at)
    return latest if latest > now else None


def _free_at(now: datetime, failures: Sequence[datetime], patience: Patience) -> datetime:
    over = len(failures) - patience.free
    if over <= 0:
        return now
    last = min(failures[-1], now)  # a clock that was set back makes nobody wait for the old time
    doubled_for: timedelta = patience.first_for * 2 ** min(over - 1, _DOUBLED_AT_MOST)
    return last + min(doubled_for, patience.most_for)


def whence(address: str) -> str:
    """The address as it is counted: of IPv6 the network of whoever holds it; one that cannot be read, as it is."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return str(read)
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return str(ipaddress.ip_network((int(read), _ONE_HOLDER), strict=False))
