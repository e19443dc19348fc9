"""Pictures with masks: for each picture another one whose gray levels, palette or colors are classes.

    images/a.jpg  masks/a.png           or a.jpg  a_mask.png
    classes.txt                         the name of class 1 in the first line; background may come before it

All pixels of a class are one object. Level 0, or black, is the background. Level 255 is the class of masks
that have only this level, and else pixels to be ignored, as in Pascal VOC.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from models.core.contract.dataset import Annotation, DatasetKind, LabeledObject, Mask, Picture
from models.core.contract.dataset_report import Finding
from models.core.contract.errors import InputError
from models.core.contract.messages import Text, message_of
from models.core.datasets import areas
from models.core.datasets.forms.class_names import lines_of, numbered
from models.core.datasets.forms.coco import parse
from models.core.datasets.forms.contents import (
    LEVEL_MODES,
    LISTED_TWICE,
    MISSING_PICTURE,
    UNREADABLE_PICTURE,
    Contents,
    Labeled,
    split_of_folder,
)
from models.core.datasets.forms.objects import WRONG_MASK, Raw, clean
from models.core.datasets.forms.paths import Paths
from models.core.images.picture_files import open_picture

NAME = Text("core.datasets.mask_pictures", "Pictures with masks")()
_FOLDERS = {"mask", "masks", "gt", "groundtruth", "ground_truth", "segmentation", "segmentations", "labels"}
_FOLDERS |= {"segmentationclass", "annotations", "label", "trimaps"}
_ENDING = re.compile(r"[_\-. ]?(mask|masks|gt|seg|label|labels|labelids|gtfine_labelids|segmentation)$", re.I)
_PICTURE_FOLDERS = {"images", "image", "imgs", "img", "jpegimages", "pictures", "photos", "input", "inputs"}
_MOST_CLASSES = 255
_IGNORED = 255
_BACKGROUND_NAMES = {"background", "_background_", "__background__", "void", "unlabeled", "none"}

TOO_MANY_COLORS = Text(
    "core.datasets.too_many_colors",
    "The mask {name} has {n:,} colors; a mask has one for each class, {limit} at most. Save it as PNG.",
)
TWO_KINDS = Text(
    "core.datasets.two_kinds_of_masks",
    "Some masks have gray levels or a palette ({first}), and some have colors ({second}). Save all alike.",
)
IGNORED = Finding(
    "ignored_pixels",
    "note",
    Text("core.datasets.ignored_pixels", "Masks with pixels of level 255: {n:,}. These count as background."),
)


@dataclass
class Found:
    """The masks, by their pictures."""

    masks: dict[str, str] = field(default_factory=dict)
    without_picture: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    def __iter__(self):
        yield from self.masks.values()

    def __bool__(self) -> bool:
        return bool(self.masks)


def evidence(contents: Contents) -> Found:
    """Pictures in the folders of masks, or named so, that have another picture's name."""
    candidates = {name: stem for name in contents.pictures if (stem := _stem_of_mask(name)) is not None}
    paths = Paths(name for name in contents.pictures if name not in candidates)
    found = Found()
    for name, stem in candidates.items():
        path = PurePosixPath(name)
        matched = paths.of_label(str(path.parent / f"{stem}.png")) or paths.of_label(name)
        if any(_are_classes(contents, name, picture) for picture in matched):
            continue
        if len(matched) == 1 and matched[0] not in found.masks:
            found.masks[matched[0]] = name
        elif len(matched) == 1:
            found.twice.append(name)
        else:
            found.without_picture.append(name)
    return found


def _are_classes(contents: Contents, mask: str, picture: str) -> bool:
    """Whether two photos of one name are in folders such as `mask` and `no_mask`, which are classes."""
    folders = {part.lower() for part in PurePosixPath(picture).parts[:-1]}
    is_in_folder = _ENDING.search(PurePosixPath(mask).stem) is None
    return is_in_folder and mask in contents.colored and not folders & _PICTURE_FOLDERS


def _stem_of_mask(name: str) -> str | None:
    """The name of the picture that this would be the mask of; None: it is no mask."""
    path = PurePosixPath(name)
    short = _ENDING.sub("", path.stem)
    if short and short != path.stem:
        return short
    return path.stem if any(part.lower() in _FOLDERS for part in path.parts[:-1]) else None


@dataclass
class _Areas:
    """The pixels of each level or color in one mask."""

    masks: dict[int, Mask]
    has_colors: bool


def read(contents: Contents, found: Found) -> Labeled:
    """Raises InputError: a mask that is a photo, or masks of two kinds."""
    for name in found.without_picture:
        contents.problems.add(MISSING_PICTURE, name)
    for name in found.twice:
        contents.problems.add(LISTED_TWICE, name)
    read_areas = {name: own for name, mask in found.masks.items() if (own := _areas(contents, mask, name))}
    _require_one_kind(found, read_areas)
    names = _names(contents, read_areas)
    masks = {*found.masks.values(), *found.without_picture, *found.twice}
    pictures = []
    for name, picture in contents.pictures.items():
        if name in masks:
            continue
        own = read_areas.get(name)
        annotation = _annotation(contents, own, picture, names, found.masks[name]) if own else None
        split = split_of_folder(name)
        pictures.append(picture.model_copy(update={"annotation": annotation, "split": split}))
    return Labeled(DatasetKind.MASKS, list(dict.fromkeys(names.values())), pictures)


def _areas(contents: Contents, mask: str, picture: str) -> _Areas | None:
    own, other = contents.pictures[mask], contents.pictures[picture]
    if (own.width, own.height) != (other.width, other.height):
        contents.problems.add(WRONG_MASK, mask)
        return None
    try:
        image = open_picture(contents.files.read(mask), contents.files.limits.pixels).image
        has_colors = image.mode not in LEVEL_MODES
        pixels = np.asarray(image.convert("RGB") if has_colors else image).astype(np.int64)
    except InputError as error:
        contents.problems.add(UNREADABLE_PICTURE, mask, reason=message_of(error))
        return None
    except (OSError, ValueError, SyntaxError) as error:  # Pillow's readers, on damaged data
        contents.problems.add(UNREADABLE_PICTURE, mask, reason=str(error))
        return None
    if has_colors:
        pixels = pixels @ np.array([1 << 16, 1 << 8, 1])
    values = np.unique(pixels)
    if len(values) > _MOST_CLASSES + 1:
        raise InputError(TOO_MANY_COLORS(name=mask, n=len(values), limit=_MOST_CLASSES + 1))
    return _Areas({int(value): areas.encode(pixels == value) for value in values if value}, has_colors)


def _require_one_kind(found: Found, read_areas: Mapping[str, _Areas]) -> None:
    first = {own.has_colors: found.masks[name] for name, own in read_areas.items()}
    if len(first) > 1:
        raise InputError(TWO_KINDS(first=first[False], second=first[True]))


def _names(contents: Contents, read_areas: Mapping[str, _Areas]) -> dict[int, str]:
    """Level or color -> class, for all that occur and all that are named."""
    has_colors = any(own.has_colors for own in read_areas.values())
    used = sorted({value for own in read_areas.values() for value in own.masks})
    if has_colors:
        named = _named_colors(contents)
        return named | {value: f"color #{value:06x}" for value in used if value not in named}
    if used == [_IGNORED]:
        names = _named_levels(contents, 1)
        return {_IGNORED: names.get(1) or names.get(_IGNORED) or "class 1"}
    used = [value for value in used if value != _IGNORED]
    named = _named_levels(contents, max(used, default=0))
    return named | {value: f"class {value}" for value in used if value not in named}


def _named_levels(contents: Contents, highest: int) -> dict[int, str]:
    """Level -> class, from `classes.txt` or `labels.json`; `highest` of the levels that occur."""
    for name in contents.others:
        base = PurePosixPath(name).name.lower()
        if base in ("classes.txt", "labels.txt"):
            lines = lines_of(contents.files.text(name))
            starts_at_0 = bool(lines) and (lines[0].lower() in _BACKGROUND_NAMES or highest < len(lines) - 1)
            starts_at_0 = starts_at_0 and lines[0].lower() in _BACKGROUND_NAMES
            names = numbered(lines, name)
            return {
                number + (not starts_at_0): label
                for number, label in names.items()
                if number or not starts_at_0
            }
        if base in ("labels.json", "classes.json"):
            return {
                number: label for number, label in _numbers_in(parse(contents, name), name).items() if number
            }
    return {}


def _numbers_in(data: object, name: str) -> dict[int, str]:
    """{"1": "cat"}, {"cat": 1} or ["background", "cat"]."""
    if isinstance(data, dict) and all(isinstance(value, int) for value in data.values()):
        data = {str(value): key for key, value in data.items()}
    return numbered(data, name)


def _named_colors(contents: Contents) -> dict[int, str]:
    """Color -> class, from `labelmap.txt` (lines of name:r,g,b::) as CVAT writes it."""
    named: dict[int, str] = {}
    for name in contents.others:
        if PurePosixPath(name).name.lower() == "labelmap.txt":
            for line in lines_of(contents.files.text(name)):
                match = re.match(r"([^#:]{1,100}):(\d{1,3}),(\d{1,3}),(\d{1,3})(?::|$)", line)
                if match:
                    red, green, blue = (min(int(match[index]), 255) for index in (2, 3, 4))
                    named[red << 16 | green << 8 | blue] = match[1].strip()
    return {color: label for color, label in named.items() if color}


def _annotation(
    contents: Contents, own: _Areas, picture: Picture, names: Mapping[int, str], mask: str
) -> Annotation:
    objects: list[LabeledObject] = []
    for value, area in own.masks.items():
        label = names.get(value)
        if label is None:
            contents.problems.add(IGNORED, mask)
            continue
        found = clean(Raw(label, mask=area), picture, mask, contents.problems)
        objects += [found] if found else []
    return Annotation(objects=objects)
