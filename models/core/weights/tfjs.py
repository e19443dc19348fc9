"""Reads weights of TensorFlow.js: a JSON manifest with names and shapes, and one file of numbers.

The numbers follow one another in the order of the manifest, without padding, little-endian. Weights marked as
float16 are stored in half of float32's bytes. Nothing is executed, and every length is checked.
"""

import json
from math import prod
from typing import Any

import numpy as np

from models.core.contract.errors import WeightsError

MAX_MANIFEST_BYTES = 16_000_000
MAX_WEIGHTS = 10_000
MAX_DIMENSIONS = 8
_STORED = {  # (type, type of the quantization) -> how the numbers are stored
    ("float32", None): "<f4",
    ("float32", "float16"): "<f2",
    ("int32", None): "<i4",
    ("bool", None): "?",
}


def read(manifest: bytes, data: bytes) -> dict[str, np.ndarray]:
    """Name -> numbers, in the type and layout in which they are stored; kernels are (h, w, inputs, outputs).

    Raises:
        WeightsError: a manifest of another form, or one that does not describe `data` exactly.
    """
    found: dict[str, np.ndarray] = {}
    position = 0
    for name, shape, stored in _entries(manifest):
        bytes_ = prod(shape) * stored.itemsize
        if bytes_ > len(data) - position:
            raise WeightsError(f"The weights end within {name!r}, after {len(data):,} bytes.")
        if name in found:
            raise WeightsError(f"The manifest lists {name!r} twice.")
        found[name] = np.frombuffer(data, stored, prod(shape), position).reshape(shape)
        position += bytes_
    if position != len(data):
        raise WeightsError(
            f"The weights have {len(data):,} bytes; the manifest describes {position:,} of them."
        )
    return found


def _entries(manifest: bytes) -> list[tuple[str, tuple[int, ...], np.dtype[Any]]]:
    """(name, shape, stored type) of every weight."""
    if len(manifest) > MAX_MANIFEST_BYTES:
        raise WeightsError(
            f"The manifest has {len(manifest):,} bytes; at most {MAX_MANIFEST_BYTES:,} are read."
        )
    try:
        groups = json.loads(manifest)["weightsManifest"]
        if len(groups) != 1 or len(groups[0]["paths"]) != 1:
            raise WeightsError("The manifest has several files of weights; one is read.")
        listed = groups[0]["weights"]
        if len(listed) > MAX_WEIGHTS:
            raise WeightsError(
                f"The manifest lists {len(listed):,} weights; at most {MAX_WEIGHTS:,} are read."
            )
        return [_entry(each) for each in listed]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise WeightsError(f"The manifest is not one of TensorFlow.js: {error!r}.") from error


def _entry(listed: Any) -> tuple[str, tuple[int, ...], np.dtype[Any]]:
    """Raises TypeError, KeyError, ValueError: of another form."""
    name, shape = listed["name"], listed["shape"]
    if not isinstance(name, str) or not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise ValueError(f"{str(name)[:80]!r} has no name or no shape")
    if any(type(length) is not int or not 0 <= length < 2**31 for length in shape):
        raise ValueError(f"{name[:80]!r} has the shape {str(shape)[:80]}")
    quantization = listed.get("quantization")
    kind = listed["dtype"], quantization["dtype"] if quantization is not None else None
    if kind not in _STORED:
        raise ValueError(f"{name[:80]!r} has the type {str(kind)[:80]}")
    return name, tuple(shape), np.dtype(_STORED[kind])
