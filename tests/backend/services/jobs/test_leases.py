"""The state machine of a job, driven by a worker's operations, on a real database."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update

from backend.database import db_now, reading, transaction
from backend.services.jobs import commands as job_service
from backend.services.jobs import leases, recovery
from backend.services.jobs.leases import Claim, Ending
from backend.tables import Status, Task, artifacts, job_inputs, jobs, models, uploads

MODEL = UUID(int=7)
OWNER = "node/boot"
PROGRESS = {"fraction": 0.2, "step": 2, "total": 10, "message": ""}


@pytest.fixture(autouse=True)
def model(database: Path) -> None:
    assert database.exists()
    with transaction() as connection:
        connection.execute(
            insert(models).values(
                id=MODEL, name="m", version=1, capability="tiny", title="", summary="", architecture="",
                source="shipped", license="", metrics={}, card="", created_at=0.0,
            )
        )  # fmt: skip


def queue(**values: Any) -> UUID:
    job_id = uuid4()
    row: dict[str, Any] = {
        "id": job_id,
        "capability": "tiny",
        "task": Task.PREDICT,
        "model_id": MODEL,
        "params": {},
        "inspect": True,
        "status": Status.QUEUED,
        "max_attempts": 3,
        "created_at": db_now(),
        "dispatched_at": db_now(),
        **values,
    }
    with transaction() as connection:
        connection.execute(insert(jobs).values(row))
    return job_id


def row(job_id: UUID) -> Any:
    with reading() as connection:
        return connection.execute(select(jobs).where(jobs.c.id == job_id)).one()


def change(job_id: UUID, **values: Any) -> None:
    with transaction() as connection:
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))


def claim_one(owner: str = OWNER) -> Claim:
    (claim,) = leases.claim_batch(MODEL, owner, 1).claims
    return claim


def succeed(claim: Claim, **values: Any) -> set[UUID]:
    return leases.finish([Ending(claim, Status.SUCCEEDED, result={"n": 1}, **values)], {"device": "cpu"})


def let_lease_run_out(job_id: UUID) -> None:
    change(job_id, lease_until=0.0)


def test_a_batch_is_the_oldest_jobs_of_the_model() -> None:
    ids = [queue(created_at=float(age)) for age in range(5)]
    queue(task=Task.TRAIN, created_at=0.0)

    claims = leases.claim_batch(MODEL, OWNER, 3).claims

    assert {claim.job_id for claim in claims} == set(ids[:3])
    assert all(claim.attempt == 1 for claim in claims)


def test_a_claimed_job_cannot_be_claimed_again() -> None:
    queue()

    assert len(leases.claim_batch(MODEL, OWNER, 8).claims) == 1
    assert leases.claim_batch(MODEL, "other/boot", 8).claims == []


def with_picture(job_id: UUID, width: int, height: int) -> UUID:
    with transaction() as connection:
        upload = {"id": uuid4(), "sha256": uuid4().hex, "name": "a.png", "kind": "image", "key": "a"}
        size = {"media_type": "image/png", "bytes": 1, "width": width, "height": height, "created_at": 0.0}
        connection.execute(insert(uploads).values(**upload, **size))
        connection.execute(insert(job_inputs).values(job_id=job_id, name="image", upload_id=upload["id"]))
    return job_id


def test_larger_jobs_are_left_for_later_and_do_not_hold_up_small_ones() -> None:
    large = [with_picture(queue(created_at=float(age)), 60_000, 50_000) for age in range(3)]
    small = with_picture(queue(created_at=9.0), 30, 20)

    batch = leases.claim_batch(MODEL, OWNER, 3, up_to=1_000, together=10_000)

    assert [(claim.job_id, claim.size) for claim in batch.claims] == [(small, 600)]
    assert batch.leaves_larger
    assert leases.claim_larger(MODEL, OWNER, above=1_000, up_to=2_000_000) is None
    claim = leases.claim_larger(MODEL, OWNER, above=1_000)
    assert claim is not None
    assert (claim.job_id, claim.size) == (large[0], 3_000_000_000)


def test_the_inputs_of_a_batch_are_limited_together_and_one_always_fits() -> None:
    ids = [with_picture(queue(created_at=float(age)), 100, size) for age, size in enumerate((9, 9, 9, 50))]

    claims = [leases.claim_batch(MODEL, OWNER, 8, up_to=5_000, together=2_000).claims for _ in range(3)]

    assert [[claim.job_id for claim in each] for each in claims] == [ids[:2], ids[2:3], ids[3:]]


def test_the_size_of_an_inspection_is_that_of_the_inspected_job() -> None:
    inspected = with_picture(queue(status=Status.SUCCEEDED), 100, 100)
    inspecting = queue(task=Task.INSPECT, inspects=inspected)

    assert leases.claim_batch(MODEL, OWNER, 8, up_to=999, together=999).claims == []
    claim = leases.claim_larger(MODEL, OWNER, above=999)
    assert claim is not None
    assert claim.job_id == inspecting


def test_a_training_with_a_duplicate_message_is_claimed_once() -> None:
    job_id = queue(task=Task.TRAIN, model_id=None)

    assert leases.claim_job(job_id, OWNER) is not None
    assert leases.claim_job(job_id, "other/boot") is None


def test_a_job_that_crashed_a_worker_is_claimed_alone() -> None:
    poison = queue(attempt=1, created_at=1.0)
    queue(created_at=2.0)

    assert [claim.job_id for claim in leases.claim_batch(MODEL, OWNER, 8).claims] == [poison]


def test_a_batch_leaves_jobs_that_crashed_a_worker_for_later() -> None:
    fresh = queue(created_at=1.0)
    queue(attempt=1, created_at=2.0)

    assert [claim.job_id for claim in leases.claim_batch(MODEL, OWNER, 8).claims] == [fresh]


def a_file(job_id: UUID) -> dict[str, Any]:
    return {
        "id": uuid4(), "job_id": job_id, "role": "output", "position": 0, "name": "x", "kind": "image",
        "media_type": "image/png", "bytes": 1, "key": "k", "stage": None,
    }  # fmt: skip


def test_an_ending_with_a_lost_confirmation_is_accepted_again_and_written_once() -> None:
    job_id = queue()
    claim = claim_one()
    file = a_file(job_id)

    assert succeed(claim, artifacts=[file]) == {job_id}
    assert succeed(claim, artifacts=[file]) == {job_id}
    ended = row(job_id)
    assert (ended.status, ended.result, ended.lease_until) == (Status.SUCCEEDED, {"n": 1}, None)
    with reading() as connection:
        assert connection.scalars(select(artifacts.c.id)).all() == [file["id"]]


def test_an_ending_is_refused_for_a_job_with_another_outcome() -> None:
    job_id = queue(max_attempts=1)
    claim = claim_one()
    let_lease_run_out(job_id)
    recovery.expire()

    assert row(job_id).status == Status.FAILED
    assert succeed(claim, artifacts=[a_file(job_id)]) == set()


def test_numbers_that_are_not_finite_become_null() -> None:
    job_id = queue()
    ending = Ending(claim_one(), Status.SUCCEEDED, result={"a": float("nan"), "b": [float("inf"), 1.5]})
    leases.finish([ending], {})

    assert row(job_id).result == {"a": None, "b": [None, 1.5]}


def test_a_worker_that_lost_its_lease_writes_nothing() -> None:
    job_id = queue()
    late = claim_one()
    let_lease_run_out(job_id)
    recovery.expire()
    again = claim_one("other/boot")

    assert succeed(late, artifacts=[a_file(job_id)]) == set()
    assert row(job_id).status == Status.RUNNING
    with reading() as connection:
        assert connection.execute(select(artifacts)).all() == []
    assert succeed(again) == {job_id}


def test_a_job_canceled_while_running_is_canceled_regardless_of_its_outcome() -> None:
    job_id = queue()
    claim = claim_one()
    change(job_id, cancel_requested=True)

    assert succeed(claim) == set()
    assert row(job_id).status == Status.CANCELED
    assert row(job_id).result is None


def test_renewing_reports_cancels_and_leaves_out_lost_jobs() -> None:
    kept, canceled, lost = (queue(created_at=float(age)) for age in range(3))
    leases.claim_batch(MODEL, OWNER, 3)
    change(canceled, cancel_requested=True)
    change(lost, lease_owner="other/boot")

    assert leases.renew([kept, canceled, lost], OWNER) == {kept: False, canceled: True}


def test_an_expired_lease_requeues_the_job_at_once() -> None:
    job_id = queue()
    claim_one()
    let_lease_run_out(job_id)

    assert recovery.expire() == [job_id]
    again = row(job_id)
    assert (again.status, again.dispatched_at, again.attempt) == (Status.QUEUED, None, 1)


def test_a_valid_lease_is_unchanged() -> None:
    job_id = queue()
    claim_one()

    assert recovery.expire() == []
    assert row(job_id).status == Status.RUNNING


def test_a_job_that_crashes_every_worker_fails_after_its_last_attempt() -> None:
    job_id = queue(max_attempts=2)
    for _ in range(2):
        claim_one()
        let_lease_run_out(job_id)
        recovery.expire()

    assert row(job_id).status == Status.FAILED
    assert "crashed on every attempt" in row(job_id).error


def test_a_job_whose_worker_crashed_after_a_cancel_is_canceled() -> None:
    job_id = queue()
    claim_one()
    change(job_id, cancel_requested=True)
    let_lease_run_out(job_id)
    recovery.expire()

    assert row(job_id).status == Status.CANCELED


def test_a_stopping_worker_requeues_its_job_without_counting_the_attempt() -> None:
    job_id = queue(task=Task.TRAIN, model_id=None, max_attempts=1)
    claim = leases.claim_job(job_id, OWNER)
    assert claim is not None
    leases.release(claim, "checkpoints/x")

    given_back = row(job_id)
    assert (given_back.status, given_back.checkpoint) == (Status.QUEUED, "checkpoints/x")
    assert given_back.max_attempts - given_back.attempt == 1


@pytest.mark.parametrize(
    ("owner", "requeued"), [("node/former", True), (OWNER, False), ("node-2/former", False)]
)
def test_a_worker_requeues_the_jobs_of_its_previous_process(owner: str, requeued: bool) -> None:
    job_id = queue()
    claim_one(owner)

    assert recovery.reclaim("node", OWNER) == ([job_id] if requeued else [])


def test_a_wildcard_in_a_name_requeues_no_other_workers_jobs() -> None:
    queue()
    claim_one("gpu-1/boot")

    assert recovery.reclaim("gpu_1", "gpu_1/boot") == []


def test_reports_of_a_training_replace_the_steps_that_a_resume_repeats() -> None:
    job_id = queue(task=Task.TRAIN, model_id=None)
    claim = leases.claim_job(job_id, OWNER)
    assert claim is not None

    def point(step: int, loss: float) -> dict[str, Any]:
        return {"step": step, "name": "loss", "value": loss}

    assert leases.report(claim, progress=PROGRESS, points=[point(1, 0.9), point(2, 0.8)])
    assert leases.report(claim, points=[point(2, 0.7)], checkpoint="k")
    let_lease_run_out(job_id)
    recovery.expire()
    assert not leases.report(claim, points=[point(3, 0.1)])

    from_table = job_service.read(job_id)
    assert from_table.status == Status.QUEUED
    with reading() as connection:
        rows = connection.exec_driver_sql("SELECT step, value FROM metrics ORDER BY step").all()
    assert [tuple(found) for found in rows] == [(1, 0.9), (2, 0.7)]
