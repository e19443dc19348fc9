"""Reads weights of ncnn: a text file (.param) that lists the layers, and one file of numbers (.bin).

In the file of numbers each convolution has a tag, its kernel as float16, padded to four bytes, and its bias
as float32; a constant is plain float32; all little-endian, in the order of the layers. Nothing is executed,
and every length is checked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.core.contract.errors import WeightsError

MAX_PARAM_BYTES = 1_000_000
_MAGIC = "7767517"  # first line of every .param file
_FLOAT16 = (0x01306B47).to_bytes(4, "little")  # tag of a kernel stored as float16
# layers that have numbers are read; these have none
_WITHOUT_NUMBERS = frozenset(
    ("BinaryOp", "Concat", "Eltwise", "Input", "Interp", "PixelShuffle", "Sigmoid", "Split", "Swish")
)


@dataclass(frozen=True)
class Convolution:
    """kernel: (outputs, inputs, k, k), float16; bias: (outputs,), float32."""

    kernel: np.ndarray
    bias: np.ndarray


class _Reader:
    def __init__(self, data: bytes):
        self.data, self.position = data, 0

    def take(self, size: int, layer: str) -> bytes:
        if size > len(self.data) - self.position:
            raise WeightsError(f"The weights end within {layer!r}, after {len(self.data):,} bytes.")
        found = self.data[self.position : self.position + size]
        self.position += size
        return found

    def numbers(self, count: int, kind: str, layer: str) -> np.ndarray:
        return np.frombuffer(self.take(count * np.dtype(kind).itemsize, layer), kind)


def read(param: bytes, data: bytes) -> dict[str, Convolution | np.ndarray]:
    """Layer's name -> its numbers, in the order of the layers; constants are arrays.

    Raises:
        WeightsError: layers of another form, or ones that do not describe `data` exactly.
    """
    reader = _Reader(data)
    found: dict[str, Convolution | np.ndarray] = {}
    for kind, name, options in _layers(param):
        if kind in _WITHOUT_NUMBERS:
            continue
        if name in found:
            raise WeightsError(f"The layers' file lists {name!r} twice.")
        if kind == "Convolution":
            found[name] = _convolution(reader, name, options)
        elif kind == "MemoryData":  # 0, 1, 2: width, height, channels
            shape = tuple(_count(options, key, name, 2**16) for key in (2, 1, 0))
            found[name] = reader.numbers(shape[0] * shape[1] * shape[2], "<f4", name).reshape(shape)
        else:
            raise WeightsError(f"The layer {name!r} is of the type {kind!r}, which is not read.")
    if reader.position != len(data):
        raise WeightsError(
            f"The weights have {len(data):,} bytes; the layers describe {reader.position:,} of them."
        )
    return found


def _layers(param: bytes) -> Iterator[tuple[str, str, dict[int, str]]]:
    """(type, name, options) of every layer."""
    if len(param) > MAX_PARAM_BYTES:
        raise WeightsError(
            f"The layers' file has {len(param):,} bytes; at most {MAX_PARAM_BYTES:,} are read."
        )
    try:
        magic, counts, *lines = param.decode("ascii").splitlines()
        if magic.strip() != _MAGIC or int(counts.split()[0]) != len(lines):
            raise ValueError("its first lines do not fit")
        for line in lines:
            kind, name, inputs, outputs, *rest = line.split()
            options = (word.split("=") for word in rest[int(inputs) + int(outputs) :])
            yield kind, name, {int(key): value for key, value in options}
    except (ValueError, IndexError) as error:
        raise WeightsError(f"The layers' file is not one of ncnn: {error}.") from error


def _count(options: dict[int, str], key: int, layer: str, limit: int) -> int:
    """A positive option. Raises WeightsError."""
    text = options.get(key, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 0 < int(text) <= limit):
        raise WeightsError(f"The layer {layer!r} has the option {key}={text[:20]!r}.")
    return int(text)


def _convolution(reader: _Reader, name: str, options: dict[int, str]) -> Convolution:
    outputs, side = _count(options, 0, name, 4096), _count(options, 1, name, 31)
    size = _count(options, 6, name, 2**28)
    if size % (outputs * side**2) or options.get(5) != "1":
        raise WeightsError(f"The layer {name!r} has a kernel of {size:,} numbers, or no bias.")
    if reader.take(4, name) != _FLOAT16:
        raise WeightsError(f"The kernel of {name!r} is not stored as float16.")
    kernel = reader.numbers(size, "<f2", name).reshape(outputs, -1, side, side)
    reader.take(-2 * size % 4, name)
    return Convolution(kernel, reader.numbers(outputs, "<f4", name))
