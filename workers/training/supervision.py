"""The training worker's work: claim one job, run it as a child process, put on record what it reports."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from uuid import UUID

from sqlalchemy.exc import InterfaceError, OperationalError

from backend.database import patiently
from backend.messaging import counters, events
from backend.services.jobs import leases, recovery
from backend.services.jobs.leases import Claim, Ending
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status
from workers.environment import environment
from workers.heartbeat import Heartbeat, Hold
from workers.training.child_protocol import EXIT_PREEMPTED, Order, Report
from workers.training.datasets import Dataset, DatasetError, obtain
from workers.training.register_model import put_on_record

log = logging.getLogger(__name__)

OUR_BUG = "The training failed because of an error in this application; it has been logged."
_CLAIM_PATIENCE = 20.0  # seconds; after that the sweep sends the message anew
_LOOK_SECONDS = 0.02  # between looks at cancel and stop: a cancel must take effect at once
_FLUSH_SECONDS = 1.0  # between writes of progress to the database
_EXIT_SECONDS = 20.0  # from the last word of a child to its end: torch takes its time to unload
_LOG_TAIL_BYTES = 4_000


class Trainer:
    """Runs one training after another."""

    def __init__(self, heartbeat: Heartbeat):
        self.heartbeat = heartbeat
        self.stopping = threading.Event()

    def train(self, job_id: UUID) -> None:
        """Run the job if it is still to be had."""
        if self.stopping.is_set():
            return  # the sweep sends the message again
        claim = patiently(partial(leases.claim_training, job_id, self.heartbeat.node.owner), _CLAIM_PATIENCE)
        if claim is None:
            return
        with self.heartbeat.holding([claim]) as holds:
            training = Training(claim, holds[job_id], self.stopping, self.heartbeat.node.trainings_folder)
            try:
                with self.heartbeat.on_beat(training.tick):
                    training.run()
            except (OperationalError, InterfaceError, OSError) as error:
                # the database or the storage is away: the lease runs out, and it goes on from its checkpoint
                log.warning("training %s is given up for now: %s", job_id, error)
                training.kill()
            except Exception:
                log.exception("training %s failed", job_id, extra={"request_id": claim.request_id})
                training.kill()
                training.fail(OUR_BUG)
            finally:
                training.clean_up()


class Training:
    """One claimed training and its child process."""

    def __init__(self, claim: Claim, hold: Hold, stopping: threading.Event, folder: Path):
        self.claim, self.hold, self.stopping = claim, hold, stopping
        self.folder = folder / f"{claim.job_id}-{claim.attempt}"
        self.weights = self.folder / "weights.safetensors"
        self.local_checkpoint = self.folder / "checkpoint.safetensors"
        self.checkpoint = claim.checkpoint  # storage key
        self.started = time.monotonic()
        self.environment = environment(settings().device)
        self.ending: Report | None = None
        self.progress: dict[str, Any] | None = None
        self.points: list[dict[str, Any]] = []
        self.flushed = 0.0
        self.process: subprocess.Popen[bytes] | None = None
        self.lines: SimpleQueue[bytes | None] = SimpleQueue()

    def run(self) -> None:
        """Start the child, follow it to its end, and write that down."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            dataset = obtain(self.claim, self.folder)
        except DatasetError as error:
            self.fail(str(error))
            return
        if self.checkpoint:
            shutil.copyfile(storage().local(self.checkpoint, self.folder), self.local_checkpoint)
        self._start(dataset)
        self._follow()
        self._conclude(dataset)

    def _follow(self) -> None:
        """Take what the child reports until it ends or has to."""
        asked_to_stop = 0.0
        while (line := self._next_line()) is not None:
            if line:
                self._take(Report.model_validate_json(line))
            if self.hold.canceled.is_set() or self.hold.lost.is_set():
                break
            if self.stopping.is_set() and not asked_to_stop:
                asked_to_stop = time.monotonic()
                self._signal(signal.SIGTERM)
            if asked_to_stop and time.monotonic() - asked_to_stop > settings().drain_seconds:
                break
            if time.monotonic() - self.flushed > _FLUSH_SECONDS:
                self._flush()

    def tick(self) -> None:
        """Tell the child that its supervisor lives."""
        if self.process and self.process.stdin:
            with suppress(OSError, ValueError):
                self.process.stdin.write(b"\n")
                self.process.stdin.flush()

    def kill(self) -> None:
        """End the child and all that it started."""
        self._signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def fail(self, message: str, *, is_input: bool = False) -> None:
        self._finish(Ending(self.claim, Status.FAILED, error=message, error_is_input=is_input))

    def clean_up(self) -> None:
        if self.process and self.process.stdin:
            with suppress(OSError):  # a dead child's pipe cannot be flushed
                self.process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, dataset: Dataset) -> None:
        order = Order(
            capability=self.claim.capability,
            capability_packages=settings().capability_packages,
            params=dict(self.claim.params),
            dataset=str(dataset.path),
            weights=str(self.weights),
            checkpoint=str(self.local_checkpoint),
            device=settings().device,
            torch_threads=settings().torch_threads,
            checkpoint_seconds=settings().checkpoint_seconds,
            lease_seconds=settings().lease_seconds,
        )
        with (self.folder / "log.txt").open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workers.training.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,  # its own group, so that it can be ended with all its children
                env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"},  # spinning threads starve the neighbours
            )
        threading.Thread(target=self._read, args=[self.process], daemon=True).start()
        if self.process.stdin:
            self.process.stdin.write(order.model_dump_json().encode() + b"\n")
            self.process.stdin.flush()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101  it was asked for
        with process.stdout as lines:
            for line in lines:
                self.lines.put(line)
        self.lines.put(None)

    def _next_line(self) -> bytes | None:
        """A report; nothing when none came for a moment; None when the child has ended."""
        try:
            return self.lines.get(timeout=_LOOK_SECONDS)
        except Empty:
            return b""

    def _take(self, report: Report) -> None:
        if report.what == "progress":
            self._take_progress(report)
        elif report.what == "checkpoint":
            self._take_checkpoint(report.step)
        elif report.what == "device":
            self.environment = environment(report.device, report.hardware)
        else:
            self.ending = report

    def _take_progress(self, report: Report) -> None:
        self.progress = {
            "fraction": report.step / report.total if report.total else 0.0,
            "step": report.step,
            "total": report.total,
            "message": report.message,
        }
        events.add_event(self.claim.job_id, "progress", self.progress)
        if report.metrics:
            events.add_event(self.claim.job_id, "metric", {"step": report.step, "values": report.metrics})
            self.points += (
                {"step": report.step, "name": name, "value": value} for name, value in report.metrics.items()
            )
        if report.message:
            events.add_event(self.claim.job_id, "log", {"message": report.message})

    def _take_checkpoint(self, step: int) -> None:
        if not self.local_checkpoint.exists():
            return  # the child wrote it before the report of the former was read, and it went with that
        key = f"checkpoints/{self.claim.job_id}/{self.claim.attempt}-{step}.safetensors"
        try:
            storage().put_file(key, self.local_checkpoint)
        except OSError as error:
            log.warning("a checkpoint of job %s is lost, the former counts: %s", self.claim.job_id, error)
            return
        former, self.checkpoint = self.checkpoint, key
        self._flush()
        if former and former != key and not self.hold.lost.is_set():
            storage().delete(former)  # of a lost job, it is where the next attempt begins

    def _flush(self) -> None:
        self.flushed = time.monotonic()
        points, self.points = self.points, []
        write = partial(
            leases.report, self.claim, progress=self.progress, checkpoint=self.checkpoint, points=points
        )
        # a database that is away for a while must not end hours of training
        if not patiently(write, settings().lease_seconds):
            self.hold.lost.set()

    def _conclude(self, dataset: Dataset) -> None:
        if self.hold.canceled.is_set() or self.hold.lost.is_set() or self.ending is None:
            code = self._end_child()
        else:
            code = self.process.wait() if self.process else None
        if self.hold.lost.is_set():
            counters.count("fenced", 1)
        elif self.hold.canceled.is_set():
            patiently(partial(leases.cancel_claimed, self.claim), settings().lease_seconds)
            self._drop_checkpoint()
        elif self.ending is not None:
            self._flush()
            self._end(self.ending, dataset)
        elif code == EXIT_PREEMPTED or self.stopping.is_set():
            self._flush()
            patiently(partial(leases.release, self.claim, self.checkpoint), settings().lease_seconds)
        else:
            self._crashed(code)

    def _end_child(self) -> int | None:
        """The child's own exit code if it has ended by itself."""
        if self.process is None:
            return None
        if self.hold.canceled.is_set() or self.hold.lost.is_set():
            self.kill()
        try:
            return self.process.wait(timeout=_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.returncode

    def _end(self, report: Report, dataset: Dataset) -> None:
        if report.what in ("input_error", "weights_error"):
            self.fail(report.message, is_input=report.what == "input_error")
            return
        seconds = time.monotonic() - self.started
        about = self.environment
        if put_on_record(self.claim, dataset, self.weights, report.metrics, seconds, about):
            self._drop_checkpoint()

    def _crashed(self, code: int | None) -> None:
        log.error("the training of job %s ended with code %s:\n%s", self.claim.job_id, code, self._log_tail())
        if code is not None and code < 0:
            # killed, most likely for its memory: another attempt may go better, a few at most
            patiently(partial(recovery.abandon, self.claim), settings().lease_seconds)
        else:
            self.fail(OUR_BUG)

    def _finish(self, ending: Ending) -> None:
        patiently(partial(leases.finish, [ending], self.environment), settings().lease_seconds)
        self._drop_checkpoint()

    def _drop_checkpoint(self) -> None:
        if self.checkpoint:
            storage().delete(self.checkpoint)

    def _signal(self, number: signal.Signals) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def _log_tail(self) -> str:
        with suppress(OSError):
            return (self.folder / "log.txt").read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")
        return ""
