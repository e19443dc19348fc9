"""Instance segmentation: a detector finds objects, a mask network gives each its pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from models.core.contract import registry
from models.core.contract.card import Kind, ModelCard, default_model
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.images import png
from models.core.images.codec import read
from models.segmentation.card import PredictParams
from models.segmentation.instances.crop import cut
from models.segmentation.instances.duplicates import without_duplicates
from models.segmentation.instances.found import Found
from models.segmentation.instances.grabcut import sharpened
from models.segmentation.instances.inspection import inspect
from models.segmentation.instances.network import SIDES, Instance, MaskNetwork
from models.segmentation.instances.paint import Mask, instance_map, on_transparent
from models.segmentation.instances.postprocessing import clean, filled, without_specks
from models.segmentation.masks import overlay
from models.segmentation.semantic import legend_of, mask_file

DETECTION = "detection"
MOST_OBJECTS = 40
SHARP_SIDE = 320  # pixels of the crop in which an edge is sharpened

OTHER_DETECTOR = Text(
    "segmentation.note.other_detector",
    "The boxes were found by {used}, because {preferred} is not installed. Fetch it with: "
    "glassbox models pull {name}",
)
NO_DETECTOR = Text("segmentation.no_detector", "No detector is installed that could find objects.")


@dataclass(frozen=True)
class Item:
    """One upload, prepared for the detector."""

    upload: Image.Image
    prepared: Any  # the detector's own
    params: PredictParams
    detector: "Detector"
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Raw:
    """What the detector found in one picture, and the mask network's output for each."""

    instances: tuple[Instance, ...]
    detected: Any = field(default=None)  # the detector's own
    answer: Mapping[str, Any] = field(default_factory=dict)  # of the detector


class Detector:
    """The default detector of those whose weights are on this machine.

    Raises:
        WeightsError: there is none.
    """

    def __init__(self, device: str):
        card = registry.cards()[DETECTION]
        self.model, self.path = _default_detector()
        self.preferred = next((model for model in card.models if model.is_preferred), self.model)
        self.predictor = registry.code(DETECTION, "predict").Predictor(self.path, device)
        self._params = card.predict_params

    @property
    def is_current(self) -> bool:
        """Whether it is still the default: another may have been fetched since."""
        return _default_detector()[0] is self.model

    @property
    def notes(self) -> tuple[Message, ...]:
        if self.model is self.preferred:
            return ()
        preferred = self.preferred
        return (OTHER_DETECTOR(used=self.model.title, preferred=preferred.title, name=preferred.name),)

    def params(self, params: PredictParams) -> Any:
        """The detector's own params."""
        own = {"score": params.score, "views": params.views, "max_objects": MOST_OBJECTS}
        return self._params.model_validate(own)


def _default_detector() -> tuple[ModelCard, Path]:
    model = default_model(
        registry.cards()[DETECTION], lambda each: registry.installed_weights(each) is not None
    )
    path = registry.installed_weights(model) if model else None
    if model is None or path is None:
        raise WeightsError(str(NO_DETECTOR()))
    return model, path


class InstancePredictor:
    """A detector and a mask network with their weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the weights are not those of the mask network, or no detector is installed.
    """

    max_batch = 4

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str):
        self.network = MaskNetwork(config, state, device)
        self.device = device
        self._detector = Detector(device)
        self._latest: tuple[Raw, PredictParams, Found] | None = None

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:
        """Raises InputError: the input is not a readable picture."""
        if not self._detector.is_current:
            self._detector = Detector(self.device)
        detector = self._detector
        decoded = read(content(inputs, "image"))
        prepared = detector.predictor.decode(inputs, detector.params(params))
        return Item(decoded.on_white, prepared, params, detector, (*decoded.notes, *detector.notes))

    def forward(self, items: list[Item]) -> list[Raw]:
        """The detector on up to `max_batch` pictures, then the mask network on everything that it found."""
        raws: list[Raw] = []
        for item in items:
            predictor, params = item.detector.predictor, item.detector.params(item.params)
            (detected,) = predictor.forward([item.prepared])
            answer = predictor.encode(item.prepared, detected, params).result
            found = self.network.instances(item.upload, answer["objects"], views=item.params.views)
            raws.append(Raw(found, detected, answer))
        return raws

    def encode(
        self,
        item: Item,
        raw: Raw,
        params: PredictParams,
        *,
        picture: bool = False,  # noqa: ARG002  the overlay is always the first output
    ) -> Prediction:
        """The overlay, the mask of each object, the mask of each class and the cut-out, and both as JSON."""
        upload, found = item.upload, self._found(item, raw, params)
        count = len(found.instances)
        bands = overlay(upload, found.owner, count + 1, params.opacity)
        cutout = on_transparent(np.asarray(upload), found.owner)
        outputs = (
            Output("overlay.png", Kind.IMAGE, png.encode(*upload.size, bands), "image/png"),
            mask_file(found.classes, len(found.names)),
            mask_file(found.owner, count + 1, "instances.png"),
            Output("cutout.png", Kind.IMAGE, png.encode(*upload.size, cutout), "image/png"),
        )
        instances = legend_of(found.owner, ("background", *found.titles), rle=params.rle)
        result = {
            "classes": legend_of(found.classes, found.names, rle=params.rle),
            "instances": [
                described(instance) | {key: value for key, value in entry.items() if key != "name"}
                for instance, entry in zip(found.instances, _objects(instances), strict=True)
            ],
            "image": {"width": upload.width, "height": upload.height},
            "detector": item.detector.model.name,
            # of the detector, which decides what is found; the mask network has no classes
            **{name: raw.answer[name] for name in ("labels", "familiarity") if name in raw.answer},
        }
        if item.notes:
            result["notes"] = list(item.notes)
        return Prediction(result, outputs)

    def inspect(self, item: Item, raw: Raw, params: PredictParams) -> tuple[Stage, ...]:
        """The stages that open the answer, in order."""
        detector = item.detector
        stages = detector.predictor.inspect(item.prepared, raw.detected, detector.params(params))
        return inspect(item.upload, self._found(item, raw, params), stages, self.network, params)

    def _found(self, item: Item, raw: Raw, params: PredictParams) -> Found:
        """The masks and the maps. `inspect` often follows `encode` on the same output: it is kept."""
        latest = self._latest
        if latest is None or latest[0] is not raw or latest[1] is not params:
            latest = self._latest = raw, params, found_in(item.upload, raw.instances, params)
        return latest[2]


def found_in(upload: Image.Image, instances: Sequence[Instance], params: PredictParams) -> Found:
    """The masks, cleaned and sharpened if requested, and the maps of the picture that they make."""
    masks = [mask_of(upload, instance, sharpen=params.sharpen) for instance in instances]
    unique = without_duplicates(masks, [instance.label for instance in instances])
    instances, masks = [instances[i] for i in unique], [masks[i] for i in unique]
    owner = instance_map(masks, *upload.size)
    pixels = np.bincount(owner.ravel(), minlength=len(masks) + 1)[1:]
    kept = [i for i, count in enumerate(pixels) if count and count >= params.least_share * owner.size]
    if len(kept) < len(masks):
        instances, masks = [instances[i] for i in kept], [masks[i] for i in kept]
        owner = instance_map(masks, *upload.size)
    return Found(tuple(instances), tuple(masks), owner)


def mask_of(upload: Image.Image, instance: Instance, *, sharpen: bool) -> Mask:
    """The cleaned mask of one object; with `sharpen`, its edge is where the colors change."""
    size = instance.size
    values = clean(instance.logits.numpy(), instance.square.inside(instance.box, size))
    if not sharpen:
        return Mask(instance.square, values)
    side = min(SHARP_SIDE, max(size, instance.square.side))
    enlarged = np.asarray(Image.fromarray(values).resize((side, side), Image.Resampling.BILINEAR)) > 0
    edge = sharpened(np.asarray(cut(upload, instance.square, side)), enlarged)
    return Mask(instance.square, np.where(filled(without_specks(edge)), np.float32(1), np.float32(-1)))


def described(instance: Instance) -> dict[str, Any]:
    """Label, score and box of one object."""
    corners = (instance.box.left, instance.box.top, instance.box.right, instance.box.bottom)
    return {"label": instance.label, "score": instance.score, "box": dict(zip(SIDES, corners, strict=True))}


def _objects(legend: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in legend if each["index"] > 0]
