"""The stages of one classification, from the picture as the network receives it to the classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from PIL import Image

from models.classification.architecture import FINE_TUNED, Config, LinearHead, Pooling
from models.classification.inspection import stage_texts as texts
from models.classification.inspection.class_activation import activation_maps
from models.classification.inspection.kept_pictures import KeptPictures
from models.core.contract.card import Kind
from models.core.contract.messages import Message
from models.core.contract.prediction import Output, Role, Stage
from models.core.generative.sample_history import contact_sheet
from models.core.images import feature_maps
from models.core.images.codec import encode_jpeg, encode_png_quickly

MAX_SIDE = 640  # pixels of the longer side of a picture in a stage
LEVELS = (2, 3, 4)  # C3, C4 and C5 among the encoder's maps
STRONGEST = 12  # features in the table of contributions
NEAREST, WRONG = 12, 24  # pictures of the training that are shown
COLUMNS = 6  # of a sheet
TILE_WIDTH, TILE_HEIGHT = 96, 64  # pixels: wider than the thumbnails, for the captions below
# Okabe and Ito's orange and blue, which color-blind readers can distinguish
FOR_COLOR, AGAINST_COLOR = (230, 159, 0), (0, 114, 178)
OPACITY = 0.75  # of the strongest evidence


@dataclass(frozen=True)
class Subject:
    """One classification to inspect; all tensors are on the CPU but the head's."""

    upload: Image.Image
    seen: Image.Image  # as the network receives it
    maps: Sequence[torch.Tensor]  # (c, h, w) each: those that the features are pooled from
    features: torch.Tensor  # (F,)
    logits: torch.Tensor  # (C,)
    head: LinearHead
    config: Config
    kept: KeptPictures | None
    report: dict[str, Any]

    @cached_property
    def probabilities(self) -> list[float]:
        """Of each class."""
        return self.logits.double().softmax(0).tolist()

    @cached_property
    def order(self) -> list[int]:
        """The classes, the most probable first."""
        return self.logits.argsort(descending=True, stable=True).tolist()

    @cached_property
    def evidence(self) -> np.ndarray:
        """(C, h, w) what each place adds to each class."""
        levels = [level.to(self.head.mean.device) for level in self.maps]
        return activation_maps(levels, self.head, means=self.config.pooling.means)[0].cpu().numpy()

    @property
    def classes(self) -> tuple[str, ...]:
        return self.config.classes


def all_stages(subject: Subject, maps: Sequence[torch.Tensor], known: Stage | None) -> tuple[Stage, ...]:
    """The stages in order; `maps` are all of the encoder's, `known` the stage of the familiarity."""
    stages = [
        input_stage(subject),
        maps_stage(maps),
        contributions_stage(subject),
        activation_stage(subject),
        evidence_stage(subject),
    ]
    if subject.kept is not None:
        stages.append(nearest_stage(subject, subject.kept))
    if known is not None:
        stages.append(known)
    stages.append(answer_stage(subject))
    if subject.report:
        stages.append(confusion_stage(subject))
    if subject.kept is not None and subject.kept.wrong(1):
        stages.append(wrong_stage(subject, subject.kept))
    return tuple(stages)


def input_stage(subject: Subject) -> Stage:
    """The input of the network."""
    file = Output("input.png", Kind.IMAGE, encode_png_quickly(subject.seen), "image/png")
    width, height = subject.seen.size
    data = {
        "file": file.name,
        "width": width,
        "height": height,
        "alt": texts.INPUT_ALT(width=width, height=height),
    }
    return Stage(
        "input",
        Kind.IMAGE,
        texts.INPUT(),
        texts.INPUT_ABOUT(size=subject.config.size),
        data,
        (file,),
        code="models.classification.features.resized",
        role=Role.INPUT,
    )


def maps_stage(maps: Sequence[torch.Tensor]) -> Stage:
    """Three levels of the backbone's feature maps."""
    data, files = feature_maps.levels(
        (texts.LEVEL(name=f"C{level + 1}", stride=2 ** (level + 1)), maps[level], f"c{level + 1}.png")
        for level in LEVELS
    )
    return Stage(
        "maps",
        Kind.FEATURE_MAPS,
        texts.MAPS(),
        texts.MAPS_ABOUT(),
        {"levels": data},
        files,
        count=sum(len(maps[level]) for level in LEVELS),
        code="models.core.training.cross_stage.Encoder",
    )


def contributions_stage(subject: Subject) -> Stage:
    """What the strongest features add to the first class against the second."""
    first, second = subject.order[:2]
    standardized = subject.head.standardized(subject.features.to(subject.head.mean.device)).double().cpu()
    weight = subject.head.linear.weight.double().cpu()
    bias = subject.head.linear.bias.double().cpu()
    parts = weight * standardized  # (C, F)
    difference = parts[first] - parts[second]
    strongest = difference.abs().argsort(descending=True)[:STRONGEST].tolist()
    pooling = subject.config.pooling
    rows = [
        [
            feature_name(pooling, index),
            *_rounded(
                [
                    subject.features[index],
                    standardized[index],
                    parts[first, index],
                    parts[second, index],
                    difference[index],
                ]
            ),
        ]
        for index in strongest
    ]
    rest = [
        float(values.sum() - values[strongest].sum()) for values in (parts[first], parts[second], difference)
    ]
    rows.append([texts.OTHERS(n=len(difference) - len(strongest)), None, None, *_rounded(rest)])
    biases = [bias[first], bias[second], bias[first] - bias[second]]
    rows.append([texts.BIAS(), None, None, *_rounded(biases)])
    sums = [subject.logits[first], subject.logits[second], subject.logits[first] - subject.logits[second]]
    rows.append([texts.LOGIT(), None, None, *_rounded(sums)])
    names = [
        texts.FEATURE(),
        texts.VALUE(),
        texts.STANDARDIZED(),
        subject.classes[first],
        subject.classes[second],
        texts.DIFFERENCE(),
    ]
    values = {
        "features": len(difference),
        "first": subject.classes[first],
        "second": subject.classes[second],
    }
    return Stage(
        "contributions",
        Kind.TABLE,
        texts.CONTRIBUTIONS(),
        texts.CONTRIBUTIONS_WITH_MEANS(**values)
        if pooling.means
        else texts.CONTRIBUTIONS_ABOUT(levels=_names(pooling.levels), **values),
        {"columns": [{"name": name} for name in names], "rows": rows},
        code="models.classification.architecture.LinearHead",
    )


def feature_name(pooling: Pooling, index: int) -> Message:
    """One of the means or maxima; older models, which have means, pool a single level."""
    level, is_mean, place = pooling.sources()[index]
    if pooling.means:
        return texts.MEAN_OF(map=place) if is_mean else texts.MAXIMUM_OF(map=place)
    return texts.MAXIMUM_OF_LEVEL(level=level, map=place)


def _names(levels: Sequence[int]) -> str:
    return ", ".join(f"C{level}" for level in levels)


def _rounded(values: Sequence[Any]) -> list[float]:
    return [round(float(value), 3) for value in values]


def activation_stage(subject: Subject) -> Stage:
    """What each place adds to each class, as maps over the picture."""
    pooling = subject.config.pooling
    shown = subject.evidence[subject.order]
    low, high = float(shown.min()), float(shown.max())
    atlas, rows, columns = feature_maps.atlas(
        shown, np.full((len(shown), 1, 1), low), np.full((len(shown), 1, 1), high)
    )
    file = Output("activation.png", Kind.FEATURE_MAPS, encode_png_quickly(atlas), "image/png")
    count, height, width = shown.shape
    level = {
        "name": texts.ACTIVATION_LEVEL(),
        "file": file.name,
        "rows": rows,
        "columns": columns,
        "tile_width": width,
        "tile_height": height,
        "channels": count,
        "minimum": [round(low, 3)] * count,
        "maximum": [round(high, 3)] * count,
        "names": [subject.classes[index] for index in subject.order],
        "first": 0,
    }
    return Stage(
        "activation",
        Kind.FEATURE_MAPS,
        texts.ACTIVATION(),
        texts.ACTIVATION_WITH_MEANS()
        if pooling.means
        else texts.ACTIVATION_ABOUT(levels=_names(pooling.levels)),
        {"levels": [level]},
        (file,),
        count=count,
        code="models.classification.inspection.class_activation.activation_maps",
    )


def evidence_stage(subject: Subject) -> Stage:
    """The evidence for the first and the second class, over the picture."""
    first, second = subject.order[:2]
    pictures, files = [], []
    plain = _limited(subject.upload)
    shown = [
        (texts.PICTURE(), plain, texts.PICTURE_ALT()),
        *(
            (
                texts.EVIDENCE_FOR(name=subject.classes[index]),
                evidence_picture(subject, index),
                texts.EVIDENCE_ALT(
                    name=subject.classes[index], place=_strongest_place(subject.evidence[index])
                ),
            )
            for index in (first, second)
        ),
    ]
    for number, (name, picture, alt) in enumerate(shown):
        file = Output(f"evidence{number}.jpg", Kind.IMAGE, encode_jpeg(picture, 88), "image/jpeg")
        files.append(file)
        pictures.append(
            {"name": name, "file": file.name, "width": picture.width, "height": picture.height, "alt": alt}
        )
    data = {"width": plain.width, "height": plain.height, "pictures": pictures, "left": 1, "right": 2}
    return Stage(
        "evidence",
        Kind.COMPARISON,
        texts.EVIDENCE(),
        texts.EVIDENCE_ABOUT(),
        data,
        tuple(files),
        code="models.classification.inspection.stages.evidence_picture",
    )


def evidence_picture(subject: Subject, index: int) -> Image.Image:
    """The picture in gray; orange where it speaks for the class, blue where against it.

    Relative to the mean over all classes: what all classes share decides nothing.
    """
    picture = _limited(subject.upload)
    relative = subject.evidence[index] - subject.evidence.mean(axis=0)
    strongest = np.abs(subject.evidence - subject.evidence.mean(axis=0)).max() or 1.0
    smooth = Image.fromarray((relative / strongest).astype(np.float32), "F")
    share = np.asarray(smooth.resize(picture.size, Image.Resampling.BICUBIC))[:, :, None].clip(-1, 1)
    gray = np.asarray(picture.convert("L"), np.float32)[:, :, None]
    color = np.where(share > 0, FOR_COLOR, AGAINST_COLOR)
    opacity = OPACITY * np.abs(share)
    return Image.fromarray((gray * (1 - opacity) + color * opacity).round().astype(np.uint8))


def _strongest_place(evidence: np.ndarray) -> Message:
    """In words: above left, in the middle, below right …"""
    row, column = np.unravel_index(int(evidence.argmax()), evidence.shape)
    vertical = min(2, int(3 * row / evidence.shape[0]))
    horizontal = min(2, int(3 * column / evidence.shape[1]))
    return texts.PLACES[3 * vertical + horizontal]()


def _limited(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    copy.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return copy


def nearest_stage(subject: Subject, kept: KeptPictures) -> Stage:
    """The training pictures with the most similar features."""
    standardized = subject.head.standardized(subject.features.to(subject.head.mean.device)).cpu()
    found = kept.nearest(standardized, NEAREST)
    captions = [f"{subject.classes[kept.label[index]]} {similarity:.2f}" for index, similarity in found]
    return _sheet(
        kept,
        "nearest",
        texts.NEAREST(),
        texts.NEAREST_ABOUT(),
        [index for index, _ in found],
        captions,
        texts.NEAREST_CAPTION(),
        "models.classification.inspection.kept_pictures.KeptPictures.nearest",
    )


def wrong_stage(subject: Subject, kept: KeptPictures) -> Stage:
    """Pictures of the training's dataset that were answered wrongly."""
    found = kept.wrong(WRONG)
    captions = [
        f"{subject.classes[kept.label[index]]} → {subject.classes[kept.answer[index]]}" for index in found
    ]
    about = texts.WRONG_TUNED if subject.config.architecture == FINE_TUNED else texts.WRONG_ABOUT
    return _sheet(
        kept,
        "wrong",
        texts.WRONG(),
        about(),
        found,
        captions,
        texts.WRONG_CAPTION(),
        "models.classification.inspection.kept_pictures.KeptPictures.wrong",
    )


def _sheet(
    kept: KeptPictures,
    name: str,
    title: Message,
    about: Message,
    indices: Sequence[int],
    captions: Sequence[str],
    captions_name: Message,
    code: str,
) -> Stage:
    """Kept pictures on one sheet, each in the middle of its tile."""
    tiles = np.full((len(indices), TILE_HEIGHT, TILE_WIDTH, 3), 128, np.uint8)
    for tile, index in zip(tiles, indices, strict=True):
        picture = np.asarray(kept.thumbnail(index))
        height, width = picture.shape[:2]
        top, left = (TILE_HEIGHT - height) // 2, (TILE_WIDTH - width) // 2
        tile[top : top + height, left : left + width] = picture
    columns = min(COLUMNS, len(indices))
    sheet = Image.fromarray(contact_sheet(tiles, columns))
    file = Output(f"{name}.png", Kind.IMAGE, encode_png_quickly(sheet), "image/png")
    data = {
        "tile": {"width": TILE_WIDTH, "height": TILE_HEIGHT},
        "columns": columns,
        "count": len(indices),
        "captions_name": captions_name,
        "steps": [{"step": None, "file": file.name, "captions": list(captions)}],
    }
    return Stage(name, Kind.SAMPLES, title, about, data, (file,), count=len(indices), code=code)


def answer_stage(subject: Subject) -> Stage:
    """The classes by probability."""
    classes = [
        {"label": subject.classes[index], "score": round(subject.probabilities[index], 5)}
        for index in subject.order
    ]
    return Stage(
        "answer",
        Kind.CLASSES,
        texts.ANSWER(label=subject.classes[subject.order[0]]),
        texts.ANSWER_ABOUT(),
        {"classes": classes, "total": len(classes)},
        code="models.classification.predict.Predictor.encode",
        role=Role.ANSWER,
    )


def confusion_stage(subject: Subject) -> Stage:
    """Actual and predicted classes of the pictures that the model was measured on."""
    part = texts.PARTS[
        "cross-validation"
        if subject.report["folds"] and subject.report["part"] == "training"
        else subject.report["part"]
    ]
    data = {**subject.report["confusion"], "of": part()}
    return Stage(
        "confusion",
        Kind.CONFUSION_MATRIX,
        texts.CONFUSION(),
        texts.CONFUSION_ABOUT(),
        data,
        code="models.classification.metrics.confusion",
    )
