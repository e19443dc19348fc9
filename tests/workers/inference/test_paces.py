"""Measured batch sizes: kept, and measured only while nothing else is to be done."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from fastapi.testclient import TestClient

from backend.services.models import catalog
from backend.settings import settings
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference.device_thread import DeviceThread
from workers.inference.paces import Pace, PaceFile, measure
from workers.inference.server import Inference

SOON = 30.0


def tiny(client: TestClient) -> Any:
    assert client.get("/healthz").status_code == 200
    return next(model.id for model in catalog.defaults() if model.capability == "tiny")


def test_a_measured_pace_is_kept_for_the_next_start(client: TestClient, busy_worker: Heartbeat) -> None:
    model = tiny(client)
    first = Inference(busy_worker, "cpu", environment("cpu"))
    first.pacer.start()
    warm = first.warm(model)
    ends = time.monotonic() + SOON
    kept = settings().data_folder / "paces.json"  # written after the pace is set
    while warm.measured is None or not kept.exists():
        assert time.monotonic() < ends
        time.sleep(0.01)
    first.stopping.set()

    again = Inference(busy_worker, "cpu", environment("cpu")).warm(model)
    other_device = Inference(busy_worker, "cpu", environment("cuda", "another card")).warm(model)

    assert again.measured == warm.measured
    assert other_device.measured is None


def test_a_model_is_loaded_without_being_measured(client: TestClient, busy_worker: Heartbeat) -> None:
    warm = Inference(busy_worker, "cpu", environment("cpu")).warm(tiny(client))

    assert warm.measured is None
    assert warm.pace.batch == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no json",
        "[1, 2]",
        '{"a": 3, "b": {"batch": "4", "seconds": 0.1}}',
        '{"a": {"batch": 0, "seconds": 0.1}}',
        '{"a": {"batch": 4, "seconds": -1.0}}',
        '{"a": {"batch": 4, "seconds": NaN}}',
        '{"a": {"batch": 4}}',
        '{"a": {"batch": true, "seconds": 0.1}}',
        "\x00\xff",
    ],
)
def test_a_damaged_or_foreign_file_of_paces_is_ignored(tmp_path: Path, content: str) -> None:
    path = tmp_path / "paces.json"
    path.write_text(content, "utf-8")
    file = PaceFile(path)

    assert file.find("a") is None
    file.keep("c", Pace(8, 0.25))
    assert PaceFile(path).find("c") == Pace(8, 0.25)
    assert list(json.loads(path.read_text("utf-8"))) == ["c"]


def test_a_batch_that_takes_too_much_memory_leaves_the_pace_of_the_smaller_ones(
    client: TestClient, busy_worker: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSBOX_MAX_BATCH", "16")
    settings.cache_clear()
    predictor = Inference(busy_worker, "cpu", environment("cpu")).warm(tiny(client)).predictor
    forward = predictor.forward

    def limited(items: list[Any]) -> Any:
        if len(items) > 4:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return forward(items)

    monkeypatch.setattr(predictor, "forward", limited)

    def same_time(run: Any) -> float:
        run()
        return 0.1  # a batch takes as long as one input

    assert measure(predictor, "tiny", same_time) == Pace(4, 0.1 / 4)


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    PaceFile(tmp_path / "file" / "paces.json").keep("c", Pace(8, 0.25))

    assert not (tmp_path / "file" / "paces.json").exists()


def test_a_busy_device_is_not_quiet() -> None:
    device, release = DeviceThread(), threading.Event()
    thread = threading.Thread(target=device.run, args=[release.wait])
    thread.start()
    while not device.begun:
        time.sleep(0.001)

    assert not device.wait_until_quiet(time.monotonic() + 0.1, seconds=0.01)

    release.set()
    thread.join()
    assert device.wait_until_quiet(time.monotonic() + SOON, seconds=0.01)
