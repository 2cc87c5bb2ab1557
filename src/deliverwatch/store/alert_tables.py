"""The table of silences. What they keep back are rows of `notification`."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from deliverwatch.store.columns import ForeignText
from deliverwatch.store.tables import Base, only

UNSETTLED = "settled_at IS NULL"


class SilenceRow(Base, table=True):
    """`settled_at` NULL: on, to come, or over and what is left to tell is not told yet."""

    __tablename__ = "silence"
    __table_args__ = (
        # every event that is told; settling, every tick
        Index("ix_silence_unsettled", "until_at", **only(UNSETTLED)),
    )

    id: str = Field(primary_key=True)
    begins_at: datetime
    until_at: datetime
    by: str = Field(sa_type=ForeignText)
    reason: str = Field(sa_type=ForeignText)
    customer: str | None
    subject: str | None
    place: str | None
    family: str | None
    ended_at: datetime | None
    settled_at: datetime | None
