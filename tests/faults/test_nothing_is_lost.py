"""Workers and Redis are killed under load: every accepted job ends exactly once.

A trigger that the test adds to the database records every change of status, so the evidence does not come
from the code under test.
"""

import os
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.application import Application

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FINAL = ("succeeded", "failed", "canceled")
PICTURE = Path(__file__).resolve().parent.parent / "capabilities" / "tiny" / "sample.jpg"
QUICK_LEASES = {
    "GLASSBOX_LEASE_SECONDS": "6",
    "GLASSBOX_HEARTBEAT_SECONDS": "1.5",
    "GLASSBOX_GRACE_SECONDS": "3",
    "GLASSBOX_SWEEP_SECONDS": "1",
    "GLASSBOX_MAX_ATTEMPTS": "60",
    "GLASSBOX_MAX_QUEUED": "100000",
    "GLASSBOX_CHECKPOINT_SECONDS": "0.5",
}


@pytest.fixture
def application() -> Iterator[Application]:
    with Application(**QUICK_LEASES) as running:
        _audit(running)
        yield running


def _database(application: Application) -> sqlite3.Connection:
    return sqlite3.connect(application.folder / "data" / "glassbox.db", timeout=30)


def _audit(application: Application) -> None:
    with _database(application) as connection:
        connection.executescript(
            """
            CREATE TABLE audit (job TEXT, old TEXT, new TEXT, attempt INTEGER);
            CREATE TRIGGER audit_status AFTER UPDATE OF status ON jobs BEGIN
                INSERT INTO audit VALUES (new.id, old.status, new.status, new.attempt);
            END;
            """
        )


class Load(threading.Thread):
    """Submits jobs one after another until it is stopped; keeps the ids that were accepted."""

    def __init__(self, application: Application, body: dict[str, Any], pause: float):
        super().__init__(daemon=True)
        self.application, self.body, self.pause = application, body, pause
        self.accepted: list[str] = []
        self.refused = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(self.pause):
            answer = self.application.post("/v1/jobs", self.body)
            if answer.status == 202:
                self.accepted.append(answer.json["id"])
            else:
                self.refused += 1

    def stop(self) -> None:
        self.stopping.set()
        self.join()


def _predictions(application: Application) -> Load:
    name, kind = "/v1/uploads?name=photo.jpg", {"content-type": "image/jpeg"}
    upload = application.ask("POST", name, PICTURE.read_bytes(), kind)
    body = {"capability": "tiny", "upload_id": upload.json["id"]}
    return Load(application, body, pause=0.05)


def _trainings(application: Application, steps: int) -> Load:
    body = {"capability": "tiny", "task": "train", "params": {"steps": steps, "pause": 0.03}}
    return Load(application, body, pause=6.0)  # about the duration of one


def _kill(pids: list[int]) -> None:
    assert pids, "no process to kill"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def _settle(application: Application, accepted: list[str], seconds: float) -> None:
    """Wait until all have ended, each at most `seconds` after the one before it."""

    def waiting() -> int:
        with _database(application) as connection:
            open_jobs = connection.execute("SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')")
            return open_jobs.fetchone()[0]

    while left := waiting():
        message = f"{left} of {len(accepted)} jobs have not ended, and none has"
        application.wait_for(lambda left=left: waiting() < left, seconds, message)


def _account(application: Application, accepted: list[str]) -> dict[str, int]:
    """The numbers of accepted, lost and duplicated jobs, from the trigger's records."""
    with _database(application) as connection:
        status = dict(connection.execute("SELECT id, status FROM jobs"))
        audit = connection.execute("SELECT job, old, new, attempt FROM audit").fetchall()
    endings = Counter(job for job, _, new, _ in audit if new in FINAL)
    claims = Counter((job, attempt) for job, _, new, attempt in audit if new == "running")
    ids = [job.replace("-", "") for job in accepted]
    return {
        "accepted": len(ids),
        "lost": sum(status.get(job) not in FINAL for job in ids),
        "doubled": sum(endings[job] != 1 for job in ids) + sum(number > 1 for number in claims.values()),
        "succeeded": sum(status.get(job) == "succeeded" for job in ids),
        "attempts": sum(claims.values()),
    }


def _assert_nothing_lost(name: str, account: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{name}: {account}")
    assert account["accepted"] > 0
    assert account["lost"] == 0
    assert account["doubled"] == 0
    assert account["succeeded"] == account["accepted"]


def test_the_inference_worker_is_killed_twenty_times(application: Application, capsys) -> None:
    load = _predictions(application)
    load.start()
    for _ in range(20):
        application.wait_for(lambda: application.workers("predict"), 60, "no inference worker")
        done = _succeeded(application)
        time.sleep(0.5)
        # killed while it works, not while it starts
        application.wait_for(lambda done=done: _succeeded(application) > done, 60, "nothing is answered")
        _kill(application.workers("predict"))
    load.stop()
    _settle(application, load.accepted, 60)

    _assert_nothing_lost("20 kills of the inference worker", _account(application, load.accepted), capsys)
    assert load.refused == 0


def test_the_training_worker_is_killed_ten_times(application: Application, capsys) -> None:
    load = _trainings(application, steps=100)
    load.start()
    claimed = 0
    for number in range(10):
        # killed with a claimed training: while it loads, while it trains, near its end
        application.wait_for(lambda claimed=claimed: _claims(application) > claimed, 90, "no training begins")
        time.sleep(1 + 2 * (number % 4))
        claimed = _claims(application)
        _kill(application.workers("train"))
    load.stop()
    _settle(application, load.accepted, 120)

    _assert_nothing_lost("10 kills of the training worker", _account(application, load.accepted), capsys)


def test_redis_is_killed_three_times(application: Application, capsys) -> None:
    predictions, trainings = _predictions(application), _trainings(application, steps=40)
    predictions.start()
    trainings.start()
    for _ in range(3):
        time.sleep(4.0)
        _kill(application.redis())
    time.sleep(4.0)
    predictions.stop()
    trainings.stop()
    accepted = predictions.accepted + trainings.accepted
    _settle(application, accepted, 60)

    _assert_nothing_lost("3 kills of Redis", _account(application, accepted), capsys)
    assert predictions.refused == trainings.refused == 0


def _succeeded(application: Application) -> int:
    with _database(application) as connection:
        return connection.execute("SELECT count(*) FROM jobs WHERE status = 'succeeded'").fetchone()[0]


def _claims(application: Application) -> int:
    with _database(application) as connection:
        return connection.execute("SELECT count(*) FROM audit WHERE new = 'running'").fetchone()[0]
