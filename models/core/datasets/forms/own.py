"""The form of Glassbox: `dataset.json`, a manifest, and the pictures that it names."""

from pathlib import PurePosixPath

from pydantic import ValidationError

from models.core.contract.dataset import MANIFEST, Annotation, LabeledObject, Manifest, Picture
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.datasets.forms.contents import Contents, Labeled
from models.core.datasets.forms.objects import Raw, clean
from models.core.datasets.splits import classes_of

NAME = Text("core.datasets.glassbox", "Dataset of Glassbox")()

BROKEN_MANIFEST = Text("core.datasets.broken_manifest", "{name} is not a manifest: {place}: {reason}.")
NAMED_MISSING = Text(
    "core.datasets.named_missing", "{name} names the picture {file!r}, which the archive does not have."
)
OTHER_CONTENT = Text(
    "core.datasets.other_content",
    "The picture {file!r} is not the one that {name} names: its SHA-256 differs.",
)
UNKNOWN_LABEL = Text(
    "core.datasets.unknown_label", "{name} labels {file!r} with {label!r}, which is not among its classes."
)


def evidence(contents: Contents) -> list[str]:
    """The manifest, at the top or in one folder."""
    found = [name for name in contents.ending_with(".json") if PurePosixPath(name).name == MANIFEST]
    return [name for name in found if b"glassbox-dataset-" in contents.files.read(name)][:1]


def read(contents: Contents, found: list[str]) -> Labeled:
    """Raises InputError: the manifest does not fit the pictures."""
    name = found[0]
    manifest = manifest_of(contents.files.read(name), name)
    folder = PurePosixPath(name).parent
    pictures = [_picture(contents, name, folder, picture, manifest) for picture in manifest.pictures]
    return Labeled(manifest.kind, manifest.classes, pictures)


def manifest_of(data: bytes, name: str) -> Manifest:
    """Raises InputError naming the first field that does not fit."""
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "JSON"
        raise InputError(BROKEN_MANIFEST(name=name, place=place, reason=first["msg"])) from error


def _picture(
    contents: Contents, name: str, folder: PurePosixPath, picture: Picture, manifest: Manifest
) -> Picture:
    own = contents.pictures.get(str(folder / picture.file))
    if own is None:
        raise InputError(NAMED_MISSING(name=name, file=picture.file))
    if own.sha256 != picture.sha256:
        raise InputError(OTHER_CONTENT(name=name, file=picture.file))
    annotation = picture.annotation
    require_known_labels(manifest, picture, name)
    if annotation is not None:
        objects = [_clean(contents, each, own) for each in annotation.objects]
        annotation = Annotation(label=annotation.label, objects=[each for each in objects if each])
    return own.model_copy(update={"split": picture.split, "group": picture.group, "annotation": annotation})


def require_known_labels(manifest: Manifest, picture: Picture, name: str) -> None:
    """Raises InputError: the manifest, of this name, labels a picture with a class that it does not list."""
    for label in classes_of(picture.annotation):
        if label not in manifest.classes:
            raise InputError(UNKNOWN_LABEL(name=name, file=picture.file, label=label))


def _clean(contents: Contents, found: LabeledObject, picture: Picture) -> LabeledObject | None:
    raw = Raw(found.label, found.box, found.polygons, found.mask, found.is_crowd)
    return clean(raw, picture, picture.file, contents.problems)
