"""What a predictor returns for one input."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from models.core.contract.card import Kind


@dataclass(frozen=True)
class Output:
    """A file that an answer consists of."""

    name: str
    kind: Kind
    data: bytes
    media_type: str


@dataclass(frozen=True)
class Stage:
    """One step on the way to an answer, kept so that the answer can be opened.

    `data` is JSON in the shape its kind fixes (docs/stages.md), NumPy arrays for long lists of numbers; it
    names `files` by their `name`;
    `code` is the dotted name of the function that made it, whose source is shown beside it.
    """

    id: str
    kind: Kind
    title: str
    explanation: str
    data: Mapping[str, Any]
    files: tuple[Output, ...] = ()
    count: int | None = None
    code: str = ""

    @property
    def json(self) -> bytes:
        """`data` as it is stored and sent; what JSON has no number for is null."""
        return orjson.dumps(self.data, option=orjson.OPT_SERIALIZE_NUMPY)


@dataclass(frozen=True)
class Prediction:
    """The answer: `result` for programs, `outputs` as files, `stages` to open it by."""

    result: Mapping[str, Any]
    outputs: tuple[Output, ...] = ()
    stages: tuple[Stage, ...] = field(default=())


@dataclass(frozen=True)
class Wants:
    """What the asker wants besides the result."""

    inspection: bool = True
    picture: bool = False  # the answer as one picture, the first of `outputs`
