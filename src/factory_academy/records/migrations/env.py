"""Run by alembic: migrate over the connection that ``migrate`` opened, inside its transaction."""

from alembic import context

from factory_academy.records.rows import Row

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Row.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
