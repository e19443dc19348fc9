"""How many pixels each brush has painted."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from models.core.contract.card import Brush, Kind
from models.core.contract.prediction import Inputs, Output, Prediction, Role, Stage, content
from models.core.images.codec import decode, encode_png
from tests.capabilities.drawing.card import OUTLINES, PARTS, PredictParams

BRUSHES = (*PARTS.brushes, *OUTLINES.brushes, Brush("none", PARTS.background))
NAMES = {(*bytes.fromhex(brush.color[1:]),): brush.name for brush in BRUSHES}


class Predictor:
    max_batch = 4

    def __init__(self, weights: Path | None, device: str = "cpu"):
        assert weights is None
        self.device = device

    def decode(self, inputs: Inputs, params: PredictParams) -> Image.Image:  # noqa: ARG002
        """Raises InputError."""
        return decode(content(inputs, "image")).convert("RGB")

    def forward(self, items: list[Image.Image]) -> list[Counter[str]]:
        return [Counter(NAMES.get(color, "other") for color in _colors(item)) for item in items]

    def encode(
        self,
        item: Image.Image,
        raw: Counter[str],
        params: PredictParams,  # noqa: ARG002
        *,
        picture: bool = False,  # noqa: ARG002  the answer is a picture anyway
    ) -> Prediction:
        pixels = {name: count for name, count in sorted(raw.items()) if name != "other"}
        result = {"width": item.width, "height": item.height, "pixels": pixels, "others": raw["other"]}
        return Prediction(result, (Output("map.png", Kind.IMAGE, encode_png(item), "image/png"),))

    def inspect(self, item: Image.Image, raw: Counter[str], params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002
        file = Output("map.png", Kind.IMAGE, encode_png(item), "image/png")
        data = {"file": file.name, "width": item.width, "height": item.height, "alt": "the map"}
        return (Stage("map", Kind.IMAGE, "Map", f"{raw.total()} pixels.", data, (file,), role=Role.ANSWER),)


def _colors(item: Image.Image) -> Iterator[tuple[int, ...]]:
    return zip(*(channel.tobytes() for channel in item.split()), strict=True)
