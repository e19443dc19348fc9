"""Connections to PostgreSQL on which nothing waits for ever, whatever became of the server or the network.

A server that refuses is noticed at once. One that vanished is noticed by TCP (keepalives, tcp_user_timeout);
one that is frozen, or behind a proxy that swallows packets, by the deadline of each answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL

from backend.settings import settings

if TYPE_CHECKING:
    from backend.postgresql_driver import Answering

_IDLE_SECONDS = 60  # of a transaction in which nothing happens
# seconds, or milliseconds for tcp_user_timeout: a silent peer is given up after about ten seconds
_TCP = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def create(url: URL, **options: Any) -> Engine:
    """An engine with these timeouts; those that the URL names itself are kept."""
    # the driver takes a third of a second to import, which every start with SQLite would pay for
    from backend.postgresql_driver import Gate  # noqa: PLC0415

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
    driver = cast("Answering", connection.connection.driver_connection)
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
