"""From an uploaded picture to the picture in predicted colors."""

from dataclasses import replace
from pathlib import Path

import torch

from models.colorization.architecture import load_model
from models.colorization.card import PredictParams
from models.colorization.data import Item, is_colored, prepare
from models.colorization.guided_filter import LinearColor, colored_bands, colorize, fit
from models.colorization.inspection import Subject, all_stages
from models.colorization.lab import rgb_to_lab
from models.colorization.metrics import ab_distance, colorfulness
from models.colorization.quantization import annealed_mean
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
        self.model = load_model(weights)
        self.device = device
        self.model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:  # noqa: ARG002  the same for all params
        """Raises InputError: the picture is missing or cannot be read."""
        decoded = read(content(inputs, "image"))
        return replace(prepare(decoded.on_white, self.model.config.image_size), notes=decoded.notes)

    @torch.inference_mode()
    def forward(self, items: list[Item]) -> list[torch.Tensor]:
        """Logits of each picture's colors, (Q, h/4, w/4) on the CPU; equal shapes share a forward pass."""
        shapes: dict[torch.Size, list[int]] = {}
        for index, item in enumerate(items):
            shapes.setdefault(item.lab.shape, []).append(index)
        answers: dict[int, torch.Tensor] = {}
        for indices in shapes.values():
            logits = self.model(self._lightness([items[index] for index in indices])).float().cpu()
            answers |= dict(zip(indices, logits, strict=True))
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
        color = fit(item.lab[:1], annealed_mean(raw[None], params.temperature)[0])
        width, height = item.upload.size
        data = png.encode(width, height, colored_bands(item.upload, color, params.saturation))
        outputs = (Output("colorized.png", Kind.IMAGE, data, "image/png"),)
        return Prediction(result_of(item, color, params), outputs)

    @torch.inference_mode()
    def inspect(self, item: Item, raw: torch.Tensor, params: PredictParams) -> tuple[Stage, ...]:
        """From the lightness that the network receives to the answer beside the original."""
        features = self.model.encode(self._lightness([item]))
        ab = annealed_mean(raw[None], params.temperature)[0]
        subject = Subject(
            item=item,
            features=tuple(level[0].float().cpu() for level in features),
            logits=raw,
            ab=ab,
            color=fit(item.lab[:1], ab),
            temperature=params.temperature,
            saturation=params.saturation,
        )
        return all_stages(subject)

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
