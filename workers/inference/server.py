"""The inference worker's work: claim what waits for a model, one forward pass, finish, again.

A message says only that a model has work, so a busy worker is sent few of them and batches are what gathered
while the last forward pass ran: nothing is ever waited for. Decoding and encoding run in threads (Pillow and
zlib release the interpreter), the forward passes in the one thread that owns the device.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from backend.database import patiently
from backend.messaging import tickets
from backend.services.jobs import leases
from backend.services.jobs.leases import Claim, Ending
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status
from models.core.contract import cancellation, registry
from models.core.contract.errors import Canceled, InputError, WeightsError
from models.core.contract.prediction import Wants
from workers import artifacts
from workers.heartbeat import Heartbeat, Hold
from workers.inference.predictors import Predictors, Warm

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

OUR_BUG = "The job failed because of an error in this application; it has been logged."
_CLAIM_PATIENCE = 20.0  # seconds; after that the sweep sends the ticket anew
_TURN_SECONDS = 2.0  # how long one model is served before the others get their turn
_SEATS = 6  # bells that the threads of one worker sit by; fewer than there are threads


@dataclass
class Item:
    """One claimed job on its way through the steps."""

    claim: Claim
    hold: Hold
    params: Any = None
    input: Any = None
    raw: Any = None
    ending: Ending | None = None  # set by the step that ended it
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def is_wanted(self) -> bool:
        """Whether anybody still waits for this worker's answer."""
        return not (self.hold.canceled.is_set() or self.hold.lost.is_set())


class Inference:
    """Serves every model that has work, on one device."""

    def __init__(
        self, heartbeat: Heartbeat, device: str, environment: dict[str, str], linger_seconds: float = 0.5
    ):
        self.heartbeat = heartbeat
        self.environment = environment
        self._linger_seconds = linger_seconds  # how long a thread sits by the bell of a model without work
        self.predictors = Predictors(device)
        self.stopping = threading.Event()
        self._seated: set[UUID] = set()  # models by whose bell a thread sits
        self._guard = threading.Lock()
        self._device = ThreadPoolExecutor(max_workers=1, thread_name_prefix="device")
        self._shares = os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(max_workers=self._shares, thread_name_prefix="codec")

    def serve(self, model_id: UUID) -> None:
        """Answer what waits for the model until nothing does for a moment, or its turn is over.

        The ticket is given up before each look: a job written after that look rings the bell, or sends a
        message where nobody sits by it any more. So a look that finds nothing after the bell was left is the
        last.
        """
        ends = time.monotonic() + _TURN_SECONDS
        with self._bell(model_id) as bell:
            if bell is None and self._is_loading(model_id):
                return  # who sits by the bell looks once it is loaded
            while not self.stopping.is_set() and time.monotonic() < ends:
                size = self._claim_size(model_id)
                tickets.take_ticket(model_id)
                claims = self._claim(model_id, size)
                if claims:
                    if len(claims) == size:
                        tickets.call_help(model_id)  # there is work for more than one
                    with self.heartbeat.holding(claims) as holds:
                        self._answer(model_id, [Item(claim, holds[claim.job_id]) for claim in claims])
                if bell is None:
                    if not claims:
                        return
                elif not _leaves_some(claims, size) and not bell.heard(self._linger_seconds):
                    bell.leave()
                    bell = None
        tickets.take_ticket(model_id)
        tickets.publish_ticket(model_id)

    @contextmanager
    def _bell(self, model_id: UUID) -> Iterator[tickets.Bell | None]:
        """The model's bell, unless another thread sits by it; some threads are left to take messages."""
        with self._guard:
            sits = model_id not in self._seated and len(self._seated) < _SEATS
            if sits:
                self._seated.add(model_id)
        if not sits:
            yield None
            return
        try:
            bell = tickets.Bell(model_id)
            try:
                yield bell
            finally:
                bell.leave()
        finally:
            with self._guard:
                self._seated.discard(model_id)

    def _is_loading(self, model_id: UUID) -> bool:
        with self._guard:
            return model_id in self._seated and self.predictors.find(model_id) is None

    def warm(self, model_id: UUID) -> Warm:
        """Raises WeightsError."""
        # a warm one is not asked of the device's thread, which may be in the middle of a forward pass
        warm = self.predictors.find(model_id)
        if warm is None:
            self.predictors.import_code(model_id)  # seconds, for which others need not wait
            warm = self._device.submit(self.predictors.load, model_id).result()
        return warm

    def _claim_size(self, model_id: UUID) -> int:
        try:
            return self.warm(model_id).claim_size
        except WeightsError:
            return 1  # claimed all the same: each has to be told

    def _claim(self, model_id: UUID, size: int) -> list[Claim]:
        claim = partial(leases.claim_batch, model_id, self.heartbeat.node.owner, size)
        return patiently(claim, _CLAIM_PATIENCE)

    def _answer(self, model_id: UUID, items: list[Item]) -> None:
        try:
            warm = self.warm(model_id)
        except WeightsError as error:
            for item in items:
                item.ending = Ending(item.claim, Status.FAILED, error=f"The model cannot be loaded: {error}")
        else:
            self._run(warm, items)
        self._finish(items)

    def _run(self, warm: Warm, items: list[Item]) -> None:
        self._each(partial(_guarded, partial(self._decode, warm)), items)
        live = [item for item in items if item.ending is None]
        for start in range(0, len(live), warm.max_batch):
            self._forward(warm, live[start : start + warm.max_batch])
        live = [item for item in items if item.ending is None]
        self._each(partial(_guarded, partial(self._encode, warm)), live)

    def _each(self, step: Callable[[Item], None], items: Sequence[Item]) -> None:
        """Do the step with each item: a share of them in each thread, as one by one costs more."""
        shares = [items[start :: self._shares] for start in range(min(self._shares, len(items)))]
        others = [self._threads.submit(_all, step, share) for share in shares[1:]]
        _all(step, shares[0] if shares else ())
        for other in others:
            other.result()

    def _decode(self, warm: Warm, item: Item) -> None:
        started = time.perf_counter()
        card = registry.cards()[item.claim.capability]
        item.params = card.predict_params.model_validate(item.claim.params)
        if item.claim.upload_key is None:
            raise InputError("The upload has been deleted.")
        item.input = warm.predictor.decode(storage().get(item.claim.upload_key), item.params)
        item.timings["decode"] = _milliseconds(started)

    def _forward(self, warm: Warm, items: list[Item]) -> None:
        started = time.perf_counter()
        forward = partial(warm.predictor.forward, [item.input for item in items])
        try:
            raws = self._device.submit(_while_wanted, items, forward).result()
        except Canceled:
            for item in items:
                item.ending = Ending(item.claim, Status.CANCELED)
            return
        except Exception as error:
            if len(items) == 1:
                _fail(items[0], error)
                return
            log.warning("a batch of %d failed; each is tried alone", len(items), exc_info=True)
            for item in items:
                self._forward(warm, [item])
            return
        taken = _milliseconds(started)
        for item, raw in zip(items, raws, strict=True):
            item.raw, item.timings["forward"] = raw, taken

    def _encode(self, warm: Warm, item: Item) -> None:
        started = time.perf_counter()
        wants = Wants(inspection=item.claim.inspect, picture=item.claim.picture)
        prediction = warm.predictor.encode(item.input, item.raw, item.params, wants)
        item.timings["encode"] = _milliseconds(started)
        started = time.perf_counter()
        rows = artifacts.store(item.claim, prediction.outputs, prediction.stages)
        item.timings["store"] = _milliseconds(started)
        item.ending = Ending(
            item.claim, Status.SUCCEEDED, result=prediction.result, timings_ms=item.timings, artifacts=rows
        )

    def _finish(self, items: Sequence[Item]) -> None:
        endings = [item.ending for item in items if item.ending is not None]
        taken = patiently(partial(leases.finish, endings, self.environment), settings().lease_seconds)
        for ending in endings:
            if ending.claim.job_id not in taken:
                artifacts.discard(list(ending.artifacts))


def _leaves_some(claims: Sequence[Claim], size: int) -> bool:
    """Whether more may wait: the claim was full, or one that has lost a worker was taken alone."""
    return len(claims) == size or any(claim.attempt > 1 for claim in claims)


def _all(step: Callable[[Item], None], items: Sequence[Item]) -> None:
    for item in items:
        step(item)


def _while_wanted(items: Sequence[Item], step: Callable[[], Answer]) -> Answer:
    """Do the step, unless or until none of the items is wanted any more: then Canceled comes out."""
    with cancellation.while_wanted(lambda: any(item.is_wanted for item in items)):
        cancellation.check()
        return step()


def _guarded(step: Callable[[Item], None], item: Item) -> None:
    try:
        _while_wanted([item], partial(step, item))
    except Canceled:
        item.ending = Ending(item.claim, Status.CANCELED)
    except Exception as error:  # noqa: BLE001  a bug is logged in _fail, with the traceback
        _fail(item, error)


def _fail(item: Item, error: Exception) -> None:
    """Called while `error` is handled: what is wrong with the input is told, a bug of ours logged."""
    if isinstance(error, InputError):
        item.ending = Ending(item.claim, Status.FAILED, error=str(error), error_is_input=True)
        return
    log.exception("job %s failed", item.claim.job_id, extra={"request_id": item.claim.request_id})
    item.ending = Ending(item.claim, Status.FAILED, error=OUR_BUG)


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
