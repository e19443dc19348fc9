"""Models as files: exported by the server, and imported from another one."""

import hashlib
import io
import json
import zipfile

import pytest
from fastapi.testclient import TestClient

from backend.settings import settings
from tests.capabilities.tiny.card import HERE

TINY = (HERE / "tiny.safetensors").read_bytes()


def test_what_cannot_be_exported_is_refused_with_the_reason(client: TestClient) -> None:
    missing = client.get("/v1/models/none/export")
    unknown = client.get("/v1/models/tiny/export", params={"format": "pickle"})
    without = client.get("/v1/models/kmeans/export")
    absent = client.get("/v1/models/tiny-large/export")
    no_network = client.get("/v1/models/tiny/export", params={"format": "onnx"})

    assert (missing.status_code, unknown.status_code) == (404, 422)
    assert (without.status_code, absent.status_code, no_network.status_code) == (409, 409, 409)
    assert "algorithm without weights" in without.json()["detail"]
    assert "glassbox models pull tiny-large" in absent.json()["detail"]
    assert "cannot be written as ONNX" in no_network.json()["detail"]


def test_the_formats_of_a_model_are_listed(client: TestClient) -> None:
    found = {model["name"]: model["formats"] for model in client.get("/v1/models").json()["items"]}

    assert found["unet"] == ["zip", "onnx", "safetensors"]
    assert found["tiny"] == ["zip", "safetensors"]
    assert found["kmeans"] == found["tiny-large"] == []


def test_a_picture_is_no_model(client: TestClient) -> None:
    refused = client.post("/v1/models/import", files={"file": (HERE / "sample.jpg").read_bytes()})

    assert refused.status_code == 415
    assert client.get("/v1/uploads").json()["items"] == []  # nothing is left behind


@pytest.mark.slow
@pytest.mark.usefixtures("inline_worker")
def test_a_model_leaves_and_comes_back(client: TestClient) -> None:
    exported = client.get("/v1/models/tiny/export")
    again = client.post("/v1/models/import", files={"file": ("tiny.zip", exported.content)})
    other = client.post("/v1/models/import", content=_with_other_weights(exported.content))
    bad = client.post("/v1/models/import", content=exported.content[:-400])

    assert exported.status_code == 200
    assert "tiny-1.zip" in exported.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(exported.content)) as archive:
        assert archive.read("weights.safetensors") == TINY
    assert (again.status_code, again.json()["name"]) == (200, "tiny")
    assert other.status_code == 201
    assert other.headers["location"] == "/v1/models/tiny-imported"
    # the name belongs to a model of Glassbox
    assert (other.json()["name"], other.json()["version"], other.json()["source"]) == (
        "tiny-imported",
        1,
        "trained",
    )
    assert client.get("/v1/models/tiny-imported/card").text == client.get("/v1/models/tiny/card").text
    assert client.get("/v1/uploads").json()["items"] == []
    assert bad.status_code in (415, 422)


@pytest.mark.slow
@pytest.mark.usefixtures("inline_worker")
def test_a_deleted_model_takes_its_exports_along(client: TestClient) -> None:
    exported = client.get("/v1/models/tiny/export").content
    client.post("/v1/models/import", content=_with_other_weights(exported))
    weights = client.get("/v1/models/tiny-imported/export", params={"format": "safetensors"})
    kept = settings().data_folder / "files" / "exports"
    assert list(kept.rglob("*-tiny-imported@1-*.safetensors"))
    client.delete("/v1/models/tiny-imported")
    assert not list(kept.rglob("*tiny-imported*"))
    imported = client.post("/v1/models/import", content=_with_other_weights(exported)).json()

    assert weights.content == _other_weights()
    assert imported["version"] == 2  # the first is deleted, and its name with that version is taken


def _other_weights() -> bytes:
    return TINY[:-1] + bytes([TINY[-1] ^ 1])


def _with_other_weights(exported: bytes) -> bytes:
    """The ZIP of another model: one bit of the weights differs."""
    source, target = zipfile.ZipFile(io.BytesIO(exported)), io.BytesIO()
    with source, zipfile.ZipFile(target, "w") as archive:
        files = {name: source.read(name) for name in source.namelist()}
        manifest = json.loads(files["manifest.json"])
        manifest["files"]["weights.safetensors"]["sha256"] = hashlib.sha256(_other_weights()).hexdigest()
        files |= {"weights.safetensors": _other_weights(), "manifest.json": json.dumps(manifest).encode()}
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()
