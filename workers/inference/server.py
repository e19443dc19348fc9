"""The inference worker: claims the queued jobs of a model, runs one forward pass, finishes them, repeats.

A message only means that a model has work, so a busy worker receives few of them, and a batch is whatever was
queued during the last forward pass: no job waits for others. Decoding and encoding run in threads (Pillow and
zlib release the interpreter lock), the forward passes in the one thread that owns the device.
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

from backend.database import retry_while_unreachable
from backend.messaging import tickets
from backend.services import artifacts
from backend.services.jobs import leases
from backend.services.jobs.leases import Claim, Ending
from backend.settings import settings
from backend.storage import storage
from backend.tables import Status
from models.core.contract import cancellation, registry
from models.core.contract.errors import Canceled, InputError, WeightsError
from models.core.contract.messages import Text, message_of
from models.core.contract.prediction import Prediction
from workers.heartbeat import Heartbeat, Hold
from workers.inference.predictors import Predictors, Warm

log = logging.getLogger(__name__)
Result = TypeVar("Result")

_INPUT_LOST = Text(
    "core.jobs.input_lost", "The file of the input {name!r} is no longer stored; upload it again."
)
_INPUT_DELETED = Text("core.jobs.input_deleted", "The input {name!r} has been deleted.")
INTERNAL_ERROR = Text(
    "core.jobs.internal_error", "The job failed because of an error in this application; it has been logged."
)()
_CLAIM_TIMEOUT = 20.0  # seconds; after that the sweep sends the ticket again
_TURN_SECONDS = 2.0  # for which one model is served before other models get their turn
_MAX_CHANNELS = 6  # wake channels per worker; fewer than its threads


@dataclass
class Item:
    """One claimed job and its state between the steps."""

    claim: Claim
    hold: Hold
    params: Any = None
    input: Any = None
    raw: Any = None
    ending: Ending | None = None  # set by the step that ended it
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def is_needed(self) -> bool:
        """Whether this worker's answer is still needed."""
        return not (self.hold.canceled.is_set() or self.hold.lost.is_set())


class Inference:
    """Serves every model that has work, on one device."""

    def __init__(
        self, heartbeat: Heartbeat, device: str, environment: dict[str, str], linger_seconds: float = 0.5
    ):
        self.heartbeat = heartbeat
        self.environment = environment
        self._linger_seconds = linger_seconds  # of a thread at the channel of a model without work
        self.predictors = Predictors(device)
        self.stopping = threading.Event()
        self._subscribed: set[UUID] = set()  # models at whose channel a thread waits
        self._guard = threading.Lock()
        self._device = ThreadPoolExecutor(max_workers=1, thread_name_prefix="device")
        self._shares = os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(max_workers=self._shares, thread_name_prefix="codec")

    def serve(self, model_id: UUID) -> None:
        """Answer the model's queued jobs until its queue stays empty, or its turn is over.

        The ticket is cleared before each query: a job written after the query is published on the channel, or
        sends a message if there are no subscribers. So the last query is one that finds nothing after the
        channel was closed.
        """
        ends = time.monotonic() + _TURN_SECONDS
        with self._wake_channel(model_id) as channel:
            if channel is None and self._is_loading(model_id):
                return  # the subscribed thread queries once it is loaded
            while not self.stopping.is_set() and time.monotonic() < ends:
                size = self._claim_size(model_id)
                tickets.clear_ticket(model_id)
                claims = self._claim(model_id, size)
                if claims:
                    if len(claims) == size:
                        tickets.request_another_worker(model_id)  # there is work for more than one
                    with self.heartbeat.holding(claims) as holds:
                        self._answer(model_id, [Item(claim, holds[claim.job_id]) for claim in claims])
                if channel is None:
                    if not claims:
                        return
                elif not _leaves_some(claims, size) and not channel.wait(self._linger_seconds):
                    channel.close()
                    channel = None
        tickets.clear_ticket(model_id)
        tickets.publish_ticket(model_id)

    @contextmanager
    def _wake_channel(self, model_id: UUID) -> Iterator[tickets.WakeChannel | None]:
        """The model's channel, unless another thread waits at it; some threads must receive messages."""
        with self._guard:
            subscribes = model_id not in self._subscribed and len(self._subscribed) < _MAX_CHANNELS
            if subscribes:
                self._subscribed.add(model_id)
        if not subscribes:
            yield None
            return
        try:
            channel = tickets.WakeChannel(model_id)
            try:
                yield channel
            finally:
                channel.close()
        finally:
            with self._guard:
                self._subscribed.discard(model_id)

    def _is_loading(self, model_id: UUID) -> bool:
        with self._guard:
            return model_id in self._subscribed and self.predictors.find(model_id) is None

    def warm(self, model_id: UUID) -> Warm:
        """The loaded model. Raises WeightsError."""
        # a loaded one is not requested from the device's thread, which may be in a forward pass
        warm = self.predictors.find(model_id)
        if warm is None:
            self.predictors.import_code(model_id)  # takes seconds, for which other models need not wait
            warm = self._device.submit(self.predictors.load, model_id).result()
        return warm

    def _claim_size(self, model_id: UUID) -> int:
        try:
            return self.warm(model_id).claim_size
        except WeightsError:
            return 1  # claimed anyway: each must fail with the error

    def _claim(self, model_id: UUID, size: int) -> list[Claim]:
        claim = partial(leases.claim_batch, model_id, self.heartbeat.node.owner, size)
        return retry_while_unreachable(claim, _CLAIM_TIMEOUT)

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

    def _forward(self, warm: Warm, items: list[Item]) -> None:
        started = time.perf_counter()
        forward = partial(warm.predictor.forward, [item.input for item in items])
        try:
            raws = self._device.submit(_while_needed, items, forward).result()
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
                self._forward(warm, [item])
            return
        taken = _milliseconds(started)
        for item, raw in zip(items, raws, strict=True):
            item.raw, item.timings["forward"] = raw, taken

    def _encode(self, warm: Warm, item: Item) -> None:
        started = time.perf_counter()
        claim, step = item.claim, (item.input, item.raw, item.params)
        prediction = Prediction({}) if claim.inspects else warm.predictor.encode(*step, picture=claim.picture)
        stages = warm.predictor.inspect(*step) if claim.inspects or claim.inspect else ()
        item.timings["encode"] = _milliseconds(started)
        started = time.perf_counter()
        rows = artifacts.store(claim.answers, claim.folder, prediction.outputs, stages)
        item.timings["store"] = _milliseconds(started)
        item.ending = Ending(
            claim, Status.SUCCEEDED, result=prediction.result, timings_ms=item.timings, artifacts=rows
        )

    def _finish(self, items: Sequence[Item]) -> None:
        endings = [item.ending for item in items if item.ending is not None]
        taken = retry_while_unreachable(
            partial(leases.finish, endings, self.environment), settings().lease_seconds
        )
        for ending in endings:
            if ending.claim.job_id not in taken:
                artifacts.discard(ending.artifacts)


def _content(name: str, key: str | None) -> bytes:
    if key is None:
        raise InputError(_INPUT_DELETED(name=name))
    try:
        return storage().get(key)
    except FileNotFoundError as error:
        raise InputError(_INPUT_LOST(name=name)) from error


def _leaves_some(claims: Sequence[Claim], size: int) -> bool:
    """Whether more jobs may be queued: the claim was full, or held only a job that crashed a worker."""
    return len(claims) == size or any(claim.attempt > 1 for claim in claims)


def _all(step: Callable[[Item], None], items: Sequence[Item]) -> None:
    for item in items:
        step(item)


def _while_needed(items: Sequence[Item], step: Callable[[], Result]) -> Result:
    """Run the step. Raises Canceled as soon as none of the items is needed any more."""
    with cancellation.while_needed(lambda: any(item.is_needed for item in items)):
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
    log.exception("job %s failed", item.claim.job_id, extra={"request_id": item.claim.request_id})
    item.ending = Ending(item.claim, Status.FAILED, error=INTERNAL_ERROR)


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
