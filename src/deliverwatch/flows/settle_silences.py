"""What is left to tell once a silence is over, or what caused something else: at every tick, mostly nothing."""

from deliverwatch.flows.alert_ports import AlertStore
from deliverwatch.flows.ports import Clock


async def settle_silences(store: AlertStore, clock: Clock) -> int:
    """How many notifications go on."""
    return await store.settle_silences(clock.now())
