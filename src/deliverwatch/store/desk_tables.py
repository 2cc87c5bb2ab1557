"""The table by which the desk finds what concerns a customer: whom each event named, beside the event.

An event's facts name its parties, but a database that has to read facts to find some customer's events reads all of
them. So each party has a row here, written with the event, with what a page asks for: the kind, the time, and the
listing or episode that the event belongs to. An event that leads an incident concerns the parties of all its members;
the listing or episode that it belongs to is only that of its own.

Every index names who needs it.
"""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from deliverwatch.store.columns import Serial
from deliverwatch.store.tables import Base, only

_NO_ROWID = {"sqlite_with_rowid": False}  # the key is the row: no second tree for it


class EventPartyRow(Base, table=True):
    """`episode`: see `EventRow`; NULL where the party is only the incident's. Customers and events are no foreign
    keys: who is forgotten is dropped from here first, and nothing is looked up by the event."""

    __tablename__ = "event_party"
    __table_args__ = (
        # parties of a listing or an episode; whose listings and episodes these are
        Index("ix_event_party_episode", "episode", "customer", **only("episode IS NOT NULL")),
        _NO_ROWID,
    )

    customer: str = Field(primary_key=True)
    event_id: int = Field(primary_key=True, sa_type=Serial, sa_column_kwargs={"autoincrement": False})
    kind: str
    at: datetime
    episode: str | None
