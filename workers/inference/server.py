"""The inference worker: claims the queued jobs of a model, runs one forward pass, finishes them, repeats.

A message only means that a model has work, so a busy worker receives few of them, and a batch is whatever was
queued during the last forward pass: no job waits for others. Jobs with large inputs run beside these.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from backend.errors import StorageAway
from backend.messaging import tickets
from backend.outages import retry_while_away
from backend.services.jobs import leases
from backend.services.jobs.leases import Batch, Claim, Ending
from backend.tables import Status
from models.core.contract.errors import WeightsError
from workers.heartbeat import Heartbeat
from workers.inference import renditions
from workers.inference.audits import audits
from workers.inference.dataset_checks import dataset_checks
from workers.inference.device_thread import DeviceThread, Pacer
from workers.inference.installations import installations
from workers.inference.large_jobs import LargeJobs
from workers.inference.pipeline import Item, Pipeline, Run
from workers.inference.predictors import Predictors, Warm
from workers.inference.progress_reports import ProgressReports, announce_loading

log = logging.getLogger(__name__)

_CLAIM_TIMEOUT = 20.0  # seconds; after that the sweep sends the ticket again
_TURN_SECONDS = 2.0  # for which one model is served before other models get their turn
_MAX_CHANNELS = 6  # wake channels per worker; fewer than its threads
_TOGETHER = 32_000_000  # pixels or table cells of the small inputs of one claim


class Inference:
    """Serves every model that has work, on one device."""

    def __init__(
        self, heartbeat: Heartbeat, device: str, environment: dict[str, str], linger_seconds: float = 0.5
    ):
        self.heartbeat = heartbeat
        self.stopping = threading.Event()
        self.pipeline = Pipeline(environment, self.stopping)
        self._linger_seconds = linger_seconds  # of a thread at the channel of a model without work
        self.predictors = Predictors(device, environment)
        self._subscribed: set[UUID] = set()  # models at whose channel a thread waits
        self._guard = threading.Lock()
        self.device = DeviceThread()
        self.pacer = Pacer(self.predictors, self.device, self.stopping)
        self.large = LargeJobs(self._claim_larger, self._answer_larger, self.stopping)
        self.renditions = renditions.queue(self.stopping)
        self.installations = installations(heartbeat, environment, self.stopping)
        self.dataset_checks = dataset_checks(heartbeat, environment, self.stopping)
        self.audits = audits(self.warm, self.device, heartbeat, environment, self.stopping)
        self.reports = ProgressReports()

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
                claims = self._answer_next(model_id, size)
                if channel is None:
                    if not claims:
                        return
                elif not _leaves_some(claims, size) and not channel.wait(self._linger_seconds):
                    channel.close()
                    channel = None
        tickets.clear_ticket(model_id)
        tickets.publish_ticket(model_id)

    def _answer_next(self, model_id: UUID, size: int) -> Sequence[Claim]:
        """Claim and answer up to `size` jobs; returns their claims."""
        tickets.clear_ticket(model_id)
        batch = self._claim(model_id, size)
        if batch.leaves_larger:
            self.large.wake(model_id)
        if batch.claims:
            if len(batch.claims) == size:
                tickets.request_another_worker(model_id)  # there is work for more than one
            self._answer(model_id, batch.claims)
        return batch.claims

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
            announce_loading(model_id)
            self.predictors.import_code(model_id)  # takes seconds, for which other models need not wait
            warm = self.device.run(partial(self.predictors.load, model_id))
            self.pacer.note_load()
        return warm

    def _claim_size(self, model_id: UUID) -> int:
        try:
            return self.warm(model_id).pace.claim_size
        except WeightsError:
            return 1  # claimed anyway: each must fail with the error

    def _claim(self, model_id: UUID, size: int) -> Batch:
        claim = partial(
            leases.claim_batch,
            model_id,
            self.heartbeat.node.owner,
            size,
            up_to=self._small_up_to(model_id),
            together=_TOGETHER,
        )
        return retry_while_away(claim, _CLAIM_TIMEOUT)

    def _claim_larger(self, model_id: UUID, up_to: int | None) -> Claim | None:
        above = self._small_up_to(model_id)
        if above is None:
            return None
        claim = partial(leases.claim_larger, model_id, self.heartbeat.node.owner, above=above, up_to=up_to)
        claimed = retry_while_away(claim, _CLAIM_TIMEOUT)
        if claimed is not None:
            tickets.request_another_worker(model_id)  # further ones wait here
        return claimed

    def _small_up_to(self, model_id: UUID) -> int | None:
        """None: the model is not loaded, and its jobs of any size count as small."""
        warm = self.predictors.find(model_id)
        return None if warm is None else warm.small_up_to

    def _answer(self, model_id: UUID, claims: Sequence[Claim]) -> None:
        with self.heartbeat.holding(claims) as holds:
            items = [Item(claim, holds[claim.job_id]) for claim in claims]
            self._run(model_id, items, self.device.run)
            self.pipeline.finish(items)

    def _answer_larger(self, model_id: UUID, claim: Claim) -> None:
        """Answer a job in the current thread; a worker that stops gives it back."""
        with self.heartbeat.holding([claim]) as holds:
            item = Item(claim, holds[claim.job_id], stopping=self.stopping)
            self._run(model_id, [item], lambda step: step())
            if item.is_given_back:
                self.pipeline.give_back(item)
            else:
                self.pipeline.finish([item])

    def _run(self, model_id: UUID, items: list[Item], run: Run) -> None:
        try:
            warm = self.warm(model_id)
        except WeightsError as error:
            for item in items:
                item.ending = Ending(item.claim, Status.FAILED, error=f"The model cannot be loaded: {error}")
            return
        except StorageAway:
            for item in items:
                item.is_put_off = True
            return
        with self.reports.of(items):
            self.pipeline.run(warm, items, run)


def _leaves_some(claims: Sequence[Claim], size: int) -> bool:
    """Whether more jobs may be queued: the claim was full, or held only a job that crashed a worker."""
    is_full = len(claims) == size or sum(claim.size for claim in claims) > _TOGETHER // 2
    return is_full or any(claim.attempt > 1 for claim in claims)
