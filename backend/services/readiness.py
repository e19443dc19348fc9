"""Whether jobs can be processed: every part that they need is asked, and none can make the answer wait."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from backend.database import engine, reading
from backend.errors import AppError
from backend.messaging import presence
from backend.outages import first_line, outage_of
from backend.schemas.health import Part, Readiness
from backend.services import versions
from backend.settings import settings
from backend.storage import storage
from backend.tables import Queue
from models.core.contract.messages import Text

Result = TypeVar("Result")

ANSWER_SECONDS = 1.5  # of each part; together they take no longer
_LOCK_SECONDS = 1.0  # for which the probe waits for SQLite's lock
_NOT_MIGRATED = "the tables of this version are missing; start the API, which makes them"


class Probe(Generic[Result]):
    """One check in a thread of its own: at most one at a time, however often it is asked for and hangs."""

    def __init__(self, name: str, check: Callable[[], Result]):
        self._name, self._check = name, check
        self._running: Future[Result] | None = None

    async def __call__(self) -> Result:
        """Raises TimeoutError, or what the check raises. Simultaneous calls share one check."""
        if self._running is None or self._running.done():
            self._running = Future()
            # a daemon: a hanging check must not keep the process from ending
            threading.Thread(
                target=self._run, args=[self._running], name=f"probe-{self._name}", daemon=True
            ).start()
        answer = asyncio.wrap_future(self._running)
        # shielded: the check goes on, for the next one who asks
        return await asyncio.wait_for(asyncio.shield(answer), ANSWER_SECONDS)

    def _run(self, answer: Future[Result]) -> None:
        try:
            answer.set_result(self._check())
        except BaseException as error:  # noqa: BLE001  raised again for those who wait
            answer.set_exception(error)


def _check_database() -> None:
    if engine().dialect.name == "sqlite":
        _check_sqlite()
        return
    with reading() as connection:
        connection.execute(text("SELECT 1 FROM jobs LIMIT 1"))
        if connection.scalar(text("SELECT pg_is_in_recovery()")):
            raise Refused("it is a standby, which only reads")


def _check_sqlite() -> None:
    """Take and release the write lock, on a connection that waits less long than those of requests."""
    path = Path(make_url(settings().resolved_database_url()).database or "").absolute()
    address = f"{path.as_uri()}?mode=rw"  # a missing file is not created
    with closing(
        sqlite3.connect(address, uri=True, timeout=_LOCK_SECONDS, isolation_level=None)
    ) as connection:
        connection.execute("SELECT 1 FROM jobs LIMIT 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")


def _check_storage() -> None:
    storage().check()


class Refused(Exception):
    """A part answers, but cannot be used; the message has the reason."""


_database = Probe("database", _check_database)
_redis = Probe("redis", presence.workers)
_storage = Probe("storage", _check_storage)


async def readiness() -> Readiness:
    """Each part that a job needs, with the reason and instructions for a missing one. Takes at most 2 s."""
    database, stored, (redis, alive) = await asyncio.gather(
        _part("database", _database, "Check GLASSBOX_DATABASE_URL."),
        _part("storage", _storage, "Check GLASSBOX_STORAGE_URL and its disk."),
        _redis_part(),
    )
    parts = [database, redis, stored, *(_workers(queue, alive) for queue in Queue)]
    return Readiness(ready=all(part.ready for part in parts), parts=parts)


async def _part(name: str, probe: Callable[[], Awaitable[Any]], hint: str) -> Part:
    try:
        await probe()
    except TimeoutError:
        return Part(name=name, ready=False, detail=f"no answer within {ANSWER_SECONDS:g} s. {hint}")
    except Exception as error:  # noqa: BLE001  whatever it is, the part cannot be used
        return Part(name=name, ready=False, detail=f"{_reason(error)} {hint}")
    return Part(name=name, ready=True, detail="answers")


def _reason(error: Exception) -> str:
    if isinstance(error, SQLAlchemyError | sqlite3.Error) and outage_of(error) is None:
        return f"{_NOT_MIGRATED} ({first_line(error)})."
    outage = None if isinstance(error, AppError) else outage_of(error)
    return f"{outage.reason} ({first_line(error)})" if outage else f"{first_line(error)}."


async def _redis_part() -> tuple[Part, Sequence[dict[str, Any]] | None]:
    """Redis, and the workers that have announced themselves; None: unknown."""
    alive: Sequence[dict[str, Any]] | None = None

    async def probe() -> None:
        nonlocal alive
        alive = await _redis()

    part = await _part("redis", probe, "Start Redis, or `glassbox up`, which includes it.")
    return part, alive


def _workers(queue: Queue, alive: Sequence[dict[str, Any]] | None) -> Part:
    name = f"worker:{queue}"
    if alive is None:
        return Part(name=name, ready=False, detail="unknown while Redis is unreachable")
    own = [worker for worker in alive if worker.get("queue") == queue]
    if not own:
        return Part(name=name, ready=False, detail=no_worker(queue))
    devices = ", ".join(sorted({str(worker.get("device", "?")) for worker in own}))
    others = versions.others(own)
    return Part(name=name, ready=True, detail="; ".join([f"{len(own)} alive, on {devices}", *others]))


_NO_WORKER = Text(
    "core.outages.no_worker", "No worker for {queue} jobs is alive. Start one with: glassbox worker {queue}"
)


def no_worker(queue: Queue) -> str:
    return _NO_WORKER(queue=str(queue))
