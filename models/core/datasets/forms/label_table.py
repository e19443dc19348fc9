"""A table of labels: CSV or TSV with the name of a picture and its class, or with a row for each box.

file,label,split,group              the last two may be missing, and so may the header
a.jpg,cat,train,scene 1

filename,width,height,class,xmin,ymin,xmax,ymax
a.jpg,640,480,cat,10,20,110,220
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.core.contract.dataset import Annotation, DatasetKind, Picture
from models.core.contract.dataset_report import Finding
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.datasets.forms.contents import (
    AMBIGUOUS_PICTURE,
    LISTED_TWICE,
    MISSING_PICTURE,
    Contents,
    Labeled,
    split_named,
    split_of,
    split_of_folder,
)
from models.core.datasets.forms.objects import (
    MOST_CHARACTERS,
    MOST_OBJECTS,
    TOO_MANY_OBJECTS,
    Raw,
    clean,
    number_in,
)
from models.core.datasets.forms.paths import Paths

NAME = Text("core.datasets.label_table", "Table of labels")()
_DELIMITERS = "\t;,"
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_MEANINGS = {
    "file": ("file", "filename", "file_name", "image", "image_path", "path", "picture", "img", "image_name"),
    "label": ("label", "class", "class_name", "category", "target", "species", "name"),
    "split": ("split", "subset", "set", "partition"),
    "group": ("group", "scene", "subject", "patient"),
    **{corner: (corner, corner.replace("min", "_min").replace("max", "_max")) for corner in _CORNERS},
}

BROKEN_TABLE = Text("core.datasets.broken_table", "{name}, row {row:,}: {reason}.")
UNKNOWN_SPLIT = Text(
    "core.datasets.unknown_split", "the split {split!r} is not one of train, validation and test"
)
LONG_LABEL = Text("core.datasets.long_label", "the label has more than 100 characters")
SHORT_ROW = Finding(
    "short_row",
    "error",
    Text("core.datasets.short_row", "Rows with fewer cells than the others: {n:,}. They were left out."),
)
NO_LABEL = Finding(
    "no_label",
    "note",
    Text("core.datasets.no_label", "Rows without a label: {n:,}. Their pictures are unlabeled."),
)


@dataclass(frozen=True)
class Table:
    """The rows of one file, by the meaning of their columns. `first_row` counts from 1."""

    columns: Mapping[str, int]
    rows: list[list[str]]
    first_row: int

    @property
    def has_boxes(self) -> bool:
        return all(corner in self.columns for corner in _CORNERS)

    def cell(self, row: list[str], meaning: str) -> str:
        index = self.columns.get(meaning)
        return row[index].strip() if index is not None and index < len(row) else ""


def evidence(contents: Contents) -> dict[str, Table]:
    """The tables whose header names a file and a label, or whose first column names pictures."""
    paths = Paths(contents.pictures)
    found = {}
    for name in contents.ending_with(".csv", ".tsv"):
        table = _table(contents, name, paths)
        if table is not None:
            found[name] = table
    return found


def _table(contents: Contents, name: str, paths: Paths) -> Table | None:
    text = contents.files.text(name)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        row = text.count("\n") + 1
        raise InputError(BROKEN_TABLE(name=name, row=row, reason=str(error))) from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        return None
    header = [cell.strip().lower() for cell in rows[0]]
    columns = {
        meaning: next(index for index, cell in enumerate(header) if cell in names)
        for meaning, names in _MEANINGS.items()
        if set(names) & set(header)
    }
    if "file" in columns and "label" in columns:
        return Table(columns, rows[1:], 2)
    if len(rows[0]) >= 2 and paths.find(rows[0][0].strip() or "-", beside=name):
        return Table(
            {meaning: index for index, meaning in enumerate(("file", "label", "split", "group"))}, rows, 1
        )
    return None


def read(contents: Contents, found: Mapping[str, Table]) -> Labeled:
    """Raises InputError: a split or a label that makes no sense; names the row."""
    has_boxes = any(table.has_boxes for table in found.values())
    reader = _Reader(contents, has_boxes)
    for name, table in found.items():
        for number, row in enumerate(table.rows, start=table.first_row):
            reader.add(name, number, table, row)
    kind = DatasetKind.BOXES if has_boxes else DatasetKind.CLASSES
    return Labeled(kind, sorted(reader.classes), reader.pictures())


class _Reader:
    """Collects the labels of pictures, row by row."""

    def __init__(self, contents: Contents, has_boxes: bool):
        self.contents, self.has_boxes = contents, has_boxes
        self.paths = Paths(contents.pictures)
        self.classes: set[str] = set()
        self._labeled: dict[str, Picture] = {}

    def pictures(self) -> list[Picture]:
        return [
            self._labeled.get(name) or picture.model_copy(update={"split": split_of_folder(name)})
            for name, picture in self.contents.pictures.items()
        ]

    def add(self, name: str, number: int, table: Table, row: list[str]) -> None:
        place = f"{name}, row {number}"
        if len(row) <= max(table.columns[meaning] for meaning in ("file", "label")):
            self.contents.problems.add(SHORT_ROW, place)
            return
        matched = self.paths.find(table.cell(row, "file") or "-", beside=name)
        if len(matched) != 1:
            self.contents.problems.add(AMBIGUOUS_PICTURE if matched else MISSING_PICTURE, place)
            return
        label = table.cell(row, "label")
        if len(label) > MOST_CHARACTERS:
            raise InputError(BROKEN_TABLE(name=name, row=number, reason=LONG_LABEL()))
        split = self._split(name, number, table.cell(row, "split"), matched[0])
        group = table.cell(row, "group") or None
        picture = self._labeled.get(matched[0])
        if picture is not None and not self.has_boxes:
            self.contents.problems.add(LISTED_TWICE, place)
            return
        if picture is None:
            own = self.contents.pictures[matched[0]]
            picture = own.model_copy(update={"split": split, "group": group})
        self._labeled[matched[0]] = self._with_label(picture, label, table, row, place)

    def _split(self, name: str, number: int, text: str, file: str) -> str | None:
        split = split_named(text)
        if text and split is None:
            raise InputError(BROKEN_TABLE(name=name, row=number, reason=UNKNOWN_SPLIT(split=text[:50])))
        return split or split_of(name) or split_of_folder(file)

    def _with_label(self, picture: Picture, label: str, table: Table, row: list[str], place: str) -> Picture:
        if not label:
            self.contents.problems.add(NO_LABEL, place)
            return picture
        self.classes.add(label)
        annotation = Annotation(label=label)
        if self.has_boxes:
            objects = picture.annotation.objects if picture.annotation else []
            annotation = Annotation(objects=[*objects, *self._boxes(picture, label, table, row, place)])
            if len(annotation.objects) > MOST_OBJECTS:
                self.contents.problems.add(TOO_MANY_OBJECTS, picture.file)
                return picture
        return picture.model_copy(update={"annotation": annotation})

    def _boxes(self, picture: Picture, label: str, table: Table, row: list[str], place: str) -> Iterator:
        xmin, ymin, xmax, ymax = (number_in(table.cell(row, corner)) for corner in _CORNERS)
        found = clean(Raw(label, (xmin, ymin, xmax, ymax)), picture, place, self.contents.problems)
        if found is not None:
            yield found
