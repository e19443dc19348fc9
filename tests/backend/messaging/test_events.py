"""A job's event stream: live, replayed, rebuilt from the table, ended."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.database import transaction
from backend.messaging import connection
from backend.messaging import events as event_stream
from backend.routers.events import Place, _stream
from backend.services.jobs import leases, sheets
from backend.services.jobs.leases import Claim, Ending
from backend.tables import Status, jobs
from tests.backend.messaging.hubs import is_waiting

Event = tuple[str, str, Any]  # id, name, data


def training(client: TestClient) -> Claim:
    """A training claimed by the test."""
    job = client.post("/v1/jobs", json={"capability": "tiny", "task": "train"}).json()
    claim = leases.claim_job(UUID(job["id"]), "node/boot")
    assert claim is not None
    return claim


def until_it_waits(client: TestClient, job_id: UUID) -> None:
    """Return once a stream has sent everything and waits for more."""
    deadline = time.monotonic() + 30
    hub = cast(FastAPI, client.app).state.hub
    while not is_waiting(hub, job_id):
        assert time.monotonic() < deadline
        time.sleep(0.001)


def report(claim: Claim, step: int) -> None:
    """As the training worker does: the table and the stream."""
    leases.report(claim, points=[{"step": step, "name": "loss", "value": 1 / step}])
    event_stream.add_event(claim.job_id, "metric", {"step": step, "values": {"loss": 1 / step}})


def report_sheet(claim: Claim, step: int, png: bytes) -> None:
    assert sheets.store(claim, {"step": step, "file": f"samples-{step}.png", "columns": 1, "count": 1}, png)


def end(claim: Claim, status: Status = Status.SUCCEEDED) -> None:
    leases.finish([Ending(claim, status, error=None if status == Status.SUCCEEDED else "broken")], {})


def events(client: TestClient, job_id: UUID, last_id: str = "", **headers: str) -> list[Event]:
    query = {"last_event_id": last_id} if last_id else {}
    answer = client.get(f"/v1/jobs/{job_id}/events", params=query, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.text.startswith("retry: 1000\n\n")
    return [parse(block) for block in answer.text.split("\n\n") if block.startswith("id:")]


def parse(block: str) -> Event:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    return fields["id"], fields["event"], orjson.loads(fields["data"])


def steps(found: list[Event]) -> list[int]:
    return [data["step"] for _, name, data in found if name == "metric"]


def test_the_stream_has_all_events_and_ends_with_the_status(client: TestClient) -> None:
    claim = training(client)
    for step in (1, 2, 3):
        report(claim, step)
    event_stream.add_event(claim.job_id, "log", {"message": "halfway"})
    end(claim)
    found = events(client, claim.job_id)

    assert [name for _, name, _ in found] == ["metric", "metric", "metric", "log", "succeeded"]
    assert found[-1][2]["status"] == "succeeded"
    assert len({event_id for event_id, _, _ in found}) == len(found)


def test_a_reconnect_gets_only_later_events(client: TestClient) -> None:
    claim = training(client)
    for step in range(1, 6):
        report(claim, step)
    end(claim)
    everything = events(client, claim.job_id)
    seen = everything[1][0]

    assert steps(events(client, claim.job_id, seen)) == [3, 4, 5]
    assert steps(events(client, claim.job_id, **{"last-event-id": seen})) == [3, 4, 5]


def test_events_missing_from_redis_are_rebuilt_from_the_table(client: TestClient) -> None:
    claim = training(client)
    for step in range(1, 5):
        report(claim, step)
    end(claim)
    seen = events(client, claim.job_id)[1][0]
    connection.redis().flushall()

    assert steps(events(client, claim.job_id)) == [1, 2, 3, 4]
    assert steps(events(client, claim.job_id, seen)) == [3, 4]


def test_a_stream_without_its_beginning_is_completed(client: TestClient) -> None:
    claim = training(client)
    for step in range(1, 4):
        report(claim, step)
    connection.redis().flushall()
    for step in range(4, 6):
        report(claim, step)
    end(claim)

    assert steps(events(client, claim.job_id)) == [1, 2, 3, 4, 5]


def test_steps_that_a_resumed_training_repeats_are_sent_once(client: TestClient) -> None:
    claim = training(client)
    for step in (1, 2, 3, 2, 3, 4):
        report(claim, step)
    end(claim)

    assert steps(events(client, claim.job_id)) == [1, 2, 3, 4]


def test_a_late_visitor_gets_the_sheets_so_far_and_a_follower_each_once(client: TestClient) -> None:
    claim = training(client)
    for step in (1, 2):
        report_sheet(claim, step, b"early")
    connection.redis().flushall()
    report_sheet(claim, 2, b"of the next attempt")  # replaces an event that the stream lacks
    report_sheet(claim, 3, b"late")
    end(claim)

    found = [data for _, name, data in events(client, claim.job_id) if name == "samples"]
    assert [sheet["step"] for sheet in found] == [1, 2, 3]
    contents = [client.get(sheet["url"]).content for sheet in found]
    assert contents == [b"early", b"of the next attempt", b"late"]


def test_a_replaced_sheet_is_not_replayed(client: TestClient) -> None:
    claim = training(client)
    for png in (b"first", b"second"):
        report_sheet(claim, 7, png)
    end(claim)

    (sheet,) = [data for _, name, data in events(client, claim.job_id) if name == "samples"]
    assert client.get(sheet["url"]).content == b"second"


def test_a_client_that_has_the_end_gets_204(client: TestClient) -> None:
    claim = training(client)
    end(claim)
    last = events(client, claim.job_id)[-1][0]

    assert client.get(f"/v1/jobs/{claim.job_id}/events", params={"last_event_id": last}).status_code == 204


@pytest.mark.parametrize("last_id", ["x", "1-1/x", "-", "99999999999999999999999-0", "1-1/end/end", "\u00e4"])
def test_an_unknown_event_id_gets_everything(client: TestClient, last_id: str) -> None:
    claim = training(client)
    report(claim, 1)
    end(claim)

    assert steps(events(client, claim.job_id, last_id)) == [1]


def test_a_failed_job_has_its_error(client: TestClient) -> None:
    claim = training(client)
    end(claim, Status.FAILED)

    assert events(client, claim.job_id)[-1][1:] == ("failed", {"status": "failed", "error": "broken"})


def test_new_events_arrive_on_an_open_stream(client: TestClient) -> None:
    claim = training(client)

    def work() -> None:
        until_it_waits(client, claim.job_id)
        for step in (1, 2):
            report(claim, step)
        end(claim)

    worker = threading.Thread(target=work)
    worker.start()
    found = events(client, claim.job_id)
    worker.join()

    assert steps(found) == [1, 2]


def test_an_unannounced_status_is_found_by_polling(client: TestClient) -> None:
    claim = training(client)

    def end_silently() -> None:
        until_it_waits(client, claim.job_id)
        with transaction() as connection:
            connection.execute(
                update(jobs).where(jobs.c.id == claim.job_id).values(status=Status.CANCELED, finished_at=1.0)
            )

    worker = threading.Thread(target=end_silently)
    worker.start()
    found = events(client, claim.job_id)
    worker.join()

    assert [name for _, name, _ in found] == ["canceled"]


def test_head_of_an_endless_stream_ends(client: TestClient) -> None:
    claim = training(client)

    assert client.head(f"/v1/jobs/{claim.job_id}/events").status_code == 200
    end(claim)


class _Away:
    """Waiting requests whose database does not answer."""

    is_closing = False

    @contextmanager
    def waiting(self, _: UUID) -> Iterator[asyncio.Event]:
        yield asyncio.Event()

    async def read(self, _: UUID) -> None:
        raise PoolTimeout


def test_a_stream_that_waits_for_the_database_ends_with_the_server() -> None:
    async def follow() -> list[bytes]:
        hub: Any = _Away()
        sent = []
        async for piece in _stream(hub, uuid4(), Place()):
            sent.append(piece)
            hub.is_closing = piece == b": paused\n\n"
        return sent

    assert asyncio.run(asyncio.wait_for(follow(), 20)) == [b"retry: 1000\n\n", b": paused\n\n"]
