"""Changes of growing strength, under which a model is measured again: how much does it bear?

Pictures: noise, blur, brightness and compression as in ImageNet-C (Hendrycks and Dietterich, Benchmarking
Neural Network Robustness to Common Corruptions and Perturbations, 2019, arXiv:1903.12261), with its five
strengths, and rotation. Its pictures have 224 pixels; here blur and the grain of the noise grow with the
picture, so that large pictures change as much as small ones.

Tables: one column of numbers shifted, as by a sensor that drifted or a unit that changed; noise on all
numbers; cells that are missing.
"""

import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from PIL import Image, ImageFilter

from models.core.contract.messages import Message, Text
from models.core.tables.column_types import Column
from models.core.tables.read_options import ColumnType

SIDE = 224  # pixels of the longer side, to which widths of blur and grains refer

NOISE, BLUR, JPEG, BRIGHTER, DARKER, ROTATION = "noise", "blur", "jpeg", "brighter", "darker", "rotation"
SHIFT, NUMBER_NOISE, MISSING = "shift", "number-noise", "missing"

STRENGTHS: Mapping[str, tuple[float, ...]] = {
    NOISE: (0.08, 0.12, 0.18, 0.26, 0.38),  # standard deviation; white is 1
    BLUR: (1, 2, 3, 4, 6),  # standard deviation in pixels of a picture of 224
    JPEG: (25, 18, 15, 10, 7),  # quality
    BRIGHTER: (0.1, 0.2, 0.3, 0.4, 0.5),  # added to the value of HSV
    DARKER: (0.1, 0.2, 0.3, 0.4, 0.5),  # taken from it
    ROTATION: (5, 10, 20, 30, 45),  # degrees
    SHIFT: (0.25, 0.5, 1, 2, 3),  # standard deviations of the column
    NUMBER_NOISE: (0.1, 0.25, 0.5, 1, 2),  # standard deviations of each column
    MISSING: (0.05, 0.1, 0.2, 0.4, 0.8),  # share of the cells
}
OF_PICTURES = (NOISE, BLUR, JPEG, BRIGHTER, DARKER, ROTATION)

NAMES = {
    NOISE: Text("core.auditing.noise", "Noise"),
    BLUR: Text("core.auditing.blur", "Blur"),
    JPEG: Text("core.auditing.jpeg", "JPEG compression"),
    BRIGHTER: Text("core.auditing.brighter", "Brighter"),
    DARKER: Text("core.auditing.darker", "Darker"),
    ROTATION: Text("core.auditing.rotation", "Rotation"),
    SHIFT: Text("core.auditing.shift", "Shift of {column}"),
    NUMBER_NOISE: Text("core.auditing.number_noise", "Noise on all numbers"),
    MISSING: Text("core.auditing.missing", "Missing cells"),
}
UNITS = {
    NOISE: Text("core.auditing.noise.unit", "standard deviation (white is 1)"),
    BLUR: Text("core.auditing.blur.unit", "standard deviation in pixels, of 224"),
    JPEG: Text("core.auditing.jpeg.unit", "100 less the quality"),
    BRIGHTER: Text("core.auditing.brighter.unit", "added (white is 1)"),
    DARKER: Text("core.auditing.darker.unit", "subtracted (white is 1)"),
    ROTATION: Text("core.auditing.rotation.unit", "degrees"),
    SHIFT: Text("core.auditing.shift.unit", "standard deviations of the column"),
    NUMBER_NOISE: Text("core.auditing.number_noise.unit", "standard deviations of each column"),
    MISSING: Text("core.auditing.missing.unit", "share of the cells"),
}


@dataclass(frozen=True)
class Change:
    """One change at one strength. The same seed and name give the same picture or column.

    Attributes:
        column: the one that is shifted.
    """

    kind: str
    strength: float
    column: str = ""
    seed: int = 0

    @property
    def name(self) -> Message:
        return NAMES[self.kind](column=self.column) if self.column else NAMES[self.kind]()

    @property
    def amount(self) -> float:
        """The strength on an axis where more is stronger."""
        return 100 - self.strength if self.kind == JPEG else self.strength

    def picture(self, image: Image.Image, name: str) -> Image.Image:
        """An RGB picture of the same size. Raises KeyError: it is a change of tables."""
        return _PICTURES[self.kind](image, self.strength, self._random(name))

    def boxes(self, boxes: np.ndarray, width: int, height: int) -> np.ndarray:
        """(N, 4) corners in pixels of the picture before -> after.

        A rotated object is taken for the ellipse in its box, whose upright box fits better than that of the
        rotated corners (Kalra et al., Towards Rotation Invariance in Object Detection, ICCV 2021).
        """
        if self.kind != ROTATION:
            return boxes
        turn = np.deg2rad(self.strength)
        center, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
        x, y = (center - [width / 2, height / 2]).T
        # counterclockwise, with y downward
        middle = np.stack([x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)], axis=1)
        middle += [width / 2, height / 2]
        across = np.hypot(half[:, 0] * np.cos(turn), half[:, 1] * np.sin(turn))
        along = np.hypot(half[:, 0] * np.sin(turn), half[:, 1] * np.cos(turn))
        extent = np.stack([across, along], axis=1)
        moved = np.concatenate([middle - extent, middle + extent], axis=1)
        return moved.clip(0, [width, height, width, height])

    def columns(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """The columns of a table that a model takes. Raises KeyError: it is a change of pictures."""
        change = _COLUMNS[self.kind]
        return tuple(
            replace(each, values=change(each, self, self._random(each.name)))
            if self._concerns(each)
            else each
            for each in columns
        )

    def _concerns(self, column: Column) -> bool:
        if self.kind == MISSING:
            return True
        return column.type == ColumnType.NUMBER and self.column in ("", column.name)

    def _random(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(name.encode()), zlib.crc32(self.kind.encode())])


def changes_of_pictures(seed: int) -> Iterator[tuple[Change, ...]]:
    """Every change of pictures with its strengths, the weakest first."""
    for kind in OF_PICTURES:
        yield tuple(Change(kind, strength, seed=seed) for strength in STRENGTHS[kind])


def changes_of_tables(shifted: Sequence[str], seed: int) -> Iterator[tuple[Change, ...]]:
    """Every change of tables: shifts of these columns one by one, noise and missing cells."""
    for column in shifted:
        yield tuple(Change(SHIFT, strength, column, seed) for strength in STRENGTHS[SHIFT])
    for kind in (NUMBER_NOISE, MISSING):
        yield tuple(Change(kind, strength, seed=seed) for strength in STRENGTHS[kind])


def _noise(image: Image.Image, deviation: float, random: np.random.Generator) -> Image.Image:
    scale = min(1.0, SIDE / max(image.size))
    grains = (max(1, round(image.height * scale)), max(1, round(image.width * scale)), 3)
    noise = random.normal(0, 255 * deviation, grains)
    channels = [Image.fromarray(noise[..., channel].astype(np.float32)) for channel in range(3)]
    large = np.stack([np.asarray(each.resize(image.size, Image.Resampling.NEAREST)) for each in channels], -1)
    return _clipped(np.asarray(image, np.float32) + large)


def _blur(image: Image.Image, deviation: float, _: np.random.Generator) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(deviation * max(image.size) / SIDE))


def _jpeg(image: Image.Image, quality: float, _: np.random.Generator) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=int(quality))
    return Image.open(buffer).convert("RGB")


def _brighter(image: Image.Image, added: float, _: np.random.Generator) -> Image.Image:
    hue, saturation, value = image.convert("HSV").split()
    moved = _clipped(np.asarray(value, np.float32) + 255 * added)
    return Image.merge("HSV", (hue, saturation, moved)).convert("RGB")


def _darker(image: Image.Image, taken: float, random: np.random.Generator) -> Image.Image:
    return _brighter(image, -taken, random)


def _rotation(image: Image.Image, degrees: float, _: np.random.Generator) -> Image.Image:
    """Counterclockwise about the center; the corners that come in are gray."""
    return image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=(128, 128, 128))


def _clipped(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values.round().clip(0, 255).astype(np.uint8))


def _shift(column: Column, change: Change, _: np.random.Generator) -> pd.Series:
    return column.values + change.strength * _deviation(column)


def _number_noise(column: Column, change: Change, random: np.random.Generator) -> pd.Series:
    return column.values + random.normal(0, change.strength * _deviation(column), len(column.values))


def _missing(column: Column, change: Change, random: np.random.Generator) -> pd.Series:
    return column.values.where(random.random(len(column.values)) >= change.strength)


def _deviation(column: Column) -> float:
    """0 for a column without two numbers."""
    return float(np.nan_to_num(column.values.std(ddof=0)))


_PICTURES: Mapping[str, Callable[[Image.Image, float, np.random.Generator], Image.Image]] = {
    NOISE: _noise,
    BLUR: _blur,
    JPEG: _jpeg,
    BRIGHTER: _brighter,
    DARKER: _darker,
    ROTATION: _rotation,
}
_COLUMNS: Mapping[str, Callable[[Column, Change, np.random.Generator], pd.Series]] = {
    SHIFT: _shift,
    NUMBER_NOISE: _number_noise,
    MISSING: _missing,
}
