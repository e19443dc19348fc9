"""The training worker: claims one job, runs it as a child process, and records its reports."""

import errno
import logging
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from backend.errors import StorageAway
from backend.messaging import counters, events
from backend.outages import outage_log, outage_of, retry_while_away
from backend.services.jobs import leases, recovery
from backend.services.jobs.leases import Claim, Ending
from backend.settings import settings
from backend.storage import delete_or_log, storage
from backend.tables import Status
from models.core.contract.messages import Message, Text, parts_of
from models.core.contract.progress import LOADING
from models.core.contract.trained import Trained
from workers.environment import environment
from workers.heartbeat import Heartbeat, Hold
from workers.training.child_protocol import (
    EXIT_DISK_FULL,
    EXIT_ORPHANED,
    EXIT_PREEMPTED,
    Instructions,
    Report,
)
from workers.training.datasets import Dataset, DatasetError, fetch
from workers.training.live_samples import LiveSamples
from workers.training.processes import OneTraining, Process
from workers.training.register_model import register

log = logging.getLogger(__name__)
Result = TypeVar("Result")

INTERNAL_ERROR = Text(
    "core.training.internal_error",
    "The training failed because of an error in this application; it has been logged.",
)()
_FETCHING = Text("core.training.fetching", "Fetching the data")()
_WAITING = Text("core.training.waiting", "Waiting for a processor")()
_CLAIM_TIMEOUT = 20.0  # seconds; after that the sweep sends the message again
_POLL_SECONDS = 0.02  # between checks for cancel and stop: a cancel must take effect at once
_FLUSH_SECONDS = 1.0  # between writes of progress to the database
_PUT_OFF_SECONDS = 5.0  # until the storage is tried again
_EXIT_SECONDS = 20.0  # from a child's last report to its exit: torch is slow to unload
_LOG_TAIL_BYTES = 4_000


class Trainer:
    """Runs one training after another."""

    def __init__(self, heartbeat: Heartbeat):
        self.heartbeat = heartbeat
        self.stopping = threading.Event()

    def train(self, job_id: UUID) -> None:
        """Run the job if it can still be claimed."""
        claim = self.claim(job_id)
        if claim is None:
            return
        with self.heartbeat.holding([claim]) as holds:
            training = Training(claim, holds[job_id], self.stopping, self.heartbeat.node.trainings_folder)
            try:
                with self.heartbeat.on_beat(training.send_heartbeat):
                    training.run()
            except Exception as error:  # noqa: BLE001  logged in give_up, a bug with its traceback
                training.kill()
                self.give_up(training, error)
            finally:
                training.clean_up()

    def claim(self, job_id: UUID) -> Claim | None:
        """The job, unless it cannot be claimed any more, or this worker is stopping."""
        if self.stopping.is_set():
            return None  # the sweep sends the message again
        return retry_while_away(partial(leases.claim_job, job_id, self.heartbeat.node.owner), _CLAIM_TIMEOUT)

    def give_up(self, training: "Training", error: Exception) -> None:
        """End an attempt that raised `error`: its job is requeued if it can succeed later."""
        job_id, outage = training.claim.job_id, outage_of(error)
        if outage is not None:
            log.warning("training %s is put off: %s", job_id, error)
            training.put_off()
            self.stopping.wait(_PUT_OFF_SECONDS)
        elif isinstance(error, OSError):
            # this machine has too little of something: the lease expires, and the job resumes elsewhere
            log.warning("training %s is left for a later attempt: %s", job_id, error)
        else:
            log.error(
                "training %s failed", job_id, exc_info=error, extra={"request_id": training.claim.request_id}
            )
            training.fail(INTERNAL_ERROR)


class Training:
    """One claimed training and its child process.

    Args:
        start: starts the process; gets the instructions and the file for what it prints.
    """

    def __init__(
        self,
        claim: Claim,
        hold: Hold,
        stopping: threading.Event,
        folder: Path,
        start: Callable[[Instructions, Path], Process] = OneTraining,
    ):
        self.claim, self.hold, self.stopping, self.start = claim, hold, stopping, start
        self.folder = folder / f"{claim.job_id}-{claim.attempt}"
        self.weights = self.folder / "weights.safetensors"
        self.local_checkpoint = self.folder / "checkpoint.safetensors"
        self.checkpoint = claim.checkpoint  # storage key
        self.samples = LiveSamples(claim, self.folder / "samples")
        self.unstored: tuple[int, float] | None = None  # step of a checkpoint, when to try again to store it
        self.started = time.monotonic()
        self.environment = environment(settings().device)
        self.ending: Report | None = None
        self.progress: dict[str, Any] | None = None
        self.points: list[dict[str, Any]] = []
        self.flushed = 0.0
        self.process: Process | None = None

    def run(self) -> None:
        """Start the child, follow it until it ends, and record the outcome."""
        self._announce(_FETCHING)
        try:
            dataset = self._patiently(self.fetch)
            self._patiently(self._fetch_checkpoint)
        except DatasetError as error:
            self.fail(str(error))
            return
        self._announce(_WAITING)
        self.process = self.start(self.instructions(dataset), self.folder / "log.txt")
        self._follow()
        self._conclude(dataset)

    def fetch(self) -> Dataset:
        """Fetch the data. Raises DatasetError, StorageAway."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return fetch(self.claim, self.folder)

    def _fetch_checkpoint(self) -> None:
        """Fetch the checkpoint if there is one. Raises StorageAway."""
        if self.checkpoint:
            try:
                shutil.copyfile(storage().local(self.checkpoint, self.folder), self.local_checkpoint)
            except FileNotFoundError as error:
                log.warning("job %s starts again, its checkpoint is gone: %s", self.claim.job_id, error)

    def _patiently(self, action: Callable[[], Result]) -> Result:
        """Retry for a lease while the storage is away."""
        return retry_while_away(action, settings().lease_seconds, self._gives_up)

    def _gives_up(self) -> bool:
        """Whether this attempt must not wait for the database or the storage to return."""
        return self.stopping.is_set() or self.hold.canceled.is_set() or self.hold.lost.is_set()

    def _write(self, action: Callable[[], Result]) -> Result:
        """Retry while the database is away: there is nothing better to do with what was computed."""
        return retry_while_away(action, until=self.stopping.is_set)

    def put_off(self) -> None:
        """Requeue the job, with its checkpoint; this attempt does not count."""
        self._write(partial(leases.release, self.claim, self.checkpoint))

    def _follow(self) -> None:
        """Handle the child's reports until it ends or must be stopped."""
        stop_requested_at = 0.0
        assert self.process is not None  # noqa: S101  started before
        while (line := self.process.next_line(_POLL_SECONDS)) is not None:
            if line:
                self._handle(Report.model_validate_json(line))
            if self.hold.canceled.is_set() or self.hold.lost.is_set():
                break
            if self.stopping.is_set() and not stop_requested_at:
                stop_requested_at = time.monotonic()
                self._signal(signal.SIGTERM)
            if stop_requested_at and time.monotonic() - stop_requested_at > settings().drain_seconds:
                break
            if time.monotonic() - self.flushed > _FLUSH_SECONDS:
                self._flush_if_possible()
            self.samples.store_if_due()
            if self.unstored and time.monotonic() > self.unstored[1]:
                self._store_checkpoint(self.unstored[0])

    def send_heartbeat(self) -> None:
        """Notify the child that its supervisor is alive."""
        if self.process:
            self.process.beat()

    def kill(self) -> None:
        """Kill the child and all its descendants."""
        self._signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def fail(self, message: str, *, is_input: bool = False) -> None:
        self._finish(Ending(self.claim, Status.FAILED, error=message, error_is_input=is_input))

    def clean_up(self) -> None:
        if self.process:
            self.process.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def instructions(self, dataset: Dataset) -> Instructions:
        """What the child is to do."""
        return Instructions(
            capability=self.claim.capability,
            capability_packages=settings().capability_packages,
            params=dict(self.claim.params),
            dataset=str(dataset.path),
            weights=str(self.weights),
            checkpoint=str(self.local_checkpoint),
            samples=str(self.samples.folder),
            device=settings().device,
            torch_threads=settings().torch_threads,
            checkpoint_seconds=settings().checkpoint_seconds,
            lease_seconds=settings().lease_seconds,
        )

    def _handle(self, report: Report) -> None:
        if report.kind == "progress":
            self._record_progress(report)
        elif report.kind == "samples":
            self.samples.add(report.sheet)
        elif report.kind == "checkpoint":
            self._store_checkpoint(report.step)
        elif report.kind == "device":
            self.environment = environment(report.device, report.hardware)
            self._announce(LOADING)
        elif report.kind == "disk_full":
            log.warning("the training of job %s has no room:\n%s", self.claim.job_id, report.message)
        else:
            self.ending = report

    def _announce(self, message: Message) -> None:
        """Report what is being done before the first step."""
        if self.progress is None or not self.progress["total"]:
            parts = parts_of(message)
            self.progress = {
                "fraction": 0.0,
                "step": 0,
                "total": 0,
                "message": str(message),
                "message_parts": parts,
            }
            events.add_event(self.claim.job_id, "progress", self.progress)
            self._flush_if_possible()

    def _record_progress(self, report: Report) -> None:
        earlier = self.progress["message"] if self.progress else ""
        self.progress = {
            "fraction": report.step / report.total if report.total else 0.0,
            "step": report.step,
            "total": report.total,
            "message": report.message,
            "message_parts": report.parts,
        }
        events.add_event(self.claim.job_id, "progress", self.progress)
        if report.metrics:
            events.add_event(self.claim.job_id, "metric", {"step": report.step, "values": report.metrics})
            self.points += (
                {"step": report.step, "name": name, "value": value} for name, value in report.metrics.items()
            )
        if report.message and report.message != earlier:
            about = {"message": report.message, "message_parts": report.parts}
            events.add_event(self.claim.job_id, "log", about)

    def _store_checkpoint(self, step: int) -> None:
        if not self.local_checkpoint.exists():
            return  # written before the previous report was handled, and already stored with that
        key = f"checkpoints/{self.claim.job_id}/{self.claim.attempt}-{step}.safetensors"
        try:
            storage().put_file(key, self.local_checkpoint)
        except OSError as error:
            log.warning(
                "a checkpoint of job %s is not stored yet, keeping the previous one: %s",
                self.claim.job_id,
                error,
            )
            self.unstored = step, time.monotonic() + _PUT_OFF_SECONDS
            return
        self.unstored = None
        previous, self.checkpoint = self.checkpoint, key
        # after a lost lease, or while the database is away, the next attempt starts from the previous one
        if self._flush_if_possible() and previous and previous != key:
            delete_or_log(previous)

    def _flush_if_possible(self) -> bool:
        """Whether the progress is written; a database that is away must not end hours of training."""
        try:
            self._flush()
        except SQLAlchemyError as error:
            if (outage := outage_of(error)) is None:
                raise
            outage_log.warn(outage, "A training goes on, its progress is written later", error)
            return False
        return not self.hold.lost.is_set()

    def _flush(self) -> None:
        points = list(self.points)
        try:
            is_held = leases.report(
                self.claim, progress=self.progress, checkpoint=self.checkpoint, points=points
            )
        finally:
            self.flushed = time.monotonic()
        del self.points[: len(points)]
        if not is_held:
            self.hold.lost.set()

    def _conclude(self, dataset: Dataset) -> None:
        if self.hold.canceled.is_set() or self.hold.lost.is_set() or self.ending is None:
            code = self._end_child()
        else:
            code = self.process.wait() if self.process else None
        if self.hold.lost.is_set():
            counters.count("fenced", 1)
        elif self.hold.canceled.is_set():
            self._write(partial(leases.cancel_claimed, self.claim))
            self._drop_checkpoint()
        elif self.ending is not None:
            self._write(self._flush)
            self._end(self.ending, dataset)
        elif code == EXIT_PREEMPTED or self.stopping.is_set():
            retry_while_away(self._flush, settings().lease_seconds)
            retry_while_away(partial(leases.release, self.claim, self.checkpoint), settings().lease_seconds)
        elif code == EXIT_ORPHANED:
            self.put_off()  # this process was frozen for longer than a lease
        elif code == EXIT_DISK_FULL:
            raise StorageAway(errno.ENOSPC, f"no room for the files of a training in {self.folder}")
        else:
            self._crashed(code)

    def _end_child(self) -> int | None:
        """Wait for the child, or kill it; returns its exit code."""
        if self.process is None:
            return None
        if self.hold.canceled.is_set() or self.hold.lost.is_set():
            self.kill()
        try:
            return self.process.wait(timeout=_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.wait()

    def _end(self, report: Report, dataset: Dataset) -> None:
        if report.kind in ("input_error", "weights_error"):
            self.fail(Message(report.message, report.parts), is_input=report.kind == "input_error")
            return
        seconds = time.monotonic() - self.started
        trained = Trained(
            {name: value for name, value in report.metrics.items() if value is not None},
            part=report.part,
            figure=report.figure,
            step=report.kept_step,
            notes=[Message(*note) for note in zip(report.notes, report.notes_message, strict=True)],
            evaluation=report.evaluation,
        )
        self.samples.store_rest(settings().lease_seconds, self._gives_up)
        if self.keep(dataset, trained, seconds):
            self._drop_checkpoint()

    def keep(self, dataset: Dataset, trained: Trained, seconds: float) -> bool:
        """End the job and register its model; False: the claim is lost."""
        return register(self.claim, dataset, self.weights, trained, seconds, self.environment, self._gives_up)

    def _crashed(self, code: int | None) -> None:
        log.error("the training of job %s ended with code %s:\n%s", self.claim.job_id, code, self._log_tail())
        if code is not None and code < 0:
            # killed, probably for its memory use: retry, up to the maximum number of attempts
            self._write(partial(recovery.abandon, self.claim))
        else:
            self.fail(INTERNAL_ERROR)

    def _finish(self, ending: Ending) -> None:
        self._write(partial(leases.finish, [ending], self.environment))
        self._drop_checkpoint()

    def _drop_checkpoint(self) -> None:
        if self.checkpoint:
            delete_or_log(self.checkpoint)

    def _signal(self, number: signal.Signals) -> None:
        if self.process:
            self.process.signal(number)

    def _log_tail(self) -> str:
        with suppress(OSError):
            return (self.folder / "log.txt").read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")
        return ""
