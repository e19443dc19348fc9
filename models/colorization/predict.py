"""From an uploaded picture to the picture in predicted colors."""

from dataclasses import replace
from pathlib import Path

import torch

from models.colorization.architecture import load_networks
from models.colorization.card import PredictParams
from models.colorization.data import Item, is_colored, prepare
from models.colorization.guided_filter import LinearColor, colored_bands, colorize, fit
from models.colorization.inspection import Subject, all_stages
from models.colorization.lab import rgb_to_lab
from models.colorization.metrics import ab_distance, colorfulness
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.images import png
from models.core.images.codec import read, to_tensor


class Predictor:
    """A colorizer with its weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is missing, damaged or another architecture's.
    """

    max_batch = 16

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("Colorization needs a weights file.")
        self.weights = weights
        self.networks = load_networks(weights)
        self.device = device
        self.generator = self.networks.generator
        self.generator.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:  # noqa: ARG002  the same for all params
        """Raises InputError: the picture is missing or cannot be read."""
        decoded = read(content(inputs, "image"))
        return replace(prepare(decoded.on_white, self.networks.config.image_size), notes=decoded.notes)

    @torch.inference_mode()
    def forward(self, items: list[Item]) -> list[torch.Tensor]:
        """The predicted ab of each picture, (2, h/2, w/2) on the CPU; equal shapes share a forward pass."""
        shapes: dict[torch.Size, list[int]] = {}
        for index, item in enumerate(items):
            shapes.setdefault(item.lab.shape, []).append(index)
        answers: dict[int, torch.Tensor] = {}
        for indices in shapes.values():
            ab = self.generator(self._lightness([items[index] for index in indices])).float().cpu()
            answers |= dict(zip(indices, ab, strict=True))
        return [answers[index] for index in range(len(items))]

    @torch.inference_mode()
    def encode(
        self,
        item: Item,
        raw: torch.Tensor,
        params: PredictParams,
        *,
        picture: bool = False,  # noqa: ARG002  the answer is a picture
    ) -> Prediction:
        """The full-size lightness in the predicted colors."""
        color = fit(item.lab[:1], raw)
        width, height = item.upload.size
        data = png.encode(width, height, colored_bands(item.upload, color, params.saturation))
        outputs = (Output("colorized.png", Kind.IMAGE, data, "image/png"),)
        return Prediction(result_of(item, color, params), outputs)

    @torch.inference_mode()
    def inspect(self, item: Item, raw: torch.Tensor, params: PredictParams) -> tuple[Stage, ...]:
        """From the lightness that the network receives to the answer beside the original."""
        features = self.generator.encode(self._lightness([item]))
        subject = Subject(
            item=item,
            features=tuple(level[0].float().cpu() for level in features),
            ab=raw,
            color=fit(item.lab[:1], raw),
            saturation=params.saturation,
        )
        return all_stages(subject, self.networks, self.weights)

    def _lightness(self, items: list[Item]) -> torch.Tensor:
        lightness = torch.stack([item.lab[:1] for item in items])
        return lightness.to(self.device, memory_format=torch.channels_last)


def result_of(item: Item, color: LinearColor, params: PredictParams) -> dict[str, object]:
    """The answer in numbers, measured at the network's size."""
    answer = to_tensor(colorize(item.resized, color, params.saturation))
    in_color = is_colored(item.resized)
    notes = {"notes": list(item.notes)} if item.notes else {}
    return {
        "image": {"width": item.upload.width, "height": item.upload.height},
        "seen": {"width": item.resized.width, "height": item.resized.height},
        "colorfulness": round(colorfulness(answer), 2),
        "upload": {
            "in_color": in_color,
            "colorfulness": round(colorfulness(to_tensor(item.resized)), 2),
            # mean distance of the predicted from the upload's colors
            "ab_distance": round(ab_distance(rgb_to_lab(answer)[1:], item.lab[1:]), 2) if in_color else None,
        },
        **notes,
    }
