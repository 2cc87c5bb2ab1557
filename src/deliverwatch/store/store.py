"""The store as the flows see it: each method is one transaction on the one thread that writes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from deliverwatch.core.alerting import Notification, NotificationState
from deliverwatch.core.coverage import Cycle, Gap
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Inventory
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Listing, ListingState, Watch
from deliverwatch.core.warmup.run import NO_HOLD_CHANGES, HoldChanges
from deliverwatch.core.zone_health import ZoneState
from deliverwatch.flows.ports import Claim, Delivery, Forgotten, OutboxLine, RoundLoad, RoundResult, Slot
from deliverwatch.store import counts, episodes, forget, inventory, ledger, outbox, permission, rounds
from deliverwatch.store.access_methods import AccessMethods
from deliverwatch.store.alert_methods import AlertMethods
from deliverwatch.store.desk_methods import DeskMethods
from deliverwatch.store.engine import read_url
from deliverwatch.store.episode_methods import EpisodeMethods
from deliverwatch.store.ingest_methods import IngestMethods
from deliverwatch.store.remediation_methods import RemediationMethods
from deliverwatch.store.report_methods import ReportMethods
from deliverwatch.store.warmup_methods import WarmupMethods


def open_store(url: str) -> "SqlStore":
    """Makes what is missing and upgrades what is older. Raises StoreError with what to do."""
    store = SqlStore(read_url(url))
    try:
        store.upgrade()
    except BaseException:
        store.shut()
        raise
    return store


class SqlStore(
    AlertMethods,
    IngestMethods,
    EpisodeMethods,
    WarmupMethods,
    RemediationMethods,
    ReportMethods,
    AccessMethods,
    DeskMethods,
):
    _kept: tuple[int, Inventory] | None = None

    async def last_slot(self, job: str) -> Slot | None:
        return await self._run(ledger.last, job)

    async def add_slot(self, job: str, key: str, due_at: datetime) -> bool:
        return await self._run(ledger.add, job, key, due_at)

    async def claim_slot(self, job: str, key: str, now: datetime, lease_for: timedelta) -> Claim | None:
        return await self._run(ledger.claim, job, key, now, lease_for)

    async def renew_slot(self, claim: Claim, now: datetime, lease_for: timedelta) -> None:
        await self._run(ledger.renew, claim, now, lease_for)

    async def finish_slot(self, claim: Claim, now: datetime) -> None:
        await self._run(ledger.finish, claim, now)

    async def release_leases(self) -> int:
        return await self._run(_release)

    async def inventory(self) -> Inventory:
        """The one that was loaded before, for as long as nothing has changed in it: most who ask come between."""
        return await self._run(self._current_inventory)

    async def apply_inventory(self, change: InventoryChange, at: datetime) -> None:
        await self._run(inventory.apply, change, at)

    async def inventory_revision(self) -> int:
        return await self._run(inventory.revision)

    async def forget_customer(self, customer_id: str) -> Forgotten:
        return await self._run(forget.forget, customer_id)

    async def load_round(self, list_id: str, openings_since: datetime) -> RoundLoad:
        return await self._run(rounds.load, list_id, openings_since)

    async def commit_round(self, result: RoundResult) -> None:
        await self._run(rounds.commit, result)

    async def take_budget(self, list_id: str, day: date, wanted: int, per_day: int) -> int:
        return await self._run(permission.take_budget, list_id, day, wanted, per_day)

    async def lift_stop(self, list_id: str, now: datetime) -> int:
        return await self._run(permission.lift_stop, list_id, now)

    async def watch_states(self) -> Mapping[Watch, ListingState]:
        return await self._run(rounds.states)

    async def commit_endings(
        self,
        states: Mapping[Watch, ListingState],
        events: Sequence[Event],
        notifications: Sequence[Notification],
        holds: HoldChanges = NO_HOLD_CHANGES,
    ) -> None:
        await self._run(rounds.commit_endings, states, events, notifications, holds)

    async def zone_states(self) -> Mapping[tuple[str, str], ZoneState]:
        return await self._run(rounds.zones)

    async def cycles(self, since: datetime, until: datetime) -> list[Cycle]:
        return await self._run(rounds.cycles, since, until)

    async def cycles_of(self, list_id: str, since: datetime) -> list[Cycle]:
        return await self._run(rounds.cycles_of, list_id, since)

    async def last_verified(self, list_ids: Collection[str]) -> Mapping[str, datetime]:
        return await self._run(rounds.last_verified, list_ids)

    async def last_cycles(self) -> Mapping[str, Cycle]:
        return await self._run(rounds.last_cycles)

    async def gaps(self, since: datetime, until: datetime) -> list[Gap]:
        return await self._run(rounds.gaps, since, until)

    async def listings(self, *, open_only: bool = False, since: datetime | None = None) -> list[Listing]:
        return await self._run(episodes.listings, open_only, since)

    async def events(self, kinds: Sequence[EventKind] = (), limit: int = 100) -> list[Event]:
        return await self._run(episodes.events, kinds, limit)

    async def claim_notification(self, now: datetime, lease_for: timedelta) -> Delivery | None:
        return await self._run(outbox.claim, now, lease_for)

    async def keep_content(self, delivery: Delivery, content: bytes) -> None:
        await self._run(outbox.keep_content, delivery, content)

    async def notification_sent(self, delivery: Delivery, now: datetime) -> None:
        await self._run(outbox.sent, delivery, now)

    async def notification_failed(self, delivery: Delivery, why: str, next_attempt_at: datetime | None) -> None:
        await self._run(outbox.failed, delivery, why, next_attempt_at)

    async def outbox(self, limit: int = 100, states: Collection[NotificationState] = ()) -> list[OutboxLine]:
        return await self._run(outbox.lines, limit, states)

    async def counts(self) -> Mapping[str, int]:
        return await self._run(counts.counts)

    def _current_inventory(self, connection: Connection) -> Inventory:
        """On the one thread that may."""
        revision = inventory.revision(connection)
        if self._kept is None or self._kept[0] != revision:
            self._kept = revision, inventory.load(connection)
        return self._kept[1]


def _release(connection: Connection) -> int:
    return ledger.release(connection) + outbox.release(connection)
