"""YOLO: a text file for each picture, with a line for each object, and the names of the classes.

    0 0.5 0.5 0.25 0.4              class number; center x, center y, width, height
    2 0.1 0.1 0.9 0.1 0.5 0.8       class number; x, y of the corners of a polygon

All are shares of the picture's width and height. The names are in `data.yaml`, `classes.txt` or `obj.names`.
Format of Ultralytics and Darknet: https://docs.ultralytics.com/datasets/detect/
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from models.core.contract.dataset import Annotation, DatasetKind, LabeledObject, Picture, Split
from models.core.contract.dataset_report import Finding
from models.core.contract.messages import Text
from models.core.datasets.forms.class_names import Value, lines_of, numbered, read_yaml
from models.core.datasets.forms.contents import (
    AMBIGUOUS_PICTURE,
    LISTED_TWICE,
    MISSING_PICTURE,
    Contents,
    Labeled,
    split_of_folder,
)
from models.core.datasets.forms.objects import MOST_OBJECTS, TOO_MANY_OBJECTS, Raw, clean
from models.core.datasets.forms.paths import Paths

NAME = Text("core.datasets.yolo", "YOLO text files")()
_NAME_FILES = ("classes.txt", "obj.names", "labels.txt", "_darknet.labels", "names.txt")
_BOX_COLUMNS = 5
_FEWEST_CORNERS = 3
_MOST_UNNAMED = 1_000  # classes, where no file names them
_SPLIT_KEYS: dict[str, Split] = {"train": "train", "val": "validation", "valid": "validation", "test": "test"}

BROKEN_LINE = Finding(
    "broken_line",
    "error",
    Text(
        "core.datasets.broken_line",
        "Lines that are not a class number with a box or a polygon: {n:,}. They were left out.",
    ),
)
UNKNOWN_NUMBER = Finding(
    "unknown_number",
    "error",
    Text("core.datasets.unknown_number", "Lines whose class number has no name: {n:,}. They were left out."),
)
SAME_NAME = Finding(
    "same_name",
    "warning",
    Text(
        "core.datasets.same_name",
        "Class numbers that share the name of another one: {n:,}. They are one class now.",
    ),
)


@dataclass
class Found:
    """The files of this form."""

    yaml: dict[str, dict[str, Value]] = field(default_factory=dict)  # by file name
    name_files: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        yield from self.yaml or self.labels

    def __bool__(self) -> bool:
        return bool(self.yaml or self.labels)


def evidence(contents: Contents) -> Found:
    """Text files beside or mirroring pictures that begin with a number, and a YAML file with names."""
    found = Found()
    for name in contents.ending_with(".yaml", ".yml"):
        text = contents.files.text(name)
        if re.search(r"^names\s*:", text, re.MULTILINE):  # other settings are none of a dataset's
            found.yaml[name] = read_yaml(text, name)
    paths = Paths(contents.pictures)
    is_labeled = bool(found.yaml)
    for name in contents.ending_with(".txt", ".names", ".labels"):
        if PurePosixPath(name).name.lower() in _NAME_FILES:
            found.name_files.append(name)
        elif paths.of_label(name) or "labels" in PurePosixPath(name).parts:
            start = _first_column(contents, name)
            is_labeled |= start is not None and _number(start) is not None
            found.labels.append(name)
    if not is_labeled:
        found.labels = []
    return found


def _first_column(contents: Contents, name: str) -> str | None:
    columns = contents.files.read(name)[:1000].split(maxsplit=1)
    return columns[0].decode("utf-8", "replace") if columns else None


def _number(column: str) -> int | None:
    """A class number; some programs write 3.0."""
    try:
        value = float(column)
    except ValueError:
        return None
    return int(value) if math.isfinite(value) and value == int(value) else None


def read(contents: Contents, found: Found) -> Labeled:
    """Raises InputError: names of classes that make no sense."""
    names = _names(contents, found)
    splits = _Splits(contents, found)
    pictures = dict(contents.pictures)
    for name, picture in contents.pictures.items():
        pictures[name] = picture.model_copy(update={"split": splits.of(name)})
    paths = Paths(pictures)
    labels = _Labels(contents, names)
    for name in found.labels:
        matched = paths.of_label(name)
        if len(matched) != 1:
            contents.problems.add(AMBIGUOUS_PICTURE if matched else MISSING_PICTURE, name)
            continue
        picture = pictures[matched[0]]
        if picture.annotation is not None:
            contents.problems.add(LISTED_TWICE, name)
            continue
        annotation = Annotation(objects=labels.objects(name, picture))
        pictures[matched[0]] = picture.model_copy(update={"annotation": annotation})
    kind = DatasetKind.MASKS if labels.has_areas else DatasetKind.BOXES
    return Labeled(kind, labels.classes(), list(pictures.values()))


def _names(contents: Contents, found: Found) -> dict[int, str]:
    names: dict[int, str] = {}
    for name, data in found.yaml.items():
        names = names or numbered(data["names"], name)
    for name in found.name_files:
        names = names or numbered(lines_of(contents.files.text(name)), name)
    first: dict[str, int] = {}
    for number, label in names.items():
        if first.setdefault(label, number) != number:
            contents.problems.add(SAME_NAME, f"{number}: {label}")
    return names


class _Labels:
    """Reads label files, and learns which classes they have."""

    def __init__(self, contents: Contents, names: dict[int, str]):
        self.contents, self.names = contents, names
        self.used: set[int] = set()
        self.has_areas = False

    def classes(self) -> list[str]:
        """In the order of their numbers, each once."""
        if self.names:
            return list(dict.fromkeys(self.names[number] for number in sorted(self.names)))
        return [f"class {number}" for number in sorted(self.used)]

    def objects(self, name: str, picture: Picture) -> list[LabeledObject]:
        found: list[LabeledObject] = []
        for number, line in enumerate(self.contents.files.text(name).splitlines(), start=1):
            if not line.strip():
                continue
            if len(found) == MOST_OBJECTS:
                self.contents.problems.add(TOO_MANY_OBJECTS, picture.file)
                break
            place = f"{name}, line {number}"
            raw = self._raw(line.split(), picture, place)
            own = clean(raw, picture, place, self.contents.problems) if raw else None
            if own is not None:
                found.append(own)
        return found

    def _raw(self, columns: list[str], picture: Picture, place: str) -> Raw | None:
        number, values = _number(columns[0]), _shares(columns[1:], picture)
        is_box = len(columns) == _BOX_COLUMNS
        is_polygon = len(columns) % 2 == 1 and len(columns) > 2 * _FEWEST_CORNERS
        if number is None or values is None or not (is_box or is_polygon):
            self.contents.problems.add(BROKEN_LINE, place)
            return None
        label = self.names.get(number) if self.names else self._unnamed(number)
        if label is None:
            self.contents.problems.add(UNKNOWN_NUMBER, place)
            return None
        if is_polygon:
            self.has_areas = True
            return Raw(label, polygons=[values])
        x, y, width, height = values
        return Raw(label, (x - width / 2, y - height / 2, x + width / 2, y + height / 2))

    def _unnamed(self, number: int) -> str | None:
        if not 0 <= number < _MOST_UNNAMED:
            return None
        self.used.add(number)
        return f"class {number}"


def _shares(columns: list[str], picture: Picture) -> list[float] | None:
    """x and y in turn, in pixels; None: not numbers."""
    sides = (picture.width, picture.height)
    try:
        return [float(column) * sides[index % 2] for index, column in enumerate(columns)]
    except ValueError:
        return None


class _Splits:
    """The splits of pictures, by the paths in `data.yaml`, or else by their folders."""

    def __init__(self, contents: Contents, found: Found):
        self._listed: dict[str, set[Split]] = {}
        self._folders: list[tuple[str, Split]] = []
        paths = Paths(contents.pictures)
        for name, data in found.yaml.items():
            for key, split in _SPLIT_KEYS.items():
                value = data.get(key, [])
                for path in [value] if isinstance(value, str) else list(value):
                    self._add(contents, paths, name, path, split)

    def _add(self, contents: Contents, paths: Paths, yaml: str, path: str, split: Split) -> None:
        steps = [step for step in path.replace("\\", "/").split("/") if step not in ("", ".", "..")]
        end = "/".join(steps)
        listing = next((name for name in contents.others if f"/{name}".endswith(f"/{end}")), None)
        if end.endswith(".txt") and listing is not None:
            for line in lines_of(contents.files.text(listing)):
                for name in paths.find(line, beside=yaml) if line else []:
                    self._listed.setdefault(name, set()).add(split)
        elif end:
            self._folders.append((end, split))

    def of(self, name: str) -> Split | None:
        """None where the paths name no split, or two: some give the same folder for both."""
        splits = self._listed.get(name) or {split for end, split in self._folders if f"/{end}/" in f"/{name}"}
        return next(iter(splits)) if len(splits) == 1 else None if splits else split_of_folder(name)
