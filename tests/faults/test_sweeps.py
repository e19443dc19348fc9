"""Sweeps of sixty fits, whose worker is killed in the middle: nothing is lost, and nothing is doubled.

The fits equal trainings of their own, also the one that was tried again; a sweep is canceled as one.
"""

import os
import signal
import sqlite3
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.application import Application

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SAMPLES = Path(__file__).resolve().parents[2] / "models" / "tabular" / "samples"
QUICK_LEASES = {
    "GLASSBOX_LEASE_SECONDS": "6",
    "GLASSBOX_HEARTBEAT_SECONDS": "1.5",
    "GLASSBOX_GRACE_SECONDS": "3",
    "GLASSBOX_SWEEP_SECONDS": "1",
}
RATES = {"param": "learning_rate", "values": [0.001, 0.01, 0.1]}
LAYERS = {"param": "layers", "values": [[4], [16]]}


def _ask(application: Application, table: str) -> str:
    name, kind = f"/v1/uploads?name={table}.csv", {"content-type": "text/csv"}
    upload = application.ask("POST", name, (SAMPLES / f"{table}.csv").read_bytes(), kind).json
    body = {
        "capability": "tabular",
        "upload_id": upload["id"],
        "params": {"method": "neural network", "epochs": 5},
        "axes": [RATES, LAYERS],
        "seeds": list(range(10)),
    }
    answer = application.post("/v1/sweeps", body)
    assert answer.status == 202, answer.body
    return answer.json["id"]


def _cells(application: Application, sweep: str) -> list[dict[str, Any]]:
    return application.get(f"/v1/sweeps/{sweep}").json["cells"]


def _ended(application: Application, sweep: str) -> int:
    return sum(cell["status"] == "succeeded" for cell in _cells(application, sweep))


def _has_ended(application: Application, sweep: str) -> bool:
    return application.job(sweep)["status"] not in ("queued", "running")


def test_sixty_fits_survive_the_death_of_their_worker(capsys: pytest.CaptureFixture[str]) -> None:
    with Application(**QUICK_LEASES) as application:
        database = sqlite3.connect(application.folder / "data" / "glassbox.db", timeout=30)
        database.executescript(
            """
            CREATE TABLE seen (job TEXT, new TEXT, attempt INTEGER);
            CREATE TRIGGER seen_status AFTER UPDATE OF status ON jobs BEGIN
                INSERT INTO seen VALUES (new.id, new.status, new.attempt);
            END;
            """
        )
        killed, whole = _ask(application, "iris"), _ask(application, "breast-cancer")  # two at once
        application.wait_for(lambda: _ended(application, killed) >= 20, 300, "twenty fits do not end")
        (worker,) = application.workers("train")
        os.kill(worker, signal.SIGKILL)
        for sweep in (killed, whole):
            application.wait_for(lambda of=sweep: _has_ended(application, of), 400, "the sweep does not end")
        job = application.job(whole)
        times = [datetime.fromisoformat(job[name]) for name in ("started_at", "finished_at")]
        seconds = (times[1] - times[0]).total_seconds()
        endings = Counter(
            job for job, new, _ in database.execute("SELECT * FROM seen") if new not in ("queued", "running")
        )
        claims = Counter(
            (job, attempt) for job, new, attempt in database.execute("SELECT * FROM seen") if new == "running"
        )
        attempts = Counter(job["attempt"] for sweep in (killed, whole) for job in _fits(application, sweep))

        assert [cell["status"] for cell in _cells(application, killed)] == ["succeeded"] * 60
        assert [cell["status"] for cell in _cells(application, whole)] == ["succeeded"] * 60
        assert set(endings.values()) == set(claims.values()) == {1}
        assert len(endings) == 2 * 61
        # of the fits only the one that ran was tried again
        assert attempts[1] >= 119
        assert application.job(killed)["attempt"] == 2
        for sweep in (killed, whole):
            fit = max(_fits(application, sweep), key=lambda job: job["attempt"])
            single = application.post(f"/v1/jobs/{fit['id']}/retry", {}).json["id"]
            application.wait_for(
                lambda of=single: _has_ended(application, of), 200, "the training does not end"
            )
            metrics = application.job(single)["metrics"]
            assert metrics
            assert metrics == application.job(fit["id"])["metrics"]
        canceled = _ask(application, "iris")
        application.wait_for(lambda: _ended(application, canceled) >= 5, 300, "five fits do not end")
        application.post(f"/v1/jobs/{canceled}/cancel", {})
        application.wait_for(lambda: _has_ended(application, canceled), 60, "the sweep is not canceled")
        statuses = Counter(cell["status"] for cell in _cells(application, canceled))
        assert set(statuses) == {"succeeded", "canceled"}
        assert 5 <= statuses["succeeded"] < 60
        database.close()
    with capsys.disabled():
        print(f"\nsixty fits of breast cancer: {seconds:.1f} s; attempts: {dict(attempts)}; {dict(statuses)}")


def _fits(application: Application, sweep: str) -> list[dict[str, Any]]:
    return application.get(f"/v1/jobs?parent={sweep}&limit=100").json["items"]
