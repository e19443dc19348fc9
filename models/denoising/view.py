"""Details of a large picture: where they are, and as files at their own size."""

from dataclasses import dataclass

import numpy as np

PLACES = 5  # along each side, where a detail may lie
SAMPLE = 4  # every fourth pixel is enough to find one


@dataclass(frozen=True)
class View:
    """A rectangle of a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int

    def of(self, pixels: np.ndarray) -> np.ndarray:
        """The part of a picture (H, W, ...) that lies in it."""
        return pixels[self.top : self.top + self.height, self.left : self.left + self.width]

    def is_all(self, pixels: np.ndarray) -> bool:
        return pixels.shape[:2] == (self.height, self.width)


def busiest(pixels: np.ndarray, side: int) -> View:
    """The detail of at most `side` x `side` pixels with the most contrast, of 5 x 5 places.

    A side of the picture that is no longer than `side` is taken whole.
    """
    height, width = pixels.shape[:2]
    high, wide = min(side, height), min(side, width)
    views = [
        View(int(left), int(top), wide, high)
        for top in dict.fromkeys(np.linspace(0, height - high, PLACES).astype(int))
        for left in dict.fromkeys(np.linspace(0, width - wide, PLACES).astype(int))
    ]
    return max(views, key=lambda view: float(view.of(pixels)[::SAMPLE, ::SAMPLE].std()))
