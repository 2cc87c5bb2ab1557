"""Our own addresses, in the order in which a network of a list can be held against them."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import AF_INET, inet_pton

from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.feeds import ip4

_REST = {str(bits): ip4.ALL_ONES >> bits for bits in range(33)}  # by the length of a network, as it is written


class Own:
    """`numbers`: of each address, who is asked for by it. An address of ours may stand for several subjects."""

    def __init__(self, numbers: Mapping[Subject, int]) -> None:
        self.subjects: dict[int, list[Subject]] = {}
        for subject, number in numbers.items():
            self.subjects.setdefault(number, []).append(subject)
        self._sorted = sorted(self.subjects)

    def between(self, first: int, last: int) -> list[int]:
        """Those of ours in a network of theirs."""
        start = bisect_left(self._sorted, first)
        if start == len(self._sorted) or self._sorted[start] > last:
            return []
        return self._sorted[start : bisect_left(self._sorted, last + 1, start)]

    def ip4_worth_reading(self, lines: list[str]) -> list[str]:
        """The lines without those that are a plain IPv4 address or network with none of ours in it. Nearly every line
        of a long list is one, so this loop is where the time goes: it calls as little as can be."""
        own, ordered, worth = self.subjects, self._sorted, []
        number_of, beyond = int.from_bytes, len(self._sorted)
        for line in lines:
            word = line.split(" ", 1)[0] if " " in line else line
            try:
                if "/" not in word:
                    if number_of(inet_pton(AF_INET, word)) not in own:
                        continue
                else:
                    address, _, length = word.partition("/")
                    first, rest = number_of(inet_pton(AF_INET, address)), _REST[length]
                    nearest = bisect_left(ordered, first)
                    if not first & rest and (nearest == beyond or ordered[nearest] > first | rest):
                        continue
            except (OSError, KeyError):
                pass  # something else, which only the dataset can read
            worth.append(line)
        return worth


def own_ip4(subjects: Iterable[Subject]) -> Own:
    """IPv6 addresses that carry an IPv4 one (RFC 4291 §2.5.5.2, RFC 3056 §2) are looked up as that, as rbldnsd does."""
    numbers = {subject: number for subject in subjects if (number := _ip4_number(subject)) is not None}
    return Own(numbers)


def own_ip6(subjects: Iterable[Subject]) -> Own:
    return Own({subject: int(IPv6Address(subject.value)) for subject in subjects if subject.kind is SubjectKind.IPV6})


def _ip4_number(subject: Subject) -> int | None:
    if subject.kind is SubjectKind.DOMAIN:
        return None
    address = ip_address(subject.value)
    if isinstance(address, IPv4Address):
        return int(address)
    carried = address.ipv4_mapped or address.sixtofour
    return None if carried is None else int(carried)
