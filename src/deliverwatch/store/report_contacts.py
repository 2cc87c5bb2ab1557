"""Contacts who get no reports any more, and the tokens by which one unsubscribes.

Whether somebody was the last of a customer's who still got them is said with the loss. So the customer's row is locked,
and a loss that does not know of one that came in between is not written.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from deliverwatch.core.alerting import Notification
from deliverwatch.core.events import Event
from deliverwatch.flows.report_ports import Contact
from deliverwatch.store import episodes
from deliverwatch.store.dialect import upsert
from deliverwatch.store.mapping import reports as mapping
from deliverwatch.store.report_tables import ReportContactRow, UnsubscribeTokenRow
from deliverwatch.store.reports import lock_customer
from deliverwatch.store.tables import table_of

CONTACT = table_of(ReportContactRow)
TOKEN = table_of(UnsubscribeTokenRow)


def contacts(connection: Connection, customer: str | None) -> list[Contact]:
    """Newest first."""
    statement = select(CONTACT).order_by(CONTACT.c.at.desc(), CONTACT.c.customer, CONTACT.c.address)
    if customer is not None:
        statement = statement.where(CONTACT.c.customer == customer)
    return [mapping.contact(row) for row in connection.execute(statement)]


def lost(
    connection: Connection,
    contact: Contact,
    known: Collection[str],
    event: Event,
    notifications: Sequence[Notification],
) -> bool | None:
    lock_customer(connection, contact.customer)
    lost_already = {each.address for each in contacts(connection, contact.customer) if each.is_lost}
    if contact.address in lost_already:
        return False
    if lost_already != set(known):
        return None
    upsert(connection, CONTACT, [mapping.contact_values(contact)])
    episodes.record(connection, [event], notifications)
    return True


def keep(connection: Connection, contact: Contact) -> None:
    lock_customer(connection, contact.customer)
    upsert(connection, CONTACT, [mapping.contact_values(contact)])


def token_owner(connection: Connection, digest: str) -> tuple[str, str] | None:
    row = connection.execute(select(TOKEN.c.customer, TOKEN.c.address).where(TOKEN.c.digest == digest)).first()
    return (row.customer, row.address) if row is not None else None
