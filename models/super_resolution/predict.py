"""Answers: the bytes of a picture in, the picture two or four times as wide and high out."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.errors import InputError
from models.core.contract.prediction import Output, Prediction, Stage, Wants
from models.core.images import png
from models.core.images.codec import decode_layers, encode_jpeg, encode_png_quickly
from models.super_resolution.card import MAX_ANSWER_PIXELS, TITLES, PredictParams
from models.super_resolution.card import weights as shipped_weights
from models.super_resolution.detail import enlarged_part, find_detail, siblings
from models.super_resolution.inspection import Answer, inspect
from models.super_resolution.network import Network, Opened, bands, smaller, tile_count
from models.super_resolution.transparency import filled, on_white

ROWS = 256  # of the answer, compressed at a time; a multiple of every scale
PREVIEW = 4096  # pixels of the longer side that browsers show without trouble


@dataclass(frozen=True)
class Input:
    """One picture on its way through the network."""

    color: Image.Image  # RGB
    alpha: Image.Image | None  # 8-bit gray; None: nothing is transparent
    ensemble: bool


class Predictor:
    """A generator with its weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is no weights of a generator.
    """

    max_batch = 1  # pictures differ in size, and a large one fills a device alone

    def __init__(self, weights: Path, device: str = "cpu"):
        self.network = Network(weights, device)
        self._siblings: dict[str, Network] | None = None
        self._inspecting = threading.Lock()  # answers are encoded in several threads

    def decode(self, data: bytes, params: PredictParams) -> Input:
        """Raises InputError: `data` is no picture that can be read, or its answer would be too large."""
        color, alpha = decode_layers(data)
        wanted = color.width * color.height * self.network.scale**2
        if wanted > MAX_ANSWER_PIXELS:
            raise InputError(
                f"Enlarged {self.network.scale} times, this picture of {color.width} × {color.height} would "
                f"have {wanted:,} pixels; answers have at most {MAX_ANSWER_PIXELS:,}."
            )
        return Input(color if alpha is None else filled(color, alpha), alpha, params.ensemble)

    def forward(self, inputs: list[Input]) -> list[np.ndarray]:
        """The enlarged colors of each picture, uint8, (r*H, r*W, 3)."""
        return [self.network.enlarge(np.asarray(given.color), ensemble=given.ensemble) for given in inputs]

    def encode(self, given: Input, raw: np.ndarray, params: PredictParams, wants: Wants) -> Prediction:
        """The answer as PNG, a preview of a very large one, and the stages that are wanted."""
        height, width = raw.shape[:2]
        coded = png.encode(width, height, with_alpha(raw, given.alpha))
        outputs = [Output("enlarged.png", Kind.IMAGE, coded, "image/png")]
        if max(width, height) > PREVIEW:
            outputs.append(preview(raw, given.alpha))
        tiles = tile_count(given.color.height, given.color.width)
        result = {
            "image": {"width": given.color.width, "height": given.color.height},
            "enlarged": {"width": width, "height": height, "alpha": given.alpha is not None},
            "scale": self.network.scale,
            "trained_for": self.network.config.loss,
            "tiles": tiles,
            "ensemble": params.ensemble,
        }
        stages = self._stages(given, raw, tiles, outputs[-1]) if wants.inspection else ()
        return Prediction(result, tuple(outputs), stages)

    def _stages(self, given: Input, raw: np.ndarray, tiles: int, file: Output) -> tuple[Stage, ...]:
        scale, margin = self.network.scale, self.network.margin
        detail = find_detail(given.color)
        cut = np.ascontiguousarray(detail.cut(np.asarray(given.color), margin=margin))
        with self._inspecting:  # one small part of a picture: quick on any device, beside its thread
            opened = self.network.open(cut)
            others = {title: other.enlarge(cut) for title, other in self._others().items()}
        box = (detail.left, detail.top, detail.left + detail.width, detail.top + detail.height)
        alpha = given.alpha and enlarged_part(given.alpha, box, scale)
        models = {self._title(): np.ascontiguousarray(detail.cut(raw, scale=scale))}
        for title, other in others.items():
            models[title] = detail.inside(other.transpose(2, 0, 1), margin, scale).transpose(1, 2, 0)
        inside = Opened(
            tuple(detail.inside(each, margin) for each in opened.features),
            detail.inside(opened.residual, margin, scale),
        )
        return inspect(
            Answer(
                detail=detail,
                given=on_white(given.color.crop(box), given.alpha and given.alpha.crop(box)),
                bicubic=on_white(enlarged_part(given.color, box, scale), alpha),
                models={
                    title: on_white(Image.fromarray(np.ascontiguousarray(each)), alpha)
                    for title, each in models.items()
                },
                opened=inside,
                scale=scale,
                tiles=tiles,
                width=given.color.width,
                height=given.color.height,
                file=file,
            )
        )

    def _others(self) -> dict[str, Network]:
        """The shipped models of this scale, loaded when they are first wanted."""
        if self._siblings is None:
            files = {title: shipped_weights(loss, self.network.scale) for loss, title in TITLES.items()}
            self._siblings = siblings(self.network, files)
        return self._siblings

    def _title(self) -> str:
        """What the model that answered is called: as shipped, or as one of its own."""
        own = TITLES[self.network.config.loss]
        return f"Your {own}" if own in self._others() else own

    def __call__(self, data: bytes, params: PredictParams, wants: Wants | None = None) -> Prediction:
        """All three in a row, for one picture. Raises InputError."""
        given = self.decode(data, params)
        return self.encode(given, self.forward([given])[0], params, wants or Wants())


def with_alpha(color: np.ndarray, alpha: Image.Image | None) -> Iterator[np.ndarray]:
    """The answer in bands of (h, width, 3 or 4), the alpha enlarged bicubically band by band."""
    top = 0
    for band in bands(color, ROWS):
        if alpha is None:
            yield band
        else:
            scale = color.shape[1] // alpha.width
            box = (0, top // scale, alpha.width, (top + len(band)) // scale)
            yield np.dstack([band, np.asarray(enlarged_part(alpha, box, scale))])
        top += len(band)


def preview(color: np.ndarray, alpha: Image.Image | None) -> Output:
    """A picture of the answer that a browser can show: JPEG, or PNG where something is transparent."""
    picture = Image.fromarray(smaller(color, PREVIEW))
    if alpha is None:
        return Output("preview.jpg", Kind.IMAGE, encode_jpeg(picture), "image/jpeg")
    picture.putalpha(alpha.resize(picture.size, Image.Resampling.BICUBIC))
    return Output("preview.png", Kind.IMAGE, encode_png_quickly(picture), "image/png")
