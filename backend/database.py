"""The connection to the database, and the transaction that every service function opens once.

SQLite (embedded) and PostgreSQL (deployed) run the same statements. Times are seconds since 1970 on the
database's clock (`db_now`), never a worker's: leases must not depend on the clocks of several machines.
"""

import logging
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import JSON, Connection, Engine, Float, create_engine, event, make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from backend.settings import settings

log = logging.getLogger(__name__)
Result = TypeVar("Result")


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


_BUSY_SECONDS = 10  # maximum wait for another process' write
# SQLite has one writer at a time; this queue is fair and cheap, unlike its busy wait.
_sqlite_writer = threading.Lock()


@cache
def engine() -> Engine:
    """The process' engine, created on first use."""
    url = make_url(settings().resolved_database_url())
    json: dict[str, Any] = {"json_serializer": _encode_json, "json_deserializer": orjson.loads}
    if url.get_backend_name() != "sqlite":
        url = url.set(drivername="postgresql+psycopg")
        return create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8, **json)
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    created = create_engine(
        url, connect_args={"check_same_thread": False}, pool_size=16, max_overflow=32, **json
    )
    event.listen(created, "connect", _prepare_sqlite)
    return created


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    # the driver's implicit BEGIN is deferred, and its later upgrade to writing fails at once
    connection.isolation_level = None
    _enable_write_ahead_log(connection)
    for pragma in (f"busy_timeout={1000 * _BUSY_SECONDS}", "synchronous=NORMAL", "foreign_keys=ON"):
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
    deadline = time.monotonic() + _BUSY_SECONDS
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
        with engine().begin() as connection:
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
    with engine().begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
        yield


@contextmanager
def reading() -> Iterator[Connection]:
    """A read-only connection; waits for no writer."""
    with engine().connect() as connection:
        yield connection


def retry_while_unreachable(action: Callable[[], Result], seconds: float) -> Result:
    """Call `action`, and retry for up to `seconds` while the database is unreachable.

    For workers, which would otherwise lose finished work or the only message about a job.
    """
    deadline = time.monotonic() + seconds
    pause = 0.1
    while True:
        try:
            return action()
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() + pause > deadline:
                raise
            log.warning("the database is unreachable, retrying in %.1f s: %s", pause, error.orig)
            time.sleep(pause)
            pause = min(2 * pause, 2.0)
