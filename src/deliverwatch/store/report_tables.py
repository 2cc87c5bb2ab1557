"""The tables of what becomes of reports: what people said of one before it went, and which contacts get none any more.

A report itself is a row of `report_run`. A contact to whom nothing ever happened has no row; one that was lost keeps
its row when it is restored, so that a late bounce of an older report does not take it away again. An unsubscribe token
stands in the mail alone, and only its digest here.

Every index names who needs it.
"""

from datetime import datetime

from sqlmodel import Field

from deliverwatch.store.columns import ForeignText
from deliverwatch.store.tables import Base


class ReportWordRow(Base, table=True):
    """The last that was said of one report."""

    __tablename__ = "report_word"

    customer: str = Field(primary_key=True, foreign_key="customer.id")
    week: str = Field(primary_key=True)
    plan: str
    note: str = Field(sa_type=ForeignText)
    reason: str = Field(sa_type=ForeignText)
    by: str = Field(sa_type=ForeignText)
    at: datetime


class ReportContactRow(Base, table=True):
    __tablename__ = "report_contact"

    customer: str = Field(primary_key=True, foreign_key="customer.id")
    address: str = Field(primary_key=True)
    state: str
    at: datetime
    why: str = Field(sa_type=ForeignText)
    seen_to_at: datetime | None


class UnsubscribeTokenRow(Base, table=True):
    """Valid for as long as the mail may lie somewhere, which is for ever."""

    __tablename__ = "unsubscribe_token"

    digest: str = Field(primary_key=True)
    customer: str = Field(foreign_key="customer.id")
    address: str
    at: datetime
