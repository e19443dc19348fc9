"""The revisions of the tables, read without Alembic: workers never migrate, and start sooner without it."""

from pathlib import Path

from sqlalchemy import inspect, text

from backend import postgresql
from backend.database import engine, reading


class UnfitDatabase(RuntimeError):
    """The database cannot be used by this version; the message has instructions."""


def known() -> list[str]:
    """All revisions, in their order: a migration's file name begins with its number."""
    files = (Path(__file__).parent / "versions").glob("[0-9]*_*.py")
    return sorted(file.name.partition("_")[0] for file in files)


def expected() -> str:
    """The revision of the tables that this version needs."""
    return known()[-1]


def applied() -> str:
    """The revision of the database's tables; empty: it has none."""
    with reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


def is_current() -> bool:
    """Whether the tables are those of this version.

    Raises:
        UnfitDatabase: they are those of a newer version, or the database cannot store every text.
    """
    _check_encoding()
    found = applied()
    if found and found not in known():
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
