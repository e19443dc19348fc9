"""Contact sheets of the pictures that an audit found, as stages of kind `samples`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from models.core.contract.card import Kind
from models.core.contract.messages import Message
from models.core.contract.prediction import Output, Stage
from models.core.generative.sample_history import contact_sheet
from models.core.images import codec

SIDE = 112  # pixels of a tile
MARGIN = (238, 238, 238)


@dataclass(frozen=True)
class Tile:
    """One picture of a sheet."""

    image: Image.Image | None  # None: an empty place
    caption: str = ""


def sheet_stage(
    name: str,
    title: Message,
    about: Message,
    rows: Sequence[Sequence[Tile]],
    *,
    row_names: Sequence[str],
    column_names: Sequence[str],
    captions_name: Message,
    code: str,
) -> Stage:
    """Rows of as many pictures each, fitted into squares."""
    tiles = [tile for row in rows for tile in row]
    pixels = np.stack([_fitted(tile.image) for tile in tiles])
    columns, file = len(rows[0]), f"{name}.png"
    png = codec.encode_png(Image.fromarray(contact_sheet(pixels, columns)))
    data = {
        "tile": {"width": SIDE, "height": SIDE},
        "columns": columns,
        "count": len(tiles),
        "row_names": list(row_names),
        "column_names": list(column_names),
        "captions_name": captions_name,
        "steps": [{"step": None, "file": file, "captions": [tile.caption for tile in tiles]}],
    }
    files = (Output(file, Kind.IMAGE, png, "image/png"),)
    return Stage(name, Kind.SAMPLES, title, about, data, files=files, count=len(tiles), code=code)


def _fitted(image: Image.Image | None) -> np.ndarray:
    if image is None:
        return np.full((SIDE, SIDE, 3), MARGIN, np.uint8)
    resample = Image.Resampling.NEAREST if max(image.size) < SIDE / 2 else Image.Resampling.BICUBIC
    return np.asarray(ImageOps.pad(image.convert("RGB"), (SIDE, SIDE), resample, MARGIN))
