"""Small archives and pictures, as people send them."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def picture(width: int = 40, height: int = 30, seed: int = 0, kind: str = "PNG") -> bytes:
    """Random patches; other seeds give pictures that do not resemble each other."""
    patches = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return encoded(Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC), kind)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def archive(path: Path, files: Mapping[str, bytes | str | dict[str, Any]]) -> Path:
    """A ZIP; dictionaries become JSON."""
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, json.dumps(data) if isinstance(data, dict) else data)
    return path


def coco(images: list[str], annotations: list[dict[str, Any]], *names: str) -> dict[str, Any]:
    """COCO JSON of pictures of 40 x 30 pixels: images have the ids 1, 2, …, categories 10, 20, …"""
    return {
        "images": [
            {"id": number, "file_name": name, "width": 40, "height": 30}
            for number, name in enumerate(images, start=1)
        ],
        "categories": [{"id": 10 * number, "name": name} for number, name in enumerate(names, start=1)],
        "annotations": [{"id": number, **entry} for number, entry in enumerate(annotations, start=1)],
    }


def boxed(image_id: int, category_id: int, *box: float, **fields: Any) -> dict[str, Any]:
    """An annotation: x, y, width, height."""
    return {"image_id": image_id, "category_id": category_id, "bbox": list(box), **fields}
