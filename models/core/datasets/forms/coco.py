"""COCO JSON: lists of images, categories and annotations (Lin et al. 2014, arXiv:1405.0312).

    {"images": [{"id": 1, "file_name": "a.jpg", "width": 640, "height": 480}],
     "categories": [{"id": 7, "name": "cat"}],
     "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [x, y, width, height],
                      "segmentation": [[x, y, ...]] or {"size": [height, width], "counts": ...},
                      "iscrowd": 0}]}

One file, or one for each split, as `instances_train2017.json` or `train/_annotations.coco.json`.
"""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import orjson
from pydantic import ValidationError

from models.core.contract.dataset import Annotation, DatasetKind, LabeledObject, Mask, Picture
from models.core.contract.dataset_report import Finding
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.datasets.forms.contents import (
    AMBIGUOUS_PICTURE,
    LISTED_TWICE,
    MISSING_PICTURE,
    OTHER_SIZE,
    Contents,
    Labeled,
    split_of,
    split_of_folder,
)
from models.core.datasets.forms.objects import (
    MOST_CHARACTERS,
    MOST_OBJECTS,
    TOO_MANY_OBJECTS,
    Raw,
    clean,
    number_of,
)
from models.core.datasets.forms.paths import Paths

NAME = Text("core.datasets.coco", "COCO JSON")()
_LISTS = ("images", "annotations", "categories")

BROKEN_JSON = Text("core.datasets.broken_json", "{name} is not valid JSON: {reason}.")
BROKEN_ENTRY = Text("core.datasets.broken_entry", "{name}: {entry} {reason}.")
NO_OBJECT = Text("core.datasets.no_object", "is not an object")
NO_ID = Text("core.datasets.no_id", "has no id")
ID_TWICE = Text("core.datasets.id_twice", "has the id {id} of an earlier one")
NO_NAME = Text("core.datasets.no_name", "has no name of 1 to 100 characters")
NO_FILE_NAME = Text("core.datasets.no_file_name", "has no file_name")
NO_BOX = Text("core.datasets.no_box", "has neither a bbox of four numbers nor a segmentation")
WRONG_SEGMENTATION = Text(
    "core.datasets.wrong_segmentation", "has a segmentation that is neither polygons nor run lengths"
)
UNKNOWN_IMAGE = Finding(
    "unknown_image",
    "error",
    Text(
        "core.datasets.unknown_image", "Annotations whose image_id no image has: {n:,}. They were left out."
    ),
)
UNKNOWN_CATEGORY = Finding(
    "unknown_category",
    "error",
    Text(
        "core.datasets.unknown_category",
        "Annotations whose category_id no category has: {n:,}. They were left out.",
    ),
)


def evidence(contents: Contents) -> dict[str, Mapping[str, Any]]:
    """The JSON files that have COCO's lists.

    Raises:
        InputError: no other file labels the pictures, and a JSON file is broken.
    """
    found = {}
    for name in contents.ending_with(".json"):
        data = parse(contents, name)
        if isinstance(data, dict) and all(isinstance(data.get(each), list) for each in _LISTS):
            found[name] = data
    instances = {name: data for name, data in found.items() if "instances" in PurePosixPath(name).name}
    return instances or found  # COCO's own archives have keypoints of the same pictures, too


def parse(contents: Contents, name: str) -> Any:
    """The JSON file. Raises InputError naming it."""
    try:
        return orjson.loads(contents.files.read(name))
    except orjson.JSONDecodeError as error:
        raise InputError(BROKEN_JSON(name=name, reason=str(error))) from error


def read(contents: Contents, found: Mapping[str, Mapping[str, Any]]) -> Labeled:
    """Raises InputError: an entry that cannot be used; the message names the file and the entry."""
    pictures = {
        name: picture.model_copy(update={"split": split_of_folder(name)})
        for name, picture in contents.pictures.items()
    }
    classes: dict[str, None] = {}
    has_areas = False
    paths = Paths(pictures)
    seen: set[str] = set()
    for name in sorted(found):
        listed = _File(contents, name, found[name])
        classes |= dict.fromkeys(listed.labels.values())
        split = split_of(name)
        for picture, annotation in listed.pictures(paths):
            if picture.file in seen:
                contents.problems.add(LISTED_TWICE, picture.file)
                continue
            seen.add(picture.file)
            given = split or pictures[picture.file].split
            pictures[picture.file] = picture.model_copy(update={"annotation": annotation, "split": given})
            has_areas |= any(each.polygons or each.mask for each in annotation.objects)
    kind = DatasetKind.MASKS if has_areas else DatasetKind.BOXES
    return Labeled(kind, list(classes), list(pictures.values()))


class _File:
    """One JSON file: its entries by id."""

    def __init__(self, contents: Contents, name: str, data: Mapping[str, Any]):
        self.contents, self.name = contents, name
        self.categories = self._by_id(data["categories"], "categories")
        self.images = self._by_id(data["images"], "images")
        self.annotations = data["annotations"]
        self.labels = self._labels()

    def _by_id(self, entries: Sequence[Any], kind: str) -> dict[Any, Mapping[str, Any]]:
        found: dict[Any, Mapping[str, Any]] = {}
        for index, entry in enumerate(entries):
            place = f"{kind}[{index}]"
            if not isinstance(entry, dict):
                raise self._error(place, NO_OBJECT())
            key = entry.get("id")
            if not isinstance(key, int | str):
                raise self._error(place, NO_ID())
            if key in found:
                raise self._error(place, ID_TWICE(id=key))
            found[key] = entry
        return found

    def _error(self, place: str, reason: Message) -> InputError:
        return InputError(BROKEN_ENTRY(name=self.name, entry=place, reason=reason))

    def _labels(self) -> dict[Any, str]:
        """Id -> name of the categories, by their ids, without those that only group others."""
        used = {str(entry.get("category_id")) for entry in self.annotations if isinstance(entry, dict)}
        parents = {str(entry.get("supercategory")) for entry in self.categories.values()}
        labels: dict[Any, str] = {}
        for index, (key, entry) in enumerate(self.categories.items()):
            name = entry.get("name")
            if not isinstance(name, str) or not 0 < len(name.strip()) <= MOST_CHARACTERS:
                raise self._error(f"categories[{index}]", NO_NAME())
            if str(key) in used or name not in parents or entry.get("supercategory") == name:
                labels[key] = name.strip()
        return {key: labels[key] for key in sorted(labels, key=lambda key: (isinstance(key, str), key))}

    def pictures(self, paths: Paths) -> list[tuple[Picture, Annotation]]:
        """The pictures of the archive that the file lists, each with its objects."""
        matched: dict[Any, Picture] = {}
        for index, (key, image) in enumerate(self.images.items()):
            file_name = image.get("file_name")
            if not isinstance(file_name, str) or not file_name:
                raise self._error(f"images[{index}]", NO_FILE_NAME())
            picture = self._match(paths, file_name, f"{self.name}, images[{index}]: {file_name}")
            if picture is not None:
                matched[key] = picture
                self._compare_sizes(image, picture)
        objects = self._objects(matched)
        return [(picture, Annotation(objects=objects.get(key, []))) for key, picture in matched.items()]

    def _match(self, paths: Paths, file_name: str, place: str) -> Picture | None:
        candidates = paths.find(file_name, beside=self.name)
        if len(candidates) == 1:
            return self.contents.pictures[candidates[0]]
        self.contents.problems.add(AMBIGUOUS_PICTURE if candidates else MISSING_PICTURE, place)
        return None

    def _compare_sizes(self, image: Mapping[str, Any], picture: Picture) -> None:
        stated = image.get("width"), image.get("height")
        if None not in stated and stated != (picture.width, picture.height):
            self.contents.problems.add(OTHER_SIZE, picture.file)

    def _objects(self, matched: Mapping[Any, Picture]) -> dict[Any, list[LabeledObject]]:
        problems = self.contents.problems
        objects: dict[Any, list[LabeledObject]] = {}
        for index, entry in enumerate(self.annotations):
            place = f"annotations[{index}]"
            if not isinstance(entry, dict):
                raise self._error(place, NO_OBJECT())
            image, category = entry.get("image_id"), entry.get("category_id")
            where = f"{self.name}, {place}"
            if not isinstance(image, int | str) or image not in self.images:
                problems.add(UNKNOWN_IMAGE, where)
            elif not isinstance(category, int | str) or category not in self.labels:
                problems.add(UNKNOWN_CATEGORY, where)
            elif image in matched:
                own = objects.setdefault(image, [])
                found = clean(self._raw(entry, place), matched[image], where, problems)
                own += [found] if found else []
        for key, own in objects.items():
            if len(own) > MOST_OBJECTS:
                problems.add(TOO_MANY_OBJECTS, matched[key].file)
        return {key: own[:MOST_OBJECTS] for key, own in objects.items()}

    def _raw(self, entry: Mapping[str, Any], place: str) -> Raw:
        box, area = entry.get("bbox"), entry.get("segmentation")
        corners = None
        if isinstance(box, list) and len(box) == 4:
            x, y, width, height = map(number_of, box)
            corners = (x, y, x + width, y + height)
        elif not area:
            raise self._error(place, NO_BOX())
        polygons, mask = self._area(area, place)
        return Raw(self.labels[entry["category_id"]], corners, polygons, mask, bool(entry.get("iscrowd")))

    def _area(self, area: Any, place: str) -> tuple[list[list[float]] | None, Mask | None]:
        if not area:
            return None, None
        if isinstance(area, dict):
            try:
                return None, Mask.model_validate(area)
            except ValidationError as error:
                raise self._error(place, WRONG_SEGMENTATION()) from error
        if isinstance(area, list) and all(isinstance(points, list) for points in area):
            return [[number_of(value) for value in points] for points in area], None
        raise self._error(place, WRONG_SEGMENTATION())
