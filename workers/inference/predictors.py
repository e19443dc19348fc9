"""The predictors that one worker keeps loaded."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from backend.errors import StorageAway
from backend.services.models import catalog, pretrained
from backend.settings import settings
from models.core.contract import registry
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Predictor
from workers.inference.paces import UNKNOWN, Pace, PaceFile

log = logging.getLogger(__name__)


@dataclass
class Warm:
    """A loaded predictor and its speed on this device, once that has been measured."""

    capability: str
    predictor: Predictor
    bytes: int
    key: str  # of its pace in the file
    small_up_to: int  # pixels or table cells of the inputs; jobs with larger ones run beside the others
    measured: Pace | None

    @property
    def pace(self) -> Pace:
        return self.measured or UNKNOWN


class Predictors:
    """A least-recently-used cache, limited by the bytes of the weights.

    Args:
        environment: of the device, to which measured paces belong.
    """

    def __init__(self, device: str, environment: Mapping[str, str]):
        self.device = device
        registry.find_fetched_with(pretrained.local)
        self.paces = PaceFile(settings().data_folder / "paces.json")
        self._environment = ", ".join(f"{name} {value}" for name, value in sorted(environment.items()))
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
        """Import the modules of the model's predictor, in any thread.

        Raises:
            WeightsError: they cannot be imported.
        """
        capability = catalog.get(model_id).capability
        if capability in registry.cards():
            with _errors_of_code():
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

    def loaded(self) -> list[UUID]:
        """The models that are loaded."""
        with self._guard:
            return list(self._warm)

    def _bytes(self) -> int:
        return sum(warm.bytes for warm in self._warm.values())

    def _load(self, model_id: UUID) -> Warm:
        started = time.perf_counter()
        model = catalog.get(model_id)
        if model.capability not in registry.cards():
            raise WeightsError(f"the capability {model.capability!r} is not installed here")
        weights = catalog.weights_path(model)
        with _errors_of_code():
            code = registry.code(model.capability, "predict")
            predictor: Predictor = code.Predictor(weights, self.device)
        log.info("%s is loaded on %s after %.1f s", model.name, self.device, time.perf_counter() - started)
        size = weights.stat().st_size if weights else 0
        key = f"{model.digest or model.name} on {self._environment}, {settings().torch_threads} threads"
        small_up_to = (
            getattr(predictor, "small_up_to", None) or registry.cards()[model.capability].small_up_to
        )
        return Warm(model.capability, predictor, size, key, small_up_to, self.paces.find(key))

    def unmeasured(self) -> Warm | None:
        """The most recently used predictor without a measured pace."""
        with self._guard:
            return next((warm for warm in reversed(self._warm.values()) if warm.measured is None), None)

    def keep(self, warm: Warm, pace: Pace) -> None:
        """Use the measured pace from now on, and after the next start."""
        warm.measured = pace
        self.paces.keep(warm.key, pace)
        log.info("%s: %.1f ms an input, %d at once", warm.capability, pace.seconds * 1000, pace.batch)


@contextmanager
def _errors_of_code() -> Iterator[None]:
    """Any error of a block that loads a predictor as one that ends its jobs: else they would wait."""
    try:
        yield
    except (WeightsError, StorageAway):
        raise
    except Exception as error:
        log.exception("A predictor cannot be loaded.")
        raise WeightsError(f"{type(error).__name__}: {error}") from error
