"""Checks of datasets in a worker: imports, versions, and what remains if a worker dies or a user cancels."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from backend.database import db_now, reading, transaction
from backend.messaging import celery_app
from backend.services.datasets import imports
from backend.services.jobs import leases, recovery
from backend.services.jobs.sweep import sweep
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status, dataset_pictures, jobs, uploads
from models.core.contract.dataset import DatasetKind, Manifest
from models.core.datasets import archive
from tests.backend.services.datasets.requests import BOX, add, change, create, fill, picture, read, upload
from workers.inference.server import Inference
from workers.training.datasets import fetch


def folders(classes: dict[str, int]) -> bytes:
    """A ZIP with a folder of pictures for each class."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        numbers = iter(range(1_000))
        for name, count in classes.items():
            for number in range(count):
                packed.writestr(f"{name}/{number}.png", picture(next(numbers)))
    return buffer.getvalue()


def import_folders(client: TestClient, classes: dict[str, int]) -> dict[str, Any]:
    return create(client, upload_id=upload(client, folders(classes), "fruit.zip"))


def job_of(client: TestClient, made: dict[str, Any]) -> dict[str, Any]:
    return client.get(f"/v1/jobs/{made['job']['id']}").json()


def rows(table: Any, *where: Any) -> int:
    with reading() as connection:
        return connection.scalar(select(func.count()).select_from(table).where(*where)) or 0


def files() -> list[Path]:
    return [path for path in (settings().data_folder / "files").rglob("*") if path.is_file()]


def freeze(client: TestClient, dataset: dict[str, Any], **options: Any) -> Any:
    return client.post(f"/v1/datasets/{dataset['id']}/versions", json=options)


@pytest.fixture
def later(inline_worker: Inference, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Checks run when this is called, instead of at once."""
    waiting: list[str] = []
    monkeypatch.setattr(celery_app.celery(), "send_task", lambda _, args, **__: waiting.append(args[0]))

    def run() -> None:
        while waiting:
            inline_worker.dataset_checks.run(UUID(waiting.pop(0)))

    return run


@pytest.mark.usefixtures("inline_worker")
def test_an_archive_becomes_a_dataset_with_a_version(client: TestClient) -> None:
    made = import_folders(client, {"apple": 6, "pear": 5})

    job, shown = job_of(client, made), read(client, made)
    assert job["status"] == "succeeded", job["error"]
    assert (job["task"], job["dataset_id"], job["result"]["dataset"]) == (
        "check",
        made["id"],
        {"id": made["id"], "version": 1},
    )
    assert "classes: 2, pictures: 11" in job["result"]["recognized"]
    assert (shown["kind"], shown["pictures"], shown["labeled"]) == ("classes", 11, 11)
    assert (shown["newest_version"], shown["is_changed"], shown["job_id"]) == (1, False, None)
    version = read(client, made, "/versions/1")
    assert version["report"]["counts"] == {"pictures": 11, "labeled": 11, "objects": 0}
    assert sum(version["report"]["splits"].values()) == 11
    assert read(client, made, "/versions")["items"] == [version]
    assert [each["name"] for each in client.get("/v1/uploads").json()["items"]] == ["fruit.zip"]
    assert client.get("/v1/jobs").json()["items"] == []


@pytest.mark.usefixtures("inline_worker")
def test_a_version_is_made_once_and_stays_as_it_was(client: TestClient) -> None:
    dataset = create(client)
    shown = fill(client, dataset, ["a", "a", "b", None])
    first = client.get(freeze(client, dataset).headers["location"]).json()

    again = freeze(client, dataset)
    assert (again.status_code, again.json()["version"]) == (200, 1)
    other = client.get(freeze(client, dataset, seed=7).headers["location"]).json()
    assert (first["result"]["dataset"]["version"], other["result"]["dataset"]["version"]) == (1, 2)
    client.delete(f"/v1/datasets/{dataset['id']}/pictures/{shown[0]['id']}")

    assert read(client, dataset)["is_changed"] is True
    third = client.get(freeze(client, dataset).headers["location"]).json()["result"]
    assert third["dataset"]["version"] == 3
    assert third["report"]["counts"]["pictures"] == 3
    assert read(client, dataset, "/versions/1")["report"]["counts"]["pictures"] == 4
    assert client.delete(f"/v1/uploads/{shown[0]['upload_id']}").status_code == 409


@pytest.mark.usefixtures("later")
def test_a_version_requested_again_while_it_is_made_is_not_made_twice(client: TestClient) -> None:
    dataset = create(client)
    (shown,) = fill(client, dataset, ["a"])
    first = freeze(client, dataset, seed=1).json()["id"]
    with transaction() as connection:  # as a worker that takes it
        of_it = update(jobs).where(jobs.c.id == UUID(first))
        connection.execute(of_it.values(status=Status.RUNNING, started_at=db_now()))

    assert freeze(client, dataset, seed=1).json()["id"] == first
    assert freeze(client, dataset, seed=2).json()["id"] != first
    change(client, dataset, shown, annotation={"label": "b"})
    assert freeze(client, dataset, seed=1).json()["id"] != first


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("data", [b"PK\x05\x06" + bytes(18), folders({})])
def test_what_is_no_dataset_leaves_nothing_behind(client: TestClient, data: bytes) -> None:
    before = files()
    upload_id = upload(client, data, "broken.zip")
    made = create(client, upload_id=upload_id)

    job = job_of(client, made)
    assert (job["status"], bool(job["error"])) == ("failed", True)
    assert client.get(f"/v1/datasets/{made['id']}").status_code == 404
    sweep()
    assert client.get("/v1/datasets").json()["items"] == []
    client.delete(f"/v1/uploads/{upload_id}")
    assert set(files()) == set(before)


def test_a_killed_workers_import_is_taken_over_and_nothing_is_double(
    client: TestClient, later: Callable[[], None], inline_worker: Inference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.inference.dataset_checks._TOGETHER", 4)
    made = import_folders(client, {"apple": 6, "pear": 5})
    add, calls = imports.add, []

    def die(*arguments: Any) -> None:
        if len(calls) == 1:  # the files of the second batch are stored, and their rows are not
            monkeypatch.setattr(imports, "_write", lambda *_: (_ for _ in ()).throw(SystemExit))
        calls.append(arguments)
        add(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(imports, "add", die)
        write = imports._write
        with pytest.raises(SystemExit):
            later()
    monkeypatch.setattr(imports, "_write", write)
    assert read(client, made)["pictures"] == 4
    stored = len(files())
    recovery.reclaim(inline_worker.heartbeat.node.name, "another process")
    inline_worker.dataset_checks.run(UUID(made["job"]["id"]))

    job = job_of(client, made)
    assert (job["status"], job["attempt"]) == ("succeeded", 2)
    assert (read(client, made)["pictures"], rows(uploads, uploads.c.is_listed.is_(False))) == (11, 11)
    assert rows(dataset_pictures) == 11
    assert len(files()) == stored + 3 + 1  # the third batch, and the manifest
    assert [each["position"] for each in read(client, made, "/pictures")["items"]] == list(range(11))


def test_a_canceled_import_leaves_nothing_behind(
    client: TestClient, later: Callable[[], None], inline_worker: Inference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.inference.dataset_checks._TOGETHER", 2)
    before = set(files())
    made = import_folders(client, {"apple": 6})
    archive_id = made["job"]["inputs"]["dataset"]
    add = imports.add

    def cancel(*arguments: Any) -> None:
        add(*arguments)
        client.post(f"/v1/jobs/{made['job']['id']}/cancel")
        for hold in inline_worker.heartbeat._held.values():
            hold.canceled.set()

    monkeypatch.setattr(imports, "add", cancel)
    later()

    assert job_of(client, made)["status"] == "canceled"
    assert client.get(f"/v1/datasets/{made['id']}").status_code == 404
    sweep()
    client.delete(f"/v1/uploads/{archive_id}")
    assert set(files()) == before
    assert rows(dataset_pictures) == 0


def test_an_import_can_be_canceled_before_it_begins(client: TestClient, later: Callable[[], None]) -> None:
    made = import_folders(client, {"apple": 1})
    assert read(client, made)["job_id"] == made["job"]["id"]
    busy = client.delete(f"/v1/datasets/{made['id']}")
    assert (busy.status_code, made["job"]["id"] in busy.json()["detail"]) == (409, True)

    client.post(f"/v1/jobs/{made['job']['id']}/cancel")
    later()

    assert client.get(f"/v1/datasets/{made['id']}").status_code == 404


@pytest.mark.usefixtures("inline_worker")
def test_a_table_is_a_dataset_of_its_own(client: TestClient) -> None:
    table = "\n".join(["width,height", *(f"{n % 3 * 10},{n % 3 * 5}" for n in range(30))]).encode()
    made = create(client, upload_id=upload(client, table, "sizes.csv"))

    version = read(client, made, "/versions/1")
    assert read(client, made)["kind"] == "table"
    assert (version["report"]["rows"], version["report"]["columns"]) == (30, 2)
    body = {"capability": "clustering", "task": "train", "dataset_id": made["id"]}
    job = client.post("/v1/jobs", json=body)
    assert job.status_code == 202, job.text
    assert (job.json()["dataset_id"], job.json()["dataset_version"]) == (made["id"], 1)
    (row,) = read(client, made, "/pictures")["items"]
    assert list(job.json()["inputs"].values()) == [row["upload_id"]]
    labeled = change(client, made, row, annotation={"objects": [BOX]})
    assert (labeled.status_code, "is a table" in labeled.json()["detail"]) == (409, True)
    assert client.delete(f"/v1/datasets/{made['id']}/pictures/{row['id']}").status_code == 409


@pytest.mark.usefixtures("inline_worker")
def test_a_training_gets_the_same_bytes_on_every_attempt(client: TestClient, tmp_path: Path) -> None:
    made = import_folders(client, {"apple": 6, "pear": 5})
    body = {"capability": "tiny", "task": "train", "dataset_id": made["id"]}
    job = client.post("/v1/jobs", json=body).json()
    assert (job["name"], job["dataset_version"], job["inputs"]) == ("Meadow", 1, {})
    client.patch(f"/v1/datasets/{made['id']}", json={"rename_class": {"from": "pear", "to": "plum"}})
    claim = leases.claim_job(UUID(job["id"]), "here")
    assert claim is not None

    (tmp_path / "again").mkdir()
    first, again = fetch(claim, tmp_path), fetch(claim, tmp_path / "again")

    assert first.path.read_bytes() == again.path.read_bytes()
    assert first.origin["version"] == 1
    with archive.load(first.path) as dataset:
        assert dataset.manifest.kind == DatasetKind.CLASSES
        assert dataset.manifest.classes == ["apple", "pear"]
        assert dataset.manifest.digest() == first.sha256
        labeled = [each for split in ("train", "validation", "test") for each, _ in dataset.pictures(split)]
        assert len(labeled) == 11
    held = client.delete(f"/v1/datasets/{made['id']}")
    assert (held.status_code, job["id"] in held.json()["detail"]) == (409, True)


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize(
    ("capability", "status", "detail"),
    [
        ("tiny", 422, "Tiny trains on pictures with a class each or pictures with boxes, but"),
        ("synthesis", 422, "does not train on datasets"),
        ("clustering", 422, "trains on a table, but the dataset 'Meadow' has pictures without labels"),
    ],
)
def test_a_training_needs_a_dataset_of_its_kind(
    client: TestClient, capability: str, status: int, detail: str
) -> None:
    dataset = create(client)
    fill(client, dataset, [None])
    freeze(client, dataset)
    body = {"capability": capability, "task": "train", "dataset_id": dataset["id"]}

    answer = client.post("/v1/jobs", json=body)

    assert (answer.status_code, detail in answer.json()["detail"]) == (status, True), answer.text


@pytest.mark.usefixtures("inline_worker")
def test_a_training_names_a_version_that_exists(client: TestClient) -> None:
    dataset = create(client)
    fill(client, dataset, ["a"])
    body = {"capability": "tiny", "task": "train", "dataset_id": dataset["id"]}

    assert client.post("/v1/jobs", json=body).status_code == 409
    assert client.post("/v1/jobs", json={**body, "dataset_version": 9}).status_code == 404
    assert client.post("/v1/jobs", json={**body, "dataset_id": made_up()}).status_code == 404
    assert client.post("/v1/jobs", json={**body, "inputs": {"image": made_up()}}).status_code == 422
    assert client.post("/v1/jobs", json={**body, "task": "predict"}).status_code == 422
    alone = client.post("/v1/jobs", json={**body, "dataset_id": None, "dataset_version": 1})
    assert (alone.status_code, alone.json()["errors"][0]["pointer"]) == (422, "/dataset_version")


def made_up() -> str:
    return "00000000-0000-4000-8000-000000000000"


@pytest.mark.usefixtures("inline_worker")
def test_the_manifest_of_a_version_is_its_hash(client: TestClient) -> None:
    made = import_folders(client, {"apple": 3})
    version = read(client, made, "/versions/1")
    (key,) = (settings().data_folder / "files" / "datasets").glob("*.json")

    manifest = Manifest.model_validate(json.loads(storage().get(f"datasets/{key.name}")))

    assert manifest.digest() == version["sha256"]


@pytest.mark.usefixtures("inline_worker")
def test_a_version_is_exported_and_imported_again(client: TestClient) -> None:
    dataset = create(client)
    given = [{"upload_id": upload(client, picture(n), f"{n}.png"), "annotation": BOXES} for n in range(3)]
    add(client, dataset, *given)
    freeze(client, dataset)
    address = f"/v1/datasets/{dataset['id']}/versions/1/export"

    own, coco = client.get(address), client.get(f"{address}?form=coco")

    assert own.headers["content-disposition"].startswith('attachment; filename="Meadow 1 glassbox.zip"')
    with zipfile.ZipFile(io.BytesIO(coco.content)) as packed:
        assert packed.testzip() is None
        listed = [json.loads(packed.read(name)) for name in packed.namelist() if name.endswith(".json")]
    assert sum(len(each["annotations"]) for each in listed) == 3
    assert listed[0]["annotations"][0]["bbox"] == [1, 2, 10, 10]
    for data in (own.content, coco.content):
        again = create(client, upload_id=upload(client, data, "again.zip"))
        assert (read(client, again)["kind"], read(client, again)["pictures"]) == ("boxes", 3)
        labeled = read(client, again, "/pictures?label=cow")["items"]
        assert [each["annotation"] for each in labeled] == [given_back(BOXES)] * 3
    assert client.get(f"{address}?form=voc").status_code == 422
    for number, status in ((2, 404), (0, 422), (2**64, 422)):
        address = f"/v1/datasets/{dataset['id']}/versions/{number}"
        assert client.get(address).status_code == status
        assert client.get(f"{address}/export").status_code == status


BOXES = {"objects": [BOX]}


def given_back(annotation: dict[str, Any]) -> dict[str, Any]:
    """As the API shows it, with every field."""
    whole = {"polygons": None, "mask": None, "is_crowd": False}
    return {"label": None, "objects": [{**each, **whole} for each in annotation["objects"]]}
