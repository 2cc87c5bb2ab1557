"""By which way a list is asked: as a download where it is had as one, by DNS otherwise.

A download answers for every subject without a query, and its operator learns nothing of us. The second look at what it
lists goes by DNS where the list may be asked there by anybody; else the next download is it.
"""

from typing import Protocol

from deliverwatch.core.blocklist import AccessTerms, Blocklist
from deliverwatch.flows.ports import FEED, Lookups, Resolver


class Feeds(Protocol):
    def paths_for(self, blocklist: Blocklist) -> tuple[str, ...]:
        """Empty for a list that is not had as a download."""

    def open(self, path: str) -> Resolver: ...


class Ways:
    """A `Lookups` over two."""

    def __init__(self, dns: Lookups, feeds: Feeds) -> None:
        self._dns = dns
        self._feeds = feeds

    @property
    def paths(self) -> tuple[str, ...]:
        return self._dns.paths

    def paths_for(self, blocklist: Blocklist) -> tuple[str, ...]:
        return self._feeds.paths_for(blocklist) or self._dns.paths_for(blocklist)

    def confirm_paths_for(self, blocklist: Blocklist) -> tuple[str, ...]:
        if not self._feeds.paths_for(blocklist):
            return self._dns.confirm_paths_for(blocklist)
        by_dns = blocklist.zone is not None and blocklist.access.terms is AccessTerms.OPEN
        return self._dns.paths_for(blocklist) if by_dns else ()

    def open(self, path: str) -> Resolver:
        return (self._feeds if path == FEED else self._dns).open(path)
