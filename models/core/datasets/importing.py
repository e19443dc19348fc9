"""Archives of labeled pictures in the forms that people have; which form it is, is seen from the content."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.contract.dataset import DatasetKind, Manifest, Picture
from models.core.contract.dataset_report import Problem
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.datasets.forms import coco, folders, label_table, mask_pictures, own, voc, yolo
from models.core.datasets.forms.contents import Contents, Labeled, Progress, silent, survey
from models.core.datasets.forms.files import Files, open_files
from models.core.images.limits import USUAL, Limits

MIXED = Text(
    "core.datasets.mixed",
    "The archive has labels in two forms: {first} ({first_file}) and {second} ({second_file}). "
    "Pack one of them.",
)
NO_PICTURES = Text("core.datasets.no_pictures", "The archive has no picture that can be read.")
OTHER_FILES = Text(
    "core.datasets.other_files", "The archive has no picture that can be read, only other files: {files}."
)
FIRST_REASON = Text(
    "core.datasets.first_reason", "The archive has no picture that can be read. {file}: {reason}"
)

RECOGNIZED: Mapping[DatasetKind, Text] = {
    DatasetKind.CLASSES: Text(
        "core.datasets.recognized_classes",
        "{form} (classes: {classes:,}, pictures: {pictures:,}, labeled: {labeled:,})",
    ),
    DatasetKind.BOXES: Text(
        "core.datasets.recognized_boxes",
        "{form} (classes: {classes:,}, pictures: {pictures:,}, boxes: {objects:,})",
    ),
    DatasetKind.MASKS: Text(
        "core.datasets.recognized_masks",
        "{form} (classes: {classes:,}, pictures: {pictures:,}, masks: {objects:,})",
    ),
    DatasetKind.PICTURES: Text("core.datasets.recognized_pictures", "{form} (pictures: {pictures:,})"),
}

_LISTED_FILES = 3


@dataclass(frozen=True)
class _Form:
    """One form: how its files are found, and read."""

    id: str
    name: Message
    evidence: Callable[[Contents], Any]  # files that label pictures in this form; empty: none
    read: Callable[[Contents, Any], Labeled]


FORMS = (
    _Form("coco", coco.NAME, coco.evidence, coco.read),
    _Form("voc", voc.NAME, voc.evidence, voc.read),
    _Form("yolo", yolo.NAME, yolo.evidence, yolo.read),
    _Form("labels-table", label_table.NAME, label_table.evidence, label_table.read),
    _Form("masks", mask_pictures.NAME, mask_pictures.evidence, mask_pictures.read),
)


@dataclass(frozen=True)
class Imported:
    """A dataset as it was recognized. `pictures` are paths in the archive; `read` has their bytes."""

    kind: DatasetKind
    form: str
    recognized: Message
    classes: list[str]
    pictures: list[Picture]
    problems: list[Problem]
    files: Files

    @property
    def manifest(self) -> Manifest:
        return Manifest(kind=self.kind, classes=self.classes, pictures=self.pictures)

    def read(self, picture: Picture) -> bytes:
        """The picture's file. Raises InputError: it is damaged."""
        return self.files.read(picture.file)

    def close(self) -> None:
        self.files.close()

    def __enter__(self) -> "Imported":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read(source: Path | Files, limits: Limits = USUAL, progress: Progress = silent) -> Imported:
    """The pictures and labels of an archive, which stays open: use the answer as a context manager.

    Objects that reach outside of their picture are cut, and what cannot be used is left out; both are among
    the `problems`. `progress` gets the files done and their number, and may raise.

    Raises:
        InputError: no dataset, or one whose labels contradict themselves; names the file and the entry.
    """
    files = open_files(source, limits) if isinstance(source, Path) else source
    try:
        return _read(files, progress)
    except BaseException:
        files.close()
        raise


def _read(files: Files, progress: Progress) -> Imported:
    contents = survey(files, progress)
    if manifest := own.evidence(contents):
        return _imported(contents, "glassbox", own.NAME, own.read(contents, manifest))
    found = [(form, evidence) for form in FORMS if (evidence := form.evidence(contents))]
    if len(found) > 1:
        (first, one), (second, other) = found[:2]
        raise InputError(
            MIXED(first=first.name, first_file=min(one), second=second.name, second_file=min(other))
        )
    _require_pictures(contents)
    if found:
        form, evidence = found[0]
        return _imported(contents, form.id, form.name, form.read(contents, evidence))
    folders.note_unused_files(contents)
    if classes := folders.classes_by_picture(contents):
        return _imported(contents, "folders", folders.FOLDERS, folders.read_classes(contents, classes))
    return _imported(contents, "pictures", folders.PICTURES, folders.read_pictures(contents))


def _require_pictures(contents: Contents) -> None:
    if contents.pictures:
        return
    if contents.first_reason is None:
        others = contents.others
        files = ", ".join(others[:_LISTED_FILES]) + (" …" if len(others) > _LISTED_FILES else "")
        raise InputError(OTHER_FILES(files=files) if others else NO_PICTURES())
    name, error = contents.first_reason
    raise InputError(FIRST_REASON(file=name, reason=error.args[0]))


def _imported(contents: Contents, form: str, name: Message, labeled: Labeled) -> Imported:
    annotations = [picture.annotation for picture in labeled.pictures if picture.annotation]
    recognized = RECOGNIZED[labeled.kind](
        form=name,
        classes=len(labeled.classes),
        pictures=len(labeled.pictures),
        labeled=len(annotations),
        objects=sum(len(annotation.objects) for annotation in annotations),
    )
    problems = contents.problems.listed()
    pictures = sorted(labeled.pictures, key=lambda picture: picture.file)
    return Imported(labeled.kind, form, recognized, labeled.classes, pictures, problems, contents.files)
