"""Alembic's entry point: runs within the caller's connection and transaction."""

from alembic import context

from backend.database import schema_change
from backend.tables import metadata


def _migrate(connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:  # the `alembic` command, when a developer writes a migration
    with schema_change() as opened:
        _migrate(opened)
