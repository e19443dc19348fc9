"""Connections to PostgreSQL on which nothing waits for ever, whatever became of the server or the network.

A server that refuses is noticed at once. One that vanished is noticed by TCP (keepalives, tcp_user_timeout);
one that is frozen, or behind a proxy that swallows packets, by the deadline of each answer.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import psycopg
from psycopg.errors import _WaitTimeout
from psycopg.generators import PQGen  # pyright: ignore[reportPrivateImportUsage]
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL

from backend.settings import settings

Result = TypeVar("Result")

_ANSWER_MARGIN = 2.0  # seconds beyond statement_timeout, by which a server that works has refused
_IDLE_SECONDS = 60  # of a transaction in which nothing happens
# seconds, or milliseconds for tcp_user_timeout: a silent peer is given up after about ten seconds
_TCP = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class NoAnswer(psycopg.OperationalError):
    """The server accepted a statement and stayed silent; the connection is closed."""


class Answering(psycopg.Connection[Any]):
    """A connection whose server must answer each statement in time."""

    answer_seconds: float | None = None  # None: no deadline

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        """Raises NoAnswer."""
        try:
            return super().wait(gen, interval, self.answer_seconds if timeout is None else timeout)
        except _WaitTimeout as error:
            self.pgconn.finish()  # what arrives later would be taken for the answer to another statement
            raise NoAnswer(f"no answer within {self.answer_seconds:g} s") from error


class Gate:
    """While the server is away one caller at a time tries to connect, and the others are refused at once.

    Otherwise every request would wait for the timeout of its own, one behind the other.
    """

    def __init__(self) -> None:
        self._is_away = False
        self._trial = threading.Lock()

    def connect(self, *args: Any, **options: Any) -> Answering:
        """Raises psycopg.OperationalError."""
        if not self._is_away:
            return self._try(*args, **options)
        if not self._trial.acquire(blocking=False):
            raise psycopg.OperationalError("the server was unreachable a moment ago")
        try:
            return self._try(*args, **options)
        finally:
            self._trial.release()

    def _try(self, *args: Any, **options: Any) -> Answering:
        try:
            made = Answering.connect(*args, **options)
        except psycopg.OperationalError:
            self._is_away = True
            raise
        self._is_away = False
        made.answer_seconds = settings().database_statement_seconds + _ANSWER_MARGIN
        return made


def create(url: URL, **options: Any) -> Engine:
    """An engine with these timeouts; those that the URL names itself are kept."""
    statement = round(1000 * settings().database_statement_seconds)
    server = f"-c statement_timeout={statement} -c idle_in_transaction_session_timeout={_IDLE_SECONDS}s"
    own = {"connect_timeout": settings().database_connect_seconds, **_TCP}
    arguments: dict[str, Any] = {name: value for name, value in own.items() if name not in url.query}
    # the last one of a name counts
    arguments["options"] = f"{server} {url.query.get('options', '')}".strip()
    gate = Gate()
    url = url.set(drivername="postgresql+psycopg")
    created = create_engine(url, pool_pre_ping=True, connect_args=arguments, **options)
    event.listen(created, "do_connect", lambda _, __, args, named: gate.connect(*args, **named))
    return created


@contextmanager
def without_deadlines(connection: Connection) -> Iterator[None]:
    """Within this transaction: for a migration, or the wait for another process' one."""
    driver = cast(Answering, connection.connection.driver_connection)
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {name} = 0"))
    before, driver.answer_seconds = driver.answer_seconds, None
    try:
        yield
    finally:
        driver.answer_seconds = before


def encoding(connection: Connection) -> str:
    """The encoding of the database: UTF8, or one that cannot store every text."""
    return str(connection.scalar(text("SHOW server_encoding")))
