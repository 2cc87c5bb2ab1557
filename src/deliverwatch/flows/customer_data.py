"""Everything that is kept of one customer, as they may know it; and what it takes to forget them."""

from collections.abc import Awaitable, Callable, Sequence

from deliverwatch.core.episodes_seen import episodes_held_by
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.events_seen import as_seen
from deliverwatch.core.inventory import Customer, Holdings
from deliverwatch.core.week_listings import listings_held_by
from deliverwatch.flows.alert_ports import NumberedEvent
from deliverwatch.flows.customer_data_ports import CustomerData
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.ports import Clock, Forgotten
from deliverwatch.flows.warmup_ports import RunHistory

_AT_ONCE = 1_000
_ALL = 1_000_000

WarmupsOf = Callable[[str], Awaitable[Sequence[RunHistory]]]


async def customer_data(store: WholeStore, clock: Clock, warmups: WarmupsOf, customer: Customer) -> CustomerData:
    id_, now, inventory = customer.id, clock.now(), await store.inventory()
    holdings = inventory.holdings
    drafts = await store.drafts(customer=id_)
    return CustomerData(
        customer=customer,
        assets=[each for each in inventory.assets if id_ in each.parties],
        listings=listings_held_by(id_, holdings, await store.listings_of([id_], limit=_ALL), now),
        episodes=episodes_held_by(id_, holdings, await store.episodes_of([id_], limit=_ALL), now),
        events=await _events(store, id_, holdings),
        warmups=await warmups(id_),
        drafts=[(each, await store.draft_steps(each.id)) for each in drafts],
        action_requests=await store.action_requests(customer=id_),
        practice=(await store.practice(id_)).get(id_, []),
        advice=await store.advice(id_),
        reports=await store.reports(customer=id_),
        report_words=await store.report_words(customer=id_),
        report_contacts=await store.contacts(customer=id_),
    )


async def _events(store: WholeStore, id_: str, holdings: Holdings) -> list[NumberedEvent]:
    """Oldest first."""
    found: list[NumberedEvent] = []
    while some := await store.events_of([id_], after=found[-1].id if found else 0, limit=_AT_ONCE):
        found += [NumberedEvent(each.id, as_seen(each.event, [id_], holdings)) for each in some]
    return found


async def forget_customer(store: WholeStore, clock: Clock, customer: Customer, *, with_assets: bool) -> Forgotten:
    """Raises NotPossible while something is held, unless that is to go as well."""
    today = clock.now().date()
    held = [
        each.name for each in (await store.inventory()).assets if each.holder == customer.id and each.held_on(today)
    ]
    if held and not with_assets:
        some = ", ".join(held[:3]) + (", ..." if len(held) > 3 else "")
        raise NotPossible(f"{customer.id} still holds {len(held)} subjects ({some}): end them, or forget these as well")
    return await store.forget_customer(customer.id)
