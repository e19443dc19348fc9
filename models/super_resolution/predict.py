"""From an uploaded picture to the picture two or four times as wide and high."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.messages import Text
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.images import png
from models.core.images.canvas import Canvas
from models.core.images.codec import dimensions, encode_jpeg, encode_png_quickly, read
from models.super_resolution.card import MAX_ANSWER_PIXELS, TITLES, PredictParams, shipped_weights
from models.super_resolution.detail import Detail, enlarge_part, find_detail
from models.super_resolution.inspection import MODELS, OWN_MODELS, PRETRAINED, Subject, all_stages
from models.super_resolution.transparency import fill_transparent, place_on_white
from models.super_resolution.upscaler import (
    Activations,
    Upscaler,
    load_siblings,
    rows_of_image,
    shrink_to,
)

ROWS = 256  # of the answer, compressed at a time; a multiple of every scale
PREVIEW = 4096  # pixels of the longer side that browsers show without trouble
SLOW_PIXELS = 1_500  # of an upload: a second of a slow network on one core
SLOW_SIDE = 128  # pixels of the upload: side of the detail that the stages of a slow network show

TOO_LARGE = Text(
    "super_resolution.error.too_large",
    "Enlarged {scale} times, this picture of {width:,} × {height:,} pixels would have {pixels:,} pixels; "
    "answers have at most {limit:,}.",
)


@dataclass(frozen=True)
class Item:
    """One decoded upload."""

    color: Image.Image  # RGB
    alpha: Image.Image | None  # 8-bit gray; None: the picture is opaque
    ensemble: bool
    notes: tuple[str, ...] = ()  # about reading the picture


class Predictor:
    """A generator with its weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is missing, damaged or another architecture's.
    """

    max_batch = 1  # pictures differ in size, and a large one occupies a device alone

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("Super-resolution needs a weights file.")
        self.upscaler = Upscaler(weights, device)
        # larger ones run beside the others; None: as the card has it
        self.small_up_to = SLOW_PIXELS if self.upscaler.is_slow and device == "cpu" else None
        self._inspecting = threading.Lock()

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:
        """Raises InputError: the picture is missing, cannot be read, or its answer would be too large."""
        data = content(inputs, "image")
        self._check_size(*dimensions(data))
        decoded = read(data)
        color, alpha = decoded.color, decoded.alpha
        self._check_size(*color.size)  # a frame may be smaller than its canvas
        filled = color if alpha is None else fill_transparent(color, alpha)
        return Item(filled, alpha, params.ensemble, decoded.notes)

    def _check_size(self, width: int, height: int) -> None:
        """Raises InputError: the answer would be too large."""
        scale = self.upscaler.scale
        pixels = width * height * scale**2
        if pixels > MAX_ANSWER_PIXELS:
            size = {"width": width, "height": height, "pixels": pixels}
            raise InputError(TOO_LARGE(scale=scale, limit=MAX_ANSWER_PIXELS, **size))

    def forward(self, items: list[Item]) -> list[Canvas]:
        """The enlarged colors of each picture."""
        return [self._enlarge(item) for item in items]

    def _enlarge(self, item: Item) -> Canvas:
        rows = partial(rows_of_image, item.color)
        size = item.color.height, item.color.width
        bands = self.upscaler.bands(rows, size, ensemble=item.ensemble)
        return Canvas.of(bands, width=item.color.width * self.upscaler.scale)

    def encode(
        self,
        item: Item,
        raw: Canvas,
        params: PredictParams,
        *,
        picture: bool = False,  # noqa: ARG002  the answer is a picture
    ) -> Prediction:
        """The answer as PNG, and a preview if it is very large."""
        height, width, _ = raw.shape
        outputs = [enlarged(raw, item.alpha)]
        if needs_preview(raw):
            outputs.append(preview(raw, item.alpha))
        result = {
            "image": {"width": item.color.width, "height": item.color.height},
            "enlarged": {"width": width, "height": height, "alpha": item.alpha is not None},
            "scale": self.upscaler.scale,
            "trained_for": self.upscaler.config.loss,
            "tiles": self.upscaler.tile_count(item.color.height, item.color.width),
            "ensemble": params.ensemble,
        }
        if item.notes:
            result["notes"] = list(item.notes)
        return Prediction(result, tuple(outputs))

    def inspect(self, item: Item, raw: Canvas, params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002  they are in the item
        """One part of the picture on its way through the network, then the whole answer."""
        scale, margin = self.upscaler.scale, self.upscaler.margin
        detail = self._find_detail(item.color)
        part = np.ascontiguousarray(detail.crop(np.asarray(item.color), margin=margin))
        with self._inspecting:  # stages are computed in several threads, and share the device
            activations = self.upscaler.activations(part)
            others = {loss: other.upscale(part) for loss, other in self._siblings.items()}
        models = {self._name(others)(): np.ascontiguousarray(detail.crop_canvas(raw, scale))}
        for loss, other in others.items():
            inner = detail.without_margin(other.transpose(2, 0, 1), margin, scale)
            models[MODELS[loss]()] = np.ascontiguousarray(inner.transpose(1, 2, 0))
        alpha = item.alpha and enlarge_part(item.alpha, detail.box, scale)
        return all_stages(
            Subject(
                detail=detail,
                input=place_on_white(item.color.crop(detail.box), item.alpha and item.alpha.crop(detail.box)),
                bicubic=place_on_white(enlarge_part(item.color, detail.box, scale), alpha),
                models={name: place_on_white(Image.fromarray(each), alpha) for name, each in models.items()},
                activations=Activations(
                    tuple(detail.without_margin(each, margin) for each in activations.features),
                    detail.without_margin(activations.residual, margin, scale),
                ),
                scale=scale,
                tiles=self.upscaler.tile_count(item.color.height, item.color.width),
                width=item.color.width,
                height=item.color.height,
                architecture=self.upscaler.architecture,
                answer=preview(raw, item.alpha) if needs_preview(raw) else enlarged(raw, item.alpha),
                is_preview=needs_preview(raw),
            )
        )

    def _find_detail(self, color: Image.Image) -> Detail:
        if self.upscaler.is_slow:
            return find_detail(color, max_pixels=SLOW_SIDE**2, side=SLOW_SIDE)
        return find_detail(color)

    def _name(self, others: Mapping[str, np.ndarray]) -> Text:
        """Of the model that answers, beside the shipped `others`."""
        if self.upscaler.architecture in PRETRAINED:
            return PRETRAINED[self.upscaler.architecture]
        loss = self.upscaler.config.loss
        return (OWN_MODELS if loss in others else MODELS)[loss]

    @cached_property
    def _siblings(self) -> dict[str, Upscaler]:
        """The other shipped models of this scale by their loss, loaded when an answer is first inspected."""
        files = {loss: shipped_weights(loss, self.upscaler.scale) for loss in TITLES}
        return load_siblings(self.upscaler, files)


def needs_preview(raw: Canvas) -> bool:
    return max(raw.shape[:2]) > PREVIEW


def enlarged(raw: Canvas, alpha: Image.Image | None) -> Output:
    """The answer as PNG."""
    height, width, _ = raw.shape
    return Output("enlarged.png", Kind.IMAGE, png.encode(width, height, with_alpha(raw, alpha)), "image/png")


def with_alpha(color: Canvas, alpha: Image.Image | None) -> Iterator[np.ndarray]:
    """The answer in bands of (h, width, 3 or 4), the alpha enlarged bicubically band by band."""
    top = 0
    for band in color.bands(ROWS):
        if alpha is None:
            yield band
        else:
            scale = color.width // alpha.width
            box = (0, top // scale, alpha.width, (top + len(band)) // scale)
            yield np.dstack([band, np.asarray(enlarge_part(alpha, box, scale))])
        top += len(band)


def preview(color: Canvas, alpha: Image.Image | None) -> Output:
    """The answer at a size that browsers can show: JPEG, or PNG if the picture is transparent."""
    picture = Image.fromarray(shrink_to(color, PREVIEW))
    if alpha is None:
        return Output("preview.jpg", Kind.IMAGE, encode_jpeg(picture), "image/jpeg")
    picture.putalpha(alpha.resize(picture.size, Image.Resampling.BICUBIC))
    return Output("preview.png", Kind.IMAGE, encode_png_quickly(picture), "image/png")
