"""The steps of one segmentation, each with its data, and words for who sees it for the first time."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import torch

from models.core.contract.card import Kind
from models.core.contract.prediction import Output, Stage
from models.core.images import feature_maps, png
from models.core.images.codec import encode_png_quickly
from models.segmentation.card import PredictParams
from models.segmentation.masks import class_map, overlay
from models.segmentation.network import Input, Raw, UNetNetwork

INPUT = (
    "Pictures come in every size, the network takes one. The picture is shrunk or enlarged until it "
    "fits, keeping its proportions, and what remains of the square is filled with gray. Detail that is "
    "lost here is lost for good. The answer is enlarged back to the original pixels at the end."
)
INPUT_VOC = (
    "The picture is resized so that its shorter side has the length that the network was trained with, "
    "unless the longer one would get too long. This is what the network sees. The answer is enlarged back "
    "to the original pixels at the end."
)
ENCODER = (
    "The way down: layers of small filters turn the picture into feature maps, each of which is bright where "
    "one pattern was found. At every level height and width are halved and there are more maps, so that a "
    "pixel of a map sees more of the picture: first edges and colors, then parts of things. What is where "
    "becomes coarser, what it is becomes clearer."
)
BOTTLENECK = (
    "The lowest level: one pixel of these maps stands for 32 by 32 of the input and has seen most of the "
    "picture. Here the network knows best what is in the picture, and least where its edges are. Everything "
    "that the answer says about kinds of things comes through these few numbers."
)
DECODER = (
    "The way up: a transposed convolution doubles height and width, each pixel painting a block of two by "
    "two. The encoder's map of the same size is laid beside it, and two convolutions merge both. So the "
    "coarse knowledge from below meets the fine edges from the side, level by level."
)
PROBABILITIES = (
    "For every pixel the network shares out one hundred percent among the classes. Bright is certain, dark "
    "is no. All tiles have the same scale, so they can be compared. Where two classes both lie between, "
    "the network wavers, and the answer there says less than its hard edge looks."
)
SKIPS = (
    "What the skip connections are for: the same picture again, with the encoder's map at one level replaced "
    "by zeros. Without the fine ones, outlines become blocks; without the coarse ones, whole things are "
    "lost or change their class. The network was trained with all of them, so a cut also confuses it: the "
    "difference shows how much it relied on that level."
)
MASK = (
    "Each pixel gets its likeliest class. Classes that cover less of the picture than your limit are left "
    "out. A thing of a kind that the network never saw gets the class of whatever it resembles, or becomes "
    "background: there is no class for something else."
)
BACKBONE, UP = "models.core.training.backbone.Backbone", "models.segmentation.architecture.Up"


def inspect(
    network: Any,
    given: Input,
    raw: Raw,
    mask: Output,
    legend: Sequence[dict[str, Any]],
    params: PredictParams,
) -> tuple[Stage, ...]:
    """All stages of one segmentation, in order."""
    probabilities = probabilities_stage(raw.logits.softmax(0), network.classes, legend)
    last = mask_stage(given, mask, legend, params)
    if not isinstance(network, UNetNetwork):
        return (
            input_stage(given, INPUT_VOC, "models.segmentation.pretrained.torchvision.VocNetwork.prepare"),
            probabilities,
            last,
        )
    strides = network.config.strides
    return (
        input_stage(given, INPUT, "models.core.images.letterbox.letterbox"),
        maps_stage("encoder", "Encoder", ENCODER, raw.encoder[:-1], strides, BACKBONE),
        maps_stage("bottleneck", "Bottleneck", BOTTLENECK, raw.encoder[-1:], (2 * strides[-1],), BACKBONE),
        maps_stage("decoder", "Decoder", DECODER, raw.decoder, strides[::-1], UP),
        probabilities,
        skips_stage(network, given, raw, params),
        last,
    )


def input_stage(given: Input, words: str, code: str) -> Stage:
    """What the network sees."""
    file = Output("input.png", Kind.IMAGE, encode_png_quickly(given.seen), "image/png")
    width, height = given.seen.size
    data = {
        "file": file.name,
        "width": width,
        "height": height,
        "alt": f"The picture at {width} by {height} pixels, as the network sees it.",
    }
    return Stage("input", Kind.IMAGE, "Input", words, data, (file,), code=code)


def maps_stage(
    name: str, title: str, words: str, maps: Sequence[torch.Tensor], strides: Sequence[int], code: str
) -> Stage:
    """Feature maps (c, h, w) of some levels, one picture of tiles a level."""
    levels, files = feature_maps.levels(
        (f"stride {stride}", each, f"{name}{stride}.png") for each, stride in zip(maps, strides, strict=True)
    )
    count = sum(len(each) for each in maps)
    return Stage(name, Kind.FEATURE_MAPS, title, words, {"levels": levels}, files, count, code)


def probabilities_stage(
    probabilities: torch.Tensor, classes: Sequence[str], legend: Sequence[dict[str, Any]]
) -> Stage:
    """One tile a class, of the whole picture that the network sees: the browser lays it over that.

    The thing that covers most of the answer is looked at first: background tells least.
    """
    level, file = feature_maps.level("probability", probabilities, "probabilities.png", classes)
    things = [each for each in legend if each["index"] > 0]
    level["first"] = max(things, key=lambda each: each["share"])["index"] if things else 0
    return Stage(
        "probabilities",
        Kind.FEATURE_MAPS,
        "Probability of each class",
        PROBABILITIES,
        {"levels": [level]},
        (file,),
        len(classes),
        "models.segmentation.architecture.UNet.decode",
    )


def skips_stage(network: UNetNetwork, given: Input, raw: Raw, params: PredictParams) -> Stage:
    """The answer with all skip connections, without each, without any."""
    seen = given.seen.crop(_frame(given))
    strides = network.config.strides
    cuts: list[tuple[str, Collection[int]]] = [
        ("All skip connections", ()),
        *((f"Without stride {stride}", (stride,)) for stride in strides),
        ("Without any", strides),
    ]
    pictures, files, whole = [], [], None
    for number, (name, cut) in enumerate(cuts):
        logits = network.without(raw, cut) if cut else raw.logits
        classes = class_map(network.probabilities(given, logits), *seen.size, 0.0)
        whole = classes if whole is None else whole
        changed = float(np.mean(classes != whole))
        bands = overlay(seen, classes, len(network.classes), params.opacity)
        file = Output(f"skips{number}.png", Kind.IMAGE, png.encode(*seen.size, bands), "image/png")
        files.append(file)
        pictures.append(
            {
                "name": name,
                "file": file.name,
                "width": seen.width,
                "height": seen.height,
                "alt": f"{changed:.1%} of the pixels get another class." if cut else "The answer as it is.",
            }
        )
    data = {
        "width": seen.width,
        "height": seen.height,
        "pictures": pictures,
        "left": 0,
        "right": len(cuts) - 1,
    }
    return Stage(
        "skips",
        Kind.COMPARISON,
        "Skip connections cut",
        SKIPS,
        data,
        tuple(files),
        len(cuts) - 1,
        "models.segmentation.architecture.UNet.decode",
    )


def _frame(given: Input) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the upload in the picture that the network sees."""
    rows, columns = given.inside(torch.empty(given.seen.height, given.seen.width)).shape
    left, top = given.placed.left, given.placed.top
    return left, top, left + columns, top + rows


def mask_stage(given: Input, mask: Output, legend: Sequence[dict[str, Any]], params: PredictParams) -> Stage:
    """The answer."""
    keys = ("index", "name", "color", "share")
    data = {
        "width": given.upload.width,
        "height": given.upload.height,
        "file": mask.name,
        "opacity": params.opacity,
        "classes": [{key: each[key] for key in keys} | {"shown": each["index"] > 0} for each in legend],
    }
    found = sum(each["index"] > 0 for each in legend)
    code = "models.segmentation.masks.class_map"
    return Stage("mask", Kind.MASK, "Mask", MASK, data, (mask,), found, code)
