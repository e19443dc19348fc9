"""What a predictor returned, stored as files and as the rows that name them."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from backend.services.jobs.leases import Claim
from backend.storage import storage
from models.core.contract.prediction import Output, Stage


def store(claim: Claim, outputs: tuple[Output, ...], stages: tuple[Stage, ...]) -> list[dict[str, Any]]:
    """Store every file; the rows of `artifacts` that finish() will write."""
    return [*_store_outputs(claim, outputs), *_store_stages(claim, stages)]


def discard(rows: list[Mapping[str, Any]]) -> None:
    """Delete the files of an answer that was not taken."""
    for row in rows:
        storage().delete(row["key"])


def _store_outputs(claim: Claim, outputs: tuple[Output, ...]) -> Iterator[dict[str, Any]]:
    for position, output in enumerate(outputs):
        yield _store(claim, output, role="output", position=position)


def _store_stages(claim: Claim, stages: tuple[Stage, ...]) -> Iterator[dict[str, Any]]:
    for position, stage in enumerate(stages):
        data = Output(f"{stage.id}.json", stage.kind, stage.json, "application/json")
        about = {
            "id": stage.id,
            "title": stage.title,
            "explanation": stage.explanation,
            "count": stage.count,
            "code": stage.code,
        }
        yield _store(claim, data, role="stage", position=position, stage=about)
        for file in stage.files:
            yield _store(claim, file, role="stage-file", position=position, stage={"id": stage.id})


def _store(
    claim: Claim, output: Output, *, role: str, position: int, stage: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    artifact_id = uuid4()
    # by attempt: the files of a lost claim never overwrite those of the one that counts
    key = f"artifacts/{claim.job_id}/{claim.attempt}/{artifact_id}"
    storage().put(key, output.data)
    return {
        "id": artifact_id,
        "job_id": claim.job_id,
        "role": role,
        "position": position,
        "name": output.name,
        "kind": output.kind,
        "media_type": output.media_type,
        "bytes": len(output.data),
        "key": key,
        "stage": stage,
    }
