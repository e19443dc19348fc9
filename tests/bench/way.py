"""The way of a picture and of a table from the request to the answer, counted.

    python -m pytest -q -s tests/bench/way.py

Prints how many functions of the project are entered in the API and in the worker, and which of its own data
classes a request becomes on the way.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from fastapi.testclient import TestClient

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("backend", "workers")
SAMPLES = {
    "detection": ("models/detection/samples/valley.jpg", "image/jpeg"),
    "clustering": ("models/clustering/samples/iris.csv", "text/csv"),
}


class Trace:
    """Counts the functions entered, in all threads that begin while it is installed, while it is on."""

    def __init__(self) -> None:
        self.entered: Counter[str] = Counter()
        self.made: Counter[str] = Counter()
        self.is_on = False

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or not self.is_on:
            return
        code = frame.f_code
        if code.co_filename == "<string>" and code.co_name == "__init__":
            owner = type(next(iter(frame.f_locals.values()), None))
            if owner.__module__.partition(".")[0] in PACKAGES:
                self.made[f"{owner.__module__}.{owner.__qualname__}"] += 1
        elif (place := _place(code)) is not None:
            self.entered[place] += 1


@pytest.fixture
def trace() -> Iterator[Trace]:
    """Installed before the application starts its threads."""
    made = Trace()
    threading.setprofile(made.note)
    yield made
    threading.setprofile(None)


def _place(code: CodeType) -> str | None:
    try:
        path = Path(code.co_filename).relative_to(ROOT)
    except ValueError:
        return None
    if path.parts[0] not in PACKAGES or code.co_name.startswith("<"):
        return None
    return f"{path}:{code.co_qualname}"


@pytest.mark.parametrize("capability", sorted(SAMPLES))
def test_way(trace: Trace, client: TestClient, inline_worker: Any, capability: str) -> None:
    assert inline_worker is not None
    name, kind = SAMPLES[capability]
    data = (ROOT / name).read_bytes()
    for addition in (b"", b"\n" if kind == "text/csv" else b"\0"):  # the first request loads the model
        trace.is_on = bool(addition)
        # the same question of every revision: no stages
        address, headers = f"/v1/predict/{capability}?inspect=false", {"content-type": kind}
        answer = client.post(address, content=data + addition, headers=headers)
        trace.is_on = False
        assert answer.status_code == 200, answer.text
    api = sum(place.startswith("backend") for place in trace.entered)
    forms = sorted(name.rpartition(".")[2] for name in trace.made)
    print(
        f"\n{capability}: {len(trace.entered)} functions entered {sum(trace.entered.values())} times "
        f"({api} of backend, {len(trace.entered) - api} of workers); forms: {', '.join(forms)}"
    )
