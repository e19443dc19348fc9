"""What the supervisor of a training and its child process say to each other. Loads no torch."""

from typing import Any, Literal

from pydantic import BaseModel

EXIT_ORPHANED = 70  # the supervisor is gone or frozen
EXIT_PREEMPTED = 75  # the checkpoint is written


class Order(BaseModel):
    """The one line of JSON that a child reads first."""

    capability: str
    capability_packages: list[str]
    params: dict[str, Any]
    dataset: str
    weights: str  # where to write them
    checkpoint: str  # where to write it; resumed from when it is there
    device: str
    torch_threads: int
    checkpoint_seconds: float
    lease_seconds: float


class Report(BaseModel):
    """A line of JSON that a child writes."""

    what: Literal["device", "progress", "checkpoint", "input_error", "weights_error", "done"]
    step: int = 0
    total: int = 0
    metrics: dict[str, float | None] = {}
    message: str = ""
    device: str = ""
    hardware: str = ""
