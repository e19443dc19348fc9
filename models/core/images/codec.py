"""Image files of users to RGB images and tensors, and back to PNG and JPEG."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from PIL.ImageFile import ImageFile

from models.core.contract import cancellation
from models.core.contract.errors import Canceled, InputError
from models.core.contract.messages import Message, Text
from models.core.images import deep_color, png
from models.core.images.color_profile import lab_to_srgb, png_profile, to_srgb
from models.core.images.deep_gray import declared_range, is_deep, scaled, to_8_bits
from models.core.images.limits import USUAL
from models.core.images.picture_files import Opened, open_picture

MAX_PIXELS = USUAL.pixels
Box = tuple[int, int, int, int]  # left, top, right, bottom

DAMAGED = Text("core.images.damaged", "The {format} picture is damaged: {reason}.")
TRUNCATED = Text("core.images.truncated", "the file ends before the picture does")
UNDECODABLE = Text("core.images.undecodable", "its data cannot be decoded")

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # by EXIF's orientation


@dataclass(frozen=True)
class Decoded:
    """A picture as models take it: upright, its first frame, sRGB, 8 bits per channel."""

    color: Image.Image  # RGB, as stored even where it is invisible
    alpha: Image.Image | None  # 8-bit gray; None: nothing is transparent
    notes: tuple[Message, ...] = ()  # about guesses in reading it

    @property
    def on_white(self) -> Image.Image:
        """RGB, with transparency laid over white."""
        if self.alpha is None:
            return self.color
        return Image.composite(self.color, Image.new("RGB", self.color.size, "white"), self.alpha)


def read(data: bytes, max_pixels: int = MAX_PIXELS, draft_side: int | None = None) -> Decoded:
    """The picture in an image file, and notes about it.

    Colors of another color profile are converted to sRGB. Gray of more than 8 bits is scaled by the range
    that the file declares. Metadata that cannot be read is passed over. With `draft_side`, a JPEG file is
    decoded at an eighth, a quarter or half of its size, as long as its longer side keeps that many pixels.

    Raises:
        InputError: not a readable image, damaged, or with more than `max_pixels`.
        Canceled: the job was canceled.
    """
    opened = open_picture(data, max_pixels)
    try:
        with opened.image:
            if draft_side is not None:
                _draft(opened.image, draft_side)
            return _decode(data, opened)
    except (InputError, Canceled):
        raise
    except Exception as error:  # Pillow's readers raise many types on damaged data
        reason = TRUNCATED if "truncated" in str(error) or isinstance(error, EOFError) else UNDECODABLE
        raise InputError(DAMAGED(format=opened.format, reason=reason())) from error


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """RGB image, with transparency laid over white. Raises as `read` does."""
    return read(data, max_pixels).on_white


def _draft(image: ImageFile, side: int) -> None:
    """Let a JPEG file be decoded smaller, in a part of the time; other formats are decoded as they are."""
    share = min(1.0, side / max(image.size))
    image.draft(None, (max(1, int(image.width * share)), max(1, int(image.height * share))))


def dimensions(data: bytes) -> tuple[int, int]:
    """The sides in pixels as the header states them, before any rotation and without decoding.

    Raises:
        InputError: not a readable image.
    """
    with open_picture(data, MAX_PIXELS).image as image:
        return image.size


def _decode(data: bytes, opened: Opened) -> Decoded:
    """Loads the image."""
    image, notes = opened.image, ()
    frame, rawmode = _frame(image), deep_color.rawmode_of(image)
    image.load()
    cancellation.check()  # large ones take seconds
    if deep_color.is_deep_color(rawmode):
        image, alpha = _of_deep_color(data, opened, rawmode)
    else:
        alpha = _keyed_out(image, opened)
    if is_deep(image.mode):
        image, note = to_8_bits(image, getattr(image, "tag_v2", None))
        notes = (note,) if note else ()
    color, own_alpha = _split(image)
    alpha = alpha or own_alpha
    profile = png_profile(opened.png) if opened.png else opened.image.info.get("icc_profile")
    color = to_srgb(color, profile)
    color = color if color.mode == "RGB" else color.convert("RGB")
    if frame is not None:
        alpha = _within(frame, alpha, color.size)
    color, alpha = _on_canvas(color, alpha, opened)
    if (turn := _UPRIGHT.get(opened.orientation)) is not None:
        color, alpha = color.transpose(turn), alpha and alpha.transpose(turn)
    if alpha is not None and alpha.getextrema() == (255, 255):
        alpha = None
    return Decoded(color, alpha, notes)


def _frame(image: ImageFile) -> Box | None:
    """Of a GIF file, the part of the canvas that the first frame covers; None: all of it."""
    box = image.tile[0].extents if image.format == "GIF" and image.tile else None
    return box if box is not None and box != (0, 0, *image.size) else None


def _within(frame: Box, alpha: Image.Image | None, size: tuple[int, int]) -> Image.Image:
    """Alpha, with 0 outside of the frame."""
    visible = Image.new("L", size, 0)
    visible.paste(alpha.crop(frame) if alpha else 255, frame)
    return visible


def _of_deep_color(data: bytes, opened: Opened, rawmode: str) -> tuple[Image.Image, Image.Image | None]:
    """A color image of 16 bits a sample, decoded to the upper 8, and the alpha of its transparent color.

    All bits are needed to find a color that is transparent, or where the samples of a file span fewer bits.
    """
    image = opened.image
    key = image.info.pop("transparency", None)
    span = declared_range(getattr(image, "tag_v2", {}))
    if span is None and not isinstance(key, tuple):
        return image, None
    values = deep_color.samples(image, lambda: open_picture(data, MAX_PIXELS).image, rawmode)
    alpha = None
    if isinstance(key, tuple):
        alpha = Image.fromarray(np.where((values[:, :, :3] == key).all(axis=2), 0, 255).astype(np.uint8))
    return Image.fromarray(scaled(values, *(span or (0.0, 65535.0))), image.mode), alpha


def _split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Color (L, RGB or CMYK) and alpha of any 8-bit mode."""
    if image.mode in ("RGB", "L", "CMYK"):
        return image, None
    if image.mode == "LAB":
        return lab_to_srgb(image), None
    if image.mode in ("La", "RGBa"):  # of colors that are multiplied by alpha
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[image.mode])
    if image.mode == "PA" or (image.mode == "P" and "transparency" in image.info):
        image = image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L"), None
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB"), None
    *_, alpha = image.split()
    return _without_alpha(image), None if _is_forgotten(image, alpha) else alpha


def _without_alpha(image: Image.Image) -> Image.Image:
    """Colors even where they are invisible."""
    return image.getchannel(0) if image.mode == "LA" else image.convert("RGB")


def _is_forgotten(image: Image.Image, alpha: Image.Image) -> bool:
    """Whether the alpha of a BMP file means nothing: many programs leave 0 in it."""
    return image.format == "BMP" and alpha.getextrema() == (0, 0)


def _keyed_out(image: Image.Image, opened: Opened) -> Image.Image | None:
    """Alpha of a PNG file in which one gray value or color is transparent."""
    key: Any = image.info.get("transparency")
    if opened.png is None or key is None or image.mode in ("P", "PA") or isinstance(key, bytes):
        return None
    image.info.pop("transparency")
    if isinstance(key, tuple):
        hidden = (np.asarray(image) == key).all(axis=2)
    elif is_deep(image.mode):
        hidden = np.asarray(image) == key
    else:
        hidden = np.asarray(image.convert("L")) == round(key * 255 / (2**opened.png.bits - 1))
    return Image.fromarray(np.where(hidden, 0, 255).astype(np.uint8))


def _on_canvas(
    color: Image.Image, alpha: Image.Image | None, opened: Opened
) -> tuple[Image.Image, Image.Image | None]:
    """A frame that is smaller than the canvas of a PNG animation, in its place on it."""
    if opened.png is None or color.size == (opened.png.width, opened.png.height):
        return color, alpha
    canvas = Image.new("RGB", (opened.png.width, opened.png.height), "white")
    visible = Image.new("L", canvas.size, 0)
    place = opened.left, opened.top
    canvas.paste(color, place)
    visible.paste(alpha or 255, (*place, place[0] + color.width, place[1] + color.height))
    return canvas, visible


def to_tensor(image: Image.Image) -> torch.Tensor:
    """float32, shape (3, H, W), values in [0, 1]."""
    values = torch.from_numpy(np.array(image, dtype=np.uint8, copy=True))
    return values.permute(2, 0, 1).float().div_(255)


def from_tensor(picture: torch.Tensor) -> Image.Image:
    """Shape (3, H, W) or (1, H, W), values clipped to [0, 1]."""
    values = picture.detach().clamp(0, 1).mul(255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
    return Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values)


def encode_jpeg(image: Image.Image, quality: int = 92) -> bytes:
    """JPEG bytes of an RGB or gray image, with color at full resolution."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def encode_png(image: Image.Image, compress_level: int = 4) -> bytes:
    """PNG bytes. Levels above 4 take much more time and save few bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=compress_level)
    return buffer.getvalue()


def encode_png_quickly(image: Image.Image) -> bytes:
    """PNG bytes, faster and somewhat larger than with `encode_png`: for files of every answer."""
    pixels = np.asarray(image)
    return png.encode(image.width, image.height, [pixels if pixels.ndim == 3 else pixels[:, :, None]])
