"""Sweeps: their fits, run by a training worker in this process in forks of one warm process."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psutil
import pytest
from fastapi.testclient import TestClient

from tests.workers.training.trainings import upload
from workers.training import sweeps
from workers.training.supervision import Trainer

pytestmark = pytest.mark.timeout(300)

NETWORK = {"method": "neural network", "epochs": 3, "layers": [4]}
FEW = b"x,y\n1,2\n3,4\n5,9\n8,8\n"
SLOW = {"capability": "tiny", "params": {"pause": 0.05}}
STEPS = {"param": "steps", "values": [20, 21]}


def ask(client: TestClient, **body: Any) -> str:
    answer = client.post("/v1/sweeps", json={"capability": "tabular", "params": NETWORK, **body})
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def found(client: TestClient, sweep: str) -> dict[str, Any]:
    return client.get(f"/v1/sweeps/{sweep}").json()


def statuses(client: TestClient, sweep: str) -> list[str]:
    return [cell["status"] for cell in found(client, sweep)["cells"]]


def in_background(trainer: Trainer, sweep: str) -> threading.Thread:
    thread = threading.Thread(target=sweeps.run, args=[trainer, UUID(sweep)], daemon=True)
    thread.start()
    return thread


def warm_processes() -> list[psutil.Process]:
    """The warm process, and the fit that it runs."""
    own = psutil.Process().children(recursive=True)
    return [each for each in own if "workers.training.warm_child" in " ".join(each.cmdline())]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_fits_that_fail_or_exceed_the_budget_are_cells_of_a_sweep_that_can_be_resumed(
    client: TestClient, trainer: Trainer
) -> None:
    table = upload(client, FEW)["id"]
    clusters = {"param": "n_clusters", "values": [5, 2, 3]}  # of four rows
    body = {"capability": "clustering", "of": "predict", "upload_id": table, "params": {"n_init": 1}}
    sweep = ask(client, **body, axes=[clusters], fits=2)
    sweeps.run(trainer, UUID(sweep))
    first = found(client, sweep)
    job = client.get(f"/v1/jobs/{sweep}").json()
    fit = client.get(f"/v1/jobs/{first['cells'][1]['job_id']}").json()
    client.post(f"/v1/jobs/{sweep}/resume")
    sweeps.run(trainer, UUID(sweep))
    resumed = found(client, sweep)

    assert [cell["status"] for cell in first["cells"]] == ["failed", "succeeded", "canceled"]
    assert "4" in first["cells"][0]["message"]
    assert "budget of 2 fits" in first["cells"][2]["message"]
    assert (job["status"], job["result"]["best"]["cell"]) == ("succeeded", 1)
    (stage,) = client.get(f"/v1/jobs/{sweep}/inspection").json()["stages"]
    assert (stage["kind"], len(client.get(stage["data_url"]).json()["cells"])) == ("sweep", 3)
    assert first["figure"] == "inertia"
    assert fit["metrics"]["inertia"] == fit["result"]["inertia"] == first["cells"][1]["value"]
    assert fit["artifacts"][0]["name"] == "clusters.csv"
    # a failure of the input is final; what was left out is made up for
    assert [cell["status"] for cell in resumed["cells"]] == ["failed", "succeeded", "succeeded"]
    assert resumed["cells"][1] == first["cells"][1]
    assert warm_processes() == []
    assert client.delete(f"/v1/jobs/{sweep}").status_code == 204
    assert client.get(f"/v1/jobs/{fit['id']}").status_code == 404


@pytest.mark.slow
def test_a_fit_of_a_sweep_equals_a_training_of_its_own(client: TestClient, trainer: Trainer) -> None:
    sweep = ask(client, axes=[{"param": "learning_rate", "values": [0.01, 0.1]}], seeds=[0, 1])
    sweeps.run(trainer, UUID(sweep))
    cell = found(client, sweep)["cells"][3]
    fit = client.get(f"/v1/jobs/{cell['job_id']}").json()
    single = client.post(f"/v1/jobs/{fit['id']}/retry").json()
    trainer.train(UUID(single["id"]))
    single = client.get(f"/v1/jobs/{single['id']}").json()

    assert statuses(client, sweep) == ["succeeded"] * 4
    assert (cell["values"], cell["seed"]) == ({"learning_rate": 0.1}, 1)
    assert single["params"] == {**single["params"], **NETWORK, "learning_rate": 0.1, "seed": 1}
    assert fit["metrics"] == single["metrics"]
    assert fit["result"] == {name: value for name, value in single["result"].items() if name != "model"}
    assert cell["validation"] == fit["result"]["quality"]["validation"]["accuracy"]
    assert cell["test"] == fit["metrics"]["accuracy"]
    # a fit makes no model; its repetition as a job of its own does
    assert single["result"]["model"]["name"]
    kinds = [stage["kind"] for stage in client.get(f"/v1/jobs/{fit['id']}/inspection").json()["stages"]]
    assert kinds == ["curve"]


@pytest.mark.slow
def test_a_running_sweep_is_canceled_as_one(client: TestClient, trainer: Trainer) -> None:
    sweep = ask(client, **SLOW, axes=[{"param": "steps", "values": [1, 2_000, 3_000]}])
    thread = in_background(trainer, sweep)
    until(lambda: statuses(client, sweep)[:2] == ["succeeded", "running"])

    assert client.delete(f"/v1/jobs/{sweep}").status_code == 409
    client.post(f"/v1/jobs/{sweep}/cancel")
    thread.join(timeout=60)
    assert client.get(f"/v1/jobs/{sweep}").json()["status"] == "canceled"
    assert statuses(client, sweep) == ["succeeded", "canceled", "canceled"]
    assert warm_processes() == []


@pytest.mark.slow
def test_a_killed_process_costs_its_fit_an_attempt(client: TestClient, trainer: Trainer) -> None:
    sweep = ask(client, **SLOW, axes=[STEPS], seeds=[0, 1])
    thread = in_background(trainer, sweep)
    until(lambda: statuses(client, sweep)[0] == "running" and len(warm_processes()) == 2)
    warm, fit = warm_processes()
    os.kill(fit.pid, signal.SIGKILL)
    until(lambda: statuses(client, sweep)[1] == "running" and len(warm_processes()) == 2)
    os.kill(warm_processes()[0].pid, signal.SIGKILL)
    thread.join(timeout=200)
    jobs = client.get(f"/v1/jobs?parent={sweep}").json()["items"]

    assert statuses(client, sweep) == ["succeeded"] * 4
    assert Counter(job["attempt"] for job in jobs) == {1: 2, 2: 2}
    assert client.get(f"/v1/jobs/{sweep}").json()["attempt"] == 1
    assert not psutil.pid_exists(warm.pid)


@pytest.mark.slow
def test_a_stopping_worker_gives_a_sweep_back_with_its_checkpoint(
    client: TestClient, trainer: Trainer
) -> None:
    sweep = ask(client, **SLOW, axes=[{"param": "steps", "values": [1, 60]}])
    thread = in_background(trainer, sweep)
    until(lambda: statuses(client, sweep) == ["succeeded", "running"])
    fit = found(client, sweep)["cells"][1]["job_id"]
    until(lambda: client.get(f"/v1/jobs/{fit}").json()["progress"]["step"] > 20)
    trainer.stopping.set()
    thread.join(timeout=60)
    given_back = client.get(f"/v1/jobs/{sweep}").json()["status"], statuses(client, sweep)
    trainer.stopping.clear()
    sweeps.run(trainer, UUID(sweep))

    assert given_back == ("queued", ["succeeded", "queued"])
    assert statuses(client, sweep) == ["succeeded", "succeeded"]
    steps = client.get(f"/v1/jobs/{fit}/inspection").json()["stages"][0]["data_url"]
    assert client.get(steps).json()["series"][0]["x"] == list(range(1, 61))


@pytest.mark.slow
def test_fits_beyond_the_minutes_are_left_out_and_made_up_for_by_a_resumption(
    client: TestClient, trainer: Trainer
) -> None:
    minutes = 1e-6  # which the first fit exceeds
    sweep = ask(client, **SLOW, axes=[STEPS], seeds=[0, 1], minutes=minutes)
    sweeps.run(trainer, UUID(sweep))
    first = found(client, sweep)
    job = client.get(f"/v1/jobs/{sweep}").json()
    client.post(f"/v1/jobs/{sweep}/resume")
    sweeps.run(trainer, UUID(sweep))

    assert job["status"] == "succeeded"
    assert [cell["status"] for cell in first["cells"]] == ["succeeded", *["canceled"] * 3]
    assert {cell["message"] for cell in first["cells"][1:]} == {
        "Left out: the budget of 1e-06 minutes was used up."
    }
    assert len(job["result"]["cells"]) == 4
    # the budget counts anew: one more fit begins
    assert statuses(client, sweep) == [*["succeeded"] * 2, *["canceled"] * 2]
