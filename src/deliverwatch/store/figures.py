"""Counts for metrics, each by an index; what has gone out long ago is never counted."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.figures import Figures
from deliverwatch.core.remediation.draft import WAITING, DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.store.delivery_tables import ProviderEpisodeRow
from deliverwatch.store.remediation_tables import DraftRow
from deliverwatch.store.tables import ListingRow, NotificationRow, table_of

DRAFT = table_of(DraftRow)
EPISODE = table_of(ProviderEpisodeRow)
LISTING = table_of(ListingRow)
NOTE = table_of(NotificationRow)

_OWED = (NotificationState.PENDING, NotificationState.SENDING)
_NOT_GONE = (*_OWED, NotificationState.HELD, NotificationState.COLLECTED, NotificationState.DEAD)


def figures(connection: Connection, now: datetime) -> Figures:
    return Figures(
        listings={(list_id, Impact(impact)): count for list_id, impact, count in connection.execute(_LISTINGS)},
        episodes={(EpisodeKind(kind), provider): count for kind, provider, count in connection.execute(_EPISODES)},
        drafts={DraftState(state): count for state, count in connection.execute(_DRAFTS)},
        overdue=connection.execute(_OVERDUE.where(DRAFT.c.due_at < now)).scalar_one(),
        outbox={NotificationState(state): count for state, count in connection.execute(_OUTBOX)},
        owed_since=connection.execute(_OWED_SINCE.where(now >= _MAY_GO_AT)).scalar_one(),
    )


_LISTINGS = (
    select(LISTING.c.list_id, LISTING.c.impact, func.count())
    .where(LISTING.c.closed_at.is_(None))
    .group_by(LISTING.c.list_id, LISTING.c.impact)
)
_EPISODES = (
    select(EPISODE.c.kind, EPISODE.c.provider, func.count())
    .where(EPISODE.c.closed_at.is_(None))
    .group_by(EPISODE.c.kind, EPISODE.c.provider)
)
_DRAFTS = select(DRAFT.c.state, func.count()).group_by(DRAFT.c.state)
_OVERDUE = (  # where nobody takes requests, nothing is ever late
    select(func.count())
    .select_from(DRAFT)
    .where(DRAFT.c.state.in_([str(state) for state in WAITING]), DRAFT.c.channel != str(FormChannel.NONE))
)
_OUTBOX = (
    select(NOTE.c.state, func.count())
    .where(NOTE.c.state.in_([str(state) for state in _NOT_GONE]))
    .group_by(NOTE.c.state)
)
_MAY_GO_AT = func.coalesce(NOTE.c.not_before, NOTE.c.created_at, type_=NOTE.c.created_at.type)
_OWED_SINCE = select(func.min(_MAY_GO_AT, type_=NOTE.c.created_at.type)).where(
    NOTE.c.state.in_([str(state) for state in _OWED])
)
