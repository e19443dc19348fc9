"""Registers a finished training: its weights, its model and its curve."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from safetensors import safe_open

from backend.outages import retry_while_away
from backend.services import artifacts
from backend.services.jobs import commands, curves, leases, sheets
from backend.services.jobs.leases import Claim, Ending
from backend.services.models.cards import HEADING
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status
from models.core.contract.card import Kind
from models.core.contract.messages import Text, join, with_messages
from models.core.contract.prediction import Output, Role, Stage
from models.core.contract.progress import SAMPLES, SAMPLES_ABOUT
from models.core.contract.trained import Trained
from models.core.training.threshold_stage import threshold_stage
from workers.training.datasets import Dataset

_CURVE = Text("core.training.curve.title", "Training curve")
_CURVE_EXPLANATION = Text(
    "core.training.curve.explanation",
    "The loss and the metrics that the training reported, by step. A falling training loss means that the "
    "model fits its training data better; only the validation curve shows whether it also does on data that "
    "it has not seen.",
)
_BEST = Text(
    "core.training.curve.best",
    "The weights of step {step:,} are kept: they had the best {figure} on the validation data.",
)
_OF_ONE_SHEET = ("step", "file", "captions", "url")
_LOSS = Text("core.training.curve.loss", "loss")
_STEP = Text("core.training.curve.step", "step")
_VALUE = Text("core.training.curve.value", "value")
_KEPT = Text("core.training.curve.kept", "the weights that are kept")


def register(
    claim: Claim,
    dataset: Dataset,
    weights: Path,
    trained: Trained,
    seconds: float,
    environment: Mapping[str, str],
    gives_up: Callable[[], bool],
) -> bool:
    """Store the weights, then create the model and finish the job in one transaction.

    False: the claim was lost or canceled; nothing is left behind.

    Args:
        gives_up: true: the worker does not wait for the database or the storage to return.

    Raises:
        StorageAway: for longer than a lease.
    """
    model = _model(claim, dataset, weights, trained)
    seconds_away = settings().lease_seconds
    stages = retry_while_away(partial(stages_of, claim, trained), until=gives_up)
    retry_while_away(partial(storage().put_file, model["location"], weights), seconds_away, gives_up)
    store = partial(artifacts.store, claim.job_id, claim.folder, (), stages)
    try:
        rows = retry_while_away(store, seconds_away, gives_up)
    except OSError:
        artifacts.discard([{"key": model["location"]}])
        raise
    ending = Ending(
        claim,
        Status.SUCCEEDED,
        result=result_of(dataset, trained),
        metrics=model["metrics"],
        timings_ms={"train": round(seconds * 1000, 1)},
        artifacts=[*rows, _weights(claim, model, commands.read(claim.job_id).model_name)],
    )
    finish = partial(leases.finish_training, ending, model, environment)
    taken = retry_while_away(finish, until=gives_up)
    if not taken:
        artifacts.discard(ending.artifacts)
    return taken


def result_of(dataset: Dataset, trained: Trained) -> dict[str, Any]:
    """The result of a training's job, besides its model."""
    return with_messages(
        {
            **trained.evaluation,
            "data": dataset.origin,
            "measured_on": trained.part,
            "best": trained.figure and {"figure": trained.figure, "step": trained.step},
            "notes": list(trained.notes),
        }
    )


def _model(claim: Claim, dataset: Dataset, weights: Path, trained: Trained) -> dict[str, Any]:
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "name": f"{claim.capability}-{claim.job_id.hex[:8]}",  # if it was given none
        "architecture": _architecture(weights),
        "location": f"models/{claim.capability}/{claim.job_id}-{claim.attempt}.safetensors",
        "digest": digest,
        "bytes": weights.stat().st_size,
        "metrics": dict(trained),
        "card": _card_text(claim, dataset, digest, trained),
    }


def _architecture(weights: Path) -> str:
    with safe_open(weights, framework="numpy") as file:
        return str(json.loads(file.metadata()["config"]).get("architecture", ""))


def _card_text(claim: Claim, dataset: Dataset, digest: str, trained: Trained) -> str:
    measured = "\n".join(f"| {metric} | {value:.4g} |" for metric, value in trained.items())
    notes = "".join(f"{note} " for note in trained.notes)
    if trained.part:
        measured = f"| metric on the {trained.part} data | value |\n| --- | --- |\n{measured}\n\n"
    elif trained:
        measured = f"| metric | value |\n| --- | --- |\n{measured}\n\n"
    if trained.figure:
        notes = f"{_BEST(figure=trained.figure, step=trained.step)} {notes}"
    notes = f"{notes.strip()}\n\n" if notes else ""
    params = json.dumps(dict(claim.params), indent=2)
    return (
        f"{measured}{notes}## Params\n\n```json\n{params}\n```\n{HEADING}\n"
        f"Trained by job {claim.job_id}. SHA-256 of the weights: `{digest}`.\n\n{dataset.description}\n"
    )


def stages_of(claim: Claim, trained: Trained) -> tuple[Stage, ...]:
    """The curve, the samples if the training drew any, and precision and recall if it measured them."""
    series: dict[str, dict[str, Any]] = {}
    for point in curves.points(claim.job_id):
        one = series.setdefault(point["name"], {"name": point["name"], "x": [], "y": []})
        one["x"].append(point["step"])
        one["y"].append(point["value"])
    curve = _curve(claim, trained, list(series.values()))
    drawn = sheets.read(claim.job_id)
    samples = (_samples(claim, drawn, list(series.values())),) if drawn else ()
    found = trained.evaluation.get("by_threshold")
    by_threshold = (threshold_stage(found, f"models.{claim.capability}.train.train"),) if found else ()
    return curve, *samples, *by_threshold


def _samples(claim: Claim, drawn: list[dict[str, Any]], series: list[dict[str, Any]]) -> Stage:
    """The sheets beside the losses. Their files are stored already, under the stage's id."""
    shared = {name: value for name, value in drawn[-1].items() if name not in _OF_ONE_SHEET}
    steps = [{name: sheet[name] for name in ("step", "file", "captions") if name in sheet} for sheet in drawn]
    losses = [one for one in series if one["name"].endswith("loss")]
    beside = {"series": losses, "y_label": _LOSS()} if losses else {}
    return Stage(
        id=sheets.STAGE_ID,
        kind=Kind.SAMPLES,
        title=SAMPLES(),
        explanation=SAMPLES_ABOUT(),
        data={**shared, "steps": steps, **beside},
        count=len(steps),
        code=f"models.{claim.capability}.train.train",
    )


def _curve(claim: Claim, trained: Trained, series: list[dict[str, Any]]) -> Stage:
    data: dict[str, Any] = {"x_label": _STEP(), "y_label": _VALUE(), "series": series}
    explanation: list[str] = [_CURVE_EXPLANATION()]
    if trained.figure and trained.step is not None:
        data["marks"] = [{"x": trained.step, "label": _KEPT()}]
        explanation.append(_BEST(figure=trained.figure, step=trained.step))
    return Stage(
        id="training",
        kind=Kind.CURVE,
        title=_CURVE(),
        explanation=join(*explanation, *trained.notes),
        data=data,
        code=f"models.{claim.capability}.train.train",
        role=Role.ANSWER,
    )


def _weights(claim: Claim, model: Mapping[str, Any], name: str | None) -> dict[str, Any]:
    output = Output(f"{name or model['name']}.safetensors", Kind.WEIGHTS, b"", "application/octet-stream")
    stored = {"size": model["bytes"], "key": model["location"], "sha256": model["digest"]}
    return artifacts.row(uuid4(), claim.job_id, artifacts.OUTPUT, 0, output, **stored)
