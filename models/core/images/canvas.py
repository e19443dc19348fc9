"""A large picture, written from top to bottom and read in parts, that is never in memory as a whole."""

import weakref
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import ClassVar, Self

import numpy as np

IN_MEMORY = 32_000_000  # bytes up to which there is no file


class Canvas:
    """uint8, (H, W, C): in memory while it is small, then in an unnamed temporary file in `folder`."""

    # None: the system's temporary folder, which may itself be in memory
    folder: ClassVar[str | None] = None

    def __init__(self, width: int, channels: int = 3, in_memory: int = IN_MEMORY):
        self.height, self.width, self.channels = 0, width, channels
        self._file = SpooledTemporaryFile(in_memory, dir=self.folder)  # noqa: SIM115  closed with the canvas
        weakref.finalize(self, self._file.close)

    @classmethod
    def of(cls, bands: Iterable[np.ndarray], width: int) -> Self:
        """The picture of these bands, each (h, W, 3)."""
        canvas = cls(width)
        for band in bands:
            canvas.append(band)
        return canvas

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.height, self.width, self.channels

    def append(self, band: np.ndarray) -> None:
        """Add rows below those already there. Raises ValueError: they have another width."""
        if band.shape[1:] != (self.width, self.channels) or band.dtype != np.uint8:
            raise ValueError(f"a band of {band.shape} does not fit a canvas of {self.shape}")
        self._file.seek(0, 2)
        self._file.write(np.ascontiguousarray(band).data)
        self.height += len(band)

    def rows(self, top: int, bottom: int) -> np.ndarray:
        """(bottom - top, W, C); fewer at the end of the picture."""
        bottom = min(bottom, self.height)
        row = self.width * self.channels
        self._file.seek(top * row)
        data = self._file.read((bottom - top) * row)
        return np.frombuffer(data, np.uint8).reshape(bottom - top, self.width, self.channels)

    def bands(self, rows: int) -> Iterator[np.ndarray]:
        """The picture from top to bottom, up to `rows` rows at a time."""
        return (self.rows(top, top + rows) for top in range(0, self.height, rows))
