"""From an uploaded picture to the picture two or four times as wide and high."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.messages import Message, Text, join
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.images import png
from models.core.images.canvas import Canvas
from models.core.images.codec import dimensions, encode_jpeg, encode_png_quickly, read
from models.super_resolution.card import (
    AUTOMATIC,
    COMPRESSED,
    MAX_ANSWER_PIXELS,
    PredictParams,
)
from models.super_resolution.compression import find_compression
from models.super_resolution.detail import Detail, enlarge_part, find_detail
from models.super_resolution.inspection import (
    CLEAN_ANSWERED,
    CLEAN_CHOSEN,
    JPEG_ANSWERED,
    JPEG_CHOSEN,
    MODELS,
    OWN_MODELS,
    PRETRAINED,
    Subject,
    all_stages,
)
from models.super_resolution.transparency import fill_transparent, place_on_white
from models.super_resolution.upscaler import (
    Activations,
    Upscaler,
    load_shipped,
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
    upscaler: Upscaler  # that answers
    reason: str = ""  # why it answers, where there are two
    notes: tuple[str, ...] = ()  # about reading the picture, and about the network


class Predictor:
    """A generator with its weights in memory. Slow to build, quick to call.

    A shipped PSNR model has two: its own for clean pictures, and that of the JPEG model for compressed ones.

    Raises:
        WeightsError: the file is missing, damaged or another architecture's.
    """

    max_batch = 1  # pictures differ in size, and a large one occupies a device alone

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("Super-resolution needs a weights file.")
        self.upscaler = Upscaler(weights, device)
        self.for_compressed = self._load_partner()
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
        upscaler, reason = self._choose(data, color, params.compression)
        notes = decoded.notes
        if upscaler is not self.upscaler and params.compression == AUTOMATIC:
            notes = (*notes, reason)
        return Item(filled, alpha, params.ensemble, upscaler, reason, notes)

    def _choose(self, data: bytes, color: Image.Image, compression: str) -> tuple[Upscaler, Message | str]:
        """The network that answers, and why; the latter is empty where there is only one."""
        if self.for_compressed is None:
            return self.upscaler, ""
        if compression != AUTOMATIC:
            is_jpegs = compression == COMPRESSED
            reason = (JPEG_CHOSEN if is_jpegs else CLEAN_CHOSEN)()
        else:
            found = find_compression(data, color)
            is_jpegs = found.is_strong
            reason = join(found.finding, (JPEG_ANSWERED if is_jpegs else CLEAN_ANSWERED)())
        return self.for_compressed if is_jpegs else self.upscaler, reason

    def _load_partner(self) -> Upscaler | None:
        """The shipped network for compressed pictures; None: this one is not its partner."""
        scale, device = self.upscaler.scale, self.upscaler.device
        clean = load_shipped(scale, device, ("psnr",)).get("psnr")
        if clean is None or not clean.has_same_weights(self.upscaler):
            return None
        return load_shipped(scale, device, ("jpeg",)).get("jpeg")

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
        bands = item.upscaler.bands(rows, size, ensemble=item.ensemble)
        return Canvas.of(bands, width=item.color.width * item.upscaler.scale)

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
        if self.for_compressed is not None:
            kind = "psnr" if item.upscaler is self.upscaler else "jpeg"
            result["answered_by"] = f"{kind}-x{self.upscaler.scale}"
        if item.notes:
            result["notes"] = list(item.notes)
        return Prediction(result, tuple(outputs))

    def inspect(self, item: Item, raw: Canvas, params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002  they are in the item
        """One part of the picture on its way through the network, then the whole answer."""
        scale, margin = self.upscaler.scale, self.upscaler.margin
        detail = self._find_detail(item.color)
        part = np.ascontiguousarray(detail.crop(np.asarray(item.color), margin=margin))
        models = {self._name(item.upscaler)(): np.ascontiguousarray(detail.crop_canvas(raw, scale))}
        with self._inspecting:  # stages are computed in several threads, and share the device
            activations = item.upscaler.activations(part)
            for kind, other in self._shipped.items():
                if not other.has_same_weights(item.upscaler):
                    inner = detail.without_margin(other.upscale(part).transpose(2, 0, 1), margin, scale)
                    models[MODELS[kind]()] = np.ascontiguousarray(inner.transpose(1, 2, 0))
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
                reason=item.reason,
                answer=preview(raw, item.alpha) if needs_preview(raw) else enlarged(raw, item.alpha),
                is_preview=needs_preview(raw),
            )
        )

    def _find_detail(self, color: Image.Image) -> Detail:
        if self.upscaler.is_slow:
            return find_detail(color, max_pixels=SLOW_SIDE**2, side=SLOW_SIDE)
        return find_detail(color)

    def _name(self, upscaler: Upscaler) -> Text:
        """Of the model that answers."""
        if upscaler.architecture in PRETRAINED:
            return PRETRAINED[upscaler.architecture]
        kinds = (kind for kind, shipped in self._shipped.items() if shipped.has_same_weights(upscaler))
        kind = next(kinds, None)
        return MODELS[kind] if kind else OWN_MODELS[upscaler.config.loss]

    @cached_property
    def _shipped(self) -> dict[str, Upscaler]:
        """The shipped models of this scale by their kind, loaded when an answer is first inspected."""
        return load_shipped(self.upscaler.scale, self.upscaler.device)


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
