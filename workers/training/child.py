"""One training in its own process, started by workers.training.supervision.

stdin carries the instructions, then an empty line with every heartbeat of the supervisor; stdout carries
reports. The child exits when stdin ends (the supervisor died) or is silent for a lease (the supervisor is
frozen, and another worker may have claimed the job).
"""

import errno
import math
import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import torch

from backend.services.models import pretrained
from models.core.contract import registry, sample_answers
from models.core.contract.errors import InputError, Preempted, WeightsError
from models.core.contract.messages import message_of, parts_of, with_messages
from models.core.contract.prediction import Prediction
from models.core.contract.progress import Progress, Samples, Sheet
from models.core.contract.sample_answers import Saved
from models.core.contract.trained import Trained
from workers.device import hardware
from workers.training.child_protocol import (
    EXIT_DISK_FULL,
    EXIT_ORPHANED,
    EXIT_PREEMPTED,
    Instructions,
    Report,
)

_REPORT_SECONDS = 0.1
_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT)


class ChildProgress(Progress):
    """Reports to the supervisor, and stops at a checkpoint on its request."""

    def __init__(self, reports: TextIO, checkpoint_seconds: float, samples_folder: Path):
        super().__init__(checkpoint_seconds=checkpoint_seconds)
        self.reports, self.samples_folder = reports, samples_folder
        self._sheets: set[Sheet] = set()  # reported ones
        self.stopping = False
        self._last_report = 0.0
        self._message = ""
        self._step = 0

    def __call__(
        self, step: int, total: int, metrics: Mapping[str, float] | None = None, message: str = ""
    ) -> None:
        self._step = step
        now = time.monotonic()
        # the curve needs all metrics; steps without metrics are too frequent to display
        is_due = step >= total or now - self._last_report >= _REPORT_SECONDS
        if metrics or message != self._message or is_due:
            self._last_report, self._message = now, message
            numbers, parts = _finite(metrics or {}), parts_of(message)
            self.send(
                Report(kind="progress", step=step, total=total, metrics=numbers, message=message, parts=parts)
            )

    @property
    def checkpoint_due(self) -> bool:
        return self.stopping or super().checkpoint_due

    def saved(self) -> None:
        super().saved()
        self.send(Report(kind="checkpoint", step=self._step))
        if self.stopping:
            raise Preempted

    def samples(self, history: Samples) -> None:
        """Report the newest sheet; after a resume first those of the checkpoint."""
        for sheet in history.sheets:
            if sheet not in self._sheets and self._write(sheet):
                self._sheets.add(sheet)
                about = with_messages({**history.layout, **sheet.about})
                self.send(Report(kind="samples", step=sheet.step, sheet=about))

    def _write(self, sheet: Sheet) -> bool:
        try:
            self.samples_folder.mkdir(exist_ok=True)
            (self.samples_folder / sheet.file).write_bytes(sheet.png)
        except OSError as error:  # no reason to end a training: the next sheet tries again
            print(f"the samples of step {sheet.step} are not shown yet: {error}", file=sys.stderr)  # noqa: T201
            return False
        return True

    def send(self, report: Report) -> None:
        self.reports.write(report.model_dump_json() + "\n")
        self.reports.flush()

    def stop(self, *_: Any) -> None:
        self.stopping = True


def main() -> int:
    # a separate channel for reports: libraries may print to stdout
    reports = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    instructions = Instructions.model_validate_json(_read_line())
    threading.Thread(target=_monitor_supervisor, args=[instructions.lease_seconds], daemon=True).start()
    return run(instructions, reports)


def run(instructions: Instructions, reports: TextIO) -> int:
    """Run one training or prediction and report it. Returns the exit code."""
    progress = ChildProgress(reports, instructions.checkpoint_seconds, Path(instructions.samples))
    signal.signal(signal.SIGTERM, progress.stop)
    for package in instructions.capability_packages:
        registry.include(package)
    registry.find_fetched_with(pretrained.local)
    torch.set_num_threads(instructions.torch_threads)
    try:
        metrics = (
            _predict(instructions, progress)
            if instructions.task == "predict"
            else _train(instructions, progress)
        )
    except Preempted:
        return EXIT_PREEMPTED
    except InputError as error:
        progress.send(Report(kind="input_error", message=str(error), parts=parts_of(message_of(error))))
        return 0
    except WeightsError as error:
        progress.send(Report(kind="weights_error", message=str(error)))
        return 0
    except Exception as error:
        if not _lacks_room(error):
            raise
        # its log, which may be on the same disk, has no room for it either
        progress.send(Report(kind="disk_full", message=traceback.format_exc()))
        return EXIT_DISK_FULL
    trained = metrics if isinstance(metrics, Trained) else Trained(metrics)
    progress.send(
        Report(
            kind="done",
            metrics=_finite(trained),
            part=trained.part,
            figure=trained.figure,
            kept_step=trained.step,
            notes=list(trained.notes),
            notes_message=[parts_of(note) for note in trained.notes],
            evaluation=trained.evaluation,
        )
    )
    return 0


def _device(instructions: Instructions, progress: ChildProgress) -> str:
    """The device to compute on, which is reported."""
    device = instructions.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    progress.send(Report(kind="device", device=device, hardware=hardware(device)))
    return device


def _predict(instructions: Instructions, progress: ChildProgress) -> dict[str, float]:
    """Write the answer to its folder. Returns the numbers of its result, by which answers are compared."""
    device = _device(instructions, progress)
    params = registry.cards()[instructions.capability].predict_params.model_validate(instructions.params)
    inputs = {name: Path(file).read_bytes() for name, file in instructions.inputs.items()}
    weights = Path(instructions.weights) if instructions.weights else None
    predictor = registry.code(instructions.capability, "predict").Predictor(weights, device)
    item = predictor.decode(inputs, params)
    (raw,) = predictor.forward([item])
    prediction = predictor.encode(item, raw, params)
    stages = predictor.inspect(item, raw, params) if instructions.opened else ()
    result = with_messages(prediction.result)
    saved = Saved(Prediction(result, prediction.outputs), stages, "", {}, {}, {})
    sample_answers.write(saved, Path(instructions.answer))
    return {
        name: float(value)
        for name, value in result.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _train(instructions: Instructions, progress: ChildProgress) -> dict[str, float]:
    device = _device(instructions, progress)
    assert instructions.weights is not None  # noqa: S101  of every training
    card = registry.cards()[instructions.capability]
    if card.train_params is None:
        raise InputError(f"{card.title} cannot be trained.")
    return registry.code(instructions.capability, "train").train(
        Path(instructions.dataset),
        card.train_params.model_validate(instructions.params),
        weights=Path(instructions.weights),
        device=device,
        progress=progress,
        checkpoint=Path(instructions.checkpoint),
    )


def _lacks_room(error: BaseException) -> bool:
    """Whether a file could not be written because the disk, or the user's share of it, is full."""
    # safetensors and torch have errors of their own, with the system's words
    text = str(error)
    return any(os.strerror(number) in text or f"code: {number}," in text for number in _FULL_ERRORS)


def _finite(metrics: Mapping[str, float]) -> dict[str, float | None]:
    return {name: float(value) if math.isfinite(value) else None for name, value in metrics.items()}


def _read_line() -> bytes:
    # unbuffered: a buffer would swallow the empty lines that _monitor_supervisor waits for;
    # empty ones before the instructions are heartbeats, which may come first
    line = bytearray()
    while not line.endswith(b"\n") or not line.strip():
        piece = os.read(0, 1)
        if not piece:
            os._exit(EXIT_ORPHANED)
        line += piece
    return bytes(line)


def _monitor_supervisor(lease_seconds: float) -> None:
    while True:
        ready, _, _ = select.select([0], [], [], lease_seconds)
        if not ready or not os.read(0, 4096):
            os._exit(EXIT_ORPHANED)


if __name__ == "__main__":
    sys.exit(main())
