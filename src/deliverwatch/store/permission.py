"""Whether a list may be asked: the budget of a day, and the end of a stop."""

from datetime import date, datetime

from sqlalchemy import Connection, select, update

from deliverwatch.store.dialect import insert_new
from deliverwatch.store.tables import QueryBudgetRow, ZoneStateRow, table_of

BUDGET = table_of(QueryBudgetRow)
ZONE = table_of(ZoneStateRow)


def take_budget(connection: Connection, list_id: str, day: date, wanted: int, per_day: int) -> int:
    """The row is locked from reading it to writing it: what is left is granted once."""
    insert_new(connection, BUDGET, [{"list_id": list_id, "day": day, "used": 0}])
    of_day = (BUDGET.c.list_id == list_id, BUDGET.c.day == day)
    used: int = connection.execute(select(BUDGET.c.used).where(*of_day).with_for_update()).scalar_one()
    granted = max(0, min(wanted, per_day - used))
    connection.execute(update(BUDGET).where(*of_day).values(used=used + granted))
    return granted


def lift_stop(connection: Connection, list_id: str, now: datetime) -> int:
    stopped = update(ZONE).where(ZONE.c.list_id == list_id, ZONE.c.stopped_at.is_not(None))
    return connection.execute(stopped.values(ask_again_at=now)).rowcount
