"""The forward passes of this process, counted for operators."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

_guard = threading.Lock()
_counted: dict[str, dict[str, float]] = defaultdict(
    lambda: {"batches": 0, "inputs": 0, "forward_seconds": 0.0}
)


def count(passes: Iterable[tuple[str, float]]) -> None:
    """Count the capability and milliseconds of each input of a claim: equal ones are of one batch."""
    with _guard:
        for (capability, milliseconds), inputs in Counter(passes).items():
            counted = _counted[capability]
            counted["batches"] += 1
            counted["inputs"] += inputs
            counted["forward_seconds"] += milliseconds / 1000


def read() -> Mapping[str, Mapping[str, float]]:
    """Capability -> batches, inputs and forward_seconds since the start."""
    with _guard:
        return {capability: dict(counted) for capability, counted in _counted.items()}
