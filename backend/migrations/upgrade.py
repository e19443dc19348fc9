"""Migrates the database to the current tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from backend.database import advisory_lock, schema_change
from backend.migrations import revisions

_LOCK = 6_173_200  # any number, the same in every process


def config() -> Config:
    created = Config()
    created.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    created.set_main_option("path_separator", "os")
    return created


def upgrade() -> None:
    """Apply missing migrations, once even if several processes start at the same time.

    Raises:
        UnfitDatabase.
    """
    if revisions.is_current():
        return
    with advisory_lock(_LOCK), schema_change() as connection:
        configured = config()
        configured.attributes["connection"] = connection
        command.upgrade(configured, "head")
