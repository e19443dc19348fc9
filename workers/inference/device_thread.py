"""The thread that owns the device, and the measurements made while it has nothing to do."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from workers.inference.paces import UNKNOWN, Pass, measure, timed
from workers.inference.predictors import Predictors
from workers.inference.priority import LOWEST, lower_priority

log = logging.getLogger(__name__)
Result = TypeVar("Result")

_QUIET_SECONDS = 0.05  # without a forward pass, after which a measurement may begin
_PATIENCE_SECONDS = 20.0  # after which a device that is never idle is measured between two requests


class DeviceThread:
    """Runs forward passes one after another, and knows whether any runs or waits."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="device")
        self._changed = threading.Condition()
        self._unfinished = 0
        self._begun = 0
        self._last_end = time.monotonic()

    def run(self, step: Callable[[], Result]) -> Result:
        """The result of the step, which waits for those before it."""
        with self._changed:
            self._unfinished += 1
            self._begun += 1
        try:
            return self._executor.submit(step).result()
        finally:
            with self._changed:
                self._unfinished -= 1
                self._last_end = time.monotonic()
                self._changed.notify_all()

    def wait_until_quiet(self, deadline: float, seconds: float = _QUIET_SECONDS) -> bool:
        """Wait until no step has run for `seconds`; False: that was not so before the deadline."""
        with self._changed:
            while (left := deadline - time.monotonic()) > 0:
                missing = self._last_end + seconds - time.monotonic()
                if not self._unfinished and missing <= 0:
                    return True
                self._changed.wait(left if self._unfinished else min(missing, left))
        return False

    @property
    def begun(self) -> int:
        """The number of steps that have begun or wait, ever."""
        return self._begun


class Pacer:
    """Measures the paces of loaded models, behind every request."""

    def __init__(self, predictors: Predictors, device: DeviceThread, stopping: threading.Event):
        self._predictors, self._device, self._stopping = predictors, device, stopping
        self._deadline = 0.0
        self._loaded = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pacer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def note_load(self) -> None:
        """A model has been loaded."""
        self._loaded.set()

    def _run(self) -> None:
        lower_priority(LOWEST)
        while self._loaded.wait():
            self._loaded.clear()
            while (warm := self._predictors.unmeasured()) is not None and not self._stopping.is_set():
                self._deadline = time.monotonic() + _PATIENCE_SECONDS
                try:
                    self._predictors.keep(warm, measure(warm.predictor, warm.capability, self._timed))
                except Exception:
                    log.exception("the pace of %s is not measured", warm.capability)
                    warm.measured = UNKNOWN

    def _timed(self, forward: Pass) -> float:
        """Seconds of one forward pass that met no request."""
        while self._device.wait_until_quiet(self._deadline):
            begun = self._device.begun
            seconds = timed(forward)
            if self._device.begun == begun:
                return seconds
        return self._device.run(lambda: timed(forward))  # it is never idle
