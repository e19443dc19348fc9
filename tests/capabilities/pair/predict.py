"""The absolute difference of two pictures."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

from models.core.contract.card import Kind
from models.core.contract.prediction import Inputs, Output, Prediction, Role, Stage, content
from models.core.images.codec import decode, encode_png
from tests.capabilities.pair.card import PredictParams


@dataclass(frozen=True)
class Item:
    before: Image.Image
    after: Image.Image


class Predictor:
    max_batch = 4

    def __init__(self, weights: Path | None, device: str = "cpu"):
        assert weights is None
        self.device = device

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:  # noqa: ARG002
        """Raises InputError."""
        before = decode(content(inputs, "before")).convert("RGB")
        after = decode(content(inputs, "after")).convert("RGB")
        return Item(before, after.resize(before.size))

    def forward(self, items: list[Item]) -> list[Image.Image]:
        return [ImageChops.difference(item.before, item.after) for item in items]

    def encode(
        self,
        item: Item,  # noqa: ARG002
        raw: Image.Image,
        params: PredictParams,  # noqa: ARG002
        *,
        picture: bool = False,  # noqa: ARG002  the answer is a picture anyway
    ) -> Prediction:
        width, height = raw.size
        output = Output("difference.png", Kind.IMAGE, encode_png(raw), "image/png")
        largest = max(raw.tobytes(), default=0)
        return Prediction({"width": width, "height": height, "largest": largest}, (output,))

    def inspect(self, item: Item, raw: Image.Image, params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002
        return (
            _picture("before", "Before", item.before, Role.INPUT),
            _picture("after", "After", item.after, None),
            _picture("difference", "Difference", raw, Role.ANSWER),
        )


def _picture(name: str, title: str, image: Image.Image, role: Role | None) -> Stage:
    file = Output(f"{name}.png", Kind.IMAGE, encode_png(image), "image/png")
    data = {"file": file.name, "width": image.width, "height": image.height, "alt": title}
    return Stage(name, Kind.IMAGE, title, "One of three pictures.", data, (file,), role=role)
