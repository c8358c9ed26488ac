"""What Alembic runs to apply the steps; the connection comes from :mod:`transformer.store.migrate`.

The caller's transaction holds the lock and is committed by the caller, so either all steps are
applied or none.
"""

from alembic import context

from transformer.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite alters a table by copying it; PostgreSQL is not touched by this.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
