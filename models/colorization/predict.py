"""Answers: the bytes of a picture in, the picture in guessed colors out."""

from pathlib import Path

import torch

from models.colorization import networks
from models.colorization.card import PredictParams
from models.colorization.data import is_colored
from models.colorization.fit import Input, prepare
from models.colorization.inspection import inspect
from models.colorization.join import Lines, bands, fit_lines, painted
from models.colorization.lab import rgb_to_lab
from models.colorization.metrics import ab_distance, colorfulness
from models.colorization.networks import Raw
from models.core.contract.card import Kind
from models.core.contract.prediction import Output, Prediction, Stage, Wants
from models.core.images import png
from models.core.images.codec import decode as decode_image
from models.core.images.codec import to_tensor


class Predictor:
    """A colorizer with its weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is no weights of a colorizer.
    """

    max_batch = 16

    def __init__(self, weights: Path, device: str = "cpu"):
        self.weights = weights
        self.networks = networks.load(weights)
        self.device = device
        self.generator = self.networks.generator
        self.generator.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def decode(self, data: bytes, params: PredictParams) -> Input:  # noqa: ARG002  the same face for every capability
        """Raises InputError: `data` is not a picture that can be read."""
        return prepare(decode_image(data), self.networks.config.image_size)

    @torch.inference_mode()
    def forward(self, inputs: list[Input]) -> list[Raw]:
        """The network on up to `max_batch` pictures; those of one shape go through it together."""
        shapes: dict[torch.Size, list[int]] = {}
        for index, item in enumerate(inputs):
            shapes.setdefault(item.lab.shape, []).append(index)
        answers: dict[int, Raw] = {}
        for indices in shapes.values():
            lightness = torch.stack([inputs[index].lab[:1] for index in indices])
            features, ab = self.generator.look(lightness.to(self.device, memory_format=torch.channels_last))
            levels, colors = [level.float().cpu() for level in features], ab.float().cpu()
            for row, index in enumerate(indices):
                answers[index] = Raw(tuple(level[row] for level in levels), colors[row])
        return [answers[index] for index in range(len(inputs))]

    @torch.inference_mode()
    def encode(self, given: Input, raw: Raw, params: PredictParams, wants: Wants) -> Prediction:
        """Join the colors with the full-size lightness, and gather the stages that are wanted."""
        lines = fit_lines(given.lab[:1], raw.ab)
        width, height = given.upload.size
        picture = png.encode(width, height, bands(given.upload, lines, params.saturation))
        outputs = (Output("colorized.png", Kind.IMAGE, picture, "image/png"),)
        colored = is_colored(given.seen)
        stages: tuple[Stage, ...] = ()
        if wants.inspection:
            stages = inspect(self.networks, self.weights, given, raw, lines, params, colored)
        return Prediction(result_of(given, lines, params, colored), outputs, stages)

    def __call__(self, data: bytes, params: PredictParams, wants: Wants | None = None) -> Prediction:
        """All three in a row, for one picture. Raises InputError: `data` is no picture that can be read."""
        given = self.decode(data, params)
        return self.encode(given, self.forward([given])[0], params, wants or Wants())


def result_of(given: Input, lines: Lines, params: PredictParams, colored: bool) -> dict[str, object]:
    """The answer in numbers, measured at the network's size."""
    answer = to_tensor(painted(given.seen, lines, params.saturation))
    return {
        "image": {"width": given.upload.width, "height": given.upload.height},
        "seen": {"width": given.seen.width, "height": given.seen.height},
        "colorfulness": round(colorfulness(answer), 2),
        "upload": {
            "in_color": colored,
            "colorfulness": round(colorfulness(to_tensor(given.seen)), 2),
            # how far the guess is from the colors that the upload had, mean over its pixels
            "ab_distance": round(ab_distance(rgb_to_lab(answer)[1:], given.lab[1:]), 2) if colored else None,
        },
    }
