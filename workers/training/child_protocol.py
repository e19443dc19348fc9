"""The messages between the supervisor of a training and its child process. Loads no torch."""

from typing import Any, Literal

from pydantic import BaseModel

EXIT_ORPHANED = 70  # the supervisor has died or is frozen
EXIT_DISK_FULL = 73
EXIT_PREEMPTED = 75  # the checkpoint is written
EXITED = "exited"  # the kind of a warm process' report of a fit's end; its `step` is the exit code


class Instructions(BaseModel):
    """The first line of JSON that a child reads; a warm one reads a line for each fit.

    Attributes:
        task: train, or predict for a fit of a sweep of predictions.
        inputs: of a prediction: name -> file.
        weights: of a training: the file to write; of a prediction: the model's, if it has one.
        answer: of a prediction: the folder to write it to.
        opened: whether the stages of a prediction are computed.
        log: file for what a fit prints.
    """

    task: str = "train"
    inputs: dict[str, str] = {}
    answer: str = ""
    opened: bool = False
    log: str = ""
    capability: str
    capability_packages: list[str]
    params: dict[str, Any]
    dataset: str
    weights: str | None
    checkpoint: str  # file to write, and to resume from if it exists
    samples: str  # folder for sheets of samples
    device: str
    torch_threads: int
    checkpoint_seconds: float
    lease_seconds: float


class Report(BaseModel):
    """A line of JSON that a child writes."""

    kind: Literal[
        "device",
        "progress",
        "samples",
        "checkpoint",
        "input_error",
        "weights_error",
        "disk_full",
        "done",
        "exited",
    ]
    step: int = 0
    total: int = 0
    metrics: dict[str, float | None] = {}
    message: str = ""
    parts: list[dict[str, Any]] = []  # of the message, to translate it by
    sheet: dict[str, Any] = {}  # of samples: backend.services.jobs.sheets
    part: str | None = None  # of the data, that the final metrics were measured on
    figure: str | None = None  # the metric that chose the weights
    kept_step: int | None = None  # whose weights they are; 0: no step improved them
    notes: list[str] = []
    notes_message: list[list[dict[str, Any]]] = []  # to translate each by
    evaluation: dict[str, Any] = {}
    device: str = ""
    hardware: str = ""
