"""The content of a dataset: pictures, their labels, and the split of each. Loads nothing heavy.

A dataset of Glassbox is a ZIP with `dataset.json`, a manifest, and the pictures that it names. Boxes and
masks are those of COCO (Lin et al. 2014, arXiv:1405.0312), except that a box has corners.
"""

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MANIFEST = "dataset.json"
PICTURES = "pictures/"  # folder of the pictures in the ZIP

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


class DatasetKind(StrEnum):
    """What the labels of a dataset are."""

    CLASSES = "classes"  # one class for each picture
    BOXES = "boxes"
    MASKS = "masks"  # an area for each object; its box is the one around it
    PICTURES = "pictures"  # no labels
    TABLE = "table"


OF_PICTURES = (DatasetKind.CLASSES, DatasetKind.BOXES, DatasetKind.MASKS, DatasetKind.PICTURES)


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Mask(_Frozen):
    """The pixels of an object as run lengths in column-major order, zeros first, as in COCO."""

    size: tuple[int, int] = Field(description="Height and width.")
    counts: str | list[int] = Field(description="COCO's compressed text, or the run lengths themselves.")


class LabeledObject(_Frozen):
    """One object in a picture; its area, if it has one, is polygons or a mask."""

    label: str
    box: tuple[float, float, float, float] = Field(description="xmin, ymin, xmax, ymax in pixels.")
    polygons: list[Annotated[list[float], Field(min_length=6)]] | None = Field(
        default=None, description="x, y of the corners, one after another."
    )
    mask: Mask | None = None
    is_crowd: bool = False


class Annotation(_Frozen):
    """What is known about one picture: its class, the objects in it, or both."""

    label: str | None = None
    objects: list[LabeledObject] = []  # empty: the picture shows none


class Picture(_Frozen):
    """One picture. `annotation` None: nobody has labeled it; it is used where no labels are needed."""

    file: str = Field(description="Path in the ZIP.")
    width: int = Field(description="Pixels, after EXIF rotation.")
    height: int
    sha256: str = Field(description="Of the file.")
    split: Split | None = None
    group: str | None = Field(default=None, description="Pictures of one group belong to one split.")
    annotation: Annotation | None = None


class Manifest(_Frozen):
    """Everything that a training needs besides the pixels."""

    format: Literal["glassbox-dataset-1"] = "glassbox-dataset-1"
    kind: DatasetKind
    classes: list[str]
    pictures: list[Picture]

    def to_json(self) -> bytes:
        """The file: equal manifests are equal bytes."""
        content = {"format": self.format, **self.model_dump(mode="json", exclude_defaults=True)}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()

    def digest(self) -> str:
        """SHA-256 of the file, and with it of the labels, the splits and every picture."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def of(self, split: Split) -> list[Picture]:
        return [picture for picture in self.pictures if picture.split == split]
