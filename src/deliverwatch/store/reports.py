"""Reports: one per customer and week, and what people say of one before it is made.

A word and the report it is about are decided one after the other: both lock the customer's row first, so that a report
which was just held does not go, and one that went cannot be held any more.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from deliverwatch.core.alerting import Notification
from deliverwatch.core.events import Event
from deliverwatch.flows.ports import Claim, ReportRun
from deliverwatch.flows.report_ports import ReportWord, WeekPlan
from deliverwatch.store import episodes, ledger, outbox, practice
from deliverwatch.store.dialect import insert_new, insert_one, upsert
from deliverwatch.store.mapping import reports as mapping
from deliverwatch.store.report_tables import ReportWordRow, UnsubscribeTokenRow
from deliverwatch.store.tables import CustomerRow, ReportRunRow, table_of

CUSTOMER = table_of(CustomerRow)
RUN = table_of(ReportRunRow)
TOKEN = table_of(UnsubscribeTokenRow)
WORD = table_of(ReportWordRow)


def commit(
    connection: Connection,
    claim: Claim | None,
    run: ReportRun,
    notifications: Sequence[Notification],
    contents: Mapping[str, bytes],
    tokens: Mapping[str, str],
) -> bool:
    """The slot is finished when the week has its report, whoever made it: it needs no further attempt."""
    lock_customer(connection, run.customer)
    if _is_stopped(connection, run):
        return False
    if claim is not None:
        ledger.finish(connection, claim, run.made_at)
    if not insert_one(connection, RUN, mapping.report_values(run)):
        return False
    outbox.add(connection, notifications, {}, contents)
    rows = [
        {"digest": digest, "customer": run.customer, "address": address, "at": run.made_at}
        for digest, address in sorted(tokens.items())
    ]
    insert_new(connection, TOKEN, rows)
    practice.told(connection, run.advice, run.made_at)
    return True


def lock_customer(connection: Connection, customer: str) -> None:
    connection.execute(select(CUSTOMER.c.id).where(CUSTOMER.c.id == customer).with_for_update())


def _is_stopped(connection: Connection, run: ReportRun) -> bool:
    """Somebody held or skipped it while it was made, or said something that must be in it."""
    said = select(WORD.c.plan, WORD.c.note).where(WORD.c.customer == run.customer, WORD.c.week == run.week)
    row = connection.execute(said).first()
    return row is not None and (row.plan != str(WeekPlan.SENT) or row.note != run.note)


def reports(connection: Connection, customer: str | None, week: str | None) -> list[ReportRun]:
    """Newest first."""
    statement = select(RUN).order_by(RUN.c.made_at.desc(), RUN.c.id)
    if customer is not None:
        statement = statement.where(RUN.c.customer == customer)
    if week is not None:
        statement = statement.where(RUN.c.week == week)
    return [mapping.report(row) for row in connection.execute(statement)]


def report(connection: Connection, report_id: str) -> ReportRun | None:
    row = connection.execute(select(RUN).where(RUN.c.id == report_id)).first()
    return mapping.report(row) if row is not None else None


def reported(connection: Connection, week: str) -> frozenset[str]:
    return frozenset(connection.execute(select(RUN.c.customer).where(RUN.c.week == week)).scalars())


def told_bulletins(connection: Connection, customer: str) -> frozenset[str]:
    told = connection.execute(select(RUN.c.bulletin).where(RUN.c.customer == customer)).scalars()
    return frozenset(item for items in told for item in items)


def words(connection: Connection, customer: str | None, week: str | None) -> list[ReportWord]:
    statement = select(WORD).order_by(WORD.c.week.desc(), WORD.c.customer)
    if customer is not None:
        statement = statement.where(WORD.c.customer == customer)
    if week is not None:
        statement = statement.where(WORD.c.week == week)
    return [mapping.word(row) for row in connection.execute(statement)]


def keep_word(
    connection: Connection, word: ReportWord, events: Sequence[Event], notifications: Sequence[Notification]
) -> bool:
    lock_customer(connection, word.customer)
    made = select(RUN.c.id).where(RUN.c.customer == word.customer, RUN.c.week == word.week)
    if connection.execute(made).first() is not None:
        return False
    upsert(connection, WORD, [mapping.word_values(word)])
    episodes.record(connection, events, notifications)
    return True
