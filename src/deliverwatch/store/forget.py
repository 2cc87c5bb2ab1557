"""Forgets one customer: what is theirs alone is deleted, what concerns others as well keeps no trace of who they were.

Theirs alone are their own data, drafts, reports, warm-ups, practice, answers to programs that name them, and all that
is told of a subject that nobody else holds, held or shares: its listings, episodes, events, messages and counts of
mail. An event that is about others too, or about the ESP's own, stays without them. The audit trail stays whole: it
says who did what here, and names a customer by its id alone. All of it is one transaction, and what is deleted is
overwritten in the file.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, select, update

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.forgetting import forgotten_in
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.ports import Forgotten
from deliverwatch.store import inventory
from deliverwatch.store.access_tables import ApiTokenRow, KeptAnswerRow
from deliverwatch.store.alert_tables import SilenceRow
from deliverwatch.store.delivery_tables import (
    CauseRow,
    DnsValueRow,
    FactHourRow,
    LookRequestRow,
    MeasureRow,
    ProviderEpisodeRow,
    ReplyHourRow,
    SeenSenderRow,
    SignalRow,
)
from deliverwatch.store.desk_tables import EventPartyRow
from deliverwatch.store.dialect import wiped
from deliverwatch.store.remediation_tables import (
    ActionRequestRow,
    AdviceRow,
    DraftEpisodeRow,
    DraftRow,
    DraftStepRow,
    PracticeResultRow,
)
from deliverwatch.store.report_tables import ReportContactRow, ReportWordRow, UnsubscribeTokenRow
from deliverwatch.store.tables import (
    AssetRow,
    AssetShareRow,
    Base,
    ContactRow,
    CustomerRow,
    EventRow,
    JobSlotRow,
    ListingRow,
    NotificationRow,
    ReportRunRow,
    TransitionRow,
    UnstableWatchRow,
    WatchGapRow,
    WatchStateRow,
    table_of,
)
from deliverwatch.store.warmup_tables import (
    PlatformReadingRow,
    WarmupDayRow,
    WarmupHoldRow,
    WarmupPlanVersionRow,
    WarmupRunRow,
    WarmupStepRow,
)

EVENT, LISTING, EPISODE = table_of(EventRow), table_of(ListingRow), table_of(ProviderEpisodeRow)
NOTE, RUN, DRAFT, PARTY = table_of(NotificationRow), table_of(ReportRunRow), table_of(DraftRow), table_of(EventPartyRow)
ASSET, CUSTOMER, TOKEN = table_of(AssetRow), table_of(CustomerRow), table_of(ApiTokenRow)
WARMUP = table_of(WarmupRunRow)
_SENDER, _DNS, _READING = table_of(SeenSenderRow), table_of(DnsValueRow), table_of(PlatformReadingRow)
_SLOT, ANSWER = table_of(JobSlotRow), table_of(KeptAnswerRow)
_REPORT = "report"
_AT_ONCE = 500
_Rows = tuple[type[Base], ...]
_BY_SUBJECT: _Rows = (TransitionRow, UnstableWatchRow, WatchGapRow, WatchStateRow, LookRequestRow, SignalRow)
_OF_MAIL: _Rows = (FactHourRow, MeasureRow, ReplyHourRow)
_OF_A_DRAFT: _Rows = (DraftStepRow, DraftEpisodeRow)
_OF_A_WARMUP: _Rows = (WarmupDayRow, WarmupHoldRow, WarmupPlanVersionRow, WarmupStepRow)
_OF_A_CUSTOMER: _Rows = (
    *(ActionRequestRow, AdviceRow, PracticeResultRow, ReportWordRow, ReportContactRow, UnsubscribeTokenRow),
    *(SilenceRow, EventPartyRow),
)


def forget(connection: Connection, customer: str) -> Forgotten:
    """Raises NotPossible for one that there is not."""
    known = inventory.load(connection)
    found = known.customer(customer)
    if found is None:
        raise NotPossible(f"there is no customer {customer!r}")
    with wiped(connection):
        work = _Forgetting(connection, customer, found.name, Holdings(known.assets))
        work.events()
        work.mail()
        work.own()
        work.slots()
        work.answers()
        work.inventory()
        return Forgotten(customer, dict(+work.deleted), dict(+work.anonymised))


class _Forgetting:
    def __init__(self, connection: Connection, customer: str, name: str, holdings: Holdings) -> None:
        self._connection, self._customer, self._name, self._holdings = connection, customer, name, holdings
        self._known: dict[str, bool] = {}
        self.deleted: Counter[str] = Counter()
        self.anonymised: Counter[str] = Counter()

    def events(self) -> None:
        """And listings, episodes and messages, which hang on them."""
        mine = select(PARTY.c.event_id).where(PARTY.c.customer == self._customer)
        others = select(PARTY.c.event_id).where(PARTY.c.customer != self._customer)
        about = select(EVENT).where(EVENT.c.id.in_(mine))
        shared = set(self._connection.execute(others.where(PARTY.c.event_id.in_(mine))).scalars())
        gone: list[str] = []
        for row in self._connection.execute(about).all():
            if row.id not in shared and (row.subject is None or self._is_theirs(row.subject)):
                gone.append(row.key)
            else:
                self._anonymise(EVENT, EVENT.c.id == row.id, facts=forgotten_in(row.facts, self._customer, self._name))
        gone += self._untold()
        for table, key in ((LISTING, LISTING.c.key), (EPISODE, EPISODE.c.key), (table_of(CauseRow), None)):
            self._delete(table, key if key is not None else table.c.key, gone)
        self._messages(gone)
        self._delete(EVENT, EVENT.c.key, gone)

    def _untold(self) -> list[str]:
        """Keys of events about subjects of theirs that named nobody."""
        rows = self._connection.execute(select(EVENT.c.key, EVENT.c.subject).where(EVENT.c.subject.is_not(None)))
        return [row.key for row in rows if self._is_theirs(row.subject)]

    def _messages(self, gone: Collection[str]) -> None:
        self._delete(NOTE, NOTE.c.event_key, gone)
        reports = select(RUN.c.id).where(RUN.c.customer == self._customer)
        self._count(NOTE, delete(NOTE).where(NOTE.c.report_id.in_(reports)))
        for row in self._connection.execute(select(NOTE.c.id, NOTE.c.customers)).all():
            if row.customers == [self._customer]:
                self._count(NOTE, delete(NOTE).where(NOTE.c.id == row.id))
            elif self._customer in row.customers:
                rest = [each for each in row.customers if each != self._customer]
                self._anonymise(NOTE, NOTE.c.id == row.id, customers=rest, content=None)

    def mail(self) -> None:
        """What is known of subjects that are theirs alone."""
        for table in map(table_of, _BY_SUBJECT):
            self._delete(table, table.c.subject, self._theirs(table.c.subject))
        for table in map(table_of, _OF_MAIL):
            for column in (table.c.ip, table.c.domain):
                self._delete(table, column, self._theirs(column))
        for column in (_SENDER.c.name, _READING.c.ip):
            self._delete(column.table, column, self._theirs(column))
        names = self._connection.execute(select(_DNS.c.name).distinct()).scalars()
        self._delete(_DNS, _DNS.c.name, [name for name in names if any(map(self._is_theirs, _above(name)))])

    def own(self) -> None:
        drafts = select(DRAFT.c.id).where(DRAFT.c.customer == self._customer)
        runs = select(WARMUP.c.id).where(WARMUP.c.customer == self._customer)
        for table in map(table_of, _OF_A_DRAFT):
            self._count(table, delete(table).where(table.c.draft_id.in_(drafts)))
        for table in map(table_of, _OF_A_WARMUP):
            self._count(table, delete(table).where(table.c.run_id.in_(runs)))
        for table in map(table_of, _OF_A_CUSTOMER):
            self._count(table, delete(table).where(table.c.customer == self._customer))
        self._connection.execute(update(DRAFT).where(DRAFT.c.follow_up_of.in_(drafts)).values(follow_up_of=None))
        for table in (DRAFT, WARMUP, RUN):
            self._count(table, delete(table).where(table.c.customer == self._customer))

    def slots(self) -> None:
        """What is done for one customer by itself is named after it: "practice/acme", and the keys of its reports."""
        self._count(_SLOT, delete(_SLOT).where(_SLOT.c.job == f"practice/{self._customer}"))
        keys = self._connection.execute(select(_SLOT.c.key).where(_SLOT.c.job == _REPORT)).scalars()
        mine = [key for key in keys if self._customer in key.split("/")]
        for key in mine:
            self._count(_SLOT, delete(_SLOT).where(_SLOT.c.job == _REPORT, _SLOT.c.key == key))

    def answers(self) -> None:
        """Kept for who asks the same again, and documents of the customer among them. They name it by its id."""
        named = json.dumps(self._customer).encode()
        for row in self._connection.execute(select(ANSWER.c.who, ANSWER.c.key, ANSWER.c.body)).all():
            if named in row.body:
                self._count(ANSWER, delete(ANSWER).where(ANSWER.c.who == row.who, ANSWER.c.key == row.key))

    def inventory(self) -> None:
        share, contact = table_of(AssetShareRow), table_of(ContactRow)
        self._count(share, delete(share).where(share.c.customer_id == self._customer))
        self._count(contact, delete(contact).where(contact.c.customer_id == self._customer))
        self._count(ASSET, delete(ASSET).where(ASSET.c.holder == self._customer))
        self._count(CUSTOMER, delete(CUSTOMER).where(CUSTOMER.c.id == self._customer))
        for row in self._connection.execute(
            select(TOKEN.c.id, TOKEN.c.customers).where(TOKEN.c.customers.is_not(None))
        ):
            if self._customer in (row.customers or ()):
                rest = [each for each in row.customers if each != self._customer]
                self._anonymise(TOKEN, TOKEN.c.id == row.id, customers=rest)
        inventory.raise_revision(self._connection)

    def _theirs(self, column: Column[Any]) -> list[str]:
        found = self._connection.execute(select(column).distinct()).scalars()
        return [name for name in found if name and self._is_theirs(name)]

    def _is_theirs(self, name: str) -> bool:
        """Nobody else holds it, or ever did."""
        if name not in self._known:
            self._known[name] = self._held_alone(name)
        return self._known[name]

    def _held_alone(self, name: str) -> bool:
        try:
            assets = self._holdings.of(parse_subject(name))
        except ValueError:  # a name that only a log could hold
            return False
        return bool(assets) and all(asset.holder == self._customer for asset in assets)

    def _delete(self, table: Table, column: Column[Any], values: Iterable[str]) -> None:
        wanted = sorted(set(values))
        for begin in range(0, len(wanted), _AT_ONCE):
            self._count(table, delete(table).where(column.in_(wanted[begin : begin + _AT_ONCE])))

    def _count(self, table: Table, statement: Any) -> None:
        self.deleted[table.name] += self._connection.execute(statement).rowcount

    def _anonymise(self, table: Table, condition: Any, **values: Any) -> None:
        self._connection.execute(update(table).where(condition).values(values))
        self.anonymised[table.name] += 1


def _above(name: str) -> list[str]:
    """A name, and those that it lies below: keys and policies are published under names of their own."""
    labels = name.split(".")
    return [".".join(labels[begin:]) for begin in range(len(labels))]
