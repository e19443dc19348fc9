"""A finished training put on record: its weights, its model and its curve."""

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from safetensors import safe_open

from backend.database import patiently
from backend.services.jobs import curves, leases
from backend.services.jobs.leases import Claim, Ending
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status
from models.core.contract.card import Kind
from models.core.contract.prediction import Stage
from workers import artifacts
from workers.training.datasets import Dataset


def put_on_record(
    claim: Claim,
    dataset: Dataset,
    weights: Path,
    metrics: Mapping[str, float | None],
    seconds: float,
    environment: Mapping[str, str],
) -> bool:
    """Store the weights and end the job, the model and the ending in one transaction.

    False: the claim was lost or canceled; nothing stays behind.
    """
    model = _model(claim, dataset, weights, metrics)
    storage().put_file(model["location"], weights)
    rows = artifacts.store(claim, (), (_curve(claim),))
    ending = Ending(
        claim,
        Status.SUCCEEDED,
        result={"model": {"name": model["name"], "version": 1}, "data": dataset.origin},
        metrics=model["metrics"],
        timings_ms={"train": round(seconds * 1000, 1)},
        artifacts=[*rows, _weights(claim, model)],
    )
    finish = partial(leases.finish_training, ending, model, environment)
    taken = patiently(finish, settings().lease_seconds)
    if not taken:
        artifacts.discard([*ending.artifacts])
    return taken


def _model(
    claim: Claim, dataset: Dataset, weights: Path, metrics: Mapping[str, float | None]
) -> dict[str, Any]:
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = f"{claim.capability}-{claim.job_id.hex[:8]}"
    return {
        "name": name,
        "architecture": _architecture(weights),
        "location": f"models/{claim.capability}/{claim.job_id}-{claim.attempt}.safetensors",
        "digest": digest,
        "bytes": weights.stat().st_size,
        "metrics": {metric: value for metric, value in metrics.items() if value is not None},
        "card": _card_text(name, claim, dataset, digest, metrics),
    }


def _architecture(weights: Path) -> str:
    with safe_open(weights, framework="numpy") as file:
        return str(json.loads(file.metadata()["config"]).get("architecture", ""))


def _card_text(
    name: str, claim: Claim, dataset: Dataset, digest: str, metrics: Mapping[str, float | None]
) -> str:
    measured = "\n".join(
        f"| {metric} | {'–' if value is None else format(value, '.4g')} |"
        for metric, value in metrics.items()
    )
    params = json.dumps(dict(claim.params), indent=2)
    return (
        f"# {name}\n\nTrained by job {claim.job_id}. SHA-256 of the weights: `{digest}`.\n\n"
        f"| metric | value |\n| --- | --- |\n{measured}\n\n"
        f"Measured at the end of the training, on the validation part of its data if it keeps one.\n\n"
        f"## Data\n\n{dataset.words}\n\n"
        f"## Params\n\n```json\n{params}\n```\n"
    )


def _curve(claim: Claim) -> Stage:
    points = curves.points(claim.job_id)
    series: dict[str, dict[str, Any]] = {}
    for point in points:
        one = series.setdefault(point["name"], {"name": point["name"], "x": [], "y": []})
        one["x"].append(point["step"])
        one["y"].append(point["value"])
    return Stage(
        id="training",
        kind=Kind.CURVE,
        title="Training curve",
        explanation=(
            "What the training reported at each step. A falling loss says that the model fits its training "
            "data better; only the validation curve says whether it does so on data that it has not seen."
        ),
        data={"x_label": "step", "y_label": "value", "series": list(series.values())},
        code=f"models.{claim.capability}.train.train",
    )


def _weights(claim: Claim, model: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "job_id": claim.job_id,
        "role": "output",
        "position": 0,
        "name": f"{model['name']}.safetensors",
        "kind": Kind.WEIGHTS,
        "media_type": "application/octet-stream",
        "bytes": model["bytes"],
        "key": model["location"],
        "stage": None,
    }
