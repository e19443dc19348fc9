"""Answers: the bytes of a picture in, the class of every pixel out."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Output, Prediction, Wants
from models.core.images import png
from models.core.images.codec import decode as decode_image
from models.core.images.codec import encode_png
from models.segmentation.card import PredictParams
from models.segmentation.inspection import inspect
from models.segmentation.masks import class_map, color_of, overlay, packed, palette_image, run_lengths
from models.segmentation.network import Input, Raw, UNetNetwork
from models.segmentation.pretrained.torchvision import ARCHITECTURES, VocNetwork


class Network(Protocol):
    """What a segmenter must offer to be served."""

    max_batch: int

    @property
    def classes(self) -> tuple[str, ...]: ...  # the background first

    def prepare(self, upload: Image.Image) -> Input: ...

    def forward(self, inputs: list[Input]) -> list[Raw]: ...

    def probabilities(self, given: Input, logits: torch.Tensor) -> torch.Tensor: ...


class Predictor:
    """A segmenter with its weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is no weights of a segmenter.
    """

    network: Network

    def __init__(self, weights: Path, device: str = "cpu"):
        config, state = checkpoint.load(weights)
        architecture = config.get("architecture")
        if architecture == "unet":
            self.network = UNetNetwork(config, state, device)
        elif architecture in ARCHITECTURES:
            self.network = VocNetwork(config, state, device)
        else:
            raise WeightsError(f"{weights.name} holds no segmenter: its architecture is {architecture!r}.")
        self.max_batch = self.network.max_batch

    def decode(self, data: bytes, params: PredictParams) -> Input:  # noqa: ARG002  the same face for every capability
        """Raises InputError: `data` is not a picture that can be read."""
        return self.network.prepare(decode_image(data))

    def forward(self, inputs: list[Input]) -> list[Raw]:
        """The network on up to `max_batch` pictures."""
        return self.network.forward(inputs)

    def encode(self, given: Input, raw: Raw, params: PredictParams, wants: Wants) -> Prediction:
        """The mask at the upload's own size, its legend, the picture under its colors, the wanted stages."""
        upload, names = given.upload, self.network.classes
        probabilities = self.network.probabilities(given, raw.logits)
        classes = class_map(probabilities, upload.width, upload.height, params.least_share)
        legend = legend_of(classes, names, rle=params.rle)
        mask = Output("mask.png", Kind.MASK, encode_png(palette_image(classes, len(names))), "image/png")
        colored = png.encode(
            upload.width, upload.height, overlay(upload, classes, len(names), params.opacity)
        )
        result = {"classes": legend, "image": {"width": upload.width, "height": upload.height}}
        stages = inspect(self.network, given, raw, mask, legend, params) if wants.inspection else ()
        return Prediction(result, (Output("overlay.png", Kind.IMAGE, colored, "image/png"), mask), stages)

    def __call__(self, data: bytes, params: PredictParams, wants: Wants | None = None) -> Prediction:
        """All three in a row, for one picture. Raises InputError: `data` is no picture that can be read."""
        given = self.decode(data, params)
        return self.encode(given, self.forward([given])[0], params, wants or Wants())


def legend_of(classes: np.ndarray, names: tuple[str, ...], *, rle: bool) -> list[dict[str, Any]]:
    """The classes that occur in a map (H, W), with their colors and shares; on request COCO's run lengths."""
    counts = np.bincount(classes.reshape(-1), minlength=len(names))
    legend = []
    for index in np.flatnonzero(counts).tolist():
        entry = {
            "index": index,
            "name": names[index],
            "color": color_of(index),
            "pixels": int(counts[index]),
            "share": round(float(counts[index] / classes.size), 4),
        }
        if rle:
            entry["rle"] = {"size": list(classes.shape), "counts": packed(run_lengths(classes == index))}
        legend.append(entry)
    return legend
