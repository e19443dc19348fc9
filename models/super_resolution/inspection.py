"""The steps of one enlargement, each with its data, and words for somebody who sees it for the first time."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from models.core.contract.card import Kind
from models.core.contract.prediction import Output, Stage
from models.core.images import feature_maps
from models.core.images.codec import encode_jpeg, encode_png_quickly
from models.super_resolution.detail import Detail
from models.super_resolution.network import Opened

MAP_SIDE = 128  # pixels of a feature map's longer side, at most
BICUBIC = "Bicubic"
AMPLIFICATIONS = (1, 2, 4, 8, 16, 32)

INPUT = (
    "An enlarged picture needs pixels that the upload does not have. Resizing can only spread those that "
    "are there, so edges become soft. The network has seen many photos beside their small versions and "
    "learned which fine structure usually stands behind a coarse one. That is a guess, a good one or not: "
    "no method knows what was really there. The next stages show one part of the picture. "
)
FEATURES = (
    "All work happens at the size of the upload. A layer of small filters turns the colors into {channels} "
    "maps, each of which is bright where one pattern was found. {blocks} blocks refine them, each by adding "
    "a correction to what it got: that is what residual means. Shown are the first maps, those halfway and "
    "the last, out of which the new pixels are made."
)
COMPARISON = (
    "Bicubic resizing draws a smooth curve through the pixels that are there. The PSNR model was trained "
    "to be right on average: where several edges are possible it answers with their mean, which is soft but "
    "true. The GAN model was also trained to fool a critic that tells real photos from made ones: sharper, "
    "with texture that looks right and may be invented. "
)
RESIDUAL = (
    "The network does not draw the picture, it draws what bicubic resizing misses, and both are added. "
    "Gray means that nothing is added, lighter that a pixel becomes lighter, darker that it becomes darker. "
    "It is a thin drawing of edges and texture: smooth places need nothing. The last layer writes {values} "
    "numbers for each pixel of the upload, and pixel shuffle lays them out as {scale} × {scale} new pixels. "
)
AMPLIFIED = "Differences are drawn {factor} times as strong as they are."
ANSWER = (
    "The answer: {scale} times as wide and as high as the upload. {tiles} Detail that the network added is "
    "likely, not certain: letters, faces and numbers that nobody could read in the upload stay unknown, "
    "even if they look sharp now. Do not use it to identify people or to prove anything."
)


@dataclass(frozen=True)
class Answer:
    """What the stages tell about. All pictures but the last lay on white where the upload is transparent."""

    detail: Detail
    given: Image.Image  # the detail of the upload
    bicubic: Image.Image  # the same, resized
    models: Mapping[str, Image.Image]  # the same, by model; the first is the one that answered
    opened: Opened  # of the detail
    scale: int
    tiles: int
    width: int  # of the upload
    height: int
    file: Output  # the answer, or its preview


def inspect(answer: Answer) -> tuple[Stage, ...]:
    """All stages of one enlargement, in order."""
    return (
        input_stage(answer),
        features_stage(answer),
        comparison_stage(answer),
        residual_stage(answer),
        answer_stage(answer),
    )


def input_stage(answer: Answer) -> Stage:
    """The detail as the network sees it."""
    file = Output("input.png", Kind.IMAGE, encode_png_quickly(answer.given), "image/png")
    data = {
        "file": file.name,
        "width": answer.given.width,
        "height": answer.given.height,
        "alt": f"What the network sees, {answer.given.width} by {answer.given.height} pixels.",
    }
    words = INPUT + answer.detail.words
    code = "models.super_resolution.detail.find_detail"
    return Stage("input", Kind.IMAGE, "Input", words, data, (file,), code=code)


def features_stage(answer: Answer) -> Stage:
    """Maps after the first convolution, after half of the blocks, and before the new pixels are made."""
    features = answer.opened.features
    blocks = len(features) - 2
    chosen = {
        "first layer": 0,
        f"block {blocks // 2} of {blocks}": blocks // 2,
        "last layer": len(features) - 1,
    }
    levels, files = feature_maps.levels(
        (name, shrunk(features[index]), f"features{number}.png")
        for number, (name, index) in enumerate(chosen.items())
    )
    words = FEATURES.format(channels=len(features[0]), blocks=str(blocks))
    return Stage("features", Kind.FEATURE_MAPS, "Features", words, {"levels": levels}, files,
                 len(features[0]), "models.super_resolution.architecture.Residual")  # fmt: skip


def shrunk(maps: np.ndarray) -> torch.Tensor:
    """Maps (C, h, w) with at most `MAP_SIDE` pixels on the longer side, by averaging."""
    height, width = maps.shape[1:]
    factor = max(1.0, max(height, width) / MAP_SIDE)
    size = (max(1, round(height / factor)), max(1, round(width / factor)))
    return F.adaptive_avg_pool2d(torch.from_numpy(maps.copy())[None], size)[0]


def comparison_stage(answer: Answer) -> Stage:
    """The detail by bicubic resizing and by every model of this scale."""
    pictures, files = [], []
    shown = {BICUBIC: answer.bicubic, **answer.models}
    for number, (name, picture) in enumerate(shown.items()):
        file = Output(f"model{number}.jpg", Kind.IMAGE, encode_jpeg(picture), "image/jpeg")
        files.append(file)
        pictures.append(
            {
                "name": name,
                "file": file.name,
                "width": picture.width,
                "height": picture.height,
                "alt": "The part as plain resizing enlarges it."
                if name == BICUBIC
                else "The part as this model enlarges it.",
            }
        )
    data = {
        "width": answer.bicubic.width,
        "height": answer.bicubic.height,
        "pictures": pictures,
        "left": 0,
        "right": 1,
    }
    words = COMPARISON + answer.detail.words
    code = "models.super_resolution.architecture.Generator"
    return Stage("comparison", Kind.COMPARISON, "Bicubic and the models", words, data, tuple(files),
                 len(pictures), code)  # fmt: skip


def residual_stage(answer: Answer) -> Stage:
    """What the network adds to the bicubic picture, amplified around gray."""
    picture, factor = residual_picture(answer.opened.residual)
    file = Output("residual.jpg", Kind.IMAGE, encode_jpeg(picture), "image/jpeg")
    data = {
        "file": file.name,
        "width": picture.width,
        "height": picture.height,
        "alt": f"What is added to the bicubic picture, {factor} times as strong, on gray.",
    }
    words = RESIDUAL.format(scale=answer.scale, values=3 * answer.scale**2)
    words += AMPLIFIED.format(factor=factor) if factor > 1 else ""
    code = "models.super_resolution.architecture.Generator.residual"
    return Stage("residual", Kind.IMAGE, "Residual", words.strip(), data, (file,), code=code)


def residual_picture(residual: np.ndarray) -> tuple[Image.Image, int]:
    """(3, h, w) as a picture around gray, amplified while 99 % of it is not cut; and how much."""
    strong = float(np.percentile(np.abs(residual), 99))
    fitting = [factor for factor in AMPLIFICATIONS if factor * strong <= 0.5]
    factor = fitting[-1] if fitting else 1
    values = (residual.transpose(1, 2, 0) * factor + 0.5).clip(0, 1) * 255
    return Image.fromarray(values.round().astype(np.uint8)), factor


def answer_stage(answer: Answer) -> Stage:
    """The upload and the answer, or a preview of a very large one."""
    width, height = answer.width * answer.scale, answer.height * answer.scale
    if answer.tiles > 1:
        tiles = (
            f"It was made in {answer.tiles} tiles that overlap by as much as the network sees, so that no "
            "seam can arise."
        )
    else:
        tiles = "It was made in one piece; larger pictures are cut into overlapping tiles."
    preview = "enlarged" not in answer.file.name
    data = {
        "width": width,
        "height": height,
        "pictures": [
            {
                "name": "Upload",
                "file": None,
                "width": answer.width,
                "height": answer.height,
                "alt": "The picture as it came.",
            },
            {
                "name": "Enlarged (preview)" if preview else "Enlarged",
                "file": answer.file.name,
                "width": width,
                "height": height,
                "alt": f"The picture, {answer.scale} times as wide and as high.",
            },
        ],
        "left": 0,
        "right": 1,
    }
    words = ANSWER.format(scale=answer.scale, tiles=tiles)
    return Stage("enlarged", Kind.COMPARISON, "Enlarged", words, data, (answer.file,),
                 answer.tiles if answer.tiles > 1 else None, "models.core.images.tiles.rows")  # fmt: skip
