"""The store as alerts see it, beyond the outbox: silences, digests, and why somebody was told, or was not.

Which notifications are silenced, inhibited, joined into a later one or collected for a digest is decided by the store
in the transaction that writes the event, from what is in the database then (`core.silences`, `core.inhibition`,
`core.joining`), never by timing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from deliverwatch.core.alerting import Notification
from deliverwatch.core.events import Event
from deliverwatch.core.silences import Silence
from deliverwatch.flows.ports import OutboxLine


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """`id`: the short number by which people name it (`alerts why 4711`)."""

    id: int
    event: Event


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An event, and what became of each notification that it caused."""

    numbered: NumberedEvent
    lines: tuple[OutboxLine, ...]


@dataclass(frozen=True, slots=True)
class AlertTrail:
    """All that is known of why somebody was told of an event, or was not. `leads`: the event that speaks for it, where
    it is quiet as a member of an incident. `inhibitors`, `silences`: those that its lines name."""

    alert: AlertLine
    leads: AlertLine | None
    inhibitors: tuple[NumberedEvent, ...]
    silences: tuple[Silence, ...]


@dataclass(frozen=True, slots=True)
class DigestPart:
    """`joined`: older events that it tells as well, oldest first; `cause`: see `Delivery`."""

    notification: Notification
    event: Event
    joined: tuple[Event, ...] = ()
    cause: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class DigestDue:
    """What waits for one digest, oldest first, of one recipient on one channel."""

    channel: str
    recipient: str
    at: datetime
    parts: tuple[DigestPart, ...]


@dataclass(frozen=True, slots=True)
class ChannelTrouble:
    """A channel that takes nothing. `why`: what it said last; `owed`: how many messages wait for it."""

    channel: str
    since: datetime
    why: str
    owed: int


class AlertStore(Protocol):
    async def channel_troubles(self, failing: Mapping[str, datetime]) -> list[ChannelTrouble]:
        """Channels on which something was tried three times in vain and nothing has gone out since. `failing`: those
        known already, from when on."""

    async def keep_silence(self, silence: Silence) -> None: ...

    async def end_silence(self, silence_id: str, now: datetime) -> bool:
        """By hand; False: there is none that is on."""

    async def silences(self, *, since: datetime | None = None) -> list[Silence]:
        """Newest first; `since`: those that were on at that time or later."""

    async def settle_silences(self, now: datetime) -> int:
        """What is left to tell of silences that are over, in one transaction each; how many notifications go on."""

    async def digests_due(self, now: datetime) -> list[DigestDue]: ...

    async def commit_digest(self, digest: Notification, content: bytes, parts: Collection[str], now: datetime) -> bool:
        """Queues the digest and marks its parts (ids of notifications) as told by it; False, and nothing written, when
        one of them is not waiting any more."""

    async def alerts(
        self, *, customer: str | None = None, since: datetime | None = None, limit: int = 100
    ) -> list[AlertLine]:
        """Newest first, quiet ones among them. `customer`: those that concern it (`parties`)."""

    async def alert_trail(self, id_: str) -> AlertTrail | None:
        """`id_`: an event's number or key, or a notification's id."""

    async def resend(self, notification_id: str, now: datetime) -> bool:
        """A dead letter is due again under the same id; False: it is none."""

    async def told_openings(self, keys: Collection[str]) -> dict[str, datetime]:
        """Of listings and episodes by key: when their beginning was first sent to anybody. Those that were not are left
        out."""
