"""Answers: the bytes of a picture in, the picture without its noise out."""

from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Output, Prediction, Wants
from models.core.images import png
from models.denoising import noise
from models.denoising.card import PredictParams
from models.denoising.inspection import inspect
from models.denoising.metrics import mean_square, psnr
from models.denoising.network import Input, Network, Raw, agreed
from models.denoising.transparency import read

BAND = 256  # rows that are packed at once


class Predictor:
    """A denoiser with its weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is no weights of a denoiser.
    """

    max_batch = 1  # a picture is worked on in pieces of its own: several at once gain nothing

    def __init__(self, weights: Path, device: str = "cpu"):
        config, state = checkpoint.load(weights)
        if config.get("architecture") != "denoising-autoencoder":
            raise WeightsError(
                f"{weights.name} holds no denoiser: its architecture is {config.get('architecture')!r}."
            )
        self.network = Network(config, state, device)

    def decode(self, data: bytes, params: PredictParams) -> Input:
        """Raises InputError: `data` is not a picture that can be read."""
        upload = read(data)
        noisy = upload.pixels
        if params.add_noise > 0:
            noisy = noise.add(upload.pixels, params.add_noise, params.seed, gray=upload.gray)
        return Input(upload, noisy, params.noise_level or None, params.strength, params.add_noise)

    def forward(self, inputs: list[Input]) -> list[Raw]:
        """Each picture on its own, in pieces: its answer does not depend on its company."""
        return [self.network.denoise(given) for given in inputs]

    def encode(self, given: Input, raw: Raw, params: PredictParams, wants: Wants) -> Prediction:
        """The picture as a file, what is known about its noise, and the stages that are wanted."""
        answer = raw.answer.numpy()
        height, width, _ = answer.shape
        channels = (answer[:, :, :1],) if given.upload.gray else (answer,)
        if given.upload.alpha is not None:
            channels = (*channels, given.upload.alpha[:, :, None])
        data = png.encode(width, height, bands(channels))
        outputs = (Output("denoised.png", Kind.IMAGE, data, "image/png"),)
        result = described(given, raw, params)
        stages = inspect(given, raw, result) if wants.inspection else ()
        return Prediction(result, outputs, stages)

    def __call__(self, data: bytes, params: PredictParams, wants: Wants | None = None) -> Prediction:
        """All three in a row, for one picture. Raises InputError: `data` is no picture that can be read."""
        given = self.decode(data, params)
        return self.encode(given, self.forward([given])[0], params, wants or Wants())


def bands(channels: tuple[np.ndarray, ...]) -> Iterator[np.ndarray]:
    """Rows of the answer, with its transparency where there is one."""
    for top in range(0, len(channels[0]), BAND):
        yield np.concatenate([each[top : top + BAND] for each in channels], axis=2)


def described(given: Input, raw: Raw, params: PredictParams) -> dict[str, Any]:
    """The result for programs. Levels are standard deviations in 8-bit units, of 255."""
    answer, truth = raw.answer.numpy(), given.upload.pixels
    height, width, _ = answer.shape
    result: dict[str, Any] = {
        "image": {"width": width, "height": height},
        "noise_level": {
            "used": round(raw.level, 2),
            "estimated": round(agreed(raw.guesses), 2),
            "told": given.told,
        },
        "noise_removed": round(mean_square(given.noisy, answer) ** 0.5, 3),
    }
    if params.add_noise > 0:
        result["noise_added"] = params.add_noise
        result["psnr_noisy"] = _decibels(given.noisy, truth)
        result["psnr_denoised"] = _decibels(answer, truth)
    return result


def _decibels(picture: np.ndarray, truth: np.ndarray) -> float | None:
    """PSNR as JSON can hold it: None where nothing differs."""
    value = psnr(picture, truth)
    return round(value, 3) if isfinite(value) else None
