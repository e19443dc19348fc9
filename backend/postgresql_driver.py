"""PostgreSQL's driver: a deadline for each answer, and one caller at a time that tries to connect."""

import threading
from typing import Any, TypeVar

import psycopg
from psycopg.errors import _WaitTimeout
from psycopg.generators import PQGen  # pyright: ignore[reportPrivateImportUsage]

from backend.settings import settings

Result = TypeVar("Result")

_ANSWER_MARGIN = 2.0  # seconds beyond statement_timeout, by which a server that works has refused


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
