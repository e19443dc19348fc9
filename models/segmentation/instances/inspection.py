"""The stages of one instance segmentation: from the detector's boxes to a mask for each object."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from models.core.contract.card import Kind
from models.core.contract.messages import Message, Text, join
from models.core.contract.prediction import Output, Role, Stage
from models.core.images import feature_maps, png
from models.core.images.codec import encode_png_quickly
from models.core.training.cross_stage import Encoder
from models.core.training.familiarity import STAGE as FAMILIARITY
from models.segmentation.card import PredictParams
from models.segmentation.inspection import (
    ALL_SKIPS,
    DECODER_TITLE,
    ENCODER_TITLE,
    PROBABILITIES_LEVEL,
    SKIPS_TITLE,
    UNCHANGED,
    WITHOUT_ANY,
    WITHOUT_STRIDE,
    maps_stage,
)
from models.segmentation.instances.crop import Box, cut
from models.segmentation.instances.found import Found
from models.segmentation.instances.grabcut import sharpened
from models.segmentation.instances.network import Instance, MaskNetwork
from models.segmentation.instances.postprocessing import clean
from models.segmentation.masks import overlay
from models.segmentation.semantic import legend_of, mask_file

CROP_TITLE = Text("segmentation.crop.title", "Crop around the box")
CROP = Text(
    "segmentation.crop.explanation",
    "For each box, the mask network receives a square of 1.3 times the box's longer side, resized to {size} "
    "by {size} pixels; what lies outside the picture is black. It also receives the box as a map of zeros "
    "and ones: a crop often shows two objects, and the box shows which one is meant. Shown is the most "
    "certain one, {name}.",
)
CROP_ALT = Text("segmentation.crop.alt", "The crop around {name}, with the detector's box.")
CROP_ENCODER = Text(
    "segmentation.crop_encoder.explanation",
    "The encoder is the backbone of the detector NanoDet, which has seen more than 100,000 photos, and was "
    "then trained further on masks. Each level halves height and width. Fine levels show edges and colors, "
    "deep ones what belongs together.",
)
CROP_DECODER = Text(
    "segmentation.crop_decoder.explanation",
    "From the deepest level upwards, each level is enlarged to twice its size, joined with the encoder's map "
    "of that size (the skip connection) and with the map of the box, and a convolution combines the three.",
)
LOGITS_TITLE = Text("segmentation.thing_probabilities.title", "Probability of the mask")
LOGITS = Text(
    "segmentation.thing_probabilities.explanation",
    "For each object, the probability of every pixel of its crop that it belongs to it: the sigmoid of the "
    "logit. The mask is where it exceeds one half. Unlike the probabilities of classes, these are "
    "computed for each object alone, so that two masks can claim the same pixel; the higher one gets it.",
)
LOGITS_OF_BOTH = Text(
    "segmentation.thing_probabilities.of_both",
    "The network received each crop twice, as it is and smaller and mirrored; the logit is the mean of both.",
)
BOX_TITLE = Text("segmentation.box_and_mask.title", "From box to mask")
BOX_AND_MASK = Text(
    "segmentation.box_and_mask.explanation",
    "What a mask shows that a box does not. The cleaned mask has no connected part below a tenth of the "
    "whole, no hole below a fiftieth, and nothing far outside the box. Sharpening the edge (GrabCut) decides "
    "the pixels near the edge anew, by their colors: better on fur and feathers, worse where an object has "
    "the colors of its surroundings.",
)
BOX_NAME = Text("segmentation.box_and_mask.box", "Box")
NETWORK_NAME = Text("segmentation.box_and_mask.network", "Mask of the network")
CLEANED_NAME = Text("segmentation.box_and_mask.cleaned", "Cleaned")
SHARP_NAME = Text("segmentation.box_and_mask.sharpened", "Edge sharpened")
COVERS = Text("segmentation.box_and_mask.alt", "Covers {percent:.1f}% of the crop.")
THING_SKIPS = Text(
    "segmentation.thing_skips.explanation",
    "The same crop with the encoder's maps at one level replaced by zeros. Stride 32 is the deepest level: "
    "without it, the network no longer knows what the object is. Without the fine levels, the outline gets "
    "soft. The network was trained with all of them, so removing one also confuses it.",
)
SKIPS_CHANGED = Text("segmentation.thing_skips.changed", "{percent:.1f}% of the crop's pixels change.")
CLASSES_TITLE = Text("segmentation.thing_classes.title", "Mask of each class")
CLASSES = Text(
    "segmentation.thing_classes.explanation",
    "All objects of one class together: semantic segmentation, as far as the detector knows them. Sky, road "
    "and water are no objects, and stay background.",
)
INSTANCES_TITLE = Text("segmentation.instances.title", "Mask of each object")
INSTANCES = Text(
    "segmentation.instances.explanation",
    "Each object has its own mask, also two of one class: instance segmentation. What the detector did not "
    "find has no mask, and a wrong label does not spoil the mask.",
)

VIEWS = "views"  # the detector's stage of what each view shows
STRIDES = Encoder.STRIDES
_SKIP_CUTS: tuple[tuple[int, ...], ...] = ((), *((stride,) for stride in STRIDES), STRIDES[:-1])
ENCODER_CODE = "models.core.training.cross_stage.Encoder"
LEVEL_CODE = "models.segmentation.instances.architecture.Level"
DECODE_CODE = "models.segmentation.instances.architecture.BoxUNet.decode"


def inspect(
    upload: Image.Image,
    found: Found,
    detected: Sequence[Stage],
    network: MaskNetwork,
    params: PredictParams,
) -> tuple[Stage, ...]:
    """All stages, in order. Of the detector's own, `detected`, the distance, views and boxes are shown."""
    boxes = tuple(replace(stage, id="detected", role=None) for stage in detected if stage.role == Role.ANSWER)
    before = tuple(stage for stage in detected if stage.id in {FAMILIARITY, VIEWS})
    classes = mask_stage("classes", CLASSES_TITLE(), CLASSES(), found.classes, found.names, params)
    instances = replace(
        mask_stage(
            "instances",
            INSTANCES_TITLE(),
            INSTANCES(),
            found.owner,
            ("background", *found.titles),
            params,
        ),
        role=Role.ANSWER,
    )
    opened = instance_stages(upload, found, network, params) if found.instances else ()
    return *before, *boxes, *opened, classes, instances


def instance_stages(
    upload: Image.Image, found: Found, network: MaskNetwork, params: PredictParams
) -> tuple[Stage, ...]:
    """The way from box to mask of the most certain object."""
    instance, name, size = found.instances[0], found.titles[0], found.instances[0].size
    crop, box = cut(upload, instance.square, size), instance.square.inside(instance.box, size)
    maps, logits = network.opened(upload, instance, _SKIP_CUTS)
    return (
        crop_stage(crop, box, name),
        maps_stage("encoder", ENCODER_TITLE(), CROP_ENCODER(), maps.encoder, STRIDES, ENCODER_CODE),
        maps_stage("decoder", DECODER_TITLE(), CROP_DECODER(), maps.decoder, STRIDES[::-1], LEVEL_CODE),
        logits_stage(found.instances, found.titles, params),
        mask_and_box_stage(crop, box, instance, params),
        skips_stage(crop, logits, params),
    )


def crop_stage(crop: Image.Image, box: Box, name: str) -> Stage:
    """The crop as the network receives it, with the box."""
    drawn = crop.copy()
    corners = (box.left, box.top, max(box.left, box.right - 1), max(box.top, box.bottom - 1))
    ImageDraw.Draw(drawn).rectangle(corners, outline="#ffea00")
    file = Output("crop.png", Kind.IMAGE, encode_png_quickly(drawn), "image/png")
    data = {"file": file.name, "width": crop.width, "height": crop.height, "alt": CROP_ALT(name=name)}
    code = "models.segmentation.instances.crop.square_around"
    explanation = CROP(size=crop.width, name=name)
    return Stage("crop", Kind.IMAGE, CROP_TITLE(), explanation, data, (file,), code=code, role=Role.INPUT)


def logits_stage(instances: Sequence[Instance], titles: Sequence[str], params: PredictParams) -> Stage:
    """One tile for each object."""
    name = PROBABILITIES_LEVEL()
    probabilities = torch.stack([instance.logits.sigmoid() for instance in instances])
    level, file = feature_maps.level(str(name), probabilities, "probabilities.png", titles)
    data = {"levels": [level | {"name": name, "first": 0}]}
    return Stage(
        "probabilities",
        Kind.FEATURE_MAPS,
        LOGITS_TITLE(),
        join(LOGITS(), LOGITS_OF_BOTH()) if params.views else LOGITS(),
        data,
        (file,),
        len(instances),
        DECODE_CODE,
    )


def mask_and_box_stage(crop: Image.Image, box: Box, instance: Instance, params: PredictParams) -> Stage:
    """The filled box, the network's mask, the cleaned one and the sharpened one over the crop."""
    logits, size = instance.logits.numpy(), crop.width
    middles = np.arange(size) + 0.5
    rows = (middles >= box.top) & (middles < box.bottom)
    columns = (middles >= box.left) & (middles < box.right)
    cleaned = clean(logits, box) > 0
    masks = [
        (BOX_NAME(), rows[:, None] & columns),
        (NETWORK_NAME(), logits > 0),
        (CLEANED_NAME(), cleaned),
        (SHARP_NAME(), sharpened(np.asarray(crop), cleaned)),
    ]
    shown = [(name, mask, COVERS(percent=percent_of(mask))) for name, mask in masks]
    data, files = compared(crop, "box", shown, params, right=2)
    code = "models.segmentation.instances.postprocessing.clean"
    return Stage("box_and_mask", Kind.COMPARISON, BOX_TITLE(), BOX_AND_MASK(), data, files, 4, code)


def skips_stage(crop: Image.Image, logits: Sequence[np.ndarray], params: PredictParams) -> Stage:
    """The mask with all skip connections, without each, and with the deepest level alone."""
    whole = logits[0] > 0
    shown: list[tuple[Message, np.ndarray, Message]] = []
    for strides, values in zip(_SKIP_CUTS, logits, strict=True):
        mask = values > 0
        alt = SKIPS_CHANGED(percent=percent_of(mask != whole)) if strides else UNCHANGED()
        shown.append((skip_name(strides), mask, alt))
    data, files = compared(crop, "skips", shown, params, right=len(shown) - 1)
    return Stage(
        "skips", Kind.COMPARISON, SKIPS_TITLE(), THING_SKIPS(), data, files, len(STRIDES), DECODE_CODE
    )


def skip_name(strides: Collection[int]) -> Message:
    if not strides:
        return ALL_SKIPS()
    return WITHOUT_STRIDE(n=next(iter(strides))) if len(strides) == 1 else WITHOUT_ANY()


def compared(
    crop: Image.Image,
    prefix: str,
    shown: Sequence[tuple[Message, np.ndarray, Message]],
    params: PredictParams,
    right: int,
) -> tuple[dict[str, Any], tuple[Output, ...]]:
    """Data and files of a comparison, from (name, mask, alternative text)."""
    files = tuple(
        Output(
            f"{prefix}{number}.png",
            Kind.IMAGE,
            png.encode(*crop.size, overlay(crop, mask.astype(np.uint8), 2, params.opacity)),
            "image/png",
        )
        for number, (_, mask, _) in enumerate(shown)
    )
    size = {"width": crop.width, "height": crop.height}
    pictures = [
        {"file": file.name, **size, "name": name, "alt": alt}
        for file, (name, _, alt) in zip(files, shown, strict=True)
    ]
    return {**size, "pictures": pictures, "left": 0, "right": right}, files


def mask_stage(
    name: str,
    title: Message,
    explanation: Message,
    classes: np.ndarray,
    names: Sequence[str],
    params: PredictParams,
) -> Stage:
    """A map (H, W) over the picture, with a legend."""
    file = mask_file(classes, len(names), "mask.png" if name == "classes" else f"{name}.png")
    legend = legend_of(classes, tuple(names), rle=False)
    height, width = classes.shape
    keys = ("index", "name", "color", "share")
    entries = [{key: each[key] for key in keys} | {"shown": each["index"] > 0} for each in legend]
    data = {
        "width": width,
        "height": height,
        "file": file.name,
        "opacity": params.opacity,
        "classes": entries,
    }
    found = sum(each["index"] > 0 for each in legend)
    code = "models.segmentation.instances.paint.instance_map"
    return Stage(name, Kind.MASK, title, explanation, data, (file,), found, code)


def percent_of(mask: np.ndarray) -> float:
    return round(100 * float(mask.mean()), 1)
