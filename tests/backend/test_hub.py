"""The hub: news that come early, late, or not at all."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID, uuid4

import pytest
from redis.exceptions import RedisError

from backend import broker
from backend.hub import Hub
from backend.settings import settings
from backend.tables import Status

Use = Callable[[Hub[str], dict[UUID, str]], Awaitable[None]]


def with_hub(use: Use) -> None:
    """Run `use` with a hub over a table of its own: job id -> status."""
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
    broker.redis().close()


def is_done(job: str) -> bool:
    return job == "succeeded"


@pytest.mark.usefixtures("application")
def test_a_wake_up_ends_the_wait_at_once() -> None:
    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job = uuid4()
        table[job] = "running"
        waiter = asyncio.create_task(hub.until(job, is_done, 20))
        await asyncio.sleep(0.2)
        table[job] = "succeeded"
        started = time.monotonic()
        broker.wake([uuid4(), job])

        assert await waiter == "succeeded"
        assert time.monotonic() - started < 0.8

    with_hub(use)


@pytest.mark.usefixtures("application")
def test_a_job_that_ended_before_anyone_waited_is_noticed() -> None:
    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job = uuid4()
        await asyncio.sleep(0.2)
        table[job] = "succeeded"
        broker.wake([job])
        await asyncio.sleep(0.1)
        started = time.monotonic()

        assert await hub.until(job, is_done, 20) == "succeeded"
        assert time.monotonic() - started < 0.5

    with_hub(use)


@pytest.mark.usefixtures("data_folder")
def test_without_redis_the_table_is_asked_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSBOX_REDIS_URL", "unix:///nowhere/redis.sock")
    settings.cache_clear()

    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job = uuid4()
        table[job] = "running"
        waiter = asyncio.create_task(hub.until(job, is_done, 20))
        await asyncio.sleep(0.2)
        table[job] = "succeeded"

        assert await waiter == "succeeded"
        assert await hub.events(job, "0-0") == []
        with pytest.raises(RedisError):
            await hub.workers()

    with_hub(use)


@pytest.mark.usefixtures("application")
def test_the_wait_ends_in_time_with_the_job_as_it_is() -> None:
    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job = uuid4()
        table[job] = "running"

        assert await hub.until(job, is_done, 0.1) == "running"
        assert await hub.until(uuid4(), is_done, 0.1) is None

    with_hub(use)


@pytest.mark.usefixtures("application")
def test_a_hub_that_closes_lets_everyone_go() -> None:
    async def use(hub: Hub[str], table: dict[UUID, str]) -> None:
        job = uuid4()
        table[job] = "running"
        waiter = asyncio.create_task(hub.until(job, is_done, 20))
        await asyncio.sleep(0.1)
        hub.let_go()

        assert await asyncio.wait_for(waiter, 2) == "running"

    with_hub(use)


@pytest.mark.usefixtures("application")
def test_an_error_of_the_database_reaches_who_asked() -> None:
    def broken(_: Sequence[UUID]) -> dict[UUID, str]:
        raise ValueError("no database")

    async def main() -> None:
        hub: Hub[str] = Hub(lambda _: {}, broken)
        await hub.open()
        with pytest.raises(ValueError, match="no database"):
            await hub.read(uuid4())
        await hub.close()

    asyncio.run(main())
