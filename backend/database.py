"""The connection to the database, and the transaction that every service function opens once.

SQLite (embedded) and PostgreSQL (deployed) run the same statements. Times are seconds since 1970 by the
database's own clock (`db_now`), never a worker's: leases must not depend on whose clock is right.
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
from sqlalchemy import Connection, Engine, Float, create_engine, event, make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from backend.settings import settings

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class db_now(GenericFunction[float]):  # noqa: N801  reads as the SQL function it is
    """Seconds since 1970 on the database's clock."""

    type = Float()
    inherit_cache = True


@compiles(db_now, "sqlite")
def _sqlite_now(*_: Any, **__: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(db_now, "postgresql")
def _postgresql_now(*_: Any, **__: Any) -> str:
    # clock_timestamp, as now() stands still within a transaction
    return "extract(epoch from clock_timestamp())::double precision"


def _encode_json(value: Any) -> str:
    # NaN and infinities become null: they are not JSON, and every answer must be
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS).decode()


_BUSY_SECONDS = 10  # how long a connection waits for another process' writing to end
# SQLite has one writer at a time; queueing here is fair and cheap, its own busy wait is neither.
_sqlite_writer = threading.Lock()


@cache
def engine() -> Engine:
    """The process' engine, made at the first use."""
    url = make_url(settings().resolved_database_url())
    json: dict[str, Any] = {"json_serializer": _encode_json, "json_deserializer": orjson.loads}
    if url.get_backend_name() != "sqlite":
        url = url.set(drivername="postgresql+psycopg")
        return create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8, **json)
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(
        url, connect_args={"check_same_thread": False}, pool_size=16, max_overflow=32, **json
    )
    event.listen(made, "connect", _prepare_sqlite)
    return made


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    # the driver's own implicit BEGIN would be a deferred one, whose later upgrade to writing fails at once
    connection.isolation_level = None
    _write_ahead(connection)
    for pragma in (f"busy_timeout={1000 * _BUSY_SECONDS}", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn a new database's journal into a write-ahead log; one that has it already says yes at once.

    Connections that do so at the same time all read while they want to write: were they to wait for one
    another, none could go on. So nobody waits, and who is refused lets go and tries again.
    """
    connection.execute("PRAGMA busy_timeout=0")
    give_up = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            primary = error.sqlite_errorcode & 0xFF  # the rest says which kind of busy
            if primary != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
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
def alone(number: int) -> Iterator[None]:
    """Let one process at a time into blocks of this number. SQLite's writers wait for one another anyway."""
    if engine().dialect.name != "postgresql":
        yield
        return
    with engine().begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
        yield


@contextmanager
def reading() -> Iterator[Connection]:
    """Read only; waits for no writer."""
    with engine().connect() as connection:
        yield connection


def patiently(action: Callable[[], Answer], seconds: float) -> Answer:
    """Do `action`, again and again for so long while the database cannot be reached.

    For a worker, which has something to lose: work that is done, or the only message about a job.
    """
    give_up = time.monotonic() + seconds
    pause = 0.1
    while True:
        try:
            return action()
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() + pause > give_up:
                raise
            log.warning("the database cannot be reached, trying again in %.1f s: %s", pause, error.orig)
            time.sleep(pause)
            pause = min(2 * pause, 2.0)
