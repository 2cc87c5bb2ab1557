"""The queue of drafts as a page shows it: what waits for a person first, by when it is due; then what was sent.

What is overdue stands out. Due times were reckoned in service hours when the draft was made, and are ours: no customer
is told them. Where nobody takes requests, nothing is ever late.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from deliverwatch.core.inventory import Customer, ServiceZone
from deliverwatch.core.remediation.draft import WAITING
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.service_hours import ServiceCalendar, zone_of
from deliverwatch.core.visible import visible
from deliverwatch.flows.desk_ports import DraftHead
from deliverwatch.render.due_words import due, is_overdue
from deliverwatch.render.tongue import say
from deliverwatch.render.words import at, lasting_days
from deliverwatch.web.draft_names import STATES, Causes

_MOST = 80


@dataclass(frozen=True, slots=True)
class Row:
    """`tone`: of a line of a table. `when`: due, or to be looked at again; None: neither."""

    id: str
    tone: str
    about: str
    to: str
    customer: str
    customer_id: str | None
    state: str
    missing: int
    blockers: int
    reference: str
    when: str | None


@dataclass(frozen=True, slots=True)
class Desk:
    """What the queue is read with."""

    customers: Mapping[str, Customer]
    calendars: Mapping[ServiceZone, ServiceCalendar]
    causes: Causes
    now: datetime

    def customer(self, id_: str | None) -> Customer | None:
        return self.customers.get(id_) if id_ is not None else None

    def calendar(self, customer: Customer | None) -> ServiceCalendar:
        """UK hours, for what is nobody's alone."""
        return self.calendars[customer.service_time_zone if customer is not None else ServiceZone.UK]

    def due(self, moment: datetime, customer: Customer | None) -> str:
        """In service hours: it waits for one of us."""
        return due(moment, self.now, self.calendar(customer))

    def again(self, moment: datetime, customer: Customer | None) -> str:
        """To be looked at again, however long that is by the clock: it waits for others."""
        shown = at(moment, zone_of(self.calendar(customer).zone))
        if moment < self.now:
            return say("{when} ({length} ago)", when=shown, length=lasting_days(self.now - moment))
        return say("{when} (in {length})", when=shown, length=lasting_days(moment - self.now))


def rows(heads: Iterable[DraftHead], desk: Desk) -> list[Row]:
    """In their order."""
    return [_row(head, desk.customer(head.customer), desk) for head in heads]


def _row(head: DraftHead, customer: Customer | None, desk: Desk) -> Row:
    waits = head.state in WAITING
    moment = _due_at(head) if waits else head.expected_by
    nobody = head.channel is FormChannel.NONE
    addressee = say("nobody: no requests are taken") if nobody else visible(head.addressee, _MOST)
    return Row(
        head.id,
        "unsure" if is_overdue(moment, desk.now) else "plain",
        desk.causes.about(head.kind, head.subjects, head.provider),
        addressee or desk.causes.name(head.provider),
        holder(head.customer, customer),
        head.customer,
        say(STATES[head.state]),
        head.missing if waits else 0,
        head.blockers if waits else 0,
        visible(head.reference or "", _MOST),
        _when(moment, waits, customer, desk) if moment is not None else None,
    )


def _due_at(head: DraftHead) -> datetime | None:
    return head.due_at if head.channel is not FormChannel.NONE else None


def holder(customer_id: str | None, customer: Customer | None) -> str:
    """One who was deleted since goes by the id."""
    if customer is not None:
        return visible(customer.name, _MOST)
    return visible(customer_id, _MOST) if customer_id else say("our own or a shared sender")


def _when(moment: datetime, waits: bool, customer: Customer | None, desk: Desk) -> str:
    return desk.due(moment, customer) if waits else desk.again(moment, customer)
