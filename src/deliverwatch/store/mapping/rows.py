"""A row as a query returns it. Its columns have no types here: the core values they become have."""

from typing import Any

from sqlalchemy import Row

AnyRow = Row[*tuple[Any, ...]]
