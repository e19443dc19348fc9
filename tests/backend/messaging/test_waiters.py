"""The hub: wake-ups that come early, late, or not at all."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from redis.exceptions import RedisError

from backend.messaging import connection, events
from backend.messaging import waiters as hub_module
from backend.messaging.waiters import Hub
from backend.settings import settings
from backend.tables import Status
from tests.backend.messaging.hubs import is_waiting

SOON = 30.0
T = TypeVar("T")
Use = Callable[[Hub[str], dict[UUID, str]], Awaitable[None]]


def with_hub(use: Use) -> None:
    """Run `use` with a hub over its own table: job id -> status."""
    table: dict[UUID, str] = {}

    def states(job_ids: Sequence[UUID]) -> dict[UUID, Status]:
        return {job_id: Status(table[job_id]) for job_id in job_ids if job_id in table}

    def read(job_ids: Sequence[UUID]) -> dict[UUID, str]:
        return {job_id: table[job_id] for job_id in job_ids if job_id in table}

    async def main() -> None:
        hub = Hub(states, read)
        await hub.open()
        try:
            await use(hub, table)
        finally:
            await hub.close()

    asyncio.run(main())
    connection.redis().close()


def is_done(job: str) -> bool:
    return job == "succeeded"


async def soon(event: Awaitable[T]) -> T:
    """The result, unless it takes so long that it must be lost."""
    return await asyncio.wait_for(event, SOON)


async def until_it_waits(hub: Hub[str], job: UUID) -> None:
    deadline = time.monotonic() + SOON
    while not is_waiting(hub, job):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.001)


async def until_it_listens(hub: Hub[str]) -> None:
    with hub.waiting(uuid4()) as event:
        await soon(event.wait())  # it has subscribed, and wakes everyone once
    deadline = time.monotonic() + SOON
    while not connection.redis().pubsub_numsub(events.WAKE)[0][1]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.fixture
def only_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is polled too rarely to help."""
    monkeypatch.setattr(hub_module, "POLL_SECONDS", 10 * SOON)


@pytest.mark.usefixtures("application", "only_woken")
def test_a_wake_up_ends_the_wait() -> None:
    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job = uuid4()
        table[job] = "running"
        await until_it_listens(hub)
        waiter = asyncio.create_task(hub.until(job, is_done, 10 * SOON))
        await until_it_waits(hub, job)
        table[job] = "succeeded"
        events.wake([uuid4(), job])

        assert await soon(waiter) == "succeeded"

    with_hub(use)


@pytest.mark.usefixtures("application", "only_woken")
def test_a_job_that_ended_before_the_wait_is_noticed() -> None:
    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job, other = uuid4(), uuid4()
        await until_it_listens(hub)
        table[job] = "succeeded"
        with hub.waiting(other) as event:
            events.wake([job, other])
            await soon(event.wait())

        assert await soon(hub.until(job, is_done, 10 * SOON)) == "succeeded"

    with_hub(use)


class Proxy:
    """A connection to a server on a Unix socket that can go silent, like a firewall's."""

    def __init__(self, server: str):
        self.server = server
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets: list[socket.socket] = []
        self.silent: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def go_silent(self) -> None:
        """Drop all data of the existing connections; new ones work."""
        self.silent |= set(self.sockets)

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for opened in self.sockets:
            opened.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.server)
                self.sockets += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=[one, other], daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                if one not in self.silent:
                    other.sendall(data)


@pytest.mark.usefixtures("application", "only_woken")
def test_a_silent_connection_is_replaced(redis_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_LISTEN_SECONDS", 0.3)
    monkeypatch.setitem(connection.CONNECTION, "socket_timeout", 1)
    connection.redis().ping()  # not through the proxy
    proxy = Proxy(redis_server.removeprefix("unix://"))
    monkeypatch.setenv("GLASSBOX_REDIS_URL", f"redis://127.0.0.1:{proxy.port}")
    settings.cache_clear()

    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job = uuid4()
        table[job] = "running"
        await until_it_listens(hub)
        events.add_event(job, "step", {})
        assert len(await soon(hub.events(job, "0-0"))) == 1
        waiter = asyncio.create_task(hub.until(job, is_done, 10 * SOON))
        await until_it_waits(hub, job)
        table[job] = "succeeded"
        # waiting from before: the subscription may be replaced while the events are read
        with hub.waiting(uuid4()) as replaced:
            proxy.go_silent()
            # reads: one may fail, the next uses another connection
            assert len(await soon(hub.events(job, "0-0")) or await soon(hub.events(job, "0-0"))) == 1
            # wake-ups: lost until the silence is detected
            await soon(replaced.wait())
        assert await soon(waiter) == "succeeded"
        await until_it_is_woken(hub)

    try:
        with_hub(use)
    finally:
        proxy.close()


@pytest.mark.usefixtures("application")
def test_an_idle_hub_sends_few_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_LISTEN_SECONDS", 0.3)

    def commands() -> int:
        stats: Any = connection.redis().info("stats")
        return stats["total_commands_processed"]

    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        assert table == {}
        await until_it_listens(hub)
        before = commands()
        await asyncio.sleep(1)
        assert commands() - before < 20

    with_hub(use)


async def until_it_is_woken(hub: Hub[str]) -> None:
    job = uuid4()
    deadline = time.monotonic() + SOON
    with hub.waiting(job) as event:
        while not event.is_set():
            assert time.monotonic() < deadline
            events.wake([job])
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("data_folder")
def test_without_redis_the_table_is_polled_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSBOX_REDIS_URL", "unix:///nowhere/redis.sock")
    settings.cache_clear()

    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job = uuid4()
        table[job] = "running"
        waiter = asyncio.create_task(hub.until(job, is_done, 10 * SOON))
        await until_it_waits(hub, job)
        table[job] = "succeeded"

        assert await soon(waiter) == "succeeded"
        assert await hub.events(job, "0-0") == []
        with pytest.raises(RedisError):
            await hub.workers()

    with_hub(use)


@pytest.mark.usefixtures("application")
def test_the_wait_ends_in_time_with_the_current_job() -> None:
    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job = uuid4()
        table[job] = "running"

        assert await hub.until(job, is_done, 0.1) == "running"
        assert await hub.until(uuid4(), is_done, 0.1) is None

    with_hub(use)


@pytest.mark.usefixtures("application")
def test_a_closing_hub_ends_all_waits() -> None:
    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job = uuid4()
        table[job] = "running"
        waiter = asyncio.create_task(hub.until(job, is_done, 10 * SOON))
        await until_it_waits(hub, job)
        hub.release()

        assert await soon(waiter) == "running"

    with_hub(use)


@pytest.mark.usefixtures("application")
def test_an_error_of_the_database_reaches_the_caller() -> None:
    def broken(_: Sequence[UUID]) -> dict[UUID, str]:
        raise ValueError("no database")

    async def main() -> None:
        hub: Hub[str] = Hub(lambda _: {}, broken)
        await hub.open()
        with pytest.raises(ValueError, match="no database"):
            await hub.read(uuid4())
        await hub.close()

    asyncio.run(main())
