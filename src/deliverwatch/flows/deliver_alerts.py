"""Claims one notification, sends it, records what became of it.

The claim is committed before the network is used and the message is the same whenever it is made, so a crash in
between costs at most a second copy under the same Message-ID, never a loss.
"""

from collections.abc import Callable
from datetime import datetime

from deliverwatch.core.alerting import RetryPolicy, next_attempt_at
from deliverwatch.core.errors import ChannelFailed
from deliverwatch.core.inventory import Inventory
from deliverwatch.flows.ports import Channel, Clock, Delivery, OutgoingMail, Store

Compose = Callable[[Delivery, Inventory], OutgoingMail]


async def deliver_next(store: Store, channel: Channel, compose: Compose, clock: Clock, policy: RetryPolicy) -> bool:
    """One notification; False when none is due."""
    delivery = await store.claim_notification(clock.now(), policy.lease_for)
    if delivery is None:
        return False
    inventory = await store.inventory()
    try:
        await channel.deliver(compose(delivery, inventory))
    except ChannelFailed as failure:
        await store.notification_failed(delivery, str(failure), _again_at(delivery, failure, clock, policy))
    else:
        await store.notification_sent(delivery, clock.now())
    return True


def _again_at(delivery: Delivery, failure: ChannelFailed, clock: Clock, policy: RetryPolicy) -> datetime | None:
    if failure.permanent:
        return None
    return next_attempt_at(policy, delivery.notification.created_at, delivery.attempt, clock.now())
