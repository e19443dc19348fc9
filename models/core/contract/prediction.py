"""What a predictor takes and returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import orjson

from models.core.contract.card import Kind
from models.core.contract.errors import InputError
from models.core.contract.messages import Text, parts_of, with_messages

Inputs = Mapping[str, bytes]  # an input's name, as the card has it -> the file's content


_MISSING = Text("core.inputs.lacking", "The input {name!r} is missing.")


def content(inputs: Inputs, name: str) -> bytes:
    """The content of one input. Raises InputError: it is missing."""
    if name not in inputs:
        raise InputError(_MISSING(name=name))
    return inputs[name]


@dataclass(frozen=True)
class Output:
    """A file that an answer consists of."""

    name: str
    kind: Kind
    data: bytes
    media_type: str


class Role(StrEnum):
    """What a stage is besides one step of many."""

    INPUT = "input"  # the input as the model received it
    ANSWER = "answer"  # the answer itself


@dataclass(frozen=True)
class Stage:
    """One step on the way to an answer, by which the answer is opened.

    `data` is JSON in the shape that its kind prescribes (docs/stages.md), with NumPy arrays for long lists of
    numbers; it refers to `files` by their `name`.
    `code` is the dotted name of the function that computed it, whose source is shown beside it.
    """

    id: str
    kind: Kind
    title: str
    explanation: str
    data: Mapping[str, Any]
    files: tuple[Output, ...] = ()
    count: int | None = None
    code: str = ""
    role: Role | None = None

    @property
    def json(self) -> bytes:
        """`data` as it is stored and sent, with the parts of its messages by JSON pointer.

        What JSON has no number for is null.
        """
        return orjson.dumps(with_messages(self.data), option=orjson.OPT_SERIALIZE_NUMPY)

    @property
    def about(self) -> dict[str, Any]:
        """All but the data and the files, as JSON."""
        return {
            "id": self.id,
            "title": str(self.title),
            "title_message": parts_of(self.title),
            "explanation": str(self.explanation),
            "explanation_message": parts_of(self.explanation),
            "count": self.count,
            "code": self.code,
            "role": self.role,
        }


@dataclass(frozen=True)
class Prediction:
    """The answer: `result` for programs, `outputs` as files."""

    result: Mapping[str, Any]
    outputs: tuple[Output, ...] = ()


class Predictor(Protocol):
    """What models/<capability>/predict.py provides: an architecture with its weights in memory.

    Slow to build, quick to call. A worker runs `forward` on the device, in one thread, and the other steps in
    threads beside it. A slow model may also have
    `small_up_to`, which replaces that of its card.
    """

    max_batch: int  # the most inputs of one forward pass; the worker measures what pays

    def __init__(self, weights: Path | None, device: str) -> None:
        """Raises WeightsError: the file is missing, damaged or another model's."""
        ...

    def decode(self, inputs: Inputs, params: Any) -> Any:
        """Raises InputError: an input is missing or cannot be read; shown to the user."""
        ...

    def forward(self, items: list[Any]) -> list[Any]:
        """The model on up to `max_batch` decoded items."""
        ...

    def encode(self, item: Any, raw: Any, params: Any, *, picture: bool = False) -> Prediction:
        """The answer; with `picture` also as one picture, the first of its outputs, where it can be drawn."""
        ...

    def inspect(self, item: Any, raw: Any, params: Any) -> tuple[Stage, ...]:
        """The stages that open the answer, in order."""
        ...


@dataclass(frozen=True)
class Opened:
    """An answer together with its stages."""

    prediction: Prediction
    stages: tuple[Stage, ...]


def answer(predictor: Predictor, inputs: Inputs, params: Any, *, picture: bool = False) -> Prediction:
    """All steps for one job, as notebooks and the command line take them. Raises InputError."""
    item = predictor.decode(inputs, params)
    (raw,) = predictor.forward([item])
    return predictor.encode(item, raw, params, picture=picture)


def answer_opened(predictor: Predictor, inputs: Inputs, params: Any) -> Opened:
    """As `answer`, with the stages. Raises InputError."""
    item = predictor.decode(inputs, params)
    (raw,) = predictor.forward([item])
    return Opened(predictor.encode(item, raw, params), predictor.inspect(item, raw, params))
