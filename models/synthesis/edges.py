"""Edges: found in pictures by Sobel's operator, thinned and roughened; and drawings of any size, fitted.

Gradient and thinning are those of Canny (A Computational Approach to Edge Detection, IEEE PAMI 8(6), 1986,
section VI) with one threshold and without smoothing, which pictures of this size do not need.

Shapes: B batch, S side. Edges are (B, 1, S, S), 1 on a line and 0 elsewhere; pictures are in [-1, 1].
"""

from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

THRESHOLD = 0.18  # of the gradient, of black against white
SOBEL = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
INK = 0.35  # of the darkest line: what is at least as dark belongs to a line
MAX_INK = 0.4  # of all pixels: a picture with more is no line drawing
MARGIN = 0.04  # around a drawing that is fitted, of its longer side
LONGEST = 1024  # pixels of a drawing's longer side that are looked at
DARK = -0.8  # of a picture's background, for outlines

Reading = Literal["automatic", "drawing", "photo"]


def find_edges(pictures: torch.Tensor) -> torch.Tensor:
    """(B, C, S, S) in [-1, 1] -> (B, 1, S, S): lines one or two pixels wide.

    A pixel is kept if its gradient is at least as strong as that of its two neighbors across the line.
    Outside of the picture is black, so that things that touch a side are closed.
    """
    gray = F.pad(pictures.mean(dim=1, keepdim=True), (1, 1, 1, 1), value=-1.0)
    across = F.conv2d(gray, SOBEL.to(gray)[None, None])
    down = F.conv2d(gray, SOBEL.T.to(gray)[None, None])
    strength = torch.hypot(across, down)
    around = F.pad(strength, (1, 1, 1, 1))
    is_vertical = across.abs() >= down.abs()  # the line; the gradient then points to the side
    left, right = around[:, :, 1:-1, :-2], around[:, :, 1:-1, 2:]
    above, below = around[:, :, :-2, 1:-1], around[:, :, 2:, 1:-1]
    strongest = torch.where(is_vertical, torch.maximum(left, right), torch.maximum(above, below))
    return ((strength > THRESHOLD) & (strength >= strongest)).float()


def roughen(edges: torch.Tensor, pictures: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Edges as people draw them: only outlines, thick, or with gaps; a third stay as they are."""
    rough = edges.clone()
    for index in range(len(edges)):
        one = rough[index : index + 1]
        if random.random() < 0.25:
            one = outlines(one, pictures[index : index + 1])
        if random.random() < 0.35:
            one = thicken(one, int(random.integers(2, 4)), random)
        if random.random() < 0.4:
            one = with_gaps(one, random)
        rough[index] = one[0]
    return rough


def outlines(edges: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
    """The edges beside a black background, if they are a good part of all; otherwise all."""
    background = (pictures.mean(dim=1, keepdim=True) < DARK).float()
    border = F.max_pool2d(F.pad(background, (1, 1, 1, 1), value=1.0), 3, stride=1)
    kept = edges * border
    return kept if kept.sum() > 0.4 * edges.sum() else edges


def thicken(edges: torch.Tensor, width: int, random: np.random.Generator) -> torch.Tensor:
    """Lines of 2 or 3 pixels. Those of 2 grow to one side, as the picture's edge may lie on either."""
    if width == 3:
        return F.max_pool2d(edges, 3, stride=1, padding=1)
    left, top = (int(value) for value in random.integers(0, 2, 2))
    return F.max_pool2d(F.pad(edges, (left, 1 - left, top, 1 - top)), 2, stride=1)


def with_gaps(edges: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Erased in up to five small squares."""
    side, broken = edges.shape[-1], edges.clone()
    for _ in range(int(random.integers(1, 6))):
        size = int(random.integers(2, max(3, side // 6)))
        top, left = (int(value) for value in random.integers(0, side - size, 2))
        broken[..., top : top + size, left : left + size] = 0
    return broken


def recall(drawn: torch.Tensor, found: torch.Tensor, within: int = 1) -> torch.Tensor:
    """(B,): the share of drawn edges that have a found one within `within` pixels; 1 if none is drawn.

    Example: a line of four pixels of which the first three have a found edge in the row below has 1: the
    fourth is within a pixel of the third's.
    """
    near = F.max_pool2d(found, 2 * within + 1, stride=1, padding=within)
    count = drawn.sum(dim=(1, 2, 3))
    return torch.where(
        count > 0, (drawn * near).sum(dim=(1, 2, 3)) / count.clamp(min=1), torch.ones_like(count)
    )


def read_drawing(image: Image.Image, side: int, reading: Reading) -> tuple[torch.Tensor, bool]:
    """(1, S, S) edges of an uploaded picture of any size, and whether it was read as a drawing.

    A drawing of S x S pixels is taken as it is. Any other is cropped to its lines and shrunk by maximum, so
    that thin lines survive. Dark lines on light are the same as light ones on dark. In a photo, edges are
    found after shrinking.
    """
    gray = image.convert("L")
    if max(gray.size) > LONGEST:
        gray.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    ink, is_drawing = lines(np.asarray(gray))
    if reading == "photo" or (reading == "automatic" and not is_drawing):
        return find_edges(fitted_photo(gray, side)[None])[0], False
    return torch.from_numpy(fitted_lines(ink, side)).float()[None], True


def lines(gray: np.ndarray) -> tuple[np.ndarray, bool]:
    """(H, W) bool: where ink is, on paper of the most frequent gray; and whether this is a line drawing."""
    values = gray.astype(np.int16)
    paper = int(np.bincount(gray.reshape(-1), minlength=256).argmax())
    contrast = np.abs(values - paper)
    ink = contrast > INK * max(int(contrast.max()), 1)
    middle = (contrast > 24) & (contrast < 0.6 * contrast.max())  # grays between paper and ink
    return ink, bool(0 < ink.mean() < MAX_INK and middle.mean() < max(0.06, 0.8 * ink.mean()))


def fitted_lines(ink: np.ndarray, side: int) -> np.ndarray:
    """(S, S) bool: the lines, shrunk or enlarged so that their longer side fills the picture."""
    if ink.shape == (side, side) or not ink.any():
        return ink if ink.shape == (side, side) else np.zeros((side, side), bool)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    cropped = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inner = side - 2 * max(1, round(MARGIN * side))
    scale = inner / max(cropped.shape)
    height, width = (max(1, round(length * scale)) for length in cropped.shape)
    small = np.zeros((height, width), bool)
    if scale >= 1:
        small = cropped[np.arange(height) * cropped.shape[0] // height][
            :, np.arange(width) * cropped.shape[1] // width
        ]
    else:
        at = np.argwhere(cropped)
        small[at[:, 0] * height // cropped.shape[0], at[:, 1] * width // cropped.shape[1]] = True
    fitted = np.zeros((side, side), bool)
    top, left = (side - height) // 2, (side - width) // 2
    fitted[top : top + height, left : left + width] = small
    return fitted


def fitted_photo(gray: Image.Image, side: int) -> torch.Tensor:
    """(1, S, S) in [-1, 1]: the whole photo, in the middle of a square that continues its border's mean."""
    small = gray.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    if max(gray.size) < side:
        small = gray.resize([round(length * side / max(gray.size)) for length in gray.size])  # type: ignore[arg-type]
    pixels = np.asarray(small, np.float32)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).mean()
    square = np.full((side, side), border, np.float32)
    top, left = (side - pixels.shape[0]) // 2, (side - pixels.shape[1]) // 2
    square[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    if border > 127:  # garments lie on black
        square = 255 - square
    return torch.from_numpy(square / 127.5 - 1)[None]
