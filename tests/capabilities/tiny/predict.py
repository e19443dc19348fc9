"""Answers with twenty boxes, and can be asked to be slow or to fail."""

import io
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from models.core.contract import cancellation, checkpoint, progress
from models.core.contract.card import Kind
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.prediction import Inputs, Output, Prediction, Role, Stage, content
from models.core.images.codec import encode_png
from models.core.images.limits import Limits, check_pixels
from models.core.images.picture_files import IMAGE_FORMATS
from tests.capabilities.tiny.architecture import SIDE, Tiny
from tests.capabilities.tiny.card import PredictParams

TILE_SECONDS = 0.02


@dataclass(frozen=True)
class Input:
    pixels: torch.Tensor  # (3, 64, 64) in [0, 1]
    small: Image.Image
    width: int
    height: int
    params: PredictParams


class Predictor:
    max_batch = 16

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("the tiny model has a weights file")
        _, state = checkpoint.load(weights)
        self.device = device
        self.model = Tiny().to(device).eval()
        self.model.load_state_dict(state)

    def decode(self, inputs: Inputs, params: PredictParams) -> Input:
        """Raises InputError."""
        data = content(inputs, "image")
        try:
            with Image.open(io.BytesIO(data), formats=IMAGE_FORMATS) as image:
                width, height = image.size
                check_pixels(width, height, Limits().pixels)
                # a JPEG is decoded at a fraction of its size, which is all that is needed
                image.draft("RGB", (SIDE, SIDE))
                # by way of RGBA where there is transparency: Pillow warns of the direct one
                layers = image.convert("RGBA") if "transparency" in image.info else image
                small = layers.convert("RGB").resize(
                    (SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0
                )
        except InputError:
            raise
        except Exception as error:  # Pillow's readers raise many types on damaged data
            raise InputError(f"The image is not one that can be read: {error}.") from error
        pixels = torch.from_numpy(np.array(small)).permute(2, 0, 1).float().div_(255)
        return Input(pixels, small, width, height, params)

    @torch.inference_mode()
    def forward(self, items: list[Input]) -> list[torch.Tensor]:
        if any(item.params.fail for item in items):
            raise RuntimeError("a bug, as requested")
        _pause(max(item.params.seconds for item in items))
        batch = torch.stack([item.pixels for item in items]).to(self.device)
        return list(self.model(batch).cpu())

    def encode(
        self, item: Input, raw: torch.Tensor, params: PredictParams, *, picture: bool = False
    ) -> Prediction:
        objects = _objects(item, raw, params)
        result = {"objects": objects, "image": {"width": item.width, "height": item.height}}
        return Prediction(result, (_picture(item, objects),) if picture else ())

    def inspect(self, item: Input, raw: torch.Tensor, params: PredictParams) -> tuple[Stage, ...]:
        return _stages(item, _objects(item, raw, params))


def _objects(item: Input, raw: torch.Tensor, params: PredictParams) -> list[dict[str, object]]:
    return [
        _object(number, values, item)
        for number, values in enumerate(raw.tolist())
        if values[0] >= params.score or not params.score
    ]


def _pause(seconds: float) -> None:
    """Take time as the tiles of a large picture do, which can be stopped between two of them."""
    tiles = ceil(seconds / TILE_SECONDS)
    if tiles:
        progress.expect_tiles(tiles)
    for _ in range(tiles):
        cancellation.check()
        time.sleep(seconds / tiles)
        progress.finish_tile()


def _object(number: int, values: list[float], item: Input) -> dict[str, object]:
    score, left, top, width, height = values
    right, bottom = min(1.0, left + width), min(1.0, top + height)
    box = {
        "xmin": round(left * item.width, 1),
        "ymin": round(top * item.height, 1),
        "xmax": round(right * item.width, 1),
        "ymax": round(bottom * item.height, 1),
    }
    return {
        "id": number,
        "label": f"thing {number % 4}",
        "score": round(1 / (1 + 2.718**-score), 4),
        "box": box,
    }


def _picture(item: Input, objects: list[dict[str, object]]) -> Output:
    image = item.small.copy()
    ImageDraw.Draw(image).rectangle((2, 2, SIDE - 3, SIDE - 3), outline="red")
    image.info["boxes"] = len(objects)
    return Output("picture.png", Kind.IMAGE, encode_png(image), "image/png")


def _stages(item: Input, objects: list[dict[str, object]]) -> tuple[Stage, ...]:
    name = "tests.capabilities.tiny.predict.Predictor"
    return (
        Stage(
            id="input",
            kind=Kind.IMAGE,
            title="Input",
            explanation="The picture at 64 by 64 pixels.",
            data={"file": "input.png", "width": SIDE, "height": SIDE, "alt": "the picture, made small"},
            files=(Output("input.png", Kind.IMAGE, encode_png(item.small), "image/png"),),
            code=f"{name}.decode",
            role=Role.INPUT,
        ),
        Stage(
            id="boxes",
            kind=Kind.BOXES,
            title="Boxes",
            explanation="The output of the head.",
            data={"width": item.width, "height": item.height, "show": "kept", "boxes": objects},
            count=len(objects),
            code=f"{name}.encode",
            role=Role.ANSWER,
        ),
    )
