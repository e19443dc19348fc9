"""Requests that wait for their jobs: one pub/sub connection per process, however many requests wait.

A wake-up only means "query again"; the state is read from the database. So a lost wake-up, or an unreachable
Redis, delays a request by a second and nothing else.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from anyio.to_thread import run_sync
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from backend.messaging import connection, events, presence
from backend.messaging.microbatch import Microbatcher
from backend.outages import outage_log, outage_of
from backend.settings import settings
from backend.tables import FINAL, Status

log = logging.getLogger(__name__)

J = TypeVar("J")
POLL_SECONDS = 1.0
_WOKEN_KEPT = 4_096
_LISTEN_SECONDS = 5.0


_open_hubs: "set[Hub[Any]]" = set()


def release_all() -> None:
    """End all waits, so that the server can stop. Safe in a signal handler."""
    for hub in _open_hubs:
        hub._loop.call_soon_threadsafe(hub.release)


def _in_order(
    read: Callable[[Sequence[UUID]], Mapping[UUID, J]], job_ids: Sequence[UUID]
) -> list[J | Exception | None]:
    found = read(job_ids)
    return [found.get(job_id) for job_id in job_ids]


class Hub(Generic[J]):
    """The waiting requests of one process. `read_states` and `read_jobs` block, and are called in threads."""

    def __init__(
        self,
        read_states: Callable[[Sequence[UUID]], Mapping[UUID, Status]],
        read_jobs: Callable[[Sequence[UUID]], Mapping[UUID, J]],
    ):
        self._read_states = read_states
        self._read = Microbatcher[UUID, J | None](partial(_in_order, read_jobs))
        self._waiters: dict[str, set[asyncio.Event]] = {}
        # recently woken ids: a job may finish before its request begins to wait
        self._woken: dict[str, None] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._workers: tuple[float, list[dict[str, Any]]] = (float("-inf"), [])
        self._is_refreshing = False
        self.is_closing = False
        self.streams = 0  # event streams that are being sent

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.opened_at = time.monotonic()
        _open_hubs.add(self)
        self.redis = Redis.from_url(connection.events_url(), **connection.CONNECTION)
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._poll())]

    async def close(self) -> None:
        _open_hubs.discard(self)
        self.release()
        ending = set(self._tasks)
        while ending:
            # repeated: redis-py treats a cancel during connecting as a failed connection
            for task in ending:
                task.cancel()
            _, ending = await asyncio.wait(ending, timeout=0.2)
        with suppress(RedisError, OSError):
            await self.redis.aclose()
        self._read.close()

    def release(self) -> None:
        """End every wait after one more query: the server is stopping."""
        self.is_closing = True
        self._wake_all()

    @contextmanager
    def waiting(self, job_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever the job may have changed.

        Clear it before reading, not after: a change in between would be lost.
        """
        key, event = str(job_id), asyncio.Event()
        self._waiters.setdefault(key, set()).add(event)
        if key in self._woken:
            event.set()
        try:
            yield event
        finally:
            self._waiters[key].discard(event)
            if not self._waiters[key]:
                del self._waiters[key]

    async def read(self, job_id: UUID) -> J | None:
        """The current job, or None if it does not exist. Simultaneous calls share one query."""
        return await self._read(job_id)

    async def until(self, job_id: UUID, is_done: Callable[[J], bool], seconds: float) -> J | None:
        """The job once `is_done`, or its state after `seconds`; None: it is gone, or cannot be read."""
        deadline = time.monotonic() + seconds
        with self.waiting(job_id) as event:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                        await event.wait()
                event.clear()
                is_over = self.is_closing or time.monotonic() >= deadline
                try:
                    job = await self.read(job_id)
                except SQLAlchemyError as error:
                    if outage_of(error) is None:
                        raise
                    _warn(error)
                    if is_over:
                        return None  # the job is queued, whether or not the database answers
                    continue
                if job is None or is_done(job) or is_over:
                    return job

    async def workers(self) -> list[dict[str, Any]]:
        """The workers that are alive, at most a second old, or older while Redis is unreachable.

        Raises RedisError: it has been unreachable for longer than an announcement is valid.
        """
        read_at, known = self._workers
        # one request reads for all; simultaneous ones get the previous list
        if time.monotonic() - read_at < POLL_SECONDS or (known and self._is_refreshing):
            return known
        self._is_refreshing = True
        try:
            known = await run_sync(presence.workers)
        except (RedisError, OSError) as error:
            if time.monotonic() - read_at > 3 * settings().heartbeat_seconds:
                raise RedisError(str(error)) from error
            return known
        finally:
            self._is_refreshing = False
        self._workers = (time.monotonic(), known)
        return known

    async def events(self, job_id: UUID, after: str) -> list[tuple[str, dict[str, str]]]:
        """The entries of the job's stream after the id `after`; none while Redis is unreachable."""
        try:
            return await self.redis.xrange(events.events_key(job_id), min=f"({after}") or []  # pyright: ignore[reportReturnType]
        except (RedisError, OSError) as error:
            log.warning("the events of job %s cannot be read: %s", job_id, error)
            return []

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async with self.redis.pubsub() as channel:
                    await channel.subscribe(events.WAKE)
                    self._wake_all()  # wake-ups may have been missed
                    pause = 0.1
                    await self._receive(channel)
            except (RedisError, OSError) as error:
                log.warning("not subscribed to wake-ups, polling every second instead: %s", error)
                await asyncio.sleep(pause)
                pause = min(2.0, pause * 2)

    async def _receive(self, channel: PubSub) -> None:
        """Wake the requests that the messages name. Raises RedisError: the connection is lost or silent."""
        received_at = time.monotonic()
        while True:
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=_LISTEN_SECONDS)
            if message:
                received_at = time.monotonic()
                self._wake(message["data"])
            elif time.monotonic() - received_at > 2 * _LISTEN_SECONDS:
                # a firewall that drops a connection notifies neither end
                raise RedisError("the connection went silent")
            else:
                # an empty message to this subscription; redis-py cannot distinguish a RESP3 pong from silence
                await self.redis.publish(events.WAKE, "")

    def _wake(self, job_ids: str) -> None:
        for key in filter(None, job_ids.split(",")):
            self._woken[key] = None
            for event in self._waiters.get(key, ()):
                event.set()
        while len(self._woken) > _WOKEN_KEPT:
            del self._woken[next(iter(self._woken))]

    def _wake_all(self) -> None:
        for waiting in self._waiters.values():
            for event in waiting:
                event.set()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            awaited = [UUID(key) for key in self._waiters]
            if not awaited:
                continue
            try:
                states = await run_sync(self._read_states, awaited)
            except (SQLAlchemyError, OSError) as error:
                _warn(error)
                continue
            ended = [str(key) for key in awaited if states.get(key) in (None, *FINAL)]
            self._wake(",".join(ended))


def _warn(error: Exception) -> None:
    outage = outage_of(error)
    if outage is None:
        log.warning("the awaited jobs cannot be read: %s", error)
    else:
        outage_log.warn(outage, "Requests wait longer for their jobs", error)
