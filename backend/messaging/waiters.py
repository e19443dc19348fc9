"""Where requests wait for their jobs: one pub/sub connection for the whole process, however many wait.

A wake-up only says "look again"; what holds is read from the database. So a lost one, or Redis being away,
costs a waiter a second and nothing else.
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
from backend.messaging.microbatch import Gathered
from backend.settings import settings
from backend.tables import FINAL, Status

log = logging.getLogger(__name__)

J = TypeVar("J")
POLL_SECONDS = 1.0
_WOKEN_KEPT = 4_096
_LISTEN_SECONDS = 5.0


_open_hubs: "set[Hub[Any]]" = set()


def let_go_all() -> None:
    """End all waiting: the server is about to stop, and would wait for it. Safe in a signal handler."""
    for hub in _open_hubs:
        hub._loop.call_soon_threadsafe(hub.let_go)


def _in_order(
    read: Callable[[Sequence[UUID]], Mapping[UUID, J]], job_ids: Sequence[UUID]
) -> list[J | Exception | None]:
    found = read(job_ids)
    return [found.get(job_id) for job_id in job_ids]


class Hub(Generic[J]):
    """`read_states` and `read_jobs` block, and are called in threads."""

    def __init__(
        self,
        read_states: Callable[[Sequence[UUID]], Mapping[UUID, Status]],
        read_jobs: Callable[[Sequence[UUID]], Mapping[UUID, J]],
    ):
        self._read_states = read_states
        self._read = Gathered[UUID, J | None](partial(_in_order, read_jobs))
        self._waiters: dict[str, set[asyncio.Event]] = {}
        # ids woken lately: a job may end before the request that made it begins to wait
        self._woken: dict[str, None] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._workers: tuple[float, list[dict[str, Any]]] = (float("-inf"), [])
        self._is_asking = False
        self.is_closing = False

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        _open_hubs.add(self)
        self.redis = Redis.from_url(connection.events_url(), **connection.CONNECTION)
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._poll())]

    async def close(self) -> None:
        _open_hubs.discard(self)
        self.let_go()
        ending = set(self._tasks)
        while ending:
            # more than once: redis-py takes a cancel that comes while it connects for a failed connection
            for task in ending:
                task.cancel()
            _, ending = await asyncio.wait(ending, timeout=0.2)
        with suppress(RedisError, OSError):
            await self.redis.aclose()
        self._read.close()

    def let_go(self) -> None:
        """Let every waiter look once more and leave: the server is stopping."""
        self.is_closing = True
        self._wake_all()

    @contextmanager
    def waiting(self, job_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever there may be news of the job.

        Clear it before reading, not after: news that come in between would be lost.
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
        """The job as it is now; None when there is none. Those who ask at the same time share one query."""
        return await self._read(job_id)

    async def until(self, job_id: UUID, is_done: Callable[[J], bool], seconds: float) -> J | None:
        """The job once `is_done`, or as it is after `seconds`."""
        deadline = time.monotonic() + seconds
        with self.waiting(job_id) as event:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                        await event.wait()
                event.clear()
                job = await self.read(job_id)
                if job is None or is_done(job) or self.is_closing or time.monotonic() >= deadline:
                    return job

    async def workers(self) -> list[dict[str, Any]]:
        """The living workers as of a second ago. While Redis is away, as of when it was last there.

        Raises RedisError when it has been away for longer than a worker's word holds.
        """
        asked_at, known = self._workers
        # one request asks for all; those that come meanwhile are told what was known before
        if time.monotonic() - asked_at < POLL_SECONDS or (known and self._is_asking):
            return known
        self._is_asking = True
        try:
            known = await run_sync(presence.workers)
        except (RedisError, OSError) as error:
            if time.monotonic() - asked_at > 3 * settings().heartbeat_seconds:
                raise RedisError(str(error)) from error
            return known
        finally:
            self._is_asking = False
        self._workers = (time.monotonic(), known)
        return known

    async def events(self, job_id: UUID, after: str) -> list[tuple[str, dict[str, str]]]:
        """What the job's stream holds after the id `after`; nothing while Redis is away."""
        try:
            return await self.redis.xrange(events.events_key(job_id), min=f"({after}") or []  # pyright: ignore[reportReturnType]
        except (RedisError, OSError) as error:
            log.warning("events of job %s cannot be read now: %s", job_id, error)
            return []

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async with self.redis.pubsub() as channel:
                    await channel.subscribe(events.WAKE)
                    self._wake_all()  # something may have been missed
                    pause = 0.1
                    await self._hear(channel)
            except (RedisError, OSError) as error:
                log.warning("not listening for news of jobs, asking each second instead: %s", error)
                await asyncio.sleep(pause)
                pause = min(2.0, pause * 2)

    async def _hear(self, channel: PubSub) -> None:
        """Wake those whom the messages name. Raises RedisError: nothing is heard any more."""
        heard_at = time.monotonic()
        while True:
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=_LISTEN_SECONDS)
            if message:
                heard_at = time.monotonic()
                self._wake(message["data"])
            elif time.monotonic() - heard_at > 2 * _LISTEN_SECONDS:
                # a firewall that forgets a connection tells neither end
                raise RedisError("the connection fell silent")
            else:
                # names nobody, and should be heard here; redis-py cannot tell a pong of RESP3 from silence
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
            waited_for = [UUID(key) for key in self._waiters]
            if not waited_for:
                continue
            try:
                states = await run_sync(self._read_states, waited_for)
            except (SQLAlchemyError, OSError) as error:
                log.warning("the jobs that are waited for cannot be read now: %s", error)
                continue
            ended = [str(key) for key in waited_for if states.get(key) in (None, *FINAL)]
            self._wake(",".join(ended))
