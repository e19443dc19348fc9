"""Loads the models of `GLASSBOX_PRELOAD` before anybody asks for them, behind all requests for others."""

import gc
import logging
import time

from backend.services.models import catalog
from backend.settings import settings
from models.core.contract.errors import WeightsError
from workers.inference.server import Inference

log = logging.getLogger(__name__)

_QUIET_SECONDS = 2.0  # without a forward pass
_POLL_SECONDS = 5.0
_MODELS_TIMEOUT = 60.0  # on the first start the API is about to register the models


def preload(server: Inference, quiet_seconds: float = _QUIET_SECONDS) -> None:
    """Load them once nothing else has been to do for `quiet_seconds`, however long that takes.

    Loading takes the processor from requests. Whoever asks for one of them meanwhile has it loaded.
    """
    while not server.device.wait_until_quiet(time.monotonic() + _POLL_SECONDS, quiet_seconds):
        if server.stopping.is_set():
            return
    deadline = time.monotonic() + _MODELS_TIMEOUT
    while not (defaults := catalog.defaults()) and time.monotonic() < deadline:
        time.sleep(0.2)
    for model in defaults:
        if model.capability not in settings().preload:
            continue
        try:
            server.warm(model.id)
        except WeightsError as error:
            log.warning("%s is not loaded: %s", model.name, error)
        except Exception:
            log.exception("%s is not loaded", model.name)
    gc.freeze()  # these objects are permanent: the collector need not scan them under load
