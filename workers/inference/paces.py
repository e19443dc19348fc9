"""How many inputs a forward pass should take, measured once for each model and device, and kept.

A measurement is made while the device has nothing else to do, one forward pass at a time. A request never
waits for it: it runs on a thread of its own with the lowest priority, and passes that met a request are
repeated.
"""

import json
import logging
import math
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backend.settings import settings
from models.core.contract import registry
from models.core.contract.card import Card
from models.core.contract.errors import InputError
from models.core.contract.prediction import Predictor

log = logging.getLogger(__name__)

_CLAIM_SECONDS = (
    0.05  # the work of one claim: long enough to spread its transactions, short enough to wait for
)
_MAX_CLAIMED = 32
_MAX_BATCH = 1024  # in a file that others may have written
_WORTHWHILE = 0.95  # a larger batch must beat the smaller one's time per input by this
_REPEATS = 3

Pass = Callable[[], Any]
Timed = Callable[[Pass], float]  # runs a forward pass; returns its seconds


@dataclass(frozen=True)
class Pace:
    """The speed of one model on one device."""

    batch: int  # inputs of a forward pass; larger ones gain nothing
    seconds: float  # of one input in such a pass

    @property
    def claim_size(self) -> int:
        """The number of jobs to claim at once."""
        return max(self.batch, min(_MAX_CLAIMED, int(_CLAIM_SECONDS / self.seconds)), 1)


UNKNOWN = Pace(1, _CLAIM_SECONDS / 8)


class PaceFile:
    """Measured paces in a JSON file; entries that are damaged or of other programs are ignored."""

    def __init__(self, path: Path):
        self.path = path

    def find(self, key: str) -> Pace | None:
        return _pace(self._read().get(key))

    def keep(self, key: str, pace: Pace) -> None:
        """Add the pace. Two workers that write at once lose one of the entries, which is measured again."""
        entries = {name: entry for name, entry in self._read().items() if _pace(entry)} | {key: asdict(pace)}
        partial = self.path.with_name(f"{self.path.name}.{uuid.uuid4().hex}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(entries, indent=1, sort_keys=True))
            partial.replace(self.path)
        except OSError as error:
            log.warning("the measured pace is not kept: %s", error)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _pace(entry: Any) -> Pace | None:
    if not isinstance(entry, dict):
        return None
    batch, seconds = entry.get("batch"), entry.get("seconds")
    if type(batch) is not int or not isinstance(seconds, float):
        return None
    return Pace(batch, seconds) if 1 <= batch <= _MAX_BATCH and 0 < seconds < math.inf else None


def timed(forward: Pass) -> float:
    """Seconds of one forward pass."""
    started = time.perf_counter()
    forward()
    return time.perf_counter() - started


def measure(predictor: Predictor, capability: str, timed: Timed = timed) -> Pace:
    """The batch size from which on larger ones gain nothing here, and the seconds an input then takes.

    Measured on the capability's own sample: on a CPU most models gain nothing, on a GPU most do.
    """
    card = registry.cards()[capability]
    if getattr(predictor, "small_up_to", None):
        return Pace(1, _CLAIM_SECONDS)  # a slow model: its sample would take minutes
    inputs = _sample_inputs(card)
    if inputs is None:
        return Pace(settings().max_batch or 1, _CLAIM_SECONDS)
    try:
        item = predictor.decode(inputs, card.predict_params())
    except (InputError, ValidationError) as error:
        # clusters of a user's own table take that table's columns; and a param may have no default
        log.info("the sample of %s does not fit this model; its pace is not measured: %s", capability, error)
        return UNKNOWN
    best = Pace(1, _seconds(predictor, [item], timed))
    size = 2
    while size <= max_batch(predictor):
        try:
            each = _seconds(predictor, [item] * size, timed) / size
        except RuntimeError as error:  # such as CUDA out of memory
            log.info("%s takes no %d inputs at once here: %s", capability, size, error)
            break
        if each > best.seconds * _WORTHWHILE:
            break
        best = Pace(size, each)
        size *= 2
    return best


def max_batch(predictor: Predictor) -> int:
    """The most inputs of one forward pass, of the settings or of the model."""
    return settings().max_batch or predictor.max_batch


def _sample_inputs(card: Card) -> dict[str, bytes] | None:
    """Inputs to measure a model of the capability with; None: it needs inputs and has no sample."""
    if card.samples:
        return {name: file.read_bytes() for name, file in card.samples[0].inputs.items()}
    return None if any(taken.required for taken in card.inputs) else {}


def _seconds(predictor: Predictor, inputs: Sequence[Any], timed: Timed) -> float:
    """Of one forward pass: the minimum of a few, since a busy machine only adds time."""
    timed(lambda: predictor.forward(list(inputs)))  # the first one allocates
    return max(min(timed(lambda: predictor.forward(list(inputs))) for _ in range(_REPEATS)), 1e-6)
