"""What a training shows while it runs: pictures alone, with the detected boxes, and with the true ones."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from PIL import Image, ImageDraw

from models.core.generative import side_by_side
from models.core.images.codec import from_tensor
from models.core.training.composites import Composite
from models.detection.metrics import Detections
from models.detection.predict import COLORS

SHOWN_SCORE = 0.25  # of a box, at least


def pictures_with_boxes(
    composites: Sequence[Composite], detections: Sequence[Detections]
) -> Iterator[side_by_side.Row]:
    """A row for each picture."""
    for composite, detected in zip(composites, detections, strict=True):
        picture = from_tensor(composite.image)
        is_shown = detected.scores >= SHOWN_SCORE
        predicted = with_boxes(picture, detected.boxes[is_shown], detected.labels[is_shown])
        yield picture, predicted, with_boxes(picture, composite.boxes, composite.labels)


def with_boxes(picture: Image.Image, boxes: np.ndarray, labels: Iterable[int]) -> Image.Image:
    """The picture with its boxes (n, 4), each in the color of its label, at the size of the samples."""
    drawn = side_by_side.tile(picture)
    pen, scale = ImageDraw.Draw(drawn), drawn.width / picture.width
    for box, label in zip(boxes, labels, strict=True):
        left, top, right, bottom = (box * scale).tolist()
        corners = (left, top, max(left, right - 1), max(top, bottom - 1))
        pen.rectangle(corners, outline=COLORS[int(label) % len(COLORS)])
    return drawn
