"""Finished sweeps as files, which ship with the application as examples.

    {"of": "train", "params": {...}, "axes": [{"param": "learning_rate", "values": [0.01, 0.1]}],
     "seeds": [0, 1], "figure": "accuracy", "cells": [...], "samples": {...}}

A cell has the status and the metrics of one fit, by part of the data in `quality`; the cells are in the order
of the axes, of which the last varies fastest, and the seeds within it.
"""

import base64
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from PIL import Image


@dataclass(frozen=True)
class FitOutcome:
    """What became of one fit.

    Attributes:
        measured_on: the part of the data of `metrics`; None: not stated.
        quality: part of the data -> metrics, where several were measured.
        figure: the metric that chose its weights.
        message: why it failed.
    """

    status: str
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    measured_on: str | None = None
    quality: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    figure: str | None = None
    seconds: float | None = None
    message: str | None = None
    message_parts: Sequence[Mapping[str, Any]] = ()


def settings_of(axes: Mapping[str, Sequence[Any]], seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The params that each fit has of its own, in the order of the cells."""
    for values in product(*axes.values()):
        for seed in seeds or (None,):
            yield {**dict(zip(axes, values, strict=True)), **({} if seed is None else {"seed": seed})}


def write(
    file: Path,
    *,
    of: str,
    params: Mapping[str, Any],
    axes: Mapping[str, Sequence[Any]],
    seeds: Sequence[int],
    figure: str | None,
    cells: Sequence[FitOutcome],
    samples: Mapping[str, Any] | None = None,
) -> None:
    """Write a finished sweep; numbers have six digits."""
    data = {
        "of": of,
        "params": params,
        "axes": [{"param": param, "values": list(values)} for param, values in axes.items()],
        "seeds": list(seeds),
        "figure": figure,
        "cells": [_rounded(asdict(cell)) for cell in cells],
        **({"samples": samples} if samples else {}),
    }
    lines = json.dumps(data, ensure_ascii=False).replace(', {"status"', ',\n {"status"')
    file.write_text(lines + "\n", "utf-8")


def sprites(pictures: Sequence[Image.Image], colors: int = 16) -> dict[str, Any]:
    """Pictures of equal size, one for each fit, stacked into a PNG of few colors as a data URL."""
    width, height = pictures[0].size
    stack = Image.new("RGB", (width, height * len(pictures)))
    for number, picture in enumerate(pictures):
        stack.paste(picture.convert("RGB"), (0, height * number))
    buffer = io.BytesIO()
    stack.quantize(colors, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return {"image": f"data:image/png;base64,{encoded}", "width": width, "height": height}


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
