"""Semantic segmentation: a picture in, the class of every pixel out."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.images import png
from models.core.images.codec import encode_png, read
from models.core.training import familiarity
from models.core.training.familiarity import Evidence, Familiarity
from models.segmentation.architecture import Config, UNet, enlarge
from models.segmentation.card import PredictParams
from models.segmentation.data import Picture, Raw, prepare
from models.segmentation.familiarity import evidence_of
from models.segmentation.inspection import inspect
from models.segmentation.masks import class_map, color_of, compress, overlay, palette_image, run_lengths
from models.segmentation.pretrained.torchvision import VocNetwork


class Network(Protocol):
    """What the predictor needs of a segmentation model."""

    max_batch: int
    familiarity: Familiarity | None  # None: nothing is known about the pictures that it learned from

    @property
    def classes(self) -> tuple[str, ...]: ...  # the background comes first

    def prepare(self, upload: Image.Image) -> Picture: ...

    def forward(self, pictures: list[Picture]) -> list[Raw]: ...

    def probabilities(self, picture: Picture, logits: torch.Tensor) -> torch.Tensor: ...

    def evidence(self, picture: Picture, raw: Raw) -> Evidence | None:
        """What the picture is compared by with those; None: the model does not show its features."""
        ...


class UNetNetwork:
    """The U-Net with its weights in memory.

    Raises:
        WeightsError: the config or the weights are not those of a U-Net.
    """

    max_batch = 16

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str):
        try:
            state, self.familiarity = familiarity.split(state)
            self.config = Config.from_json(config)
            self.model = UNet(self.config)
            self.model.load_state_dict(state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(f"The weights do not fit the U-Net: {error}") from error
        self.classes = self.config.classes
        self.device = device
        self.model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    def prepare(self, upload: Image.Image) -> Picture:
        return prepare(upload, self.config.image_size)

    @torch.inference_mode()
    def forward(self, pictures: list[Picture]) -> list[Raw]:
        images = torch.stack([picture.tensor for picture in pictures])
        encoded = self.model.encoder(images.to(self.device, memory_format=torch.channels_last))
        maps = self.model.decode(encoded)
        encoder, decoder = ([level.float().cpu() for level in part] for part in (maps.encoder, maps.decoder))
        logits = maps.logits.float().cpu()
        return [
            Raw(
                logits[index],
                tuple(level[index] for level in encoder),
                tuple(level[index] for level in decoder),
            )
            for index in range(len(pictures))
        ]

    @torch.inference_mode()
    def without(self, raw: Raw, strides: Collection[int]) -> torch.Tensor:
        """(C, h, w) logits of the same picture with the skip connections at these strides cut.

        Called from several threads, while the device's thread runs a forward pass: in evaluation mode the
        model is only read.
        """
        encoded = [
            level[None].to(self.device).contiguous(memory_format=torch.channels_last) for level in raw.encoder
        ]
        return self.model.decode(encoded, strides).logits[0].float().cpu()

    def probabilities(self, picture: Picture, logits: torch.Tensor) -> torch.Tensor:
        """(C, h, w) for the frame of the upload, at the scale of the network's input."""
        size = self.config.image_size
        return picture.crop(enlarge(logits[None].softmax(1), size, size)[0])

    def evidence(self, picture: Picture, raw: Raw) -> Evidence:
        return evidence_of(raw.encoder, raw.logits, picture.placement, self.config.image_size)


class SemanticPredictor:
    """A model of pixels' classes with its weights in memory. Slow to build, quick to call.

    Args:
        shipped: the familiarity of weights that have none among them.

    Raises:
        WeightsError: the weights do not fit the architecture that the config names.
    """

    network: Network

    def __init__(
        self,
        config: Mapping[str, Any],
        state: Mapping[str, torch.Tensor],
        device: str,
        shipped: Familiarity | None = None,
    ):
        is_own = config.get("architecture") == "unet"
        self.network = (UNetNetwork if is_own else VocNetwork)(config, state, device)
        self.familiarity = self.network.familiarity or shipped
        self.max_batch = self.network.max_batch

    def decode(self, inputs: Inputs, params: PredictParams) -> Picture:  # noqa: ARG002  the contract's signature
        """Raises InputError: the input is not a readable picture."""
        decoded = read(content(inputs, "image"))
        return replace(self.network.prepare(decoded.on_white), notes=decoded.notes)

    def forward(self, items: list[Picture]) -> list[Raw]:
        """The network on up to `max_batch` pictures."""
        return self.network.forward(items)

    def encode(
        self,
        item: Picture,
        raw: Raw,
        params: PredictParams,
        *,
        picture: bool = False,  # noqa: ARG002  the overlay is always the first output
    ) -> Prediction:
        """The overlay and the mask at the upload's size, and the classes that occur as JSON."""
        upload, names = item.upload, self.network.classes
        classes = self._class_map(item, raw.logits, params.least_share)
        bands = overlay(upload, classes, len(names), params.opacity)
        colored = Output("overlay.png", Kind.IMAGE, png.encode(*upload.size, bands), "image/png")
        result = {
            "classes": legend_of(classes, names, rle=params.rle),
            "image": {"width": upload.width, "height": upload.height},
            "labels": list(names[1:]),
        }
        if self.familiarity and (evidence := self.network.evidence(item, raw)):
            result["familiarity"] = self.familiarity.result(evidence)
        if item.notes:
            result["notes"] = list(item.notes)
        return Prediction(result, (colored, mask_file(classes, len(names))))

    def inspect(self, item: Picture, raw: Raw, params: PredictParams) -> tuple[Stage, ...]:
        """The stages that open the answer, in order."""
        network = self.network
        classes = self._class_map(item, raw.logits, params.least_share)
        mask = mask_file(classes, len(network.classes))
        legend = legend_of(classes, network.classes, rle=False)
        if not isinstance(network, UNetNetwork):
            return inspect(item, raw, network.classes, mask, legend, params)
        distance = (self.familiarity.stage(network.evidence(item, raw)),) if self.familiarity else ()
        left, top, right, bottom = item.frame

        def map_without(strides: Collection[int]) -> np.ndarray:
            logits = network.without(raw, strides) if strides else raw.logits
            return class_map(network.probabilities(item, logits), right - left, bottom - top, 0.0)

        *steps, answer = inspect(item, raw, network.classes, mask, legend, params, map_without)
        return *steps, *distance, answer

    def _class_map(self, item: Picture, logits: torch.Tensor, least_share: float) -> np.ndarray:
        """(H, W) uint8, at the upload's size."""
        probabilities = self.network.probabilities(item, logits)
        return class_map(probabilities, item.upload.width, item.upload.height, least_share)


def mask_file(classes: np.ndarray, count: int, name: str = "mask.png") -> Output:
    """The class map as a palette PNG."""
    return Output(name, Kind.MASK, encode_png(palette_image(classes, count)), "image/png")


def legend_of(classes: np.ndarray, names: tuple[str, ...], *, rle: bool) -> list[dict[str, Any]]:
    """The classes that occur in a map (H, W), with colors and shares; with `rle` also their masks."""
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
            entry["rle"] = {"size": list(classes.shape), "counts": compress(run_lengths(classes == index))}
        legend.append(entry)
    return legend
