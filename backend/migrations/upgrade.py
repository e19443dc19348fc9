"""Migrates the database to the current tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from backend.database import advisory_lock, reading, schema_change

_LOCK = 6_173_200  # any number, the same in every process


def config() -> Config:
    created = Config()
    created.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    created.set_main_option("path_separator", "os")
    return created


def upgrade() -> None:
    """Apply missing migrations, once even if several processes start at the same time."""
    if is_current():
        return
    with advisory_lock(_LOCK), schema_change() as connection:
        configured = config()
        configured.attributes["connection"] = connection
        command.upgrade(configured, "head")


def is_current() -> bool:
    with reading() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    return set(applied) == set(ScriptDirectory.from_config(config()).get_heads())
