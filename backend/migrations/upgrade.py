"""Migrates the database to the current tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from backend import postgresql
from backend.database import advisory_lock, engine, reading, schema_change

_LOCK = 6_173_200  # any number, the same in every process


def config() -> Config:
    created = Config()
    created.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    created.set_main_option("path_separator", "os")
    return created


class UnfitDatabase(RuntimeError):
    """The database cannot be used by this version; the message has instructions."""


def expected() -> str:
    """The revision of the tables that this version needs."""
    return ",".join(ScriptDirectory.from_config(config()).get_heads())


def applied() -> str:
    """The revision of the database's tables; empty: it has none."""
    with reading() as connection:
        return ",".join(MigrationContext.configure(connection).get_current_heads())


def is_current() -> bool:
    """Whether the tables are those of this version.

    Raises:
        UnfitDatabase: they are those of a newer version, or the database cannot store every text.
    """
    _check_encoding()
    found = applied()
    known = {revision.revision for revision in ScriptDirectory.from_config(config()).walk_revisions()}
    if found and not set(found.split(",")) <= known:
        raise UnfitDatabase(
            f"The database has the tables of a newer Glassbox (revision {found}; this one knows those up to "
            f"{expected()}). Start that version, or restore the backup from before the upgrade."
        )
    return found == expected()


def _check_encoding() -> None:
    if engine().dialect.name != "postgresql":
        return
    with reading() as connection:
        encoding = postgresql.encoding(connection)
    if encoding != "UTF8":
        raise UnfitDatabase(
            f"The database {engine().url.database} has the encoding {encoding}, which cannot store every "
            "text. Create one in UTF-8: CREATE DATABASE glassbox ENCODING 'UTF8' TEMPLATE template0"
        )


def upgrade() -> None:
    """Apply missing migrations, once even if several processes start at the same time.

    Raises:
        UnfitDatabase.
    """
    if is_current():
        return
    with advisory_lock(_LOCK), schema_change() as connection:
        configured = config()
        configured.attributes["connection"] = connection
        command.upgrade(configured, "head")
