"""The thread that renews a worker's leases, and detects canceled jobs and lost leases."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

import psutil
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from backend.messaging import connection, events, presence
from backend.services.jobs import leases
from backend.services.jobs.leases import Claim
from backend.settings import settings
from workers.node import Node

log = logging.getLogger(__name__)

_LISTEN_SECONDS = 0.5


class Hold:
    """One job claimed by this worker."""

    def __init__(self) -> None:
        self.canceled = threading.Event()
        self.lost = threading.Event()  # the lease is gone: stop, and write nothing


class Heartbeat:
    """Renews all held leases with one statement per beat, and announces this worker."""

    def __init__(self, node: Node, queue: str, device: str):
        self.node, self.queue, self.device = node, queue, device
        self.started_at = time.time()
        self._held: dict[UUID, Hold] = {}
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._beats: list[Callable[[], None]] = []
        self._threads = [
            threading.Thread(target=self._run, name="heartbeat", daemon=True),
            threading.Thread(target=self._listen, name="control", daemon=True),
        ]

    def start(self) -> None:
        self.announce()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads, and withdraw this worker's announcement."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=2 * _LISTEN_SECONDS)
        presence.retire_worker(self.node.owner)

    @contextmanager
    def holding(self, claims: Iterable[Claim]) -> Iterator[dict[UUID, Hold]]:
        """Renew the leases of these claims during the block."""
        holds = {claim.job_id: Hold() for claim in claims}
        with self._guard:
            self._held.update(holds)
        try:
            yield holds
        finally:
            with self._guard:
                for job_id, hold in holds.items():
                    # a lost job may have been claimed again by this worker
                    if self._held.get(job_id) is hold:
                        del self._held[job_id]

    @contextmanager
    def on_beat(self, action: Callable[[], None]) -> Iterator[None]:
        """Call `action` with every beat during the block."""
        self._beats.append(action)
        try:
            yield
        finally:
            self._beats.remove(action)

    def announce(self) -> None:
        about = {
            "owner": self.node.owner,
            "queue": self.queue,
            "device": self.device,
            "pid": os.getpid(),
            "memory_bytes": psutil.Process().memory_info().rss,
            "started_at": self.started_at,
        }
        presence.announce_worker(self.node.owner, about)

    def _run(self) -> None:
        while not self._stopping.wait(settings().heartbeat_seconds):
            try:
                self._renew()
            except SQLAlchemyError as error:
                log.warning("the leases were not renewed: %s", error)
            except Exception:
                log.exception("the heartbeat failed")
            self.announce()
            for action in tuple(self._beats):
                action()

    def _renew(self) -> None:
        with self._guard:
            held = dict(self._held)
        if not held:
            return
        renewed = leases.renew(held, self.node.owner)
        for job_id, hold in held.items():
            if job_id not in renewed:
                hold.lost.set()
            elif renewed[job_id]:  # a cancel was requested
                hold.canceled.set()

    def _listen(self) -> None:
        """Receive cancel requests at once; the beat finds those missed here."""
        while not self._stopping.is_set():
            try:
                with connection.redis().pubsub(ignore_subscribe_messages=True) as channel:
                    channel.subscribe(events.CONTROL)
                    while not self._stopping.is_set():
                        message = channel.get_message(timeout=_LISTEN_SECONDS)
                        if message is not None:
                            self._cancel(message["data"])
            except (RedisError, OSError) as error:
                log.warning("the control channel is lost, reconnecting: %s", error)
                self._stopping.wait(1.0)

    def _cancel(self, job_id: str) -> None:
        with self._guard:
            hold = self._held.get(UUID(job_id))
        if hold is not None:
            hold.canceled.set()
