"""Pascal VOC: an XML file for each picture (Everingham et al., The PASCAL VOC Challenge, IJCV 2010).

    <annotation>
      <filename>a.jpg</filename>
      <size><width>500</width><height>375</height></size>
      <object><name>cat</name><difficult>0</difficult>
        <bndbox><xmin>9</xmin><ymin>10</ymin><xmax>120</xmax><ymax>220</ymax></bndbox></object>
    </annotation>

Its corners count pixels from 1 and are part of the object: (1, 1, 500, 375) is the whole picture.
"""

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.parsers import expat

from models.core.contract.dataset import Annotation, DatasetKind, LabeledObject, Picture, Split
from models.core.contract.dataset_report import Finding
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.datasets.forms.class_names import lines_of
from models.core.datasets.forms.contents import (
    AMBIGUOUS_PICTURE,
    LISTED_TWICE,
    MISSING_PICTURE,
    OTHER_SIZE,
    Contents,
    Labeled,
    split_named,
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

NAME = Text("core.datasets.voc", "Pascal VOC XML")()
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_DEEPEST = 20
_MOST_TEXT = 1_000  # characters of one value

BROKEN_XML = Text("core.datasets.broken_xml", "{name} is not valid XML: {reason}.")
DOCTYPE = Text(
    "core.datasets.doctype",
    "{name} has a document type definition, which is refused: it can hide other content.",
)
DEEP_XML = Text("core.datasets.deep_xml", "{name} is nested more than {limit} levels deep.")
NO_CLASS = Text("core.datasets.no_class", "{name}: object {number:,} has no name of 1 to 100 characters.")
NO_CORNERS = Finding(
    "no_corners",
    "error",
    Text("core.datasets.no_corners", "Objects without the four corners of a box: {n:,}. They were left out."),
)
DIFFICULT = Finding(
    "difficult",
    "note",
    Text(
        "core.datasets.difficult",
        "Objects that are marked as difficult: {n:,}. They are used like the others.",
    ),
)


@dataclass
class _Object:
    name: str = ""
    corners: dict[str, str] = field(default_factory=dict)
    is_difficult: bool = False


@dataclass
class _Annotation:
    """What one file states; everything is text."""

    root: str = ""
    filename: str = ""
    size: dict[str, str] = field(default_factory=dict)
    objects: list[_Object] = field(default_factory=list)


class _Reader:
    """Collects what matters of an XML file while it is parsed."""

    def __init__(self, name: str):
        self.name = name
        self.found = _Annotation()
        self.path: list[str] = []
        self.text = ""

    def parse(self, data: bytes) -> _Annotation:
        """Raises InputError naming the file."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(data, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(BROKEN_XML(name=self.name, reason=str(error))) from error
        return self.found

    def _refuse(self, *_: object) -> None:
        raise InputError(DOCTYPE(name=self.name))

    def _start(self, tag: str, attributes: object) -> None:  # noqa: ARG002  expat passes both
        self.path.append(tag)
        self.text = ""
        if len(self.path) > _DEEPEST:
            raise InputError(DEEP_XML(name=self.name, limit=_DEEPEST))
        if len(self.path) == 1:
            self.found.root = tag
        elif self.path[1:] == ["object"]:
            self.found.objects.append(_Object())

    def _characters(self, text: str) -> None:
        self.text = (self.text + text)[:_MOST_TEXT]

    def _end(self, tag: str) -> None:
        text, inside = self.text.strip(), self.path[1:]
        self.path.pop()
        self.text = ""
        if inside == ["filename"]:
            self.found.filename = text
        elif inside[:-1] == ["size"]:
            self.found.size[tag] = text
        elif inside[:1] == ["object"]:
            self._end_in_object(tag, text, inside[1:])

    def _end_in_object(self, tag: str, text: str, inside: list[str]) -> None:
        own = self.found.objects[-1]
        if inside == ["name"]:
            own.name = text
        elif inside == ["difficult"]:
            own.is_difficult = text == "1"
        elif inside[:-1] == ["bndbox"]:
            own.corners[tag] = text


def evidence(contents: Contents) -> dict[str, _Annotation]:
    """The XML files that are annotations. Raises InputError: one is broken."""
    found = {name: _Reader(name).parse(contents.files.read(name)) for name in contents.ending_with(".xml")}
    return {name: annotation for name, annotation in found.items() if annotation.root == "annotation"}


def read(contents: Contents, found: dict[str, _Annotation]) -> Labeled:
    """Raises InputError: an object without a name."""
    paths = Paths(contents.pictures)
    listed = _listed_splits(contents)
    pictures = {
        name: picture.model_copy(
            update={"split": listed.get(PurePosixPath(name).stem) or split_of_folder(name)}
        )
        for name, picture in contents.pictures.items()
    }
    classes: set[str] = set()
    for name, stated in found.items():
        # programs that rename pictures keep the old name in the file
        matched = paths.of_label(name) or paths.find(stated.filename or "-", beside=name)
        if len(matched) != 1:
            contents.problems.add(
                AMBIGUOUS_PICTURE if matched else MISSING_PICTURE, f"{name}: {stated.filename}"
            )
            continue
        picture = pictures[matched[0]]
        if picture.annotation is not None:
            contents.problems.add(LISTED_TWICE, name)
            continue
        _compare_sizes(contents, stated, picture)
        objects = _objects(contents, name, stated, picture)
        classes |= {each.label for each in objects}
        pictures[matched[0]] = picture.model_copy(update={"annotation": Annotation(objects=objects)})
    return Labeled(DatasetKind.BOXES, sorted(classes), list(pictures.values()))


def _compare_sizes(contents: Contents, stated: _Annotation, picture: Picture) -> None:
    width, height = (number_in(stated.size.get(side, "")) for side in ("width", "height"))
    # some programs write 0 where they do not know
    if width > 0 and height > 0 and (width, height) != (picture.width, picture.height):
        contents.problems.add(OTHER_SIZE, picture.file)


def _objects(contents: Contents, name: str, stated: _Annotation, picture: Picture) -> list[LabeledObject]:
    found: list[LabeledObject] = []
    for number, own in enumerate(stated.objects, start=1):
        place = f"{name}, object {number}"
        if not 0 < len(own.name) <= MOST_CHARACTERS:
            raise InputError(NO_CLASS(name=name, number=number))
        if not own.corners.keys() >= set(_CORNERS):
            contents.problems.add(NO_CORNERS, place)
            continue
        if len(found) == MOST_OBJECTS:
            contents.problems.add(TOO_MANY_OBJECTS, picture.file)
            break
        if own.is_difficult:
            contents.problems.add(DIFFICULT, place)
        xmin, ymin, xmax, ymax = (number_in(own.corners[corner]) for corner in _CORNERS)
        kept = clean(Raw(own.name, (xmin - 1, ymin - 1, xmax, ymax)), picture, place, contents.problems)
        found += [kept] if kept else []
    return found


def _listed_splits(contents: Contents) -> dict[str, Split]:
    """Names of pictures without their endings -> split, from `ImageSets/Main/train.txt` and others."""
    found: dict[str, Split] = {}
    for name in contents.ending_with(".txt"):
        path = PurePosixPath(name)
        split = split_named(path.stem)
        if split is not None and "ImageSets" in path.parts:
            for line in lines_of(contents.files.text(name)):
                found.setdefault(line.split()[0] if line else "", split)
    return found
