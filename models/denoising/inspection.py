"""The steps of one denoising, each with its data and its words."""

from collections.abc import Mapping
from math import ceil, sqrt
from typing import Any

import numpy as np
import torch
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.prediction import Output, Stage
from models.core.images import feature_maps
from models.core.images.codec import encode_png_quickly
from models.denoising import stage_texts
from models.denoising.network import Input, Raw, shrunk, whole_cells
from models.denoising.noise import BITS
from models.denoising.view import View, busiest

SHOWN_SIDE = 1024  # of a large picture, the longest side that is shown
MAP_SIDE = 512  # of the map of levels
CURVE_REACH = 3.5  # how many levels to each side the curve shows


def inspect(given: Input, raw: Raw, result: Mapping[str, Any]) -> tuple[Stage, ...]:
    """All stages of one denoising, in order."""
    view = busiest(given.upload.pixels, SHOWN_SIDE)
    stages = [input_stage(given, raw)]
    if given.added > 0:
        stages.append(added_stage(given, view, result))
    stages += [level_stage(given, raw, result), feature_stage(raw), removed_stage(given, raw, view)]
    stages.append(spread_stage(given, raw, view))
    if given.added > 0:
        stages.append(error_stage(given, raw, view))
    return (*stages, answer_stage(given, raw, view, result))


def picture(name: str, pixels: np.ndarray) -> Output:
    return Output(name, Kind.IMAGE, encode_png_quickly(Image.fromarray(pixels)), "image/png")


def compared(name: str, file: Output | None, pixels: np.ndarray, alt: str) -> dict[str, Any]:
    """One picture of a comparison; `file` None: the upload itself."""
    height, width = pixels.shape[:2]
    return {"name": name, "file": file and file.name, "width": width, "height": height, "alt": alt}


def comparison(view: View, pictures: list[dict[str, Any]], left: int, right: int) -> dict[str, Any]:
    return {
        "width": view.width, "height": view.height, "pictures": pictures, "left": left, "right": right,
    }  # fmt: skip


def where(given: Input, view: View) -> str:
    """A sentence for pictures that are not shown whole."""
    if view.is_all(given.noisy):
        return ""
    return (
        f" The picture is large: shown is a detail of {view.width} × {view.height} pixels at its own size, "
        f"from column {view.left} and row {view.top} on."
    )


def input_stage(given: Input, raw: Raw) -> Stage:
    """The detail that the feature maps belong to, as the network sees it."""
    view = raw.detail
    seen = whole_cells(view.of(given.noisy)).permute(1, 2, 0).numpy()
    file = picture("input.png", seen)
    height, width, _ = seen.shape
    alt = f"{width} by {height} pixels of the picture, as the network sees them."
    data = {"file": file.name, "width": width, "height": height, "alt": alt}
    text = f"{stage_texts.INPUT} It begins at column {view.left} and row {view.top}."
    return Stage("input", Kind.IMAGE, "Input", text, data, (file,), code="models.denoising.view.busiest")


def added_stage(given: Input, view: View, result: Mapping[str, Any]) -> Stage:
    """Before and after noise was added."""
    whole = view.is_all(given.noisy) and given.upload.alpha is None
    clean, noisy = view.of(given.upload.pixels), view.of(given.noisy)
    files = (
        [picture("noisy.png", noisy)] if whole else [picture("noisy.png", noisy), picture("clean.png", clean)]
    )
    pictures = [
        compared("Clean", None if whole else files[1], clean, "The picture as it came"),
        compared("Noisy", files[0], noisy, f"With noise of level {given.added:g}"),
    ]
    text = (
        f"{stage_texts.ADDED} The level is {given.added:g} of 255, "
        f"the noisy picture's PSNR {decibels(result['psnr_noisy'])}.{where(given, view)}"
    )
    data = comparison(view, pictures, 0, 1)
    return Stage(
        "noise", Kind.COMPARISON, "Noise added", text, data, tuple(files), code="models.denoising.noise.add"
    )


def level_stage(given: Input, raw: Raw, result: Mapping[str, Any]) -> Stage:
    """The guesses of the noise level, one for every 4 x 4 pixels."""
    guesses = shrunk(raw.guesses.level[0], MAP_SIDE) * BITS
    top = max(1.0, float(guesses.max()))
    gray = (guesses / top * 255).round().to(torch.uint8).numpy()
    file = picture("level.png", gray)
    about = result["noise_level"]
    text = f"{stage_texts.LEVEL} White is {top:.0f} of 255. Together they say {about['estimated']:.1f}"
    if given.told is not None:
        text += f"; you told {given.told:g}, and that is what was used"
    if given.added > 0:
        text += f"; {given.added:g} was added to what the picture already had"
    height, width = gray.shape
    data = {
        "file": file.name,
        "width": width,
        "height": height,
        "alt": "Brighter: a higher guess of the noise",
    }
    code = "models.denoising.architecture.Guesses"
    return Stage("level", Kind.IMAGE, "Noise level", f"{text}.", data, (file,), code=code)


def feature_stage(raw: Raw) -> Stage:
    """All feature maps of encoder and bottleneck, one picture of tiles a depth."""
    depths = (("encoder", 2), ("encoder", 4), ("bottleneck", 8))
    levels, files = feature_maps.levels(
        (f"{name}, 1/{stride}", maps, f"stride{stride}.png")
        for maps, (name, stride) in zip(raw.features, depths, strict=True)
    )
    return Stage(
        "features", Kind.FEATURE_MAPS, "Encoder", stage_texts.FEATURES, {"levels": levels}, files,
        sum(len(maps) for maps in raw.features), "models.denoising.architecture.Autoencoder",
    )  # fmt: skip


def removed_stage(given: Input, raw: Raw, view: View) -> Stage:
    """What was taken away, around middle gray."""
    difference = view.of(given.noisy).astype(np.int16) - view.of(raw.answer.numpy())
    factor = amplification(raw.level)
    file = picture("removed.png", (128 + factor * difference).clip(0, 255).astype(np.uint8))
    data = {
        "file": file.name,
        "width": view.width,
        "height": view.height,
        "alt": "The noise that was removed",
    }
    text = f"{stage_texts.REMOVED} Amplified {factor} times.{where(given, view)}"
    code = "models.denoising.architecture.Autoencoder"
    return Stage("removed", Kind.IMAGE, "Noise removed", text, data, (file,), code=code)


def amplification(level: float, white: int = 127) -> int:
    """A whole factor, from 1 to 16, with which two levels of noise just fit below `white`.

    That lies 127 above the middle gray around which differences are drawn.
    """
    return int(min(16, max(1, white // (2 * max(level, 1.0)))))


def spread_stage(given: Input, raw: Raw, view: View) -> Stage:
    """The distribution of what was taken away, beside a normal one."""
    sigma = max(raw.level, 1.0)
    difference = view.of(given.noisy).astype(np.int16) - view.of(raw.answer.numpy())
    counts = np.bincount((difference + 255).ravel(), minlength=511)
    reach = min(255, ceil(CURVE_REACH * sigma))
    values = np.arange(-reach, reach + 1)
    share = counts[values + 255] / difference.size
    bell = np.exp(-0.5 * (values / sigma) ** 2) / (sigma * sqrt(2 * np.pi))
    data = {
        "x_label": "amount taken away",
        "y_label": "share of values",
        "series": [
            {"name": "taken away", "x": values.tolist(), "y": share.round(6).tolist()},
            {"name": f"bell curve of level {sigma:.1f}", "x": values.tolist(), "y": bell.round(6).tolist()},
        ],
    }
    code = "models.denoising.inspection.spread_stage"
    return Stage(
        "spread", Kind.CURVE, "Is it noise?", stage_texts.SPREAD + where(given, view), data, code=code
    )


def error_stage(given: Input, raw: Raw, view: View) -> Stage:
    """How far noisy picture and answer are from the truth."""
    truth = view.of(given.upload.pixels).astype(np.int16)
    factor = amplification(given.added, white=255)  # errors have no sign: they begin at black
    files, pictures = [], []
    for name, file, pixels in (
        ("Noisy", "error-noisy.png", given.noisy),
        ("Answer", "error.png", raw.answer.numpy()),
    ):
        away = (factor * np.abs(view.of(pixels) - truth)).clip(0, 255).astype(np.uint8)
        files.append(picture(file, away))
        alt = f"{name}: brighter pixels are further from the truth"
        pictures.append(compared(name, files[-1], away, alt))
    text = f"{stage_texts.ERROR} Amplified {factor} times.{where(given, view)}"
    data = comparison(view, pictures, 0, 1)
    return Stage(
        "error", Kind.COMPARISON, "Error", text, data, tuple(files), code="models.denoising.metrics.psnr"
    )


def answer_stage(given: Input, raw: Raw, view: View, result: Mapping[str, Any]) -> Stage:
    """Upload, noisy picture where there is one, and answer."""
    whole = view.is_all(given.noisy) and given.upload.alpha is None
    upload, files = view.of(given.upload.pixels), []
    if not whole:
        files.append(picture("upload.png", upload))
    pictures = [compared("Upload", None if whole else files[0], upload, "The picture as it came")]
    parts = [("Denoised", "answer.png", raw.answer.numpy(), "Without the noise that was found")]
    if given.added > 0:
        parts.insert(0, ("Noisy", "noisy.png", given.noisy, "With the noise that was added"))
    for name, file, pixels, alt in parts:
        files.append(picture(file, view.of(pixels)))
        pictures.append(compared(name, files[-1], view.of(pixels), alt))
    text = stage_texts.ANSWER + where(given, view)
    if given.added > 0:
        text += (
            f" PSNR: {decibels(result['psnr_noisy'])} before, {decibels(result['psnr_denoised'])} after; "
            "higher is closer to the truth, and 6 dB more halve the error."
        )
    data = comparison(view, pictures, len(pictures) - 2, len(pictures) - 1)
    code = "models.denoising.network.Network.denoise"
    return Stage("answer", Kind.COMPARISON, "Denoised", text, data, tuple(files), code=code)


def decibels(value: float | None) -> str:
    return "infinite" if value is None else f"{value:.1f} dB"
