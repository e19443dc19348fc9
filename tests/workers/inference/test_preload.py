"""Models that nobody has asked for are loaded behind all requests."""

import threading
import time
from functools import partial

import pytest
from fastapi.testclient import TestClient

from backend.services.models import catalog
from backend.settings import settings
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference.preload import preload
from workers.inference.server import Inference

QUIET = 0.3


def test_models_are_preloaded_only_once_no_request_has_come_for_a_while(
    client: TestClient, busy_worker: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSBOX_PRELOAD", '["tiny"]')
    monkeypatch.setattr("workers.inference.preload._POLL_SECONDS", 0.2)  # gives up many times below
    settings.cache_clear()
    client.get("/healthz")
    server = Inference(busy_worker, "cpu", environment("cpu"))
    (tiny,) = [model.id for model in catalog.defaults() if model.capability == "tiny"]
    loading = threading.Thread(target=partial(preload, server, QUIET))
    loading.start()

    for _ in range(100):  # far longer than the time without requests that it waits for
        server.device.run(lambda: time.sleep(QUIET / 30))
        assert server.predictors.find(tiny) is None
    loading.join(timeout=60)

    assert server.predictors.find(tiny) is not None
