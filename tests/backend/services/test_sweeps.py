"""Sweeps at the API: what is refused, what is written, and what becomes of it without a worker."""

import math
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.database import reading
from backend.services.jobs import leases
from backend.services.sweeps.summary import Outcome, summarize
from backend.tables import jobs

RATES = {"param": "learning_rate", "values": [0.01, 0.1]}


def ask(client: TestClient, **body: Any) -> Any:
    return client.post("/v1/sweeps", json={"capability": "tabular", "axes": [RATES], **body})


def written() -> int:
    with reading() as connection:
        return (
            connection.scalar(select(func.count()).select_from(jobs).where(jobs.c.parent_id.is_not(None)))
            or 0
        )


def test_the_fits_belong_to_the_sweep_and_are_not_in_the_list(client: TestClient) -> None:
    answer = ask(client, seeds=[3, 5], params={"epochs": 7})
    sweep = answer.json()
    fits = client.get(f"/v1/jobs?parent={sweep['id']}").json()["items"]
    listed = {job["id"] for job in client.get("/v1/jobs").json()["items"]}

    assert answer.status_code == 202, answer.text
    assert (sweep["task"], sweep["status"]) == ("sweep", "queued")
    assert sorted((fit["cell"], fit["params"]["learning_rate"], fit["seed"]) for fit in fits) == [
        *((0, 0.01, 3), (1, 0.01, 5), (2, 0.1, 3), (3, 0.1, 5)),
    ]
    assert {(fit["task"], fit["parent_id"], fit["params"]["epochs"]) for fit in fits} == {
        ("train", sweep["id"], 7)
    }
    assert sweep["id"] in listed
    assert not listed & {fit["id"] for fit in fits}
    # they wait for the sweep, not in the queue
    assert {fit["queue"] for fit in fits} == {None}
    assert ask(client).json()["queue"]["position"] == 2


def test_a_sweep_that_cannot_run_is_refused_before_anything_is_written(client: TestClient) -> None:
    numbers = list(range(1, 1001))
    scores = {"param": "score", "values": [0.5]}
    of_tiny = {"capability": "tiny", "of": "predict", "axes": [scores]}
    refused: list[tuple[dict[str, Any], str, str]] = [
        ({"axes": [{"param": "epochs", "values": numbers}], "seeds": numbers}, "/axes", "1,000,000 fits"),
        ({"axes": [{"param": "epochs", "values": [5, 0]}]}, "/params/epochs", "Fit 1 (epochs 0)"),
        ({"axes": [{"param": "speed", "values": [1]}]}, "/axes/0/param", "no param 'speed'"),
        ({"axes": [RATES, RATES]}, "/axes/0/param", "twice"),
        ({"axes": [{"param": "epochs", "values": [5, 5]}]}, "/axes/0/values", "twice"),
        ({"axes": [{"param": "epochs", "values": [5, 5.0]}]}, "/axes/0/values", "twice"),
        ({"axes": [RATES, {"param": "epochs", "values": [5, "5"]}]}, "/axes/1/values", "twice"),
        ({"axes": [{"param": "seed", "values": [1, 2]}], "seeds": [1]}, "/axes/0/param", "twice"),
        ({**of_tiny, "seeds": [1]}, "/seeds", "no param 'seed'"),
        (of_tiny, "/upload_id", "needs the input"),
        ({"model": "tabular"}, "/model", "a training makes its own"),
    ]
    for body, pointer, text in refused:
        answer = ask(client, **body)
        assert answer.status_code == 422, answer.text
        assert text in answer.json()["detail"]
        assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert written() == 0


def test_a_queued_sweep_is_canceled_resumed_and_deleted_with_its_fits(client: TestClient) -> None:
    sweep = ask(client, seeds=[0, 1]).json()
    of_it = f"/v1/jobs/{sweep['id']}"
    fit = client.get(f"/v1/jobs?parent={sweep['id']}").json()["items"][0]

    assert client.delete(of_it).status_code == 409
    assert client.post(f"{of_it}/resume").status_code == 409
    assert client.post(f"{of_it}/cancel").json()["status"] == "canceled"
    assert {cell["status"] for cell in client.get(f"/v1/sweeps/{sweep['id']}").json()["cells"]} == {
        "canceled"
    }
    assert client.delete(f"/v1/jobs/{fit['id']}").status_code == 409
    assert client.post(f"{of_it}/resume").json()["status"] == "queued"
    assert {cell["status"] for cell in client.get(f"/v1/sweeps/{sweep['id']}").json()["cells"]} == {"queued"}
    assert client.post(f"/v1/jobs/{fit['id']}/resume").status_code == 409
    client.post(f"{of_it}/cancel")
    assert client.delete(of_it).status_code == 204
    assert written() == 0
    assert client.get(f"/v1/sweeps/{sweep['id']}").status_code == 404


def test_a_sweep_is_repeated_with_its_fits(client: TestClient) -> None:
    sweep = ask(client, seeds=[4]).json()
    client.post(f"/v1/jobs/{sweep['id']}/cancel")
    repeated = client.post(f"/v1/jobs/{sweep['id']}/retry").json()
    cells = client.get(f"/v1/sweeps/{repeated['id']}").json()["cells"]

    assert repeated["id"] != sweep["id"]
    assert [(cell["values"], cell["seed"], cell["status"]) for cell in cells] == [
        ({"learning_rate": 0.01}, 4, "queued"),
        ({"learning_rate": 0.1}, 4, "queued"),
    ]


def test_inference_workers_leave_the_fits_of_a_sweep_of_predictions_alone(client: TestClient) -> None:
    upload = client.post("/v1/uploads", files={"file": ("few.csv", "x,y\n1,2\n3,4\n5,6\n")}).json()
    clusters = {"param": "n_clusters", "values": [1, 2]}
    sweep = ask(client, capability="clustering", of="predict", upload_id=upload["id"], axes=[clusters]).json()
    fits = client.get(f"/v1/jobs?parent={sweep['id']}").json()["items"]

    assert {fit["task"] for fit in fits} == {"predict"}
    assert {fit["inputs"]["table"] for fit in fits} == {upload["id"]}
    assert leases.claim_batch(UUID(fits[0]["model"]["id"]), "node/1", 10).claims == []


def test_the_best_fit_and_the_spread_by_hand() -> None:
    validation, test = [0.9, 0.7, 0.85, 0.83], [0.6, 0.7, 0.8, 0.82]
    outcomes = [
        Outcome("succeeded", {"accuracy": second}, "test", {"validation": {"accuracy": first}})
        for first, second in zip(validation, test, strict=True)
    ]
    axes = [{"param": "learning_rate", "values": [0.1, 1.0]}]
    about = {"of": "train", "params": {}, "axes": axes, "seeds": [0, 1], "figure": None}
    sweep = summarize(outcomes, about, capability="tabular", name="", status="succeeded")

    assert (sweep.figure, sweep.greater_is_better, sweep.part) == ("accuracy", True, "validation")
    assert sweep.axes[0].title == "Learning rate"
    # the best fit is of the worse setting: 0.9 beside 0.7; the means are 0.80 and 0.84
    assert sweep.best is not None
    assert (sweep.best.cell, sweep.best.validation, sweep.best.test) == (0, 0.9, 0.6)
    assert [setting.values["learning_rate"] for setting in sweep.settings] == [1.0, 0.1]
    assert [setting.mean for setting in sweep.settings] == pytest.approx([0.84, 0.8])
    assert sweep.settings[0].test == pytest.approx(0.81)
    # deviations over the seeds: 0.02 / √2 and 0.2 / √2; between the means 0.04 / √2
    assert sweep.spread.between_seeds == pytest.approx(((0.02**2 + 0.2**2) / 4) ** 0.5)
    assert sweep.spread.between_settings == pytest.approx(0.04 / 2**0.5)


def test_losses_are_better_when_smaller() -> None:
    outcomes = [Outcome("succeeded", {"inertia": value, "silhouette": 0.5}) for value in (9.0, 4.0)]
    axes = [{"param": "n_clusters", "values": [2, 3]}]
    about = {"of": "predict", "params": {}, "axes": axes, "seeds": [], "figure": None}
    sweep = summarize(outcomes, about, capability="clustering", name="", status="succeeded")

    assert (sweep.figure, sweep.greater_is_better, sweep.part) == ("inertia", False, None)
    assert sweep.best is not None
    assert (sweep.best.values, sweep.best.value, sweep.best.seed) == ({"n_clusters": 3}, 4.0, None)


def test_a_figure_that_no_fit_has_compares_nothing_and_is_replaced() -> None:
    outcomes = [Outcome("succeeded", {"inertia": value, "silhouette": 0.5}) for value in (9.0, 4.0)]
    axes = [{"param": "n_clusters", "values": [2, 3]}]
    about = {"of": "predict", "params": {}, "axes": axes, "seeds": [], "figure": "inertai"}
    read = partial(summarize, about=about, capability="clustering", name="", status="running")

    assert read([Outcome("queued")] * 2).figure == "inertai"  # it may come
    assert read(outcomes).figure == "inertia"
    assert read(outcomes, figure="silhouette").figure == "silhouette"


def test_a_fit_without_the_figure_on_the_compared_part_is_not_compared_by_another_part() -> None:
    outcomes = [
        Outcome("succeeded", {"r2": test, "mae": 1.0}, "test", {"validation": {"r2": validation}})
        for validation, test in ((0.5, 0.4), (None, 0.9))
    ]
    axes = [{"param": "learning_rate", "values": [0.1, 1.0]}]
    about = {"of": "train", "params": {}, "axes": axes, "seeds": [], "figure": None}
    read = partial(summarize, outcomes, about, capability="tabular", name="", status="succeeded")
    sweep, of_test = read(), read(figure="mae")

    assert (sweep.part, [cell.value for cell in sweep.cells]) == ("validation", [0.5, None])
    assert sweep.best is not None
    assert sweep.best.cell == 0
    assert (of_test.part, [cell.value for cell in of_test.cells]) == ("test", [1.0, 1.0])


def test_shipped_sweeps_are_complete_and_listed(client: TestClient) -> None:
    shown = client.get("/v1/capabilities").json()["items"]
    read = [
        client.get(f"/v1/capabilities/{card['name']}/sweeps/{sweep['name']}").json()
        for card in shown
        for sweep in card["sweeps"]
    ]

    assert {sweep["capability"] for sweep in read} >= {"clustering", "generation", "tabular"}
    for sweep in read:
        count = math.prod(len(axis["values"]) for axis in sweep["axes"]) * max(1, len(sweep["seeds"]))
        assert len(sweep["cells"]) == count
        assert sweep["best"]["value"] is not None
        assert {cell["job_id"] for cell in sweep["cells"]} == {None}
    assert client.get("/v1/capabilities/tabular/sweeps/none").status_code == 404
