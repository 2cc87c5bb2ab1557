"""One customer with two contacts, whose report of one week is due."""

from datetime import timedelta

from flows.test_reports import DESK, DUE_AT, MONTHS_BEFORE, WEEK
from samples import customer

__all__ = ["ACME", "DAY", "DESK", "DUE_AT", "FIRST", "HOUR", "MONTHS_BEFORE", "SECOND", "TAM", "WEEK"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST, SECOND = "first@acme.example", "second@acme.example"
ACME = customer("acme", contacts=(FIRST, SECOND))
TAM = ACME.tam.email
