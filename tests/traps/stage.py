"""Where a trap is set: lists of the shipped catalogue on the strict nameserver, asked as every round asks them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.cli.findings import condition
from deliverwatch.clock import SystemClock
from deliverwatch.core.alerting import AlertView, Audience
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.events import Event
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.verdict import Verdict
from deliverwatch.flows.look import Batch, look_through
from deliverwatch.lookup.dns_lookups import DnsLookups
from deliverwatch.render.alerts import render_alert
from deliverwatch.sandbox.nameserver import Nameserver
from deliverwatch.sandbox.zones import Record, Zone, list_subject, zone_for

_LISTS = load_lists()
LISTS = {each.id: each for each in _LISTS.usable}
DEAD = {each.id: each for each in _LISTS.dead}
KEY = "samplekey"
SUBJECT, OTHER, SIX, DOMAIN = "192.0.2.10", "192.0.2.11", "2001:db8::10", "news.acme.example"
FORGETFUL = ("cache-max-ttl: 0", "cache-max-negative-ttl: 0", "infra-host-ttl: 0")
"""unbound without a memory, whose clock cannot be moved."""


class Everything(dict[str, Record]):
    """The records of a zone in which every name exists: those not entered are answered in one way."""

    def __init__(self, *values: str, txt: str | None = None, but: dict[str, Record] | None = None) -> None:
        super().__init__(but or {})
        self._record = Record(values, txt)

    def get(self, label: str, default: object = None) -> Record:  # type: ignore[override]
        return super().get(label, self._record)


@dataclass(frozen=True)
class Seen:
    """What one look at one list found."""

    batch: Batch

    def __getitem__(self, name: str) -> Verdict:
        return self.looks[name].verdict

    @property
    def looks(self):
        return {subject.value: look for subject, look in self.batch.looks()}

    @property
    def health(self) -> str:
        return condition(self.batch.test)

    @property
    def outcomes(self) -> dict[str, str]:
        return {name: str(look.verdict.outcome) for name, look in self.looks.items()}


def key_of(blocklist: Blocklist) -> str | None:
    return KEY if blocklist.zone is None else None


async def look(blocklist: Blocklist, names, *addresses: str, patience_s: float = 5, keyed: bool = True) -> Seen:
    """Through the resolvers in their order, until one finds the list well."""
    keys = {blocklist.id: KEY} if keyed and key_of(blocklist) else {}
    lookups = DnsLookups(addresses, keys=keys, timeout_for=timedelta(seconds=patience_s))
    subjects = [parse_subject(name) for name in names]
    return Seen((await look_through(lookups, SystemClock(), blocklist, subjects, lookups.paths))[-1])


def alert_about(event: Event, blocklist: Blocklist) -> str:
    """As the operator reads it."""
    return render_alert(AlertView(event, Audience.OPERATOR, blocklist, (), ())).text


class Stage:
    """One nameserver, to which lists are added."""

    def __init__(self, server: Nameserver, start: Callable[..., Awaitable[Nameserver]]) -> None:
        self.server = server
        self.zones: dict[str, Zone] = {}
        self._start = start

    def serve(self, blocklist: Blocklist, zone_type: type[Zone] = Zone) -> Zone:
        """With the test points of the catalogue."""
        zone = zone_for(blocklist, key_of(blocklist))
        self.zones[blocklist.id] = zone_type(zone.name, zone.records)
        self.server.add(self.zones[blocklist.id])
        return self.zones[blocklist.id]

    def put(self, blocklist: Blocklist, name: str, *codes: str, txt: str | None = None) -> None:
        list_subject(self.zones[blocklist.id], blocklist, parse_subject(name), *codes, txt=txt)

    async def second(self, *zones: Zone) -> Nameserver:
        """Another resolver, with the same lists unless it is given its own."""
        return await self._start(*(zones or self.zones.values()))

    async def ask(self, blocklist: Blocklist, *names: str, **more: object) -> Seen:
        return await look(blocklist, names, self.server.address, **more)

    @property
    def asked(self) -> list[str]:
        return [question.name for question in self.server.questions]
