"""Run by Alembic for each upgrade, on the connection and in the transaction of `store.upgrade`."""

from alembic import context

from deliverwatch.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
