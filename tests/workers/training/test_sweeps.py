"""Sweeps: their fits, run by a training worker in this process in forks of one warm process."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from workers.training import sweeps
from workers.training.supervision import Trainer

pytestmark = pytest.mark.timeout(180)

NETWORK = {"method": "neural network", "epochs": 3, "layers": [4]}


def ask(client: TestClient, **body: Any) -> Any:
    return client.post("/v1/sweeps", json={"capability": "tabular", "params": NETWORK, **body})


def run(client: TestClient, trainer: Trainer, **body: Any) -> dict[str, Any]:
    answer = ask(client, **body)
    assert answer.status_code == 202, answer.text
    sweeps.run(trainer, UUID(answer.json()["id"]))
    return client.get(f"/v1/sweeps/{answer.json()['id']}").json()


def test_a_fit_of_a_sweep_equals_a_training_of_its_own(client: TestClient, trainer: Trainer) -> None:
    rates = {"param": "learning_rate", "values": [0.01, 0.1]}
    sweep = run(client, trainer, axes=[rates], seeds=[0, 1])
    cell = sweep["cells"][3]
    fit = client.get(f"/v1/jobs/{cell['job_id']}").json()
    single = client.post(
        "/v1/jobs", json={"capability": "tabular", "task": "train", "params": fit["params"]}
    ).json()
    trainer.train(UUID(single["id"]))
    single = client.get(f"/v1/jobs/{single['id']}").json()

    assert [one["status"] for one in sweep["cells"]] == ["succeeded"] * 4, sweep["cells"]
    assert (cell["values"], cell["seed"]) == ({"learning_rate": 0.1}, 1)
    assert single["params"] == {**single["params"], **NETWORK, "learning_rate": 0.1, "seed": 1}
    assert fit["metrics"] == single["metrics"]
    own = {name: value for name, value in single["result"].items() if name != "model"}
    assert fit["result"] == own
    assert "model" not in fit["result"]
