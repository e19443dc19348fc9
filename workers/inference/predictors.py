"""The predictors that one worker keeps loaded, and their batch sizes."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from backend.services.models import catalog
from backend.settings import settings
from models.core.contract import registry
from models.core.contract.card import Card
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.prediction import Predictor

log = logging.getLogger(__name__)

_CLAIM_SECONDS = (
    0.05  # the work of one claim: long enough to spread its transactions, short enough to wait for
)
_MAX_CLAIMED = 32
_WORTHWHILE = 0.95  # a larger batch must beat the smaller one's time per input by this
_REPEATS = 3


@dataclass(frozen=True)
class Warm:
    """A loaded predictor and its speed on this device."""

    capability: str
    predictor: Predictor
    bytes: int
    max_batch: int
    claim_size: int


class Predictors:
    """A least-recently-used cache, limited by the bytes of the weights."""

    def __init__(self, device: str):
        self.device = device
        self._warm: OrderedDict[UUID, Warm] = OrderedDict()
        self._guard = threading.Lock()

    def find(self, model_id: UUID) -> Warm | None:
        """The model's predictor if it is loaded."""
        with self._guard:
            warm = self._warm.get(model_id)
            if warm is not None:
                self._warm.move_to_end(model_id)
            return warm

    @staticmethod
    def import_code(model_id: UUID) -> None:
        """Import the modules of the model's predictor, in any thread."""
        capability = catalog.get(model_id).capability
        if capability in registry.cards():
            registry.code(capability, "predict")

    def load(self, model_id: UUID) -> Warm:
        """The model's predictor, loaded if necessary; call it in the device's thread only.

        Raises:
            WeightsError: the weights are missing or damaged.
        """
        warm = self.find(model_id) or self._load(model_id)
        with self._guard:
            self._warm[model_id] = warm
            while len(self._warm) > 1 and self._bytes() > settings().predictor_cache_bytes:
                self._warm.popitem(last=False)
        return warm

    def _bytes(self) -> int:
        return sum(warm.bytes for warm in self._warm.values())

    def _load(self, model_id: UUID) -> Warm:
        started = time.perf_counter()
        model = catalog.get(model_id)
        if model.capability not in registry.cards():
            raise WeightsError(f"the capability {model.capability!r} is not installed here")
        weights = catalog.weights_path(model)
        predictor: Predictor = registry.code(model.capability, "predict").Predictor(weights, self.device)
        max_batch, seconds = probe(predictor, model.capability)
        claim_size = max(max_batch, min(_MAX_CLAIMED, int(_CLAIM_SECONDS / seconds)), 1)
        log.info(
            "%s is warm on %s after %.1f s: %.1f ms an input, %d at once",
            model.name,
            self.device,
            time.perf_counter() - started,
            seconds * 1000,
            max_batch,
        )
        size = weights.stat().st_size if weights else 0
        return Warm(model.capability, predictor, size, max_batch, claim_size)


def probe(predictor: Predictor, capability: str) -> tuple[int, float]:
    """The batch size from which on larger ones gain nothing here, and the seconds an input then takes.

    Measured on the capability's own sample: on a CPU most models gain nothing, on a GPU most do.
    """
    card = registry.cards()[capability]
    inputs = _sample_inputs(card)
    if inputs is None:
        return settings().max_batch or 1, _CLAIM_SECONDS
    try:
        item = predictor.decode(inputs, card.predict_params())
    except (InputError, ValidationError) as error:
        # clusters of a user's own table take that table's columns; and a param may have no default
        log.info("the sample of %s does not fit this model; its pace is not measured: %s", capability, error)
        return 1, _CLAIM_SECONDS
    best, seconds = 1, _time(predictor, [item])
    size = 2
    while size <= (settings().max_batch or predictor.max_batch):
        each = _time(predictor, [item] * size) / size
        if each > seconds * _WORTHWHILE:
            break
        best, seconds = size, each
        size *= 2
    return best, seconds


def _sample_inputs(card: Card) -> dict[str, bytes] | None:
    """Inputs to measure a model of the capability with; None: it needs inputs and has no sample."""
    if card.samples:
        return {name: file.read_bytes() for name, file in card.samples[0].inputs.items()}
    return None if any(taken.required for taken in card.inputs) else {}


def _time(predictor: Predictor, inputs: Sequence[Any]) -> float:
    """Seconds of one forward pass: the minimum of a few, since a busy machine only adds time."""
    taken = []
    predictor.forward(list(inputs))
    for _ in range(_REPEATS):
        started = time.perf_counter()
        predictor.forward(list(inputs))
        taken.append(time.perf_counter() - started)
    return min(taken)
