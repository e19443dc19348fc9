"""The labeled pictures of a dataset, answered by a model's own predict path."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from models.core.auditing.changes import Change
from models.core.auditing.outcomes import Attribute, Learned, Report, thirds
from models.core.contract import cancellation
from models.core.contract.audit import WHOLE
from models.core.contract.dataset import Picture
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Predictor
from models.core.datasets.archive import Dataset
from models.core.images.codec import encode_png_quickly

TOGETHER = 8  # pictures of one forward pass, after which predictions have their turn

NO_LABELS = Text(
    "core.auditing.no_labels", "The dataset has no labels, so no answer can be compared with one."
)
EMPTY_PART = Text("core.auditing.empty_part", "The part {part!r} of the dataset has no labeled pictures.")
LEARNED = Text(
    "core.auditing.learned",
    "{n:,} {n:picture|pictures} of this part {n:is|are} left out: the model was trained or chosen on "
    "{n:it|them}.",
)
ALL_LEARNED = Text(
    "core.auditing.all_learned",
    "The model was trained or chosen on all pictures of the part {part!r}: choose another part or dataset.",
)
KNOWN = Text(
    "core.auditing.known",
    "{n:,} of the pictures {n:is one|are those} that the model learned from: it knows {n:it|them}.",
)
BRIGHTNESS = Text("core.auditing.brightness", "brightness")
SHARPNESS = Text("core.auditing.sharpness", "sharpness")
DARK = Text("core.auditing.dark", "dark")
MEDIUM = Text("core.auditing.medium", "medium")
BRIGHT = Text("core.auditing.bright", "bright")
BLURRED = Text("core.auditing.blurred", "blurred")
SHARP = Text("core.auditing.sharp", "sharp")


@dataclass(frozen=True)
class Answered:
    """One picture with the result of its prediction. `image` is the picture before any change."""

    picture: Picture
    image: Image.Image
    result: Mapping[str, Any]


def labeled(dataset: Dataset, part: str, learned: Learned) -> tuple[list[Picture], list[Message]]:
    """The labeled pictures of a part, without those that the model learned from; and notes on the choice.

    Raises:
        InputError: there are none.
    """
    known = [picture for picture in dataset.manifest.pictures if picture.annotation is not None]
    if not known:
        raise InputError(NO_LABELS())
    if part == WHOLE:
        number = sum(picture.sha256 in learned.pictures for picture in known)
        return known, [KNOWN(n=number)] if number else []
    chosen = [picture for picture in known if picture.split == part]
    if not chosen:
        raise InputError(EMPTY_PART(part=part))
    new = [picture for picture in chosen if picture.sha256 not in learned.pictures]
    if not new:
        raise InputError(ALL_LEARNED(part=part))
    return new, [LEARNED(n=len(chosen) - len(new))] if len(new) < len(chosen) else []


def answers(
    predictor: Predictor,
    params: Any,
    dataset: Dataset,
    pictures: Sequence[Picture],
    report: Report,
    change: Change | None = None,
) -> Iterator[Answered]:
    """Each picture with its answer, in order; with a change, the answer to the changed picture.

    Raises:
        InputError: a picture is damaged.
    """
    size = max(1, min(TOGETHER, predictor.max_batch))
    for start in range(0, len(pictures), size):
        cancellation.check()
        some = pictures[start : start + size]
        images = [dataset.decode(picture) for picture in some]
        items = [
            predictor.decode({"image": _content(dataset, picture, image, change)}, params)
            for picture, image in zip(some, images, strict=True)
        ]
        raws = predictor.forward(items)
        for picture, image, item, raw in zip(some, images, items, raws, strict=True):
            yield Answered(picture, image, predictor.encode(item, raw, params).result)
        report(start + len(some), len(pictures))


def _content(dataset: Dataset, picture: Picture, image: Image.Image, change: Change | None) -> bytes:
    if change is None:
        return dataset.read(picture)
    return encode_png_quickly(change.picture(image, picture.file))


def by_brightness(values: np.ndarray) -> Attribute:
    """(P,) mean luma of each picture, in thirds."""
    return thirds(BRIGHTNESS(), values, (DARK(), MEDIUM(), BRIGHT()))


def by_sharpness(values: np.ndarray) -> Attribute:
    """(P,) sharpness of each picture, in thirds."""
    return thirds(SHARPNESS(), values, (BLURRED(), MEDIUM(), SHARP()))


def reference(dataset: Dataset, picture: Picture) -> dict[str, str]:
    """Where a picture is found: its name, and its upload where it is one."""
    upload_id = dataset.upload_ids.get(picture.sha256)
    return {"picture": picture.file, **({"upload_id": upload_id} if upload_id else {})}
