"""Sweeps: the holder of one claims its fits in turn, and runs each in a fork of one warm process."""

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from backend.errors import NotFound
from backend.messaging import counters, events
from backend.outages import outage_of, retry_while_away
from backend.services import artifacts
from backend.services.jobs import fits, leases, recovery
from backend.services.jobs.leases import Claim, Ending
from backend.services.models import catalog
from backend.services.sweeps import results
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status, Task
from models.core.contract import sample_answers
from models.core.contract.card import Kind
from models.core.contract.messages import Message, Text, parts_of
from models.core.contract.prediction import Role, Stage
from models.core.contract.trained import Trained
from workers.environment import environment
from workers.heartbeat import Hold
from workers.training.child_protocol import Instructions
from workers.training.datasets import Dataset, DatasetError, fetch
from workers.training.processes import WarmProcess
from workers.training.register_model import result_of, stages_of
from workers.training.supervision import INTERNAL_ERROR, Trainer, Training

log = logging.getLogger(__name__)
Result = TypeVar("Result")

_FIT = Text("core.sweeps.fit", "Fit {number} of {total}")
_OVER_FITS = Text("core.sweeps.over_fits", "Left out: the budget of {fits} {fits:fit|fits} was used up.")
_OVER_MINUTES = Text(
    "core.sweeps.over_minutes", "Left out: the budget of {minutes:g} {minutes:minute|minutes} was used up."
)
_TITLE = Text("core.sweeps.title", "Fits")
_EXPLANATION = Text(
    "core.sweeps.explanation",
    "Every fit of the sweep, by its params and seed. Fits with the same params and other seeds show how much "
    "of a difference is chance. The best of many fits looks better on the data that chose it than it is: "
    "judge it by the test data.",
)
_INPUT_GONE = "The input {name!r} has been deleted or is missing."
_POLL_SECONDS = 1.0


def run(trainer: Trainer, job_id: UUID) -> None:
    """Run the sweep if it can still be claimed."""
    claim = trainer.claim(job_id)
    if claim is None:
        return
    with trainer.heartbeat.holding([claim]) as holds:
        sweep = Sweep(claim, holds[job_id], trainer)
        try:
            sweep.run()
        except Exception as error:  # noqa: BLE001  logged in _give_up, a bug with its traceback
            _give_up(claim, trainer, error)


def _give_up(claim: Claim, trainer: Trainer, error: Exception) -> None:
    """As that of a training."""
    if outage_of(error) is not None or isinstance(error, OSError):
        log.warning("the sweep %s is put off: %s", claim.job_id, error)
        retry_while_away(partial(leases.release, claim), until=trainer.stopping.is_set)
        trainer.stopping.wait(_POLL_SECONDS)
        return
    log.error("the sweep %s failed", claim.job_id, exc_info=error)
    failed = Ending(claim, Status.FAILED, error=INTERNAL_ERROR)
    retry_while_away(partial(leases.finish, [failed], {}), until=trainer.stopping.is_set)


@dataclass(frozen=True)
class Source:
    """What all fits read: the data of trainings, or the inputs and the weights of predictions."""

    dataset: Dataset
    inputs: Mapping[str, Path] = field(default_factory=dict)
    weights: Path | None = None


class Sweep:
    """One claimed sweep."""

    def __init__(self, claim: Claim, hold: Hold, trainer: Trainer):
        self.claim, self.hold, self.trainer = claim, hold, trainer
        self.folder = trainer.heartbeat.node.trainings_folder / f"{claim.job_id}-{claim.attempt}"

    def run(self) -> None:
        """Run the fits that are missing, and end the job unless this worker must give it back."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            source = retry_while_away(self._fetch, settings().lease_seconds, self._is_over)
            self._write(partial(recovery.reclaim_fits, self.claim))
            warm = WarmProcess(self.folder / "log.txt")
            try:
                with self.trainer.heartbeat.on_beat(warm.beat):
                    self._run_fits(source, warm)
            finally:
                warm.end()
            self._conclude()
        except DatasetError as error:
            failed = Ending(self.claim, Status.FAILED, error=str(error))
            self._write(partial(leases.finish, [failed], environment(settings().device)))
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _is_over(self) -> bool:
        """Whether no further fit may begin here."""
        return self.trainer.stopping.is_set() or self.hold.canceled.is_set() or self.hold.lost.is_set()

    def _write(self, action: Callable[[], Result]) -> Result:
        """Retry while the database is away."""
        return retry_while_away(action, until=self.trainer.stopping.is_set)

    def _fetch(self) -> Source:
        """Raises DatasetError, StorageAway."""
        if self.claim.params["of"] == Task.TRAIN:
            return Source(fetch(self.claim, self.folder))
        return _source_of_predictions(self.claim, self.folder)

    def _run_fits(self, source: Source, warm: WarmProcess) -> None:
        while not self._is_over():
            state = self._write(partial(fits.state, self.claim.job_id))
            reason = self._over_budget(state)
            if reason is not None:
                self._write(partial(fits.leave_out, self.claim, reason))
                return
            fit_id = self._write(partial(fits.next_queued, self.claim.job_id))
            if fit_id is None:
                return
            self._report(state)
            claim = self._write(partial(leases.claim_job, fit_id, self.trainer.heartbeat.node.owner))
            if claim is not None:  # it was not canceled in the meantime
                self._run_fit(claim, source, warm)

    def _over_budget(self, state: fits.State) -> Message | None:
        """Why no further fit may begin; None: it may."""
        most, minutes = self.claim.params["fits"], self.claim.params["minutes"]
        if most is not None and state.fits >= most and state.ended < state.total:
            return _OVER_FITS(fits=most)
        if minutes is not None and state.minutes >= minutes and state.ended < state.total:
            return _OVER_MINUTES(minutes=minutes)
        return None

    def _report(self, state: fits.State) -> None:
        message = _FIT(number=state.ended + 1, total=state.total)
        progress = {
            "fraction": state.ended / state.total,
            "step": state.ended,
            "total": state.total,
            "message": str(message),
            "message_parts": parts_of(message),
        }
        events.add_event(self.claim.job_id, "progress", progress)
        if not self._write(partial(leases.report, self.claim, progress=progress)):
            self.hold.lost.set()

    def _run_fit(self, claim: Claim, source: Source, warm: WarmProcess) -> None:
        with self.trainer.heartbeat.holding([claim]) as holds:
            hold = Hold()
            hold.canceled = _Either(holds[claim.job_id].canceled, self.hold.canceled)
            hold.lost = _Either(holds[claim.job_id].lost, self.hold.lost)
            fit = Fit(claim, hold, self.trainer, warm, source)
            try:
                fit.run()
            except Exception as error:  # noqa: BLE001  logged in give_up, a bug with its traceback
                fit.kill()
                self.trainer.give_up(fit, error)
            finally:
                fit.clean_up()

    def _conclude(self) -> None:
        if self.hold.lost.is_set():
            counters.count("fenced", 1)
        elif self.hold.canceled.is_set():
            self._write(partial(leases.cancel_claimed, self.claim))
        elif self.trainer.stopping.is_set():
            retry_while_away(partial(leases.release, self.claim), settings().lease_seconds)
        else:
            self._end()

    def _end(self) -> None:
        """Finish the job with all cells; the files of a refused ending are deleted."""
        found = self._write(partial(results.read, self.claim.job_id))
        data = found.model_copy(update={"status": Status.SUCCEEDED}).model_dump(mode="json")
        stage = Stage(
            id="sweep",
            kind=Kind.SWEEP,
            title=_TITLE(),
            explanation=_EXPLANATION(),
            data=data,
            count=len(found.cells),
            code=f"models.{self.claim.capability}.{self.claim.params['of']}",
            role=Role.ANSWER,
        )
        store = partial(artifacts.store, self.claim.job_id, self.claim.folder, (), [stage])
        rows = retry_while_away(store, settings().lease_seconds, self._is_over)
        seconds = sum(cell.seconds or 0.0 for cell in found.cells)
        ending = Ending(
            self.claim,
            Status.SUCCEEDED,
            result=data,
            timings_ms={"train": round(seconds * 1000, 1)},
            artifacts=rows,
        )
        taken = self._write(partial(leases.finish, [ending], environment(settings().device)))
        if self.claim.job_id not in taken:
            artifacts.discard(rows)


class _Either(threading.Event):
    """Set if one of two events is."""

    def __init__(self, own: threading.Event, other: threading.Event):
        super().__init__()
        self._own, self._other = own, other

    def is_set(self) -> bool:
        return self._own.is_set() or self._other.is_set()

    def set(self) -> None:
        self._own.set()


class Fit(Training):
    """One claimed fit of a sweep: a training that makes no model, or a prediction."""

    def __init__(self, claim: Claim, hold: Hold, trainer: Trainer, warm: WarmProcess, source: Source):
        super().__init__(claim, hold, trainer.stopping, trainer.heartbeat.node.trainings_folder, warm.fit)
        self.source = source
        self.answer = self.folder / "answer"

    def fetch(self) -> Dataset:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.source.dataset

    def instructions(self, dataset: Dataset) -> Instructions:
        common = super().instructions(dataset)
        if self.claim.task == Task.TRAIN:
            return common
        own = {
            "task": str(self.claim.task),
            "inputs": {name: str(path) for name, path in self.source.inputs.items()},
            "weights": self.source.weights and str(self.source.weights),
            "answer": str(self.answer),
            "opened": self.claim.inspect,
        }
        return common.model_copy(update=own)

    def keep(self, dataset: Dataset, trained: Trained, seconds: float) -> bool:
        """End the job without a model; False: the claim is lost."""
        if self.claim.task == Task.TRAIN:
            result, outputs = result_of(dataset, trained), ()
            stages = self._write(partial(stages_of, self.claim, trained))
        else:
            saved = sample_answers.read(self.answer)
            result, outputs, stages = saved.prediction.result, saved.prediction.outputs, saved.stages
        store = partial(artifacts.store, self.claim.job_id, self.claim.folder, outputs, stages)
        rows = self._patiently(store)
        ending = Ending(
            self.claim,
            Status.SUCCEEDED,
            result=result,
            metrics=dict(trained),
            timings_ms={"train": round(seconds * 1000, 1)},
            artifacts=rows,
        )
        taken = self._write(partial(leases.finish, [ending], self.environment))
        if self.claim.job_id not in taken:
            artifacts.discard(rows)
        return self.claim.job_id in taken


def _source_of_predictions(claim: Claim, folder: Path) -> Source:
    """Raises DatasetError, StorageAway."""
    paths: dict[str, Path] = {}
    for name, key in claim.inputs.items():
        try:
            if key is None:
                raise FileNotFoundError(name)
            paths[name] = storage().local(key, folder)
        except FileNotFoundError as error:
            raise DatasetError(_INPUT_GONE.format(name=name)) from error
    try:
        weights = None if claim.model_id is None else catalog.weights_path(catalog.get(claim.model_id))
    except NotFound as error:
        raise DatasetError(error.detail) from error
    return Source(Dataset(Path(), ""), paths, weights)
