"""The connection to the database, and the transaction that every service function opens once.

SQLite (embedded) and PostgreSQL (deployed) run the same statements. Times are seconds since 1970 on the
database's clock (`db_now`), never a worker's: leases must not depend on the clocks of several machines.
"""

import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import JSON, Connection, Engine, Float, create_engine, event, make_url, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from backend import postgresql
from backend.settings import settings


class db_now(GenericFunction[float]):  # noqa: N801  reads as the SQL function it is
    """Seconds since 1970 on the database's clock."""

    type = Float()
    inherit_cache = True


@compiles(db_now, "sqlite")
def _sqlite_now(*_: Any, **__: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(db_now, "postgresql")
def _postgresql_now(*_: Any, **__: Any) -> str:
    # clock_timestamp, since now() is constant within a transaction
    return "extract(epoch from clock_timestamp())::double precision"


class json_pairs(GenericFunction[Any]):  # noqa: N801  reads as the SQL function it is
    """One JSON object of all (key, value) rows; empty or null where there are none."""

    type = JSON()
    inherit_cache = True


@compiles(json_pairs, "sqlite")
def _sqlite_pairs(element: json_pairs, compiler: Any, **options: Any) -> str:
    return f"json_group_object({compiler.process(element.clauses, **options)})"


@compiles(json_pairs, "postgresql")
def _postgresql_pairs(element: json_pairs, compiler: Any, **options: Any) -> str:
    return f"json_object_agg({compiler.process(element.clauses, **options)})"


def _encode_json(value: Any) -> str:
    # NaN and infinities become null: JSON has neither
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS).decode()


# SQLite has one writer at a time; this queue is fair and cheap, unlike its busy wait.
_sqlite_writer = threading.Lock()


@cache
def engine() -> Engine:
    """The process' engine, created on first use."""
    url = make_url(settings().resolved_database_url())
    options: dict[str, Any] = {
        "json_serializer": _encode_json,
        "json_deserializer": orjson.loads,
        "pool_timeout": settings().database_pool_seconds,
    }
    if url.get_backend_name() != "sqlite":
        return postgresql.create(url, pool_size=8, max_overflow=8, **options)
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    created = create_engine(
        url, connect_args={"check_same_thread": False}, pool_size=16, max_overflow=32, **options
    )
    event.listen(created, "connect", _prepare_sqlite)
    return created


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    # the driver's implicit BEGIN is deferred, and its later upgrade to writing fails at once
    connection.isolation_level = None
    _enable_write_ahead_log(connection)
    # NORMAL survives a killed process; FULL also a power cut, for a wait for the disk with every transaction
    synchronous = "FULL" if settings().durable else "NORMAL"
    pragmas = (
        f"busy_timeout={round(1000 * settings().database_statement_seconds)}",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
    )
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")
    # its own knows the letters of ASCII only
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: Any) -> str | None:
    return None if text is None else str(text).lower()


def _enable_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch a new database to a write-ahead log; returns at once if it has one.

    Connections that switch at the same time all hold a read lock and need the write lock: if they waited for
    one another, they would deadlock. So a refused connection releases its lock and retries.
    """
    connection.execute("PRAGMA busy_timeout=0")
    deadline = time.monotonic() + settings().database_statement_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            primary = error.sqlite_errorcode & 0xFF  # the other bits are the extended code
            if primary != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.001, 0.01))


@contextmanager
def transaction() -> Iterator[Connection]:
    """Read and write in one transaction: committed at the end of the block, rolled back on an error.

    Never hold one across a forward pass, a file transfer or a message.
    """
    if engine().dialect.name != "sqlite":
        with engine().begin() as connection:
            yield connection
        return
    with _sqlite_writer, engine().connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()  # an error leaves the block before this, and closing rolls back


@contextmanager
def schema_change() -> Iterator[Connection]:
    """A transaction in which tables may be rebuilt.

    SQLite alters a table by copying and dropping it, and a drop deletes what refers to it, unless foreign
    keys are off; they are checked at the end instead.

    Raises:
        RuntimeError: a row refers to one that does not exist; nothing is changed.
    """
    if engine().dialect.name != "sqlite":
        with engine().begin() as connection, postgresql.without_deadlines(connection):
            yield connection
        return
    with _sqlite_writer, engine().connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # has no effect within a transaction
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if dangling is not None:
                table, row, target, _ = dangling
                raise RuntimeError(f"row {row} of {table} refers to a row of {target} that does not exist")
            connection.commit()
        finally:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


@contextmanager
def advisory_lock(number: int) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock of this number. SQLite needs none: it has one writer at a time."""
    if engine().dialect.name != "postgresql":
        yield
        return
    with engine().begin() as connection, postgresql.without_deadlines(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
        yield


@contextmanager
def reading() -> Iterator[Connection]:
    """A read-only connection; waits for no writer."""
    with engine().connect() as connection:
        yield connection
