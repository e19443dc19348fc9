"""What fails because something Glassbox stands on is away or full: distinguished from bugs, and named.

Programs and people need the same three answers: what is away, whether to try again, and when.
"""

import errno
import logging
import math
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.errors import AppError, InsufficientStorage, StorageAway, Unavailable
from models.core.contract.messages import Text

log = logging.getLogger(__name__)
Result = TypeVar("Result")

RETRY_SECONDS = 5
FULL_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK_ERRORS = FULL_ERRORS | {
    errno.EROFS, errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN, errno.ENODEV, errno.ENXIO,
    errno.EMFILE, errno.ENFILE,
}  # fmt: skip
_REMINDER_SECONDS = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0  # seconds between tries

_UNREACHABLE = Text("core.outages.database", "The database is unreachable; try again in a few seconds.")
_BUSY = Text(
    "core.outages.database_busy", "The database does not answer in time; try again in a few seconds."
)
_LOCKED = Text(
    "core.outages.database_locked", "The database is locked by another process; try again in a few seconds."
)
_READ_ONLY = Text("core.outages.database_read_only", "The database is read-only at the moment.")
_DATABASE_FULL = Text("core.outages.database_full", "The disk of the database is full.")
_DATABASE_DISK = Text("core.outages.database_disk", "The disk of the database reports errors.")
REDIS = Text("core.outages.redis", "Redis is unreachable; try again in a few seconds.")
_STORAGE = Text("core.outages.storage", "The storage is unreachable; try again in a few seconds.")
_STORAGE_FULL = Text(
    "core.outages.storage_full", "The disk of the storage is full: it has no room, or no inodes, left."
)
_STORAGE_READ_ONLY = Text("core.outages.storage_read_only", "The storage is read-only at the moment.")


class Part(StrEnum):
    DATABASE = "database"
    REDIS = "redis"
    STORAGE = "storage"


@dataclass(frozen=True)
class Outage:
    """What is away, why, and whether room is what it lacks."""

    part: Part
    reason: str
    is_full: bool = False
    is_reachable: bool = True  # it answered, and refused

    def problem(self) -> AppError:
        """The error for clients: 507 for a lack of room, otherwise 503."""
        kind = InsufficientStorage if self.is_full else Unavailable
        seconds = 6 * RETRY_SECONDS if self.is_full else RETRY_SECONDS
        return kind(self.reason, headers={"Retry-After": str(seconds)})


def outage_of(error: BaseException) -> Outage | None:
    """The outage that made a call fail; None: the error is a bug, or the caller's."""
    if isinstance(error, PoolTimeout):
        return Outage(Part.DATABASE, _BUSY())
    if isinstance(error, DBAPIError | sqlite3.Error):
        return _of_database(error.orig if isinstance(error, DBAPIError) else error)
    if isinstance(error, RedisError | BrokerError):
        return Outage(Part.REDIS, REDIS(), is_reachable=False)
    if isinstance(error, StorageAway) or (isinstance(error, OSError) and error.errno in _DISK_ERRORS):
        return _of_storage(error)
    return None


def _of_storage(error: OSError) -> Outage:
    if error.errno in FULL_ERRORS:
        return Outage(Part.STORAGE, _STORAGE_FULL(), is_full=True)
    if error.errno == errno.EROFS:
        return Outage(Part.STORAGE, _STORAGE_READ_ONLY())
    return Outage(Part.STORAGE, _STORAGE(), is_reachable=False)


def _of_database(error: BaseException | None) -> Outage | None:
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(
            getattr(error, "sqlite_errorcode", 0) & 0xFF
        )  # the other bits are the extended code
    state = getattr(error, "sqlstate", None) or ""
    if state:
        return next((outage for start, outage in _POSTGRESQL.items() if state.startswith(start)), None)
    # the driver's own: no connection, or a lost one
    is_connection = type(error).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout")
    return _AWAY if is_connection or isinstance(error, OSError) else None


_AWAY = Outage(Part.DATABASE, _UNREACHABLE(), is_reachable=False)
_OVERLOADED = Outage(Part.DATABASE, _BUSY())
_FULL = Outage(Part.DATABASE, _DATABASE_FULL(), is_full=True)
_BROKEN = Outage(Part.DATABASE, _DATABASE_DISK())
_REFUSES_WRITES = Outage(Part.DATABASE, _READ_ONLY())

# primary result codes: https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_BUSY: Outage(Part.DATABASE, _LOCKED()),
    sqlite3.SQLITE_LOCKED: Outage(Part.DATABASE, _LOCKED()),
    sqlite3.SQLITE_PROTOCOL: Outage(Part.DATABASE, _LOCKED()),
    sqlite3.SQLITE_READONLY: _REFUSES_WRITES,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _BROKEN,
    sqlite3.SQLITE_CANTOPEN: _BROKEN,
}
# beginnings of SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "53100": _FULL,
    "53": _OVERLOADED,  # memory, connections
    "08": _AWAY,
    "57P": _AWAY,  # shutting down, starting, crashed
    "57014": _OVERLOADED,  # statement_timeout
    "55P03": _OVERLOADED,  # lock_timeout
    "25P03": _OVERLOADED,  # idle_in_transaction_session_timeout
    "25006": _REFUSES_WRITES,  # a standby
    "40": _OVERLOADED,  # deadlock, serialization: the transaction was rolled back
    "58": _BROKEN,
}


class OutageLog:
    """One warning when a part goes away, and one reminder a minute while it stays so: not one a request."""

    def __init__(self, seconds: float = _REMINDER_SECONDS, clock: Callable[[], float] = time.monotonic):
        self._seconds, self._clock = seconds, clock
        self._guard = threading.Lock()
        self._warned: dict[tuple[Part, str], float] = {}
        self._unreported: dict[tuple[Part, str], int] = {}

    def warn(self, outage: Outage, what: str, error: BaseException) -> None:
        """Log that `what` was refused or is retried, unless the same outage was logged a moment ago."""
        key = outage.part, outage.reason
        with self._guard:
            now = self._clock()
            if now - self._warned.get(key, float("-inf")) < self._seconds:
                self._unreported[key] = self._unreported.get(key, 0) + 1
                return
            self._warned[key] = now
            others = self._unreported.pop(key, 0)
        more = f" ({others} more since the last warning)" if others else ""
        log.warning("%s %s: %s%s", outage.reason, what, first_line(error), more)


def first_line(error: BaseException) -> str:
    """The driver's own words, without the statement and its values."""
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0] if text else type(error).__name__


outage_log = OutageLog()


def retry_while_away(
    action: Callable[[], Result], seconds: float = math.inf, until: Callable[[], bool] = bool
) -> Result:
    """Call `action`, and retry for up to `seconds` while the database or the storage is away, locked or full.

    For workers, which would otherwise lose finished work or the only message about a job.

    Args:
        until: true: give up, for example because this worker is stopping.
    """
    deadline = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        try:
            return action()
        except (SQLAlchemyError, OSError) as error:
            outage = outage_of(error)
            if outage is None or time.monotonic() + pause > deadline or until():
                raise
            outage_log.warn(outage, "The worker retries", error)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
