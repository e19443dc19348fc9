"""Brings the database to the tables as they are now."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from backend.database import alone, reading, transaction

_LOCK = 6_173_200  # any number, the same in every process


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def upgrade() -> None:
    """Apply the migrations that are missing; processes that start together do it once."""
    if is_current():
        return
    with alone(_LOCK), transaction() as connection:
        settled = config()
        settled.attributes["connection"] = connection
        command.upgrade(settled, "head")


def is_current() -> bool:
    with reading() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    return set(applied) == set(ScriptDirectory.from_config(config()).get_heads())
