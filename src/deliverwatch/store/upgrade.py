"""Brings the schema of a database to what this version needs, when it is opened.

One transaction, under a lock that a second process waits for: SQLite's own, or an advisory lock on PostgreSQL. A
schema that a later version wrote is left alone: what an older program would do to it, nobody knows.
"""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from deliverwatch.core.errors import StoreError

_LOCK = 0x64656C6976657277  # "deliverw", any number nobody else uses


def upgrade(connection: Connection) -> None:
    """Raises StoreError for a schema that is newer than the code."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    config = Config()
    config.set_main_option("script_location", "deliverwatch.store:migrations")
    script = ScriptDirectory.from_config(config)
    found = MigrationContext.configure(connection).get_current_heads()
    if found == (script.get_current_head(),):
        return
    known = {revision.revision for revision in script.walk_revisions()}
    unknown = sorted(set(found) - known)
    if unknown:
        raise StoreError(
            f"the database was written by a later version of deliverwatch (its schema is {unknown[0]!r}, this version "
            f"knows {script.get_current_head()!r}): install that version again, or restore a backup from before it"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
