"""How much of what there is, for pages and metrics."""

from sqlalchemy import Connection, Table, func, select

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.remediation.draft import WAITING
from deliverwatch.store.remediation_tables import DraftRow
from deliverwatch.store.tables import EventRow, ListingRow, NotificationRow, table_of

DRAFT = table_of(DraftRow)
EVENT = table_of(EventRow)
LISTING = table_of(ListingRow)
NOTE = table_of(NotificationRow)


def counts(connection: Connection) -> dict[str, int]:
    open_listings = select(func.count()).select_from(LISTING).where(LISTING.c.closed_at.is_(None))
    drafts = _by_state(connection, DRAFT)
    outbox = _by_state(connection, NOTE)
    return {
        "open_listings": connection.execute(open_listings).scalar_one(),
        "drafts_waiting": sum(drafts.get(state, 0) for state in WAITING),
        "outbox_pending": sum(outbox.get(state, 0) for state in (NotificationState.PENDING, NotificationState.SENDING)),
        "outbox_dead": outbox.get(NotificationState.DEAD, 0),
        "events": connection.execute(select(func.count()).select_from(EVENT)).scalar_one(),
    }


def _by_state(connection: Connection, table: Table) -> dict[str, int]:
    rows = connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
    return {state: count for state, count in rows}
