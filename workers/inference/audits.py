"""Audits of models and datasets, two at a time beside the predictions, to which they leave the processor.

A model answers labeled examples by its own predict path, batch by batch, so that predictions have their turn
in between; what it answered is measured by `models.audit`.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.errors import NotFound
from backend.services import artifacts
from backend.services.datasets import versions
from backend.services.jobs import audited_data
from backend.services.jobs.leases import Claim, Ending
from backend.storage import storage
from backend.tables import Status
from models.core.contract import cancellation, registry
from models.core.contract.audit import ModelAuditParams
from models.core.contract.card import Card, MediaKind
from models.core.contract.errors import InputError
from models.core.contract.messages import Text, with_messages
from models.core.contract.prediction import Stage
from models.core.contract.progress import Progress
from workers.heartbeat import Heartbeat
from workers.inference.device_thread import DeviceThread
from workers.inference.predictors import Warm
from workers.inference.priority import LARGE
from workers.inference.side_jobs import Reports, SideJobs

_TOGETHER = 2

_FAILED = Text(
    "core.audits.failed", "The audit failed because of an error in this application; it has been logged."
)()
_DELETED = Text("core.audits.deleted", "The table or the dataset has been deleted.")()
_CHANGED = Text("core.audits.changed", "A file of the dataset is missing or has changed: {why}.")
_ANSWERING = Text("core.audits.answering", "Answering the examples")()

Answer = tuple[dict[str, Any], tuple[Stage, ...]]


def audits(
    warm: Callable[[UUID], Warm],
    device: DeviceThread,
    heartbeat: Heartbeat,
    environment: Mapping[str, str],
    stopping: threading.Event,
) -> SideJobs:
    """The threads that audit what was requested.

    Args:
        warm: the loaded model of this id; raises WeightsError.
        device: where forward passes run.
    """
    return SideJobs(
        "audits",
        partial(_audit, warm, device),
        heartbeat,
        environment,
        stopping,
        failure=_FAILED,
        count=_TOGETHER,
        nice=LARGE,
    )


def _audit(warm: Callable[[UUID], Warm], device: DeviceThread, claim: Claim, progress: Reports) -> Ending:
    """Raises InputError, WeightsError, Canceled."""
    card = registry.cards()[claim.capability]
    assert card.audit_params is not None  # noqa: S101  the request was checked against the card
    params = card.audit_params.model_validate(claim.params)
    progress(0, 1, message=_ANSWERING)
    with cancellation.while_needed(_is_needed(progress)), _source(claim) as source:
        if isinstance(params, ModelAuditParams) and claim.model_id is not None:
            predictor = _shared(warm(claim.model_id), device, card)
            result, stages = of_model(card, predictor, source, params, _learned(claim, card), progress)
        else:
            result, stages = registry.code(claim.capability, "audit").audited(source, params, progress)
    rows = artifacts.store(claim.answers, claim.folder, (), stages)
    return Ending(claim, Status.SUCCEEDED, result=with_messages(result), artifacts=rows)


def of_model(
    card: Card, predictor: Any, source: Any, params: ModelAuditParams, learned: Any, progress: Progress
) -> Answer:
    """The answers of a model, measured; with `robustness` also under changes of its inputs.

    Args:
        source: the bytes of a table, or a dataset.
        learned: what the model learned from, as far as it is known.

    Raises:
        InputError: the data cannot be audited.
    """
    answering = registry.code(card.name, "audit")
    outcomes_of = partial(answering.outcomes, predictor, params=params, learned=learned)

    def report(step: int, total: int, *_: Any, **__: Any) -> None:
        progress(step, total, message=_ANSWERING)

    found = outcomes_of(source=source, progress=report)
    result, stages = registry.code("audit", "of_models.audited").audited(found, params)
    if not params.robustness:
        return result, stages
    features = getattr(answering, "features", None)  # of pictures, where the model has them
    about, more = registry.code("audit", "of_models.robustness").robustness(
        lambda reduced, change: outcomes_of(source=reduced, progress=_silent, change=change),
        found,
        source,
        params,
        progress,
        features=features and partial(features, predictor),
    )
    return {**result, "robustness": about}, (*stages[:-1], *more, stages[-1])


def _silent(*_: Any, **__: Any) -> None:
    """Ignore the progress of one of many repetitions; they check themselves whether they are needed."""


def _is_needed(progress: Reports) -> Callable[[], bool]:
    """Ends the audit as a report would: raises Canceled or Preempted where it must stop."""

    def check() -> bool:
        progress.check()
        return True

    return check


class _Shared:
    """A loaded predictor whose forward passes run in the device's thread, as those of predictions do."""

    def __init__(self, predictor: Any, device: DeviceThread):
        self._predictor, self._device = predictor, device

    def forward(self, items: list[Any]) -> list[Any]:
        return self._device.run(partial(self._predictor.forward, items))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._predictor, name)


def _shared(warm: Warm, device: DeviceThread, card: Card) -> Any:
    # a table is answered at once, for as long as a large one takes: like large jobs in this thread
    takes_tables = any(each.kind == MediaKind.TABLE for each in card.inputs)
    return warm.predictor if takes_tables else _Shared(warm.predictor, device)


@contextmanager
def _source(claim: Claim) -> Iterator[Any]:
    """The table, or the dataset. Raises InputError: it is gone."""
    if claim.inputs:
        key = next(iter(claim.inputs.values()))
        if key is None:
            raise InputError(_DELETED)
        try:
            data = storage().get(key)
        except FileNotFoundError as error:
            raise InputError(_DELETED) from error
        yield data
        return
    if claim.dataset_id is None or claim.dataset_version is None:
        raise InputError(_DELETED)
    with _dataset(claim.dataset_id, claim.dataset_version) as dataset:
        yield dataset


def _dataset(dataset_id: UUID, version: int) -> Any:
    try:
        frozen = versions.open_version(dataset_id, version)
    except NotFound as error:
        raise InputError(_DELETED) from error
    except FileNotFoundError as error:
        raise InputError(_CHANGED(why=str(error))) from error
    upload_ids = {sha256: str(each) for sha256, each in frozen.upload_ids.items()}
    archive = registry.core("datasets.archive")
    return archive.Dataset(_Stored(frozen), frozen.manifest, upload_ids=upload_ids)


class _Stored:
    """The files of a version, by their names in its manifest."""

    def __init__(self, frozen: versions.Frozen):
        self._frozen = frozen
        self._pictures = {picture.file: picture for picture in frozen.manifest.pictures}

    def read(self, name: str) -> bytes:
        """Raises InputError: the file is missing, or has changed."""
        try:
            return self._frozen.read(self._pictures[name])
        except (FileNotFoundError, KeyError, ValueError) as error:
            raise InputError(_CHANGED(why=str(error))) from error

    def close(self) -> None:
        """Nothing is open."""


def _learned(claim: Claim, card: Card) -> Any:
    """What the model learned from, as far as it is known."""
    learned = registry.core("auditing.outcomes").Learned
    training = audited_data.training_of(claim.model_id) if claim.model_id else None
    if training is None:
        return learned()
    if claim.inputs:
        is_same = (training.sha256 or _sha256(card.sample_dataset)) == audited_data.table_of(claim.job_id)
        return learned(params=training.params if is_same else None)
    if training.dataset_id is None or training.dataset_version is None:
        return learned()
    try:
        manifest = versions.open_version(training.dataset_id, training.dataset_version).manifest
    except (NotFound, FileNotFoundError):
        return learned()
    known = (picture.sha256 for picture in manifest.pictures if picture.split in ("train", "validation"))
    return learned(pictures=frozenset(known))


def _sha256(path: Path | None) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path is not None and path.is_file() else None
