"""Reports: one per customer and week."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from deliverwatch.core.alerting import Notification
from deliverwatch.flows.ports import Claim, ReportRun
from deliverwatch.store import ledger, outbox, practice
from deliverwatch.store.dialect import insert_one
from deliverwatch.store.mapping import outbox as mapping
from deliverwatch.store.tables import ReportRunRow, table_of

RUN = table_of(ReportRunRow)


def commit(
    connection: Connection,
    claim: Claim | None,
    run: ReportRun,
    notifications: Sequence[Notification],
    contents: Mapping[str, bytes],
) -> bool:
    """The slot is finished either way: a week that has its report needs no further attempt."""
    if claim is not None:
        ledger.finish(connection, claim, run.made_at)
    if not insert_one(connection, RUN, mapping.report_values(run)):
        return False
    outbox.add(connection, notifications, {}, contents)
    practice.told(connection, run.advice, run.made_at)
    return True


def reports(connection: Connection, customer: str | None, week: str | None) -> list[ReportRun]:
    """Newest first."""
    statement = select(RUN).order_by(RUN.c.made_at.desc(), RUN.c.id)
    if customer is not None:
        statement = statement.where(RUN.c.customer == customer)
    if week is not None:
        statement = statement.where(RUN.c.week == week)
    return [mapping.report(row) for row in connection.execute(statement)]
