"""Jobs with large inputs: they run beside the small ones, at low priority, and share a budget of pixels.

A picture of 60 million pixels takes minutes, for which nobody else should wait. So it has a thread of its
own, to which the operating system gives the processor that small jobs leave. It is claimed when there is room
for it: until then it is queued, and other workers can take it.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from uuid import UUID

from backend.services.jobs.leases import Claim
from backend.settings import settings
from workers.inference.priority import LARGE, lower_priority

log = logging.getLogger(__name__)

_THREADS = 2  # one for a very large input, and one for what fits beside it
_BUDGET = 1.5  # largest pictures, in pixels, that may be in memory together


class LargeJobs:
    """Threads for large jobs, started with the first of them.

    Args:
        claim: the model's next large job, of a size up to the number given, or of any size.
        answer: runs and finishes a job.
    """

    def __init__(
        self,
        claim: Callable[[UUID, int | None], Claim | None],
        answer: Callable[[UUID, Claim], None],
        stopping: threading.Event,
    ):
        self._claim, self._answer, self._stopping = claim, answer, stopping
        self._changed = threading.Condition()
        self._woken: deque[UUID] = deque()
        self._known: set[UUID] = set()  # models that have had large jobs
        self._sizes: list[int] = []  # of the running jobs
        self._claiming = threading.Lock()  # so that two threads do not use the same room
        self._threads: list[threading.Thread] = []

    def wake(self, model_id: UUID) -> None:
        """The model has large jobs queued."""
        with self._changed:
            self._known.add(model_id)
            if model_id not in self._woken:
                self._woken.append(model_id)
            if not self._threads:
                self._start()
            self._changed.notify()

    def stop(self, seconds: float) -> None:
        """Wait until the running jobs have been given back; call it when the worker stops."""
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(seconds)

    def _start(self) -> None:
        self._threads = [
            threading.Thread(target=self._run, name=f"large-{number}", daemon=True)
            for number in range(_THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        lower_priority(LARGE)
        while (model_id := self._next()) is not None:
            try:
                self._serve(model_id)
            except Exception:
                log.exception("large jobs of model %s are left to the sweep", model_id)

    def _next(self) -> UUID | None:
        with self._changed:
            while not self._stopping.is_set():
                if self._woken:
                    return self._woken.popleft()
                self._changed.wait()
        return None

    def _serve(self, model_id: UUID) -> None:
        with self._claiming:
            claim = self._claim(model_id, self._room())
            if claim is None:
                return  # none left, or none that fits: the end of a running one wakes its model again
            self._sizes.append(claim.size)
        self.wake(model_id)
        try:
            self._answer(model_id, claim)
        finally:
            self._sizes.remove(claim.size)
            for known in tuple(self._known):
                self.wake(known)

    def _room(self) -> int | None:
        """The largest size that may run now; None: any, since nothing else runs."""
        if not self._sizes:
            return None
        return max(0, int(settings().max_pixels * _BUDGET) - sum(self._sizes))
