"""What a classifier answers on labeled pictures, for an audit by groups."""

from collections.abc import Sequence

import numpy as np

from models.classification.card import AuditParams, PredictParams
from models.classification.predict import Predictor
from models.core.auditing.attributes import brightness, sharpness
from models.core.auditing.changes import Change
from models.core.auditing.outcomes import Attribute, Learned, Outcomes, Report, thirds
from models.core.auditing.pictures import MEDIUM, answers, by_brightness, by_sharpness, labeled, reference
from models.core.contract.dataset import Picture
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.datasets.archive import Dataset

CLASS = Text("classification.audit.class", "class")
SIZE = Text("core.auditing.size", "size in megapixels")
SMALL = Text("core.auditing.small", "small")
LARGE = Text("core.auditing.large", "large")
UNKNOWN = Text(
    "core.auditing.unknown_classes",
    "{n:,} {n:picture|pictures} of classes that the model does not know {n:is|are} left out.",
)
NONE_KNOWN = Text(
    "core.auditing.no_known_class",
    "The model knows none of the classes of these pictures. It knows: {known}.",
)


def outcomes(
    predictor: Predictor,
    source: Dataset,
    params: AuditParams,
    progress: Report,
    *,
    change: Change | None = None,
    learned: Learned = Learned(),  # noqa: B008  frozen
) -> Outcomes:
    """The model's answers for the labeled pictures of a part, and their attributes.

    Raises:
        InputError: no labeled pictures of classes that the model knows, or a damaged picture.
    """
    classes = tuple(predictor.config.classes)
    pictures, notes = _known(*labeled(source, params.part, learned), classes)
    scores = np.zeros((len(pictures), len(classes)))
    predicted, measured = [], []
    requested = PredictParams(top=1_000)
    for index, answer in enumerate(answers(predictor, requested, source, pictures, progress, change)):
        for each in answer.result["classes"]:
            scores[index, classes.index(each["label"])] = each["score"]
        predicted.append(classes.index(answer.result["label"]))
        measured.append((brightness(answer.image), sharpness(answer.image)))
    actual = np.array([classes.index(_label(picture)) for picture in pictures])
    return Outcomes(
        task="classification",
        classes=classes,
        actual=actual,
        predicted=np.array(predicted),
        scores=scores,
        attributes=_attributes(classes, actual, np.array(measured), pictures),
        target="class",
        pictures=[reference(source, picture) for picture in pictures],
        picture_of=np.arange(len(pictures)),
        left_out=len(source.manifest.pictures) - len(pictures),
        notes=tuple(notes),
    )


def features(predictor: Predictor, source: Dataset, pictures: Sequence[Picture]) -> np.ndarray:
    """(N, D): what the last layer receives of each picture. Raises InputError: one is damaged."""
    requested = PredictParams(features=True)
    found = answers(predictor, requested, source, pictures, lambda *_: None)
    return np.array([answer.result["features"] for answer in found])


def _label(picture: Picture) -> str:
    return (picture.annotation.label or "") if picture.annotation else ""


def _known(
    pictures: list[Picture], notes: list[Message], classes: tuple[str, ...]
) -> tuple[list[Picture], list[Message]]:
    known = [picture for picture in pictures if _label(picture) in classes]
    if not known:
        raise InputError(NONE_KNOWN(known=", ".join(classes[:20])))
    unknown = len(pictures) - len(known)
    return known, [*notes, UNKNOWN(n=unknown)] if unknown else notes


def _attributes(
    classes: tuple[str, ...], actual: np.ndarray, measured: np.ndarray, pictures: list[Picture]
) -> dict[str, Attribute]:
    """`measured` is (N, 2): brightness and sharpness of each picture."""
    megapixels = np.array([picture.width * picture.height / 1e6 for picture in pictures])
    return {
        "class": Attribute(CLASS(), actual, classes),
        "brightness": by_brightness(measured[:, 0]),
        "sharpness": by_sharpness(measured[:, 1]),
        "size": thirds(SIZE(), megapixels, (SMALL(), MEDIUM(), LARGE())),
    }
