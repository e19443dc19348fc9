"""A folder for each class, and pictures without labels.

cats/1.jpg  cats/2.jpg  dogs/1.jpg            classes cats and dogs
train/cats/1.jpg  test/cats/7.jpg             with splits
1.jpg  2.jpg                                  no labels
"""

import re
from pathlib import PurePosixPath

from models.core.contract.dataset import Annotation, DatasetKind, Picture
from models.core.contract.dataset_report import Finding
from models.core.contract.messages import Text
from models.core.datasets.forms.contents import Contents, Labeled, split_of_folder
from models.core.datasets.forms.objects import MOST_CHARACTERS

FOLDERS = Text("core.datasets.folders", "A folder for each class")()
PICTURES = Text("core.datasets.pictures", "Pictures without labels")()

IN_NO_FOLDER = Finding(
    "in_no_folder",
    "note",
    Text("core.datasets.in_no_folder", "Pictures in no class's folder: {n:,}. They have no label."),
)
LONG_FOLDER_NAME = Finding(
    "long_folder_name",
    "warning",
    Text(
        "core.datasets.long_folder_name",
        "Folders whose names have more than {most} characters: {n:,}. They are too long for names of "
        "classes, so no picture has a label.",
    ),
)
UNUSED_FILE = Finding(
    "unused_file",
    "note",
    Text(
        "core.datasets.unused_file",
        "Files that could be labels, but are in no known form: {n:,}. They were not used.",
    ),
)
_LABEL_ENDINGS = (".json", ".xml", ".csv", ".tsv", ".txt", ".yaml", ".yml")
_ABOUT = re.compile(r"(read.?me|license|licence|notes?|about|changelog)\b", re.IGNORECASE)


def classes_by_picture(contents: Contents) -> dict[str, str | None]:
    """Picture -> the class that its folder names; empty: the folders are no classes."""
    folders = {name: _folders(name) for name in contents.pictures}
    while len({each[:1] for each in folders.values()}) == 1 and all(folders.values()):
        folders = {name: each[1:] for name, each in folders.items()}  # one around all
    found = {name: each[0] if each else None for name, each in folders.items()}
    classes = {name for name in found.values() if name is not None}
    if len(classes) < 2:
        return {}
    long = sorted(name for name in classes if len(name) > MOST_CHARACTERS)
    for name in long:
        contents.problems.add(LONG_FOLDER_NAME, name, most=MOST_CHARACTERS)
    return {} if long else found


def note_unused_files(contents: Contents) -> None:
    """Lists files that were perhaps meant as labels, where the folders or nothing labels the pictures."""
    for name in contents.ending_with(*_LABEL_ENDINGS):
        if not _ABOUT.match(PurePosixPath(name).name):
            contents.problems.add(UNUSED_FILE, name)


def _folders(name: str) -> tuple[str, ...]:
    """The folders of a picture, without those that name a split."""
    return tuple(part for part in PurePosixPath(name).parts[:-1] if split_of_folder(f"{part}/x") is None)


def read_classes(contents: Contents, classes: dict[str, str | None]) -> Labeled:
    """The pictures with the classes of their folders."""
    pictures = []
    for picture in read_pictures(contents).pictures:
        label = classes[picture.file]
        if label is None:
            contents.problems.add(IN_NO_FOLDER, picture.file)
        annotation = Annotation(label=label) if label else None
        pictures.append(picture.model_copy(update={"annotation": annotation}))
    names = sorted({name for name in classes.values() if name})
    return Labeled(DatasetKind.CLASSES, names, pictures)


def read_pictures(contents: Contents) -> Labeled:
    """The pictures without labels; with splits, if every one is in the folder of a split."""
    splits = {name: split_of_folder(name) for name in contents.pictures}
    has_splits = all(splits.values())
    pictures: list[Picture] = [
        picture.model_copy(update={"split": splits[name] if has_splits else None})
        for name, picture in contents.pictures.items()
    ]
    return Labeled(DatasetKind.PICTURES, [], pictures)
