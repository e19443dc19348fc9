"""The thread that renews a worker's leases, and detects canceled jobs and lost leases."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psutil
from celery.worker import state as worker_state
from redis.exceptions import RedisError

from backend.messaging import connection, events, presence
from backend.outages import outage_log, outage_of
from backend.services import versions
from backend.services.jobs import forward_passes, leases, tasks
from backend.services.jobs.leases import Claim
from backend.settings import settings
from workers.node import Node

log = logging.getLogger(__name__)

_LISTEN_SECONDS = 0.5


class Hold:
    """One job claimed by this worker."""

    def __init__(self, message: str = "") -> None:
        self.message = message
        self.canceled = threading.Event()
        self.lost = threading.Event()  # the lease is gone: stop, and write nothing


class Heartbeat:
    """Renews all held leases with one statement per beat, and announces this worker."""

    def __init__(self, node: Node, queue: str, device: str):
        self.node, self.queue, self.device = node, queue, device
        self.started_at = time.time()
        self.details: Callable[[], Mapping[str, Any]] = dict  # further entries of the announcement
        self._held: dict[UUID, Hold] = {}
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._beats: list[Callable[[], None]] = []
        self._threads = [
            # apart: a database that hangs must not silence what needs none, and the same for Redis
            *(
                threading.Thread(target=self._every_beat, name=name, args=[step], daemon=True)
                for name, step in (("leases", self._renew), ("presence", self.announce), ("beat", self._beat))
            ),
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
        holds = {claim.job_id: Hold(_message_of(claim)) for claim in claims}
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
            "memory_bytes": _memory_bytes(),
            "messages": sorted({*_received_messages(), *self._held_messages()}),
            "forwards": forward_passes.read(),
            "started_at": self.started_at,
            **versions.own(),
            **self.details(),
        }
        presence.announce_worker(self.node.owner, about)

    def _held_messages(self) -> set[str]:
        """What the messages of the claimed jobs name: their models, or the trainings themselves."""
        with self._guard:
            return {hold.message for hold in self._held.values()}

    def _every_beat(self, step: Callable[[], None]) -> None:
        while not self._stopping.wait(settings().heartbeat_seconds):
            try:
                step()
            except Exception as error:
                outage = outage_of(error)
                if outage is None:
                    log.exception("the heartbeat failed")
                else:
                    outage_log.warn(outage, "The leases are renewed later", error)

    def _beat(self) -> None:
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


def _message_of(claim: Claim) -> str:
    return str(claim.model_id if tasks.REQUIREMENTS[claim.task].runs_on_model else claim.job_id)


def _memory_bytes() -> int:
    """Resident memory of this process and its children."""
    process = psutil.Process()
    total = process.memory_info().rss
    for child in process.children(recursive=True):
        with suppress(psutil.Error):  # it has ended
            total += child.memory_info().rss
    return total


def _received_messages() -> list[str]:
    """The models or jobs that the messages name which Celery has received here, and not finished."""
    requests = tuple(worker_state.reserved_requests)
    return [str(request.args[0]) for request in requests if request.args]
