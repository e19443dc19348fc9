"""Trainings on the user's own files: from the upload to a model that answers."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from fastapi.testclient import TestClient
from fsspec.implementations.local import LocalFileSystem
from PIL import Image
from sqlalchemy import select

from backend.database import reading
from backend.messaging import celery_app
from backend.settings import settings
from backend.storage import storage
from backend.tables import uploads
from tests.workers.training.trainings import (
    PARAMS,
    PICTURE,
    ask,
    children,
    has_ended,
    photos,
    table,
    upload,
    wait_for,
)
from workers.training.supervision import Trainer

pytestmark = pytest.mark.timeout(180)


def key_of(sent: dict[str, Any]) -> str:
    """Its key in the storage."""
    with reading() as connection:
        return connection.execute(select(uploads.c.key).where(uploads.c.id == UUID(sent["id"]))).scalar_one()


@pytest.fixture
def train(client: TestClient, trainer: Trainer) -> Callable[..., dict[str, Any]]:
    """One training from beginning to end."""

    def run(**body: Any) -> dict[str, Any]:
        answer = ask(client, **body)
        assert answer.status_code == 202, answer.text
        trainer.train(UUID(answer.json()["id"]))
        return client.get(f"/v1/jobs/{answer.json()['id']}").json()

    return run


@pytest.mark.usefixtures("inline_worker")
def test_clusters_of_an_uploaded_table_apply_to_other_tables(client: TestClient, train) -> None:
    sent = upload(client, table(60), "my `flowers`.csv")
    job = train(upload_id=sent["id"])

    assert job["status"] == "succeeded", job["error"]
    assert job["upload_id"] == sent["id"]
    sha256 = hashlib.sha256(table(60)).hexdigest()
    assert job["result"]["data"] == {"name": sent["name"], "sha256": sha256, "upload_id": sent["id"]}
    name = job["result"]["model"]["name"]
    card = client.get(f"/v1/models/{name}/card").text
    assert "`my 'flowers'.csv`" in card
    assert sha256 in card
    assert "61 rows (a header counts as one) and 2 columns" in card
    (model,) = client.get(f"/v1/models/{name}").json()["items"]
    assert (model["version"], model["source"], model["job_id"]) == (1, "trained", job["id"])
    assert name in [item["name"] for item in client.get("/v1/models?capability=clustering").json()["items"]]

    others = client.post(
        f"/v1/predict/clustering?model={name}@1",
        content=table(30, seed=1),
        headers={"content-type": "text/csv"},
    )

    assert others.status_code == 200, others.text
    assert (others.json()["model"]["name"], others.json()["model"]["version"]) == (name, 1)
    labels = others.json()["result"]["labels"]
    assert [len(set(labels[group::3])) for group in range(3)] == [1, 1, 1]
    assert len(set(labels)) == 3
    # the clusters of the fit, not of this table: rows near one center get one cluster
    near_one = "\n".join(table(9).decode().splitlines()[:1] + table(9).decode().splitlines()[2::3])
    nearest = client.post(
        f"/v1/predict/clustering?model={name}", content=near_one, headers={"content-type": "text/csv"}
    )
    assert set(nearest.json()["result"]["labels"]) == {labels[1]}

    lacking = client.post(
        f"/v1/predict/clustering?model={name}",
        content=table(30, names=("width", "depth")),
        headers={"content-type": "text/csv"},
    )
    assert lacking.status_code == 422
    assert "'height'" in lacking.json()["detail"]


def test_an_unreadable_table_fails_with_its_place_and_the_worker_survives(client: TestClient, train) -> None:
    wide = train(
        upload_id=upload(client, table(20) + b"\nwide,7")["id"], params=PARAMS | {"columns": ["width"]}
    )
    assert (wide["status"], wide["attempt"]) == ("failed", 1)
    assert "Row 22, column 'width': 'wide' is not a number" in wide["error"]

    torn = table(20).replace(b"\n", b"\n5,", 4).replace(b"\n5,", b"\n", 3)
    failed = train(upload_id=upload(client, torn)["id"])
    assert failed["status"] == "failed"
    assert "Row 5 and the first row differ in length: 3 and 2 cells" in failed["error"]


def test_prefer_wait_returns_the_finished_training(
    client: TestClient, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send_task(_: str, args: list[Any], **__: Any) -> None:
        threading.Thread(target=trainer.train, args=[UUID(args[0])], daemon=True).start()

    monkeypatch.setattr(celery_app.celery(), "send_task", send_task)
    sent = upload(client, table(20))
    storage().delete(key_of(sent))  # so that it ends before a child starts
    answer = ask(client, {"prefer": "wait=30"}, upload_id=sent["id"])

    assert answer.status_code == 200
    assert answer.json()["status"] == "failed"
    assert answer.headers["preference-applied"] == "wait=30"


@pytest.mark.slow
@pytest.mark.timeout(400)  # three children, each of which loads torch
def test_a_killed_training_resumes_with_the_same_file(client: TestClient, trainer: Trainer, train) -> None:
    random = np.random.RandomState(0)
    lines = [",".join(f"c{column}" for column in range(8))]
    lines += [
        ",".join(f"{value:.4f}" for value in row) for row in random.normal(size=(30_000, 8))
    ]  # seconds: time to kill it
    body = {
        "upload_id": upload(client, "\n".join(lines).encode(), "noise.csv")["id"],
        "params": {"n_clusters": 20, "n_init": 20},
    }
    job = ask(client, **body).json()
    threading.Thread(target=trainer.train, args=[UUID(job["id"])], daemon=True).start()
    killed = wait_for(client, job, lambda seen: seen["progress"]["step"] >= 2)
    for child in children():
        child.kill()
    wait_for(client, job, lambda seen: seen["status"] == "queued")
    trainer.train(UUID(job["id"]))
    resumed = client.get(f"/v1/jobs/{job['id']}").json()
    whole = train(**body)

    assert killed["progress"]["step"] < 20
    assert (resumed["status"], resumed["attempt"]) == ("succeeded", 2), resumed["error"]
    assert resumed["metrics"] == whole["metrics"]
    assert resumed["result"]["data"] == whole["result"]["data"]
    digests = [
        client.get(f"/v1/models/{ended['result']['model']['name']}").json()["items"][0]["digest"]
        for ended in (resumed, whole)
    ]
    assert digests[0] == digests[1]
    again = client.post(f"/v1/jobs/{job['id']}/retry").json()
    assert again["upload_id"] == body["upload_id"]


@pytest.mark.slow
@pytest.mark.usefixtures("inline_worker")
def test_uploaded_photos_train_a_denoiser(client: TestClient, train) -> None:
    job = train(
        capability="denoising",
        params={"steps": 3, "batch_size": 2, "patch": 32, "smallest_side": 64},
        upload_id=upload(client, photos(12), "trip.zip")["id"],
    )

    assert job["status"] == "succeeded", job["error"]
    name = job["result"]["model"]["name"]
    assert "`trip.zip`, 12 files" in client.get(f"/v1/models/{name}/card").text
    answer = client.post(
        f"/v1/predict/denoising?model={name}",
        content=PICTURE,
        headers={"content-type": "image/png", "accept": "image/png"},
    )
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (40, 30)


@pytest.mark.slow
def test_an_archive_of_something_else_names_the_file(client: TestClient, train) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("notes/list.txt", "milk")
    job = train(capability="denoising", params={}, upload_id=upload(client, buffer.getvalue(), "a.zip")["id"])

    assert job["status"] == "failed"
    assert "notes/list.txt in the dataset" in job["error"]


@pytest.mark.slow
def test_the_copy_from_remote_storage_is_deleted_with_the_job(
    client: TestClient, train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSBOX_STORAGE_URL", f"file://{tmp_path}/bucket")
    settings.cache_clear()
    storage.cache_clear()
    monkeypatch.setattr(
        storage(), "files", LocalFileSystem(auto_mkdir=True)
    )  # an object store has no folders
    sent = table(45)
    job = train(upload_id=upload(client, sent)["id"])

    assert job["status"] == "succeeded", job["error"]
    work = settings().work_folder()
    assert [path for path in work.rglob("*") if path.is_file() and path.read_bytes() == sent] == []


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_training_refuses_an_upload_whose_content_has_changed(client: TestClient, train, harm: str) -> None:
    sent = upload(client, table(33))
    key = key_of(sent)
    storage().delete(key)
    if harm == "changed":
        storage().put(key, table(34))
    job = train(upload_id=sent["id"])

    assert job["status"] == "failed"
    assert "The file of the upload 'own.csv' has changed or is missing" in job["error"]
    assert children() == []
    assert has_ended(job)


@pytest.mark.usefixtures("inline_worker")
def test_a_model_of_an_uploaded_table_lists_its_columns_and_predicts_one_row(
    client: TestClient, train
) -> None:
    rows = "".join(f"{index / 4},{'ab'[index % 2]},{index}\n" for index in range(60))
    sent = upload(client, f"width,kind,y\n{rows}".encode(), "rows.csv")
    job = train(capability="tabular", upload_id=sent["id"], params={"test_share": 0.0})
    assert job["status"] == "succeeded", job["error"]
    name = job["result"]["model"]["name"]
    found = client.get(f"/v1/models/{name}/columns").json()
    answer = client.post(
        f"/v1/predict/tabular?model={name}",
        content=b"width,kind\n5,a\n",
        headers={"Content-Type": "text/csv", "Prefer": "wait=30"},
    ).json()

    assert found["target"] == "y"
    assert [(column["name"], column["type"]) for column in found["columns"]] == [
        ("width", "number"),
        ("kind", "category"),
    ]
    assert (found["columns"][0]["smallest"], found["columns"][0]["largest"]) == (0.0, 14.75)
    assert found["columns"][1]["categories"] == ["a", "b"]
    assert answer["result"]["predictions"] == pytest.approx([20.0], abs=0.1)


def test_models_without_columns_have_none_and_unknown_ones_are_not_found(client: TestClient) -> None:
    assert client.get("/v1/models/tabular/columns").json() == {"target": None, "columns": []}
    assert client.get("/v1/models/nowhere/columns").status_code == 404
