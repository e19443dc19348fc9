"""A tiny dataset of labeled pictures: red and blue squares on gray."""

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from models.core.contract.dataset import (
    MANIFEST,
    SPLITS,
    Annotation,
    DatasetKind,
    LabeledObject,
    Manifest,
    Picture,
)

COLORS = {"blue": (20, 20, 230), "red": (230, 20, 20)}
WIDTH, HEIGHT = 96, 72


def write(
    path: Path,
    counts: tuple[int, int, int] = (6, 3, 3),
    kind: DatasetKind = DatasetKind.MASKS,
    *,
    most: int = 2,
) -> Path:
    """A dataset with so many pictures to train, to validate and to test, of one to `most` squares each."""
    pictures, files = [], {}
    random = np.random.default_rng(0)
    for split, count in zip(SPLITS, counts, strict=True):
        for index in range(count):
            pixels = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
            objects = []
            for number in range(min(1 + index % 2, most)):
                label = sorted(COLORS)[(index + number) % 2]
                side = int(random.integers(16, 30))
                left = int(random.integers(48 * number, 48 * number + 48 - side))
                top = int(random.integers(0, HEIGHT - side))
                pixels[top : top + side, left : left + side] = COLORS[label]
                corners = (left, top, left + side, top, left + side, top + side, left, top + side)
                objects.append(
                    LabeledObject(
                        label=label,
                        box=(left, top, left + side, top + side),
                        polygons=[[float(value) for value in corners]],
                    )
                )
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "PNG")
            name = f"pictures/{split}-{index}.png"
            files[name] = buffer.getvalue()
            pictures.append(
                Picture(
                    file=name,
                    width=WIDTH,
                    height=HEIGHT,
                    sha256=hashlib.sha256(files[name]).hexdigest(),
                    split=split,
                    group=None,
                    annotation=Annotation(objects=objects),
                )
            )
    manifest = Manifest(kind=kind, classes=sorted(COLORS), pictures=pictures)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MANIFEST, manifest.to_json())
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def picture() -> bytes:
    """A red square on gray, as a PNG file."""
    pixels = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    pixels[20:44, 30:54] = COLORS["red"]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
