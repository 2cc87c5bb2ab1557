"""All ways on which lists are asked over DNS: who opens which resolver, and what they share.

A round goes through our own engine, by a configured resolver or, for the lists that the settings name, to their own
servers. The second look goes through c-ares and other resolvers, so that a fault of the engine, of a resolver or of its
cache cannot confirm itself. The budget of a list is one for everybody who asks it here.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.verdict import Answer
from deliverwatch.lookup.aiodns_resolver import AiodnsResolver
from deliverwatch.lookup.bulk_resolver import BulkResolver
from deliverwatch.lookup.direct import ListServers
from deliverwatch.lookup.names import check_key
from deliverwatch.lookup.pacing import Bucket
from deliverwatch.lookup.paths import endpoint, normal_path, system_paths
from deliverwatch.lookup.tcp import Endpoint

DIRECT = "direct"
TIMEOUT_FOR = timedelta(seconds=5)


class DnsLookups:
    """`direct`: ids of the lists whose own servers are asked first. Raises ValueError for a resolver or key that cannot
    be one, ConfigError when there is no resolver at all."""

    def __init__(
        self,
        resolvers: Sequence[str] = (),
        confirm_resolvers: Sequence[str] = (),
        keys: Mapping[str, str] | None = None,
        timeout_for: timedelta = TIMEOUT_FOR,
        direct: Collection[str] = (),
    ) -> None:
        self.paths = tuple(dict.fromkeys(map(normal_path, resolvers))) or system_paths()
        self._confirm_paths = tuple(dict.fromkeys(map(normal_path, confirm_resolvers)))
        self._keys = dict(keys or {})
        for list_id, key in self._keys.items():
            check_key(list_id, key)
        self._timeout_for = timeout_for
        self._direct = frozenset(direct)
        self._list_servers = ListServers(self.paths, timeout_for)
        self._buckets: dict[str, Bucket] = {}

    def paths_for(self, blocklist: Blocklist) -> tuple[str, ...]:
        return (DIRECT, *self.paths) if blocklist.id in self._direct else self.paths

    def confirm_paths_for(self, blocklist: Blocklist) -> tuple[str, ...]:  # noqa: ARG002
        return self._confirm_paths

    def open(self, path: str) -> BulkResolver | AiodnsResolver:
        if path == DIRECT:
            find = self._list_servers.find
            return BulkResolver(path, self._keys, self._timeout_for, find, self.bucket_of, recursion=False)
        if path in self._confirm_paths and path not in self.paths:
            return AiodnsResolver(path, self._keys, self._timeout_for, self.bucket_of)

        async def one_server(_: Blocklist) -> Sequence[Endpoint] | Answer:
            return [endpoint(path)]

        return BulkResolver(path, self._keys, self._timeout_for, one_server, self.bucket_of)

    def bucket_of(self, blocklist: Blocklist) -> Bucket | None:
        """By list, and with it by key: a list has one at the most. What an operator publishes is meant for the public
        zone, and for the keyed one only where there is no other."""
        keyed = blocklist.id in self._keys and blocklist.keyed_zone is not None
        if blocklist.budget.per_second is None or (keyed and blocklist.zone is not None):
            return None
        return self._buckets.setdefault(blocklist.id, Bucket(blocklist.budget.per_second))
