"""A data folder and a database per test; the API in this process; a worker that runs at once."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from backend.database import engine
from backend.main import create_app, prepare
from backend.messaging import celery_app, connection
from backend.services.uploads.renditions import Rendition
from backend.settings import settings
from backend.storage import storage
from backend.tables import Queue, metadata
from models.core.contract import registry
from tests.prepared import Prepared
from workers import node
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference import model_files, renditions, table_reports
from workers.inference.server import Inference
from workers.supervisor import embedded_redis

CACHED = (settings, engine, storage, connection.redis, celery_app.celery)


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings with a data folder of the test's own."""
    monkeypatch.setenv("GLASSBOX_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("GLASSBOX_CAPABILITY_PACKAGES", '["tests.capabilities"]')
    forget()
    registry.include("tests.capabilities")
    yield tmp_path / "data"
    engine().dispose()
    forget()


@pytest.fixture
def database(data_folder: Path) -> Path:
    """The tables, empty."""
    metadata.create_all(engine())
    return data_folder


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a Redis without persistence."""
    folder = Path(tempfile.mkdtemp(prefix="glassbox-"))
    path = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([embedded_redis.find_server(), *options], stdout=subprocess.DEVNULL)
    assert embedded_redis.answers(path, seconds=10)
    yield f"unix://{path}"
    process.terminate()
    process.wait()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The data folder after the API's first start."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GLASSBOX_DATABASE_URL", raising=False)  # the first test may have set its own
        patch.setenv("GLASSBOX_DATA_FOLDER", str(folder))
        patch.setenv("GLASSBOX_CAPABILITY_PACKAGES", '["tests.capabilities"]')
        forget()
        registry.include("tests.capabilities")
        prepare()
        engine().dispose()
        forget()
    return Prepared(folder)


@pytest.fixture
def application(
    data_folder: Path, prepared: Prepared, redis_server: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Settings for the API: a fresh database with models and samples, and an empty Redis."""
    monkeypatch.setenv("GLASSBOX_REDIS_URL", redis_server)
    monkeypatch.setenv("GLASSBOX_MAX_BATCH", "1")
    monkeypatch.setenv("GLASSBOX_WORKER_START_SECONDS", "0")
    settings.cache_clear()
    with prepared.lend(data_folder):
        connection.redis().flushall()
        yield


@pytest.fixture
def client(application: None) -> Iterator[TestClient]:  # noqa: ARG001
    """The API, requested from its own machine."""
    with TestClient(create_app(), base_url="http://127.0.0.1:8000") as made:
        yield made
    connection.redis().close()
    celery_app.celery().close()


@pytest.fixture
def busy_worker(application: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heartbeat]:  # noqa: ARG001
    """A worker that is alive and processes nothing; its announcement outlasts any test."""
    monkeypatch.setenv("GLASSBOX_HEARTBEAT_SECONDS", "600")
    settings.cache_clear()
    where = node.acquire(Queue.PREDICT)
    heartbeat = Heartbeat(where, Queue.PREDICT, "cpu")
    heartbeat.announce()
    monkeypatch.setattr(celery_app.celery(), "send_task", lambda *_, **__: None)
    yield heartbeat
    heartbeat.stop()
    where.lock.close()


@pytest.fixture
def inline_worker(busy_worker: Heartbeat, monkeypatch: pytest.MonkeyPatch) -> Inference:
    """Predictions run in the worker's own code at once, instead of sending a message.

    Exports are child processes even then; they must find the capabilities of `tests`.
    """
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[1]))
    worker = Inference(busy_worker, "cpu", environment("cpu"), linger_seconds=0.0)

    tasks: dict[str, Callable[..., object]] = {
        "predict": lambda model_id: worker.serve(UUID(model_id)),
        "look": lambda upload_id, reading: table_reports.write_report(UUID(upload_id), reading),
        "render": lambda upload_id, rendition: renditions.write_rendition(
            (UUID(upload_id), Rendition(rendition))
        ),
        "export_model": lambda model_id, form: model_files.write_export(UUID(model_id), form),
        "import_model": lambda upload_id: model_files.import_model(UUID(upload_id)),
        "install": lambda job_id: worker.installations.run(UUID(job_id)),
        "audit": lambda job_id: worker.audits.run(UUID(job_id)),
        "check": lambda job_id: worker.dataset_checks.run(UUID(job_id)),
    }

    def send_task(name: str, args: list[Any], **_: Any) -> None:
        if name in tasks:
            tasks[name](*args)

    monkeypatch.setattr(celery_app.celery(), "send_task", send_task)
    return worker


def forget() -> None:
    """Read the settings anew, and open what depends on them anew."""
    for cached in CACHED:
        cached.cache_clear()
