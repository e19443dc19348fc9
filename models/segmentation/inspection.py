"""The stages of one segmentation: each step with its data and an explanation for a first-time reader."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import torch

from models.core.contract.card import Kind
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Output, Role, Stage
from models.core.images import feature_maps, png
from models.core.images.codec import encode_png_quickly
from models.segmentation.card import PredictParams
from models.segmentation.data import Picture, Raw
from models.segmentation.masks import overlay

INPUT_TITLE = Text("segmentation.input.title", "Input")
INPUT = Text(
    "segmentation.input.explanation",
    "Pictures come in all sizes, but the network takes only one. The picture is resized to fit a square, "
    "with its aspect ratio preserved, and the rest of the square is filled with gray. Detail that is lost "
    "here is lost for good. At the end, the answer is enlarged to the original pixels.",
)
INPUT_VOC = Text(
    "segmentation.input.explanation_voc",
    "The picture is resized until its shorter side has the length that the network was trained with, unless "
    "the longer side would become too long. This is what the network receives. At the end, the answer is "
    "enlarged to the original pixels.",
)
INPUT_ALT = Text(
    "segmentation.input.alt", "The picture as the network receives it, {width} by {height} pixels."
)
ENCODER_TITLE = Text("segmentation.encoder.title", "Encoder")
ENCODER = Text(
    "segmentation.encoder.explanation",
    "The encoder turns the picture into feature maps. Each map is bright where the network found one "
    "particular pattern. Each level halves height and width and has more maps than the one before, so that "
    "each value depends on a larger part of the picture: first edges and colors, then parts of objects. The "
    "deeper the level, the more the network knows about what is shown, and the less about where exactly.",
)
STRIDE = Text("segmentation.encoder.stride", "stride {n}")
BOTTLENECK_TITLE = Text("segmentation.bottleneck.title", "Bottleneck")
BOTTLENECK = Text(
    "segmentation.bottleneck.explanation",
    "The lowest level has the most context and the least detail: each value stands for {stride} by {stride} "
    "pixels of the input and depends on most of the picture. The decoder starts from here, but not "
    "everything passes through the bottleneck: the skip connections carry the finer levels of the encoder "
    "directly to the decoder.",
)
DECODER_TITLE = Text("segmentation.decoder.title", "Decoder")
DECODER = Text(
    "segmentation.decoder.explanation",
    "The decoder enlarges the maps again. At each level, a transposed convolution doubles height and width: "
    "every value becomes a block of two by two. The encoder's maps of the same size are concatenated with "
    "the result (the skip connection), and two convolutions combine both. Level by level, coarse context "
    "from below meets fine edges from the side.",
)
PROBABILITIES_TITLE = Text("segmentation.probabilities.title", "Probability of each class")
PROBABILITIES_LEVEL = Text("segmentation.probabilities.level", "probability")
PROBABILITIES = Text(
    "segmentation.probabilities.explanation",
    "For every pixel, the probabilities of all classes add up to 1. Bright is close to 1, dark is close to "
    "0, on the same scale for all classes, so that they can be compared. Where two classes have similar "
    "probabilities, the network is undecided; the hard edge in the mask does not show this.",
)
SKIPS_TITLE = Text("segmentation.skips.title", "Skip connections removed")
SKIPS = Text(
    "segmentation.skips.explanation",
    "This shows what the skip connections contribute: the same picture, segmented again with the encoder's "
    "maps at one level replaced by zeros. Without the fine levels, outlines become blocky; without the "
    "coarse ones, whole objects disappear or change their class. The network was trained with all skip "
    "connections, so removing one also confuses it: the difference shows how much it relies on that level.",
)
ALL_SKIPS = Text("segmentation.skips.all", "All skip connections")
WITHOUT_STRIDE = Text("segmentation.skips.without_stride", "Without stride {n}")
WITHOUT_ANY = Text("segmentation.skips.without_any", "Without any")
UNCHANGED = Text("segmentation.skips.unchanged", "The unchanged answer.")
CHANGED = Text("segmentation.skips.changed", "{percent:.1f}% of the pixels change their class.")
MASK_TITLE = Text("segmentation.mask.title", "Mask")
MASK = Text(
    "segmentation.mask.explanation",
    "Each pixel gets its most likely class. Classes that cover less of the picture than the minimum share "
    "are removed. An object of an unknown class gets the class of whatever it resembles, or becomes "
    "background, because there is no class for anything else.",
)
BACKBONE, UP = "models.core.training.backbone.Backbone", "models.segmentation.architecture.Up"
DECODE = "models.segmentation.architecture.UNet.decode"

MapWithout = Callable[[Collection[int]], np.ndarray]  # the class map with skip connections cut, by strides


def inspect(
    picture: Picture,
    raw: Raw,
    names: Sequence[str],
    mask: Output,
    legend: Sequence[dict[str, Any]],
    params: PredictParams,
    map_without: MapWithout | None = None,
) -> tuple[Stage, ...]:
    """All stages of one segmentation, in order. `map_without` None: a network without skip connections."""
    probabilities = probabilities_stage(raw.logits.softmax(0), names, legend)
    answer = mask_stage(picture, mask, legend, params)
    if map_without is None:
        code = "models.segmentation.pretrained.torchvision.VocNetwork.prepare"
        return input_stage(picture, INPUT_VOC(), code), probabilities, answer
    strides = [2 ** (level + 1) for level in range(len(raw.encoder))]
    skips, lowest = strides[:-1], strides[-1]
    return (
        input_stage(picture, INPUT(), "models.core.images.letterbox.letterbox"),
        maps_stage("encoder", ENCODER_TITLE(), ENCODER(), raw.encoder[:-1], skips, BACKBONE),
        maps_stage(
            "bottleneck",
            BOTTLENECK_TITLE(),
            BOTTLENECK(stride=lowest),
            raw.encoder[-1:],
            [lowest],
            BACKBONE,
        ),
        maps_stage("decoder", DECODER_TITLE(), DECODER(), raw.decoder, skips[::-1], UP),
        probabilities,
        skips_stage(picture, skips, map_without, len(names), params),
        answer,
    )


def input_stage(picture: Picture, explanation: Message, code: str) -> Stage:
    """The picture as the network receives it."""
    file = Output("input.png", Kind.IMAGE, encode_png_quickly(picture.scaled), "image/png")
    width, height = picture.scaled.size
    data = {"file": file.name, "width": width, "height": height}
    data |= {"alt": INPUT_ALT(width=width, height=height)}
    return Stage("input", Kind.IMAGE, INPUT_TITLE(), explanation, data, (file,), code=code, role=Role.INPUT)


def maps_stage(
    name: str,
    title: Message,
    explanation: Message,
    maps: Sequence[torch.Tensor],
    strides: Sequence[int],
    code: str,
) -> Stage:
    """Feature maps (c, h, w) of some levels, one picture of tiles per level."""
    levels, files = feature_maps.levels(
        (str(STRIDE(n=stride)), each, f"{name}{stride}.png")
        for each, stride in zip(maps, strides, strict=True)
    )
    levels = [level | {"name": STRIDE(n=stride)} for level, stride in zip(levels, strides, strict=True)]
    count = sum(len(each) for each in maps)
    return Stage(name, Kind.FEATURE_MAPS, title, explanation, {"levels": levels}, files, count, code)


def probabilities_stage(
    probabilities: torch.Tensor, names: Sequence[str], legend: Sequence[dict[str, Any]]
) -> Stage:
    """One tile per class, of the whole input of the network, over which the browser lays it.

    The object class that covers most of the answer is shown first.
    """
    name = PROBABILITIES_LEVEL()
    level, file = feature_maps.level(str(name), probabilities, "probabilities.png", names)
    objects = [each for each in legend if each["index"] > 0]
    level["first"] = max(objects, key=lambda each: each["share"])["index"] if objects else 0
    return Stage(
        "probabilities",
        Kind.FEATURE_MAPS,
        PROBABILITIES_TITLE(),
        PROBABILITIES(),
        {"levels": [level | {"name": name}]},
        (file,),
        len(names),
        DECODE,
    )


def skips_stage(
    picture: Picture,
    strides: Sequence[int],
    map_without: MapWithout,
    classes: int,
    params: PredictParams,
) -> Stage:
    """The answer with all skip connections, without each, and without any."""
    upload = picture.scaled.crop(picture.frame)
    cuts: list[tuple[Message, Collection[int]]] = [
        (ALL_SKIPS(), ()),
        *((WITHOUT_STRIDE(n=stride), (stride,)) for stride in strides),
        (WITHOUT_ANY(), strides),
    ]
    complete = map_without(())
    pictures, files = [], []
    for number, (name, cut) in enumerate(cuts):
        changed = map_without(cut) if cut else complete
        alt = CHANGED(percent=round(100 * float(np.mean(changed != complete)), 1)) if cut else UNCHANGED()
        bands = overlay(upload, changed, classes, params.opacity)
        file = Output(f"skips{number}.png", Kind.IMAGE, png.encode(*upload.size, bands), "image/png")
        files.append(file)
        pictures.append(
            {"file": file.name, "width": upload.width, "height": upload.height}
            | {"name": name}
            | {"alt": alt}
        )
    data = {
        "width": upload.width,
        "height": upload.height,
        "pictures": pictures,
        "left": 0,
        "right": len(cuts) - 1,
    }
    return Stage("skips", Kind.COMPARISON, SKIPS_TITLE(), SKIPS(), data, tuple(files), len(cuts) - 1, DECODE)


def mask_stage(
    picture: Picture, mask: Output, legend: Sequence[dict[str, Any]], params: PredictParams
) -> Stage:
    """The answer."""
    keys = ("index", "name", "color", "share")
    data = {
        "width": picture.upload.width,
        "height": picture.upload.height,
        "file": mask.name,
        "opacity": params.opacity,
        "classes": [{key: each[key] for key in keys} | {"shown": each["index"] > 0} for each in legend],
    }
    found = sum(each["index"] > 0 for each in legend)
    code = "models.segmentation.masks.class_map"
    return Stage("mask", Kind.MASK, MASK_TITLE(), MASK(), data, (mask,), found, code, Role.ANSWER)
