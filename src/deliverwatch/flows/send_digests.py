"""Makes one message of all that was collected for a reader, once its time has come, and queues it.

The digest takes its parts with it in the transaction that queues it: killed before that, it is made again from what is
collected then; after it, the very bytes are sent as any other message is. Its id is made from its first part, which is
told once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from deliverwatch.core.alerting import Audience, Notification, notification_id
from deliverwatch.core.inventory import Inventory
from deliverwatch.flows.alert_ports import AlertStore, DigestDue
from deliverwatch.flows.ports import Clock

Compose = Callable[[DigestDue, Notification, Inventory], bytes]
"""The message of a digest, for its channel."""


class DigestStore(AlertStore, Protocol):
    async def inventory(self) -> Inventory: ...


async def send_digests(store: DigestStore, compose: Compose, clock: Clock) -> int:
    """How many were queued. What changed while one was made is left to the next time. What goes wrong with one is
    raised when the others are queued."""
    due = await store.digests_due(clock.now())
    if not due:
        return 0
    inventory, queued, failures = await store.inventory(), 0, []
    for each in due:
        try:
            queued += await _queue(store, compose, clock, each, inventory)
        except Exception as failure:  # noqa: BLE001 - raised again below, once the others have their digests
            failures.append(failure)
    if failures:
        raise failures[0]
    return queued


async def _queue(store: DigestStore, compose: Compose, clock: Clock, due: DigestDue, inventory: Inventory) -> bool:
    digest = digest_of(due, clock.now())
    ids = [part.notification.id for part in due.parts]
    return await store.commit_digest(digest, compose(due, digest, inventory), ids, clock.now())


def digest_of(due: DigestDue, now: datetime) -> Notification:
    """To one reader, who reads in it what they could read in each part."""
    notes = [part.notification for part in due.parts]
    identity = notification_id("digest", due.channel, due.recipient, due.at.isoformat(), notes[0].id)
    return Notification(
        identity,
        identity,
        _audience(notes),
        due.channel,
        due.recipient,
        tuple(sorted({customer for note in notes for customer in note.customers})),
        now,
        because=f"the digest of {due.at:%Y-%m-%d %H:%M} UTC",
    )


def _audience(notes: Sequence[Notification]) -> Audience:
    return Audience.OPERATOR if any(note.audience is Audience.OPERATOR for note in notes) else notes[0].audience
