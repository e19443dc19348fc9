"""Readiness, for operators."""

from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.database import reading
from backend.messaging import presence
from backend.schemas.health import Part, Readiness
from backend.tables import Queue


def readiness() -> Readiness:
    """Each part that a job needs, with instructions for missing ones."""
    parts = [_database(), *_broker_and_workers()]
    return Readiness(ready=all(part.ready for part in parts), parts=parts)


def _database() -> Part:
    try:
        with reading() as connection:
            connection.execute(text("SELECT 1 FROM jobs LIMIT 1"))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        return Part(name="database", ready=False, detail=f"{reason}. Check GLASSBOX_DATABASE_URL.")
    return Part(name="database", ready=True, detail="answers")


def _broker_and_workers() -> list[Part]:
    try:
        alive = presence.workers()
    except (RedisError, OSError) as error:
        lost = f"{error}. Start Redis, or `glassbox up`, which includes it."
        unknown = "unknown while the broker is unreachable"
        return [
            Part(name="broker", ready=False, detail=lost),
            *(Part(name=f"worker:{queue}", ready=False, detail=unknown) for queue in Queue),
        ]
    return [Part(name="broker", ready=True, detail="answers"), *(_workers(queue, alive) for queue in Queue)]


def _workers(queue: Queue, alive: list[dict[str, Any]]) -> Part:
    own = [worker for worker in alive if worker.get("queue") == queue]
    if not own:
        return Part(name=f"worker:{queue}", ready=False, detail=no_worker(queue))
    devices = ", ".join(sorted({str(worker.get("device", "?")) for worker in own}))
    return Part(name=f"worker:{queue}", ready=True, detail=f"{len(own)} alive, on {devices}")


def no_worker(queue: Queue) -> str:
    return f"No worker for {queue} jobs is alive. Start one with: glassbox worker {queue}"
