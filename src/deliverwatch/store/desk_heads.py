"""Heads of drafts and reports: what a list shows of them, without the texts that make their rows long."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from deliverwatch.core.remediation.draft import DraftKind, DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.flows.desk_ports import Customers, DraftHead, Place, ReportHead
from deliverwatch.store.desk_reads import is_nobody, page
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.remediation_tables import DraftEpisodeRow, DraftRow
from deliverwatch.store.tables import ReportRunRow, table_of

ABOUT = table_of(DraftEpisodeRow)
DRAFT = table_of(DraftRow)
RUN = table_of(ReportRunRow)

_OF_DRAFT = (
    *("id", "customer", "provider", "addressee", "kind", "channel", "state", "subjects", "missing", "blockers"),
    *("created_at", "changed_at", "due_at", "follow_up_of", "reference", "follow_up_at"),
)
DRAFT_HEADS = select(*(DRAFT.c[name] for name in _OF_DRAFT))
REPORT_HEADS = select(*(RUN.c[name] for name in ("id", "customer", "week", "made_at", "subject", "sent_to", "figures")))


def drafts(
    connection: Connection,
    customers: Customers,
    states: Collection[DraftState],
    provider: str | None,
    follow_up_of: str | None,
    before: Place | None,
    limit: int,
) -> list[DraftHead]:
    if is_nobody(customers):
        return []
    statement = page(DRAFT_HEADS, DRAFT.c.created_at, DRAFT.c.id, before, limit)
    if customers is not None:
        statement = statement.where(DRAFT.c.customer.in_(sorted(customers)))
    if states:
        statement = statement.where(DRAFT.c.state.in_(sorted(map(str, states))))
    if provider is not None:
        statement = statement.where(DRAFT.c.provider == provider)
    if follow_up_of is not None:
        statement = statement.where(DRAFT.c.follow_up_of == follow_up_of)
    return [draft_head(row) for row in connection.execute(statement)]


def drafts_about(connection: Connection, keys: Collection[str]) -> Mapping[str, str]:
    statement = select(ABOUT.c.episode_key, ABOUT.c.draft_id, DRAFT.c.created_at).join(
        DRAFT, DRAFT.c.id == ABOUT.c.draft_id
    )
    rows = select_in(connection, statement, ABOUT.c.episode_key, keys)
    return {row.episode_key: row.draft_id for row in sorted(rows, key=lambda row: (row.created_at, row.draft_id))}


def reports(connection: Connection, customers: Customers, before: Place | None, limit: int) -> list[ReportHead]:
    if is_nobody(customers):
        return []
    statement = page(REPORT_HEADS, RUN.c.made_at, RUN.c.id, before, limit)
    if customers is not None:
        statement = statement.where(RUN.c.customer.in_(sorted(customers)))
    return [report_head(row) for row in connection.execute(statement)]


def draft_head(row: AnyRow) -> DraftHead:
    return DraftHead(
        id=row.id,
        customer=row.customer,
        provider=row.provider,
        addressee=row.addressee,
        kind=DraftKind(row.kind),
        channel=FormChannel(row.channel),
        state=DraftState(row.state),
        subjects=tuple(row.subjects),
        missing=len(row.missing),
        blockers=sum(each.get("overruled_by") is None for each in row.blockers),
        created_at=row.created_at,
        changed_at=row.changed_at,
        due_at=row.due_at,
        follow_up_of=row.follow_up_of,
        reference=row.reference,
        expected_by=row.follow_up_at,
    )


def report_head(row: AnyRow) -> ReportHead:
    return ReportHead(row.id, row.customer, row.week, row.made_at, row.subject, tuple(row.sent_to), row.figures)
