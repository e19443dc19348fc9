"""How a training loop reports its progress and learns that it must stop; and the progress of a prediction."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from models.core.contract.messages import Message, Text

Report = Callable[[int, int, Mapping[str, float], str], None]

LOADING = Text("core.progress.loading", "Loading the model")()
READING = Text("core.progress.reading", "Reading the input")()
TILE = Text("core.progress.tile", "Tile {step:,} of {total:,}")
SAMPLES = Text("core.samples.title", "Samples during the training")
SAMPLES_ABOUT = Text(
    "core.samples.explanation",
    "The same samples after more and more steps of the training: differences between two sheets are what the "
    "network learned in between.",
)
WRITING = Text("core.progress.writing", "Writing the answer")()


def _silent(step: int, total: int, metrics: Mapping[str, float], message: str) -> None:
    """Ignore the report."""


@dataclass(frozen=True)
class Sheet:
    """Samples of a network in training, as one picture."""

    step: int
    png: bytes
    captions: tuple[str, ...] = ()  # one for each sample, or none

    @property
    def file(self) -> str:
        """Its name among the files of a stage."""
        return f"samples-{self.step}.png"

    @property
    def about(self) -> dict[str, Any]:
        """A step in the data of a stage of kind `samples`."""
        captions = {"captions": list(self.captions)} if self.captions else {}
        return {"step": self.step, "file": self.file, **captions}


class Samples(Protocol):
    """The sheets so far: models.core.generative.sample_history."""

    @property
    def sheets(self) -> Sequence[Sheet]: ...

    @property
    def layout(self) -> Mapping[str, Any]:
        """The fields of a stage of kind `samples` that all sheets share."""
        ...


class Progress:
    """The callback that a training loop reports to.

    This class serves notebooks and the command line; the training worker's subclass adds preemption. The
    process of a canceled training is killed, so nothing is raised for it.
    """

    def __init__(self, report: Report = _silent, checkpoint_seconds: float = 60.0):
        self.report = report
        self.checkpoint_seconds = checkpoint_seconds
        self._last_saved = time.monotonic()

    def __call__(
        self, step: int, total: int, metrics: Mapping[str, float] | None = None, message: str = ""
    ) -> None:
        """Report that `step` of `total` steps are done."""
        self.report(step, total, metrics or {}, message)

    def samples(self, history: Samples) -> None:
        """Report the newest sheet of samples; only the training worker shows it to someone."""

    @property
    def checkpoint_due(self) -> bool:
        """Whether the loop should write its checkpoint now."""
        return time.monotonic() - self._last_saved >= self.checkpoint_seconds

    def saved(self) -> None:
        """Report that the checkpoint is written. Raises Preempted: the worker is stopping."""
        self._last_saved = time.monotonic()


@dataclass(frozen=True)
class Steps:
    """How far a prediction is."""

    step: int
    total: int  # 0: not known yet
    message: Message


class _Counter:
    def __init__(self, report: Callable[[Steps], None]):
        self.report = report
        self.step = self.total = 0


# a context variable is per thread, and need not be passed through every function to the one that counts
_counter: ContextVar[_Counter | None] = ContextVar("steps", default=None)


@contextmanager
def reported_to(report: Callable[[Steps], None], step: int = 0, total: int = 0) -> Iterator[None]:
    """Within the block, in this thread, the functions below call `report`."""
    counter = _Counter(report)
    counter.step, counter.total = step, total
    token = _counter.set(counter)
    try:
        yield
    finally:
        _counter.reset(token)


def announce(message: Message) -> None:
    """Report what is being done, where it cannot be counted."""
    counter = _counter.get()
    if counter is not None:
        counter.report(Steps(counter.step, counter.total, message))


def expect_tiles(total: int) -> None:
    """Report that `total` tiles are to be computed."""
    counter = _counter.get()
    if counter is not None:
        counter.step, counter.total = 0, total
        counter.report(Steps(0, total, TILE(step=min(1, total), total=total)))


def finish_tile() -> None:
    """Report that one more tile is done."""
    counter = _counter.get()
    if counter is not None and counter.total:
        counter.step = min(counter.step + 1, counter.total)
        at = min(counter.step + 1, counter.total)  # the one being computed
        counter.report(Steps(counter.step, counter.total, TILE(step=at, total=counter.total)))
