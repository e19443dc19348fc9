"""The training worker: claims one job, runs it as a child process, and records its reports."""

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

from backend.database import retry_while_unreachable
from backend.messaging import counters, events
from backend.services.jobs import leases, recovery
from backend.services.jobs.leases import Claim, Ending
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status
from models.core.contract.messages import Message, Text
from workers.environment import environment
from workers.heartbeat import Heartbeat, Hold
from workers.training.child_protocol import EXIT_PREEMPTED, Instructions, Report
from workers.training.datasets import Dataset, DatasetError, fetch
from workers.training.register_model import register

log = logging.getLogger(__name__)

INTERNAL_ERROR = Text(
    "core.training.internal_error",
    "The training failed because of an error in this application; it has been logged.",
)()
_CLAIM_TIMEOUT = 20.0  # seconds; after that the sweep sends the message again
_POLL_SECONDS = 0.02  # between checks for cancel and stop: a cancel must take effect at once
_FLUSH_SECONDS = 1.0  # between writes of progress to the database
_EXIT_SECONDS = 20.0  # from a child's last report to its exit: torch is slow to unload
_LOG_TAIL_BYTES = 4_000


class Trainer:
    """Runs one training after another."""

    def __init__(self, heartbeat: Heartbeat):
        self.heartbeat = heartbeat
        self.stopping = threading.Event()

    def train(self, job_id: UUID) -> None:
        """Run the job if it can still be claimed."""
        if self.stopping.is_set():
            return  # the sweep sends the message again
        claim = retry_while_unreachable(
            partial(leases.claim_training, job_id, self.heartbeat.node.owner), _CLAIM_TIMEOUT
        )
        if claim is None:
            return
        with self.heartbeat.holding([claim]) as holds:
            training = Training(claim, holds[job_id], self.stopping, self.heartbeat.node.trainings_folder)
            try:
                with self.heartbeat.on_beat(training.send_heartbeat):
                    training.run()
            except (OperationalError, InterfaceError, OSError) as error:
                # database or storage unreachable: the lease expires, and it resumes from its checkpoint
                log.warning("training %s is released for a later attempt: %s", job_id, error)
                training.kill()
            except Exception:
                log.exception("training %s failed", job_id, extra={"request_id": claim.request_id})
                training.kill()
                training.fail(INTERNAL_ERROR)
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
        """Start the child, follow it until it ends, and record the outcome."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            dataset = fetch(self.claim, self.folder)
        except DatasetError as error:
            self.fail(str(error))
            return
        if self.checkpoint:
            shutil.copyfile(storage().local(self.checkpoint, self.folder), self.local_checkpoint)
        self._start(dataset)
        self._follow()
        self._conclude(dataset)

    def _follow(self) -> None:
        """Handle the child's reports until it ends or must be stopped."""
        stop_requested_at = 0.0
        while (line := self._next_line()) is not None:
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
                self._flush()

    def send_heartbeat(self) -> None:
        """Notify the child that its supervisor is alive."""
        if self.process and self.process.stdin:
            with suppress(OSError, ValueError):
                self.process.stdin.write(b"\n")
                self.process.stdin.flush()

    def kill(self) -> None:
        """Kill the child and all its descendants."""
        self._signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def fail(self, message: str, *, is_input: bool = False) -> None:
        self._finish(Ending(self.claim, Status.FAILED, error=message, error_is_input=is_input))

    def clean_up(self) -> None:
        if self.process and self.process.stdin:
            with suppress(OSError):  # the pipe of a dead child cannot be flushed
                self.process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, dataset: Dataset) -> None:
        instructions = Instructions(
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
                start_new_session=True,  # its own group, so that all its descendants can be killed
                env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"},  # spinning threads starve other processes
            )
        threading.Thread(target=self._read, args=[self.process], daemon=True).start()
        if self.process.stdin:
            self.process.stdin.write(instructions.model_dump_json().encode() + b"\n")
            self.process.stdin.flush()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101  opened as a pipe
        with process.stdout as lines:
            for line in lines:
                self.lines.put(line)
        self.lines.put(None)

    def _next_line(self) -> bytes | None:
        """A report; empty if none arrived within _POLL_SECONDS; None if the child has ended."""
        try:
            return self.lines.get(timeout=_POLL_SECONDS)
        except Empty:
            return b""

    def _handle(self, report: Report) -> None:
        if report.kind == "progress":
            self._record_progress(report)
        elif report.kind == "checkpoint":
            self._store_checkpoint(report.step)
        elif report.kind == "device":
            self.environment = environment(report.device, report.hardware)
        else:
            self.ending = report

    def _record_progress(self, report: Report) -> None:
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

    def _store_checkpoint(self, step: int) -> None:
        if not self.local_checkpoint.exists():
            return  # written before the previous report was handled, and already stored with that
        key = f"checkpoints/{self.claim.job_id}/{self.claim.attempt}-{step}.safetensors"
        try:
            storage().put_file(key, self.local_checkpoint)
        except OSError as error:
            log.warning(
                "a checkpoint of job %s is lost; keeping the previous one: %s", self.claim.job_id, error
            )
            return
        previous, self.checkpoint = self.checkpoint, key
        self._flush()
        if previous and previous != key and not self.hold.lost.is_set():
            storage().delete(previous)  # after a lost lease, the next attempt starts from it

    def _flush(self) -> None:
        self.flushed = time.monotonic()
        points, self.points = self.points, []
        write = partial(
            leases.report, self.claim, progress=self.progress, checkpoint=self.checkpoint, points=points
        )
        # a database that is unreachable for a while must not end hours of training
        if not retry_while_unreachable(write, settings().lease_seconds):
            self.hold.lost.set()

    def _conclude(self, dataset: Dataset) -> None:
        if self.hold.canceled.is_set() or self.hold.lost.is_set() or self.ending is None:
            code = self._end_child()
        else:
            code = self.process.wait() if self.process else None
        if self.hold.lost.is_set():
            counters.count("fenced", 1)
        elif self.hold.canceled.is_set():
            retry_while_unreachable(partial(leases.cancel_claimed, self.claim), settings().lease_seconds)
            self._drop_checkpoint()
        elif self.ending is not None:
            self._flush()
            self._end(self.ending, dataset)
        elif code == EXIT_PREEMPTED or self.stopping.is_set():
            self._flush()
            retry_while_unreachable(
                partial(leases.release, self.claim, self.checkpoint), settings().lease_seconds
            )
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
            return self.process.returncode

    def _end(self, report: Report, dataset: Dataset) -> None:
        if report.kind in ("input_error", "weights_error"):
            self.fail(Message(report.message, report.parts), is_input=report.kind == "input_error")
            return
        seconds = time.monotonic() - self.started
        if register(self.claim, dataset, self.weights, report.metrics, seconds, self.environment):
            self._drop_checkpoint()

    def _crashed(self, code: int | None) -> None:
        log.error("the training of job %s ended with code %s:\n%s", self.claim.job_id, code, self._log_tail())
        if code is not None and code < 0:
            # killed, probably for its memory use: retry, up to the maximum number of attempts
            retry_while_unreachable(partial(recovery.abandon, self.claim), settings().lease_seconds)
        else:
            self.fail(INTERNAL_ERROR)

    def _finish(self, ending: Ending) -> None:
        retry_while_unreachable(partial(leases.finish, [ending], self.environment), settings().lease_seconds)
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
