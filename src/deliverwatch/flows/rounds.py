"""A round over one list, as values: what it is given, and what it saw."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.flapping import FlappingPolicy
from deliverwatch.core.inventory import Inventory
from deliverwatch.core.listing import ListingPolicy
from deliverwatch.core.mail_share import MailShares
from deliverwatch.core.receivers import Routing
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.zone_health import HealthPolicy, ZoneState
from deliverwatch.flows.hold_warmups import NO_WARMUPS, OpenWarmups
from deliverwatch.flows.look import Batch
from deliverwatch.flows.ports import Claim, RoundLoad


@dataclass(frozen=True, slots=True)
class RoundPolicy:
    """`stale_rounds`: after how many intervals without a verified round the list is called stale, and no sooner than
    `stale_at_least`. Account managers wait for the news of a mass listing until the next round has asked the test
    points again, and `mass_grace_for` for that round to be made."""

    listing: ListingPolicy = field(default_factory=ListingPolicy)
    health: HealthPolicy = field(default_factory=HealthPolicy)
    flapping: FlappingPolicy = field(default_factory=FlappingPolicy)
    stale_rounds: int = 3
    stale_at_least: timedelta = timedelta(hours=2)
    mass_grace_for: timedelta = timedelta(minutes=10)

    def stale_after(self, every: timedelta) -> timedelta:
        return max(self.stale_rounds * every, self.stale_at_least)


@dataclass(frozen=True, slots=True)
class Round:
    """What a round is given: the slot it fills, the list, and whom it asks about.

    `watched`: how many subjects the list has, asked in this round or not. `dry_run`: the list is on trial, and opens
    nothing. `ask_stopped`: also where it refused us. `domain_of`: the registered domain of a name. `shares`: how much
    of whose mail comes from where; None: nobody counts it. `own_domains`: those of our own mail. `warmups`: those
    that a listing would hold.
    """

    claim: Claim
    blocklist: Blocklist
    every: timedelta
    inventory: Inventory
    subjects: Sequence[Subject]
    watched: int
    full: bool
    routing: Routing
    policy: RoundPolicy
    dry_run: bool = False
    ask_stopped: bool = False
    domain_of: Callable[[str], str] = str
    shares: Callable[[], Awaitable[MailShares]] | None = None
    own_domains: Collection[str] = ()
    warmups: OpenWarmups = NO_WARMUPS

    @property
    def kinds(self) -> list[SubjectKind]:
        return sorted({subject.kind for subject in self.subjects})


@dataclass(frozen=True, slots=True)
class Looked:
    """`main`: the batch to use. `others`: what was asked besides, for the list's condition. `seconds`: second looks."""

    main: Batch
    others: tuple[Batch, ...] = ()
    seconds: tuple[Batch, ...] = ()

    @property
    def batches(self) -> tuple[Batch, ...]:
        return (*self.others, self.main, *self.seconds)


def zone_of(before: RoundLoad, path: str) -> ZoneState:
    return before.zones.get(path, ZoneState())
