"""The stages of one denoising: their data, images and explanations."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from models.core.contract.card import Kind
from models.core.contract.messages import Message, join
from models.core.contract.prediction import Output, Role, Stage
from models.core.images import feature_maps
from models.core.images.codec import encode_png_quickly
from models.denoising import stage_texts as texts
from models.denoising.network import Item, Raw, pad
from models.denoising.noise import FULL_SCALE

SHOWN_SIDE = 1024  # the longest side that is shown of a large image
FEATURE_SIDE = 256  # of the detail whose feature maps are shown
MAP_SIDE = 512  # of the map of levels
CURVE_WIDTH = 3.5  # levels to each side of the distribution's center
PLACES = 5  # along each side, where a detail can lie
SAMPLE = 4  # every fourth pixel is enough to compare contrasts


@dataclass(frozen=True)
class View:
    """A rectangle of an image, in pixels."""

    left: int
    top: int
    width: int
    height: int

    def crop(self, pixels: np.ndarray) -> np.ndarray:
        """This part of an image (H, W, ...)."""
        return pixels[self.top : self.top + self.height, self.left : self.left + self.width]

    def covers(self, pixels: np.ndarray) -> bool:
        """Whether it is the whole image."""
        return pixels.shape[:2] == (self.height, self.width)


def busiest(pixels: np.ndarray, side: int) -> View:
    """The detail of at most `side` x `side` pixels with the most contrast, of 5 x 5 places.

    It spans sides of the image that are no longer than `side`.
    """
    height, width = pixels.shape[:2]
    high, wide = min(side, height), min(side, width)
    views = [
        View(int(left), int(top), wide, high)
        for top in dict.fromkeys(np.linspace(0, height - high, PLACES).astype(int))
        for left in dict.fromkeys(np.linspace(0, width - wide, PLACES).astype(int))
    ]
    return max(views, key=lambda view: float(view.crop(pixels)[::SAMPLE, ::SAMPLE].std()))


def inspect(
    item: Item, raw: Raw, result: Mapping[str, Any], detail: View, features: tuple[torch.Tensor, ...]
) -> tuple[Stage, ...]:
    """All stages in order; `features` are the feature maps of `detail`."""
    view = busiest(item.pixels, SHOWN_SIDE)
    stages = [input_stage(item, detail)]
    if item.added_level > 0:
        stages.append(noise_stage(item, view, result))
    stages += [level_stage(item, raw, result), feature_stage(features), removed_stage(item, raw, view)]
    stages.append(spread_stage(item, raw, view))
    if item.added_level > 0:
        stages.append(error_stage(item, raw, view))
    return (*stages, answer_stage(item, raw, view, result))


def png_file(name: str, pixels: np.ndarray) -> Output:
    return Output(name, Kind.IMAGE, encode_png_quickly(Image.fromarray(pixels)), "image/png")


def image_data(file: Output, pixels: np.ndarray, alt: str) -> dict[str, Any]:
    height, width = pixels.shape[:2]
    return {"file": file.name, "width": width, "height": height, "alt": alt}


def compared(name: str, file: Output | None, pixels: np.ndarray, alt: str) -> dict[str, Any]:
    """One image of a comparison; `file` None: the upload itself."""
    height, width = pixels.shape[:2]
    return {"name": name, "file": file and file.name, "width": width, "height": height, "alt": alt}


def comparison(view: View, pictures: list[dict[str, Any]], left: int, right: int) -> dict[str, Any]:
    return {
        "width": view.width, "height": view.height, "pictures": pictures, "left": left, "right": right,
    }  # fmt: skip


def shown_detail(item: Item, view: View) -> str:
    """A sentence for images that are not shown whole."""
    if view.covers(item.noisy):
        return ""
    return texts.DETAIL(width=view.width, height=view.height, left=view.left, top=view.top)


def input_stage(item: Item, detail: View) -> Stage:
    """The detail that the feature maps belong to, as the network receives it."""
    pixels = pad(detail.crop(item.noisy)).permute(1, 2, 0).numpy()
    file = png_file("input.png", pixels)
    height, width, _ = pixels.shape
    alt = texts.INPUT_ALT(width=width, height=height)
    return Stage(
        "input", Kind.IMAGE, texts.INPUT_TITLE(), texts.INPUT(left=detail.left, top=detail.top),
        image_data(file, pixels, alt), (file,),
        code="models.denoising.inspection.busiest", role=Role.INPUT,
    )  # fmt: skip


def noise_stage(item: Item, view: View, result: Mapping[str, Any]) -> Stage:
    """The image before and after noise was added."""
    is_upload = view.covers(item.noisy) and item.alpha is None
    clean, noisy = view.crop(item.pixels), view.crop(item.noisy)
    files = [png_file("noisy.png", noisy)]
    if not is_upload:
        files.append(png_file("clean.png", clean))
    pictures = [
        compared(texts.CLEAN_LABEL(), None if is_upload else files[1], clean, texts.UPLOAD_ALT()),
        compared(texts.NOISY_LABEL(), files[0], noisy, texts.NOISY_ALT(level=item.added_level)),
    ]
    numbers = texts.NOISE_NUMBERS(level=item.added_level, psnr=decibels(result["psnr_noisy"]))
    return Stage(
        "noise", Kind.COMPARISON, texts.NOISE_TITLE(),
        join(texts.NOISE(), numbers, shown_detail(item, view)),
        comparison(view, pictures, 0, 1), tuple(files), code="models.denoising.noise.add",
    )  # fmt: skip


def level_stage(item: Item, raw: Raw, result: Mapping[str, Any]) -> Stage:
    """The estimates of the noise level, one for every 4 x 4 pixels."""
    levels = shrink(raw.estimates.level[0], MAP_SIDE) * FULL_SCALE
    white = max(1.0, float(levels.max()))
    gray = (levels / white * 255).round().to(torch.uint8).numpy()
    file = png_file("level.png", gray)
    text = join(
        texts.LEVEL(white=round(white), estimated=round(result["noise_level"]["estimated"], 1)),
        "" if item.given_level is None else texts.LEVEL_GIVEN(level=item.given_level),
        texts.LEVEL_ADDED(level=item.added_level) if item.added_level > 0 else "",
    )
    return Stage(
        "level", Kind.IMAGE, texts.LEVEL_TITLE(), text,
        image_data(file, gray, texts.LEVEL_ALT()), (file,),
        code="models.denoising.architecture.Estimates",
    )  # fmt: skip


def shrink(values: torch.Tensor, longest: int) -> torch.Tensor:
    """A map (h, w), averaged to at most `longest` cells per side."""
    factor = -(-max(values.shape) // longest)
    return F.avg_pool2d(values[None, None], factor, ceil_mode=True)[0, 0] if factor > 1 else values


def feature_stage(features: tuple[torch.Tensor, ...]) -> Stage:
    """All feature maps of encoder and bottleneck, one image of tiles per depth."""
    depths = ((texts.ENCODER_LABEL, 2), (texts.ENCODER_LABEL, 4), (texts.BOTTLENECK_LABEL, 8))
    levels, files = feature_maps.levels(
        (name(stride=stride), maps, f"stride{stride}.png")
        for maps, (name, stride) in zip(features, depths, strict=True)
    )
    return Stage(
        "features", Kind.FEATURE_MAPS, texts.FEATURES_TITLE(), texts.FEATURES(), {"levels": levels}, files,
        sum(len(maps) for maps in features), "models.denoising.architecture.Autoencoder",
    )  # fmt: skip


def removed_stage(item: Item, raw: Raw, view: View) -> Stage:
    """The removed noise around middle gray."""
    difference = removed_noise(item, raw, view)
    factor = amplification(raw.level)
    pixels = (128 + factor * difference).clip(0, 255).astype(np.uint8)
    file = png_file("removed.png", pixels)
    return Stage(
        "removed", Kind.IMAGE, texts.REMOVED_TITLE(),
        join(texts.REMOVED(factor=factor), shown_detail(item, view)),
        image_data(file, pixels, texts.REMOVED_ALT()), (file,),
        code="models.denoising.architecture.Autoencoder",
    )  # fmt: skip


def removed_noise(item: Item, raw: Raw, view: View) -> np.ndarray:
    """Input minus output, (h, w, 3), from -255 to 255."""
    return view.crop(item.noisy).astype(np.int16) - view.crop(raw.denoised.numpy())


def amplification(level: float, white: int = 127) -> int:
    """A factor from 1 to 16 by which two levels of noise just stay below `white`.

    White lies 127 above the middle gray around which differences are drawn.
    """
    return int(min(16, max(1, white // (2 * max(level, 1.0)))))


def spread_stage(item: Item, raw: Raw, view: View) -> Stage:
    """The distribution of the removed noise, beside a normal distribution."""
    sigma = max(raw.level, 1.0)
    difference = removed_noise(item, raw, view)
    counts = np.bincount((difference + 255).ravel(), minlength=511)
    reach = min(255, ceil(CURVE_WIDTH * sigma))
    values = np.arange(-reach, reach + 1)
    share = counts[values + 255] / difference.size
    normal = np.exp(-0.5 * (values / sigma) ** 2) / (sigma * sqrt(2 * np.pi))
    data = {
        "x_label": texts.REMOVED_VALUE(),
        "y_label": texts.SHARE(),
        "series": [
            {"name": texts.REMOVED_LABEL(), "x": values.tolist(), "y": share.round(6).tolist()},
            {
                "name": texts.NORMAL_LABEL(level=round(sigma, 1)),
                "x": values.tolist(),
                "y": normal.round(6).tolist(),
            },
        ],
    }
    return Stage(
        "spread", Kind.CURVE, texts.SPREAD_TITLE(), join(texts.SPREAD(), shown_detail(item, view)), data,
        code="models.denoising.inspection.spread_stage",
    )  # fmt: skip


def error_stage(item: Item, raw: Raw, view: View) -> Stage:
    """The errors of the noisy and of the denoised image."""
    truth = view.crop(item.pixels).astype(np.int16)
    factor = amplification(item.added_level, white=255)  # errors have no sign: they start at black
    files, pictures = [], []
    for name, file, pixels in (
        (texts.NOISY_LABEL(), "error-noisy.png", item.noisy),
        (texts.DENOISED_LABEL(), "error.png", raw.denoised.numpy()),
    ):
        error = (factor * np.abs(view.crop(pixels) - truth)).clip(0, 255).astype(np.uint8)
        files.append(png_file(file, error))
        pictures.append(compared(name, files[-1], error, texts.ERROR_ALT(name=name)))
    return Stage(
        "error", Kind.COMPARISON, texts.ERROR_TITLE(),
        join(texts.ERROR(factor=factor), shown_detail(item, view)),
        comparison(view, pictures, 0, 1), tuple(files), code="models.denoising.metrics.psnr",
    )  # fmt: skip


def answer_stage(item: Item, raw: Raw, view: View, result: Mapping[str, Any]) -> Stage:
    """The upload, the noisy image if noise was added, and the denoised image."""
    is_upload = view.covers(item.noisy) and item.alpha is None
    upload, files = view.crop(item.pixels), []
    if not is_upload:
        files.append(png_file("upload.png", upload))
    pictures = [compared(texts.UPLOAD_LABEL(), None if is_upload else files[0], upload, texts.UPLOAD_ALT())]
    parts = [(texts.DENOISED_LABEL(), "answer.png", raw.denoised.numpy(), texts.DENOISED_ALT())]
    if item.added_level > 0:
        alt = texts.NOISY_ALT(level=item.added_level)
        parts.insert(0, (texts.NOISY_LABEL(), "noisy.png", item.noisy, alt))
    for name, file, pixels, alt in parts:
        files.append(png_file(file, view.crop(pixels)))
        pictures.append(compared(name, files[-1], view.crop(pixels), alt))
    numbers = ""
    if item.added_level > 0:
        before, after = decibels(result["psnr_noisy"]), decibels(result["psnr_denoised"])
        numbers = texts.ANSWER_NUMBERS(before=before, after=after)
    return Stage(
        "answer", Kind.COMPARISON, texts.ANSWER_TITLE(),
        join(texts.ANSWER(), shown_detail(item, view), numbers),
        comparison(view, pictures, len(pictures) - 2, len(pictures) - 1), tuple(files),
        code="models.denoising.network.Network.denoise", role=Role.ANSWER,
    )  # fmt: skip


def decibels(value: float | None) -> Message:
    return texts.INFINITE() if value is None else texts.DECIBELS(value=round(value, 1))
