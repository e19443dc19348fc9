"""A prediction as a folder of plain files, so that a sample's answer ships with the application. No torch.

prediction.json     result, model, params, timings_ms, environment, and what the files are
<position>-<name>   the outputs, then each stage's data and pictures
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.contract.card import Kind
from models.core.contract.messages import Message
from models.core.contract.prediction import Output, Prediction, Role, Stage

INDEX = "prediction.json"


@dataclass(frozen=True)
class Saved:
    """A prediction and what it came from."""

    prediction: Prediction
    stages: tuple[Stage, ...]
    model: str  # name@digest of the weights, or name
    params: Mapping[str, Any]
    timings_ms: Mapping[str, float]
    environment: Mapping[str, str]


def write(saved: Saved, folder: Path) -> None:
    """Write `saved` to `folder`, in place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    written = _Files(folder)
    prediction = saved.prediction
    index = {
        "result": dict(prediction.result),
        "model": saved.model,
        "params": dict(saved.params),
        "timings_ms": dict(saved.timings_ms),
        "environment": dict(saved.environment),
        "outputs": [written.output(output) for output in prediction.outputs],
        "stages": [written.stage(stage) for stage in saved.stages],
    }
    (folder / INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", "utf-8")


class _Files:
    """Numbers the files, as stages may use one name twice."""

    def __init__(self, folder: Path):
        self.folder, self.count = folder, 0

    def put(self, name: str, data: bytes) -> str:
        self.count += 1
        file = f"{self.count:02d}-{Path(name).name}"
        (self.folder / file).write_bytes(data)
        return file

    def output(self, output: Output) -> dict[str, str]:
        file = self.put(output.name, output.data)
        return {"name": output.name, "kind": output.kind, "media_type": output.media_type, "file": file}

    def stage(self, stage: Stage) -> dict[str, Any]:
        return {
            **stage.about,
            "kind": stage.kind,
            "data": self.put(f"{stage.id}.json", stage.json),
            "files": [self.output(file) for file in stage.files],
        }


def read(folder: Path) -> Saved:
    """Raises FileNotFoundError, and ValueError: it was not written by `write`."""
    index = json.loads((folder / INDEX).read_text("utf-8"))
    try:
        prediction = Prediction(
            result=index["result"],
            outputs=tuple(_output(folder, about) for about in index["outputs"]),
        )
        stages = tuple(_stage(folder, about) for about in index["stages"])
        return Saved(
            prediction, stages, index["model"], index["params"], index["timings_ms"], index["environment"]
        )
    except KeyError as error:
        raise ValueError(f"{folder / INDEX} lacks {error}") from error


def _output(folder: Path, about: Mapping[str, str]) -> Output:
    data = (folder / about["file"]).read_bytes()
    return Output(about["name"], Kind(about["kind"]), data, about["media_type"])


def _stage(folder: Path, about: Mapping[str, Any]) -> Stage:
    return Stage(
        id=about["id"],
        kind=Kind(about["kind"]),
        title=Message(about["title"], about["title_message"]),
        explanation=Message(about["explanation"], about["explanation_message"]),
        data=json.loads((folder / about["data"]).read_bytes()),
        files=tuple(_output(folder, file) for file in about["files"]),
        count=about["count"],
        code=about["code"],
        role=about["role"] and Role(about["role"]),
    )
