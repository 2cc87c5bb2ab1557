"""What people did to the warm-ups of some customers, newest first (`flows.desk_ports`)."""

from datetime import datetime

from sqlalchemy import Connection, select

from deliverwatch.core.warmup.run import WarmupStep
from deliverwatch.flows.desk_ports import Customers
from deliverwatch.store.desk_reads import is_nobody
from deliverwatch.store.mapping import warmups as mapping
from deliverwatch.store.warmups import RUN, STEP


def steps(
    connection: Connection, customers: Customers, since: datetime | None, until: datetime | None
) -> list[tuple[str, WarmupStep]]:
    if is_nobody(customers):
        return []
    statement = select(RUN.c.ip, STEP).join(RUN, RUN.c.id == STEP.c.run_id).order_by(STEP.c.at.desc(), STEP.c.id.desc())
    if customers is not None:
        statement = statement.where(RUN.c.customer.in_(sorted(customers)))
    if since is not None:
        statement = statement.where(STEP.c.at > since)
    if until is not None:
        statement = statement.where(STEP.c.at <= until)
    return [(row.ip, mapping.step(row)) for row in connection.execute(statement)]
