"""How a training loop reports its progress and learns that it must stop."""

import time
from collections.abc import Callable, Mapping

Report = Callable[[int, int, Mapping[str, float], str], None]


def _silent(step: int, total: int, metrics: Mapping[str, float], message: str) -> None:
    """Ignore the report."""


class Progress:
    """The callback that a training loop reports to.

    This class serves notebooks and the command line; the training worker's subclass adds cancellation and
    preemption.
    """

    def __init__(self, report: Report = _silent, checkpoint_seconds: float = 60.0):
        self.report = report
        self.checkpoint_seconds = checkpoint_seconds
        self._last_saved = time.monotonic()

    def __call__(
        self, step: int, total: int, metrics: Mapping[str, float] | None = None, message: str = ""
    ) -> None:
        """Report that `step` of `total` steps are done. Raises Canceled: the user canceled the training."""
        self.report(step, total, metrics or {}, message)

    @property
    def checkpoint_due(self) -> bool:
        """Whether the loop should write its checkpoint now."""
        return time.monotonic() - self._last_saved >= self.checkpoint_seconds

    def saved(self) -> None:
        """Report that the checkpoint is written. Raises Preempted: the worker is stopping."""
        self._last_saved = time.monotonic()
