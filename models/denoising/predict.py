"""The predictor: the bytes of an image in, the image without its noise out."""

from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.images import png
from models.core.images.codec import read
from models.denoising import noise
from models.denoising.card import PredictParams
from models.denoising.inspection import FEATURE_SIDE, busiest, inspect
from models.denoising.metrics import mean_square, psnr
from models.denoising.network import Item, Network, Raw, combined_level, pad

BAND = 256  # rows compressed at once


class Predictor:
    """A denoiser with its weights in memory.

    Raises:
        WeightsError: the file is missing, damaged or does not belong to a denoiser.
    """

    max_batch = 1  # an image is processed in tiles: a batch would gain nothing

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("The denoiser needs a weights file.")
        config, state = checkpoint.load(weights)
        if config.get("architecture") != "denoising-autoencoder":
            raise WeightsError(
                f"{weights.name} is not a denoiser: its architecture is {config.get('architecture')!r}."
            )
        self.network = Network(config, state, device)

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:
        """The image with its alpha channel apart, and noise if it is to be added.

        Raises:
            InputError: the image is missing, damaged, too large, or not an image.
        """
        decoded = read(content(inputs, "image"))
        pixels = np.array(decoded.color)
        alpha = None if decoded.alpha is None else np.asarray(decoded.alpha)
        is_gray = all(bool((row[:, :1] == row[:, 1:]).all()) for row in pixels)  # by rows, to save memory
        noisy = pixels
        if params.add_noise > 0:
            noisy = noise.add(pixels, params.add_noise, params.seed, gray=is_gray)
        level = params.noise_level or None
        return Item(pixels, alpha, is_gray, noisy, level, params.strength, params.add_noise, decoded.notes)

    def forward(self, items: list[Item]) -> list[Raw]:
        """One image after the other, in tiles."""
        return [self.network.denoise(item) for item in items]

    def encode(
        self,
        item: Item,
        raw: Raw,
        params: PredictParams,  # noqa: ARG002  the item has them
        *,
        picture: bool = False,  # noqa: ARG002  the answer is an image anyway
    ) -> Prediction:
        """The image as a PNG file, and the numbers of its noise."""
        denoised = raw.denoised.numpy()
        height, width, _ = denoised.shape
        channels = (denoised[:, :, :1],) if item.is_gray else (denoised,)
        if item.alpha is not None:
            channels = (*channels, item.alpha[:, :, None])
        data = png.encode(width, height, bands(channels))
        return Prediction(result_of(item, raw), (Output("denoised.png", Kind.IMAGE, data, "image/png"),))

    def inspect(self, item: Item, raw: Raw, params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002
        """All stages. The feature maps are computed here, for the detail with the most contrast."""
        detail = busiest(item.noisy, FEATURE_SIDE)
        features = self.network.features(pad(detail.crop(item.noisy)), raw.level)
        return inspect(item, raw, result_of(item, raw), detail, features)


def bands(channels: tuple[np.ndarray, ...]) -> Iterator[np.ndarray]:
    """The rows of an image from its color and, if it has one, its alpha channel."""
    for top in range(0, len(channels[0]), BAND):
        yield np.concatenate([each[top : top + BAND] for each in channels], axis=2)


def result_of(item: Item, raw: Raw) -> dict[str, Any]:
    """The result for programs. Levels are standard deviations in 8-bit units, of 255."""
    denoised = raw.denoised.numpy()
    height, width, _ = denoised.shape
    result: dict[str, Any] = {
        "image": {"width": width, "height": height},
        "noise_level": {
            "used": round(raw.level, 2),
            "estimated": round(combined_level(raw.estimates), 2),
            "told": item.given_level,
        },
        "noise_removed": round(mean_square(item.noisy, denoised) ** 0.5, 3),
    }
    if item.notes:
        result["notes"] = list(item.notes)
    if item.added_level > 0:
        result["noise_added"] = item.added_level
        result["psnr_noisy"] = _decibels(item.noisy, item.pixels)
        result["psnr_denoised"] = _decibels(denoised, item.pixels)
    return result


def _decibels(image: np.ndarray, truth: np.ndarray) -> float | None:
    """PSNR for JSON: None for equal images."""
    value = psnr(image, truth)
    return round(value, 3) if isfinite(value) else None
