"""Claims one notification, sends it, records what became of it.

The claim is committed before the network is used, and the message before it is first sent: whatever becomes of the
settings, the inventory or this process after that, those very bytes are sent. So a crash, or a reply that was lost,
costs at most a second copy under the same Message-ID (RFC 5322 §3.6.4), never a loss.

Whatever goes wrong with one notification is written to it, and the others go on. Only a database that fails ends the
work: there is nowhere left to write to.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from deliverwatch.core.alerting import RetryPolicy, next_attempt_at
from deliverwatch.core.errors import ChannelFailed, FenceLost, StoreError
from deliverwatch.core.inventory import Inventory
from deliverwatch.flows.ports import Channel, Clock, Delivery, OutgoingMail, Store

Compose = Callable[[Delivery, Inventory], OutgoingMail]
NoSuchReader = Callable[[Delivery, str], Awaitable[None]]
"""(delivery, what the relay said): it refuses the recipient for good."""


async def deliver_next(
    store: Store,
    channels: Mapping[str, Channel],
    compose: Compose,
    clock: Clock,
    policy: RetryPolicy,
    no_such_reader: NoSuchReader | None = None,
) -> bool:
    """One notification, by the channel it names; False when none is due. `no_such_reader` is told before the failure is
    written, so that it is told again rather than never."""
    delivery = await store.claim_notification(clock.now(), policy.lease_for)
    if delivery is None:
        return False
    inventory = await store.inventory()
    try:
        mail = compose(delivery, inventory)
        if delivery.content is None:
            await store.keep_content(delivery, mail.content)
        await _channel(channels, delivery).deliver(mail)
    except StoreError:
        raise
    except FenceLost:
        return True  # somebody else sends it now
    except ChannelFailed as failure:
        if failure.no_such_reader and no_such_reader is not None:
            await no_such_reader(delivery, str(failure))
        again_at = None if failure.permanent else _again_at(delivery, clock, policy, failure.retry_after)
        await store.notification_failed(delivery, str(failure), again_at)
    except Exception as mistake:  # noqa: BLE001 - a mistake of ours in one message must not hold up all the others
        why = f"the message could not be made or handed over: {type(mistake).__name__}: {mistake}"
        await store.notification_failed(delivery, why, _again_at(delivery, clock, policy))
    else:
        await store.notification_sent(delivery, clock.now())
    return True


def _channel(channels: Mapping[str, Channel], delivery: Delivery) -> Channel:
    """One that was taken out of the settings may come back."""
    name = delivery.notification.channel
    if name not in channels:
        raise ChannelFailed(f"the channel {name} is not set up any more", permanent=False)
    return channels[name]


def _again_at(
    delivery: Delivery, clock: Clock, policy: RetryPolicy, retry_after: timedelta | None = None
) -> datetime | None:
    """Later than usual where the other side asks for it, but not by more than our longest delay."""
    now = clock.now()
    usual = next_attempt_at(policy, delivery.notification.created_at, delivery.attempt, now)
    if usual is None or retry_after is None:
        return usual
    return max(usual, now + min(retry_after, policy.delays[-1]))
