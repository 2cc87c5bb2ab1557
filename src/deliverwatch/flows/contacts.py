"""Who reads a customer's reports: the contacts of the inventory, without those who were lost.

A contact is lost when the mail to them came back for good, or when they unsubscribed. Nobody takes them out of the
inventory for that: they get no more reports from that moment on, and their TAM is told once, with urgency where nobody
is left. A person sees to it, or restores them; what comes back of a report from before that counts no more.
"""

from collections.abc import Collection
from dataclasses import replace
from hashlib import sha256
from typing import Protocol

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Customer, Inventory
from deliverwatch.core.receivers import Routing
from deliverwatch.core.visible import visible
from deliverwatch.flows.ports import Clock, Store
from deliverwatch.flows.report_ports import Contact, ContactState, ReportStore
from deliverwatch.flows.tell import notify

_LONGEST_WHY = 500


class ContactStore(Store, ReportStore, Protocol):
    """What the flows of contacts read and write."""


def token_digest(token: str) -> str:
    """What is kept of it, so that whoever reads the database can unsubscribe nobody."""
    return sha256(token.encode()).hexdigest()


async def reachable(store: ReportStore, customer: Customer) -> tuple[str, ...]:
    lost = {each.address for each in await store.contacts(customer=customer.id) if each.is_lost}
    return tuple(contact for contact in customer.contacts if contact not in lost)


async def lose_contact(
    store: ContactStore, routing: Routing, clock: Clock, customer_id: str, address: str, state: ContactState, why: str
) -> bool:
    """False: it was lost already."""
    told: bool | None = None
    while told is None:  # another was lost between the look and the commit
        inventory = await store.inventory()
        contact = Contact(customer_id, address, state, clock.now(), visible(why, _LONGEST_WHY))
        lost = {each.address for each in await store.contacts(customer=customer_id) if each.is_lost}
        event = _event(contact, inventory, lost)
        told = await store.contact_lost(contact, lost, event, notify([event], inventory.customers, routing))
    return told


async def bounced(store: ContactStore, routing: Routing, clock: Clock, report_id: str, address: str, why: str) -> bool:
    """What a relay or receiver refused for good. False: it is known, is none of the report's readers, or was restored
    since the report was made."""
    run = await store.report(report_id)
    reader = _reader(run.sent_to, address) if run is not None else None
    if run is None or reader is None:
        return False
    before = await store.contacts(customer=run.customer)
    if any(each.address == reader and run.made_at <= each.at for each in before):
        return False
    return await lose_contact(store, routing, clock, run.customer, reader, ContactState.BOUNCED, why)


async def unsubscribe(store: ContactStore, routing: Routing, clock: Clock, token: str) -> bool:
    """At once; False: the token is none of ours."""
    owner = await store.token_owner(token_digest(token))
    if owner is None:
        return False
    why = "unsubscribed by the link in a report"
    if not await lose_contact(store, routing, clock, *owner, ContactState.UNSUBSCRIBED, why):
        await _also_unsubscribed(store, clock, *owner, why)
    return True


async def _also_unsubscribed(store: ReportStore, clock: Clock, customer_id: str, address: str, why: str) -> None:
    """Who restores an address that bounced must see that its owner wants nothing."""
    contact = await _lost(store, customer_id, address)
    if contact.state is ContactState.BOUNCED:
        await store.keep_contact(replace(contact, state=ContactState.UNSUBSCRIBED, at=clock.now(), why=why))


async def see_to_contact(store: ReportStore, clock: Clock, customer_id: str, address: str) -> Contact:
    """The TAM has done with it; they go on getting none. Raises NotPossible."""
    contact = await _lost(store, customer_id, address)
    done = replace(contact, seen_to_at=contact.seen_to_at or clock.now())
    await store.keep_contact(done)
    return done


async def restore_contact(store: ReportStore, clock: Clock, customer_id: str, address: str) -> Contact:
    """They get reports again. Raises NotPossible."""
    contact, now = await _lost(store, customer_id, address), clock.now()
    restored = replace(contact, state=ContactState.WELL, at=now, seen_to_at=now)
    await store.keep_contact(restored)
    return restored


async def _lost(store: ReportStore, customer_id: str, address: str) -> Contact:
    found = {each.address.lower(): each for each in await store.contacts(customer=customer_id) if each.is_lost}
    contact = found.get(address.strip().lower())
    if contact is None:
        raise NotPossible(f"{address} is no lost contact of {customer_id}: `deliverwatch report contacts` shows them")
    return contact


def _reader(readers: Collection[str], address: str) -> str | None:
    """Mail systems write addresses in letters of their own choice."""
    return next((reader for reader in readers if reader.lower() == address.strip().lower()), None)


def _event(contact: Contact, inventory: Inventory, lost: Collection[str]) -> Event:
    kind, customer = EventKind.REPORT_CONTACT_LOST, inventory.customer(contact.customer)
    others = {each for each in (customer.contacts if customer else ()) if each != contact.address}
    facts = {
        "customer": contact.customer,
        "parties": [contact.customer],
        "address": contact.address,
        "state": str(contact.state),
        "why": contact.why,
        "last": others <= set(lost),
    }
    return Event(
        f"{kind}/{contact.customer}/{contact.address}/{contact.at.isoformat()}", kind, contact.at, "", None, facts
    )
