"""Audits whose worker is killed in the middle: each ends once, with the result of an undisturbed one."""

import os
import signal
import sqlite3
from collections import Counter
from typing import Any

import pytest

from tests.application import Application
from tests.faults.test_sweeps import QUICK_LEASES
from tests.workers.inference.test_audits import applicants

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _ask(application: Application, seed: int) -> str:
    name, kind = f"/v1/uploads?name=applicants-{seed}.csv", {"content-type": "text/csv"}
    upload = application.ask("POST", name, applicants(seed, 3_000, 3, skew=0.5), kind).json
    body = {
        "task": "audit",
        "capability": "tabular",
        "upload_id": upload["id"],
        "params": {"group": "Gruppe ä", "robustness": True},
    }
    answer = application.post("/v1/jobs", body)
    assert answer.status == 202, answer.body
    return answer.json["id"]


def _statuses(application: Application, ids: list[str]) -> list[str]:
    return [application.job(job_id)["status"] for job_id in ids]


def _stages(application: Application, job: dict[str, Any]) -> list[str]:
    return [stage["id"] for stage in application.get(f"/v1/jobs/{job['id']}/inspection").json["stages"]]


def test_audits_survive_the_death_of_their_worker() -> None:
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
        ids = [_ask(application, seed) for seed in range(3)]
        running = ["running", "running", "queued"]  # two at a time, in the order of the requests
        application.wait_for(
            lambda: sorted(_statuses(application, ids)) == sorted(running), 120, "no two run"
        )
        for worker in application.workers("predict"):
            os.kill(worker, signal.SIGKILL)
        application.wait_for(
            lambda: set(_statuses(application, ids)) == {"succeeded"}, 300, "the audits do not end"
        )
        jobs = [application.job(job_id) for job_id in ids]
        undisturbed = _ask(application, 0)
        application.wait_for(
            lambda: _statuses(application, [undisturbed]) == ["succeeded"], 120, "the last one does not end"
        )
        seen = database.execute("SELECT job, new, attempt FROM seen").fetchall()
        endings = Counter(job for job, new, _ in seen if new not in ("queued", "running"))
        claims = Counter((job, attempt) for job, new, attempt in seen if new == "running")
        last = application.job(undisturbed)

        assert sorted(job["attempt"] for job in jobs) == [1, 2, 2]
        assert set(endings.values()) == set(claims.values()) == {1}
        assert jobs[0]["result"] == last["result"]
        assert _stages(application, jobs[0]) == _stages(application, last)
        database.close()
