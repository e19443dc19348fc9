"""One row of a table as JSON, predicted by a fitted model."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from backend.database import transaction
from backend.services.models import naming
from backend.storage import storage
from models.core.contract.progress import Progress
from models.tabular.card import TrainParams
from models.tabular.train import train

NAME = "tabular-kept"
ROW = {"length, cm": 4, "side": "NA", "day": "2024-02-20", "age": 31}


@pytest.fixture
def kept(client: TestClient, tmp_path: Path) -> str:
    """The name of a fitted model: kind is b where the length is above 2, and side is NA or north."""
    rows = [f"{n % 5};{('NA', 'north')[n % 2]};{n % 28 + 1}.02.2024;{n};{'ab'[n % 5 > 2]}" for n in range(60)]
    file, weights = tmp_path / "data.csv", tmp_path / "kept.safetensors"
    file.write_text("\n".join(["length, cm;side;day;age;kind", *rows]))
    params = TrainParams(missing_values=[], features=["length, cm", "side", "day", "age"])
    metrics = train(file, params, weights=weights, device="cpu", progress=Progress())
    assert client.get("/healthz").status_code == 200
    key = f"models/tabular/{uuid4()}.safetensors"
    storage().put(key, weights.read_bytes())
    about = {"architecture": "tabular", "location": key, "digest": "0" * 64}
    with transaction() as connection:
        named = naming.Named(NAME, 1)
        naming.register_trained(
            connection, named, job_id=uuid4(), capability="tabular", bytes=1, metrics=dict(metrics), **about
        )
    return NAME


def predict(client: TestClient, **body: Any) -> Any:
    return client.post("/v1/predict/tabular", json=body)


@pytest.mark.usefixtures("inline_worker")
def test_a_row_is_predicted_as_the_same_row_of_a_file(client: TestClient, kept: str) -> None:
    answer = predict(client, row=ROW, model=kept)
    file = b'"length, cm",side,day,age\n4,NA,2024-02-20,31\n'
    params = '{"missing_values": [], "delimiter": "comma"}'
    sent = {"files": {"file": ("own.csv", file)}, "data": {"model": kept, "params": params}}
    same = client.post("/v1/predict/tabular", **sent)

    assert answer.status_code == 200, answer.text
    result = answer.json()["result"]
    assert result["predictions"] == same.json()["result"]["predictions"]
    assert result["probabilities"] == same.json()["result"]["probabilities"]
    assert result["notes"] == []  # NA is the category, not a missing value
    assert answer.json()["name"] == "row.csv"


@pytest.mark.usefixtures("inline_worker")
def test_a_job_takes_a_row_too_and_is_repeated_with_it(client: TestClient, kept: str) -> None:
    body = {"capability": "tabular", "row": {**ROW, "age": None}, "model": kept}
    made = client.post("/v1/jobs", json=body, headers={"prefer": "wait=20"})
    again = client.post(f"/v1/jobs/{made.json()['id']}/retry").json()

    assert made.status_code == 200, made.text
    assert made.json()["result"]["predictions"] == ["b"]
    assert client.get(f"/v1/jobs/{again['id']}").json()["result"]["predictions"] == ["b"]
    assert UUID(made.json()["upload_id"])


@pytest.mark.usefixtures("inline_worker")
def test_a_row_without_a_column_of_the_model_is_refused_by_its_name(client: TestClient, kept: str) -> None:
    answer = predict(client, row={"side": "north"}, model=kept)

    assert answer.status_code == 422
    assert "length, cm" in answer.json()["detail"]


@pytest.mark.usefixtures("busy_worker")
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"row": {}, "model": NAME}, "/row"),
        ({"row": {"age": True}, "model": NAME}, "/row/age"),
        ({"row": {"age": [1]}, "model": NAME}, "/row/age"),
        ({"row": ROW}, "/model"),  # the default model is fitted to each table
        ({"model": NAME}, "/file"),
    ],
)
def test_what_is_no_row_is_refused_with_its_place(
    client: TestClient, kept: str, body: dict[str, Any], pointer: str
) -> None:
    assert kept == NAME
    for answer in (predict(client, **body), client.post("/v1/jobs", json={"capability": "tabular", **body})):
        assert answer.status_code == 422, answer.text
        found = answer.json()["errors"][0]["pointer"]
        assert found in (pointer, "/upload_id")  # as the routes name the input


@pytest.mark.usefixtures("busy_worker")
def test_a_row_stands_alone_and_only_where_tables_are_taken(client: TestClient, kept: str) -> None:
    both = {"capability": "tabular", "model": kept, "row": ROW, "upload_id": str(uuid4())}
    training = {"capability": "tabular", "task": "train", "row": ROW}
    picture = {"capability": "detection", "row": ROW}

    for body in (both, training, picture):
        answer = client.post("/v1/jobs", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == "/row"
    assert predict(client, row=ROW, model="no-such-model").status_code == 404
