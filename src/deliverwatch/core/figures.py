"""How much of what there is, parted as a graph parts it: by list, provider, kind and state; never by customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.remediation.draft import DraftState


@dataclass(frozen=True, slots=True)
class Figures:
    """`listings`: open ones, by list and impact. `episodes`: open ones, by kind and provider ("": none gives it).
    `overdue`: drafts that wait beyond their time. `outbox`: what has not gone out, by state. `owed_since`: when the
    oldest message that could have gone out by now could first."""

    listings: Mapping[tuple[str, Impact], int]
    episodes: Mapping[tuple[EpisodeKind, str], int]
    drafts: Mapping[DraftState, int]
    overdue: int
    outbox: Mapping[NotificationState, int]
    owed_since: datetime | None
