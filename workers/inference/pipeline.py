"""The steps of a prediction: decode, forward, encode, finish.

Decoding and encoding run in threads (Pillow and zlib release the interpreter lock), the forward passes in the
one thread that owns the device; those of large inputs run beside it (`large_jobs`).
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from backend.outages import outage_of, retry_while_away
from backend.services import artifacts
from backend.services.jobs import leases
from backend.services.jobs.leases import Claim, Ending
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status
from models.core.contract import cancellation, progress, registry
from models.core.contract.errors import Canceled, InputError
from models.core.contract.messages import Text, message_of, with_messages
from models.core.contract.prediction import Prediction
from models.core.contract.progress import Steps
from workers.heartbeat import Hold
from workers.inference.patience import Patience, put_off
from workers.inference.predictors import Warm

log = logging.getLogger(__name__)
Result = TypeVar("Result")
Run = Callable[[Callable[[], Any]], Any]  # runs a forward pass where it belongs

_INPUT_LOST = Text(
    "core.jobs.input_lost", "The file of the input {name!r} is no longer stored; upload it again."
)
_INPUT_DELETED = Text("core.jobs.input_deleted", "The input {name!r} has been deleted.")
INTERNAL_ERROR = Text(
    "core.jobs.internal_error", "The job failed because of an error in this application; it has been logged."
)()
_BEGINNING = Steps(0, 0, progress.READING)


@dataclass
class Item:
    """One claimed job and its state between the steps."""

    claim: Claim
    hold: Hold
    params: Any = None
    input: Any = None
    raw: Any = None
    ending: Ending | None = None  # set by the step that ended it
    is_put_off: bool = False  # the storage is away: for a later attempt
    timings: dict[str, float] = field(default_factory=dict)
    steps: Steps = _BEGINNING
    began: float = field(default_factory=time.monotonic)
    stopping: threading.Event | None = None  # of the worker, which then gives the job back

    @property
    def is_needed(self) -> bool:
        """Whether this worker's answer is still needed."""
        return not (self.hold.canceled.is_set() or self.hold.lost.is_set() or self._is_stopping)

    @property
    def is_given_back(self) -> bool:
        """Whether the job was stopped only because the worker stops."""
        stopped = self.ending is not None and self.ending.status == Status.CANCELED
        return stopped and not (self.hold.canceled.is_set() or self.hold.lost.is_set())

    @property
    def is_open(self) -> bool:
        """Whether there are steps left."""
        return self.ending is None and not self.is_put_off

    @property
    def _is_stopping(self) -> bool:
        return self.stopping is not None and self.stopping.is_set()

    def report(self, steps: Steps) -> None:
        """Called by the steps; the progress is published by another thread."""
        self.steps = steps


class Pipeline:
    """Runs the steps of claimed jobs."""

    def __init__(self, environment: Mapping[str, str], stopping: threading.Event):
        self.environment, self.stopping = environment, stopping
        self._shares = os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(max_workers=self._shares, thread_name_prefix="codec")

    def run(self, warm: Warm, items: list[Item], run: Run) -> None:
        """All steps but the last; `run` executes the forward passes."""
        patience = Patience(settings().lease_seconds, self.stopping)
        self._each(partial(_guarded, partial(patience.call, partial(self._decode, warm))), items)
        live = [item for item in items if item.is_open]
        for start in range(0, len(live), warm.pace.batch):
            self._forward(warm, live[start : start + warm.pace.batch], run)
        live = [item for item in items if item.is_open]
        self._each(partial(_guarded, partial(patience.call, partial(self._encode, warm))), live)

    def _each(self, step: Callable[[Item], None], items: Sequence[Item]) -> None:
        """Run the step for each item: a share of the items in each thread, cheaper than one by one."""
        shares = [items[start :: self._shares] for start in range(min(self._shares, len(items)))]
        others = [self._threads.submit(_all, step, share) for share in shares[1:]]
        _all(step, shares[0] if shares else ())
        for other in others:
            other.result()

    def _decode(self, warm: Warm, item: Item) -> None:
        started = time.perf_counter()
        card = registry.cards()[item.claim.capability]
        item.params = card.predict_params.model_validate(item.claim.params)
        inputs = {name: _content(name, key) for name, key in item.claim.inputs.items()}
        item.input = warm.predictor.decode(inputs, item.params)
        item.timings["decode"] = _milliseconds(started)

    def _forward(self, warm: Warm, items: list[Item], run: Run) -> None:
        started = time.perf_counter()
        forward = partial(warm.predictor.forward, [item.input for item in items])
        try:
            raws = run(partial(_while_needed, items, forward))
        except Canceled:
            for item in items:
                item.ending = Ending(item.claim, Status.CANCELED)
            return
        except Exception as error:
            if len(items) == 1:
                _fail(items[0], error)
                return
            log.warning("a batch of %d failed; retrying one by one", len(items), exc_info=True)
            for item in items:
                self._forward(warm, [item], run)
            return
        taken = _milliseconds(started)
        for item, raw in zip(items, raws, strict=True):
            item.raw, item.timings["forward"] = raw, taken

    def _encode(self, warm: Warm, item: Item) -> None:
        started = time.perf_counter()
        claim, step = item.claim, (item.input, item.raw, item.params)
        progress.announce(progress.WRITING)
        prediction = Prediction({}) if claim.inspects else warm.predictor.encode(*step, picture=claim.picture)
        stages = warm.predictor.inspect(*step) if claim.inspects or claim.inspect else ()
        item.timings["encode"] = _milliseconds(started)
        started = time.perf_counter()
        rows = artifacts.store(claim.answers, claim.folder, prediction.outputs, stages)
        item.timings["store"] = _milliseconds(started)
        item.ending = Ending(
            claim,
            Status.SUCCEEDED,
            result=with_messages(prediction.result),
            timings_ms=item.timings,
            artifacts=rows,
        )

    def finish(self, items: Sequence[Item]) -> None:
        """Write the endings, and requeue jobs that were put off; files of refused endings are deleted."""
        endings = [item.ending for item in items if item.ending is not None]
        if endings:
            # what is done is not given up because the database is away: no other job could be claimed either
            taken = retry_while_away(
                partial(leases.finish, endings, self.environment), until=self.stopping.is_set
            )
            for ending in endings:
                if ending.claim.job_id not in taken:
                    artifacts.discard(ending.artifacts)
        put_off([item.claim for item in items if item.is_put_off], self.stopping)

    @staticmethod
    def give_back(item: Item) -> None:
        """Requeue the job for another worker."""
        retry_while_away(partial(leases.release, item.claim), settings().lease_seconds)


def _content(name: str, key: str | None) -> bytes:
    if key is None:
        raise InputError(_INPUT_DELETED(name=name))
    try:
        return storage().get(key)
    except FileNotFoundError as error:
        raise InputError(_INPUT_LOST(name=name)) from error


def _all(step: Callable[[Item], None], items: Sequence[Item]) -> None:
    for item in items:
        step(item)


def _while_needed(items: Sequence[Item], step: Callable[[], Result]) -> Result:
    """Run the step. Raises Canceled as soon as none of the items is needed any more."""

    def report(steps: Steps) -> None:
        for item in items:
            item.report(steps)

    reached = items[0].steps
    with (
        cancellation.while_needed(lambda: any(item.is_needed for item in items)),
        progress.reported_to(report, reached.step, reached.total),
    ):
        cancellation.check()
        return step()


def _guarded(step: Callable[[Item], None], item: Item) -> None:
    try:
        _while_needed([item], partial(step, item))
    except Canceled:
        item.ending = Ending(item.claim, Status.CANCELED)
    except Exception as error:  # noqa: BLE001  a bug is logged in _fail, with the traceback
        _fail(item, error)


def _fail(item: Item, error: Exception) -> None:
    """Called while `error` is handled: input errors are reported to the user, bugs are logged."""
    if isinstance(error, InputError):
        item.ending = Ending(item.claim, Status.FAILED, error=message_of(error), error_is_input=True)
        return
    if outage_of(error) is not None:
        item.is_put_off = True
        return
    log.exception("job %s failed", item.claim.job_id, extra={"request_id": item.claim.request_id})
    item.ending = Ending(item.claim, Status.FAILED, error=INTERNAL_ERROR)


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
