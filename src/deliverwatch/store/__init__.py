"""The database: rows <-> core values, one writer, Alembic migrations. SQLModel lives here and nowhere else.

The same code serves SQLite and PostgreSQL. `store` is the way in, one module per room holds the statements (`ledger`,
`inventory`, `rounds`, `permission`, `episodes`, `outbox`, `drafts`, `practice`, `reports`, `warmups`; `told`, `holding`
and `voids` for what turns out false), `mapping` turns rows into core values, `tables` says what is kept and which index
is whose.
"""

from deliverwatch.store.engine import SqliteLibrary, sqlite_library
from deliverwatch.store.store import SqlStore, open_store

__all__ = ["SqlStore", "SqliteLibrary", "open_store", "sqlite_library"]
