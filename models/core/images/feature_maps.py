"""Feature maps as images: one tile per channel, for the stage kind `feature-maps`."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.prediction import Output
from models.core.images.codec import encode_png_quickly


def levels(shown: Iterable[tuple[str, torch.Tensor, str]]) -> tuple[list[dict[str, Any]], tuple[Output, ...]]:
    """All levels of a stage and their files, from (name, maps (channels, h, w), name of the file)."""
    data, files = zip(*(level(*each) for each in shown), strict=True)
    return list(data), files


def level(
    name: str, maps: torch.Tensor, file: str, names: Sequence[str] = ()
) -> tuple[dict[str, Any], Output]:
    """One level of a `feature-maps` stage and its file, from `maps` (channels, h, w).

    The gray values of each tile span its own minimum to its maximum; with `names`, one per channel, those of
    all tiles span 0 to 1, as for probabilities.
    """
    values = maps.float().numpy()
    channels, height, width = values.shape
    if names:
        low, high = np.zeros((channels, 1, 1)), np.ones((channels, 1, 1))
    else:
        low, high = values.min(axis=(1, 2), keepdims=True), values.max(axis=(1, 2), keepdims=True)
    picture, rows, columns = atlas(values, low, high)
    output = Output(file, Kind.FEATURE_MAPS, encode_png_quickly(picture), "image/png")
    data = {
        "name": name,
        "file": file,
        "rows": rows,
        "columns": columns,
        "tile_width": width,
        "tile_height": height,
        "channels": channels,
        "minimum": np.round(low.reshape(-1).astype(float), 3).tolist(),
        "maximum": np.round(high.reshape(-1).astype(float), 3).tolist(),
    }
    return data | ({"names": list(names)} if names else {}), output


def atlas(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[Image.Image, int, int]:
    """(channels, h, w) as gray tiles from `low` to `high`: the image, and its rows and columns of tiles."""
    channels, height, width = values.shape
    columns = math.ceil(math.sqrt(channels))
    rows = math.ceil(channels / columns)
    span = high - low
    gray = np.divide(values - low, span, out=np.zeros_like(values), where=span > 0) * 255
    tiles = np.zeros((rows * columns, height, width), np.uint8)
    tiles[:channels] = gray.round().clip(0, 255).astype(np.uint8)
    grid = (
        tiles.reshape(rows, columns, height, width)
        .transpose(0, 2, 1, 3)
        .reshape(rows * height, columns * width)
    )
    return Image.fromarray(grid), rows, columns
