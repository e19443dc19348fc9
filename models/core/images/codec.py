"""Image files of users to RGB images and tensors, and back to PNG and JPEG."""

import io
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from PIL import Image, ImageOps

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.images import png
from models.core.images.color_profile import to_srgb
from models.core.images.file_types import IMAGE_FORMATS, Limits, check_pixels

MAX_PIXELS = Limits().pixels
Decoded = TypeVar("Decoded")

NOT_AN_IMAGE = Text("core.images.not_an_image", "The file is not an image that can be read.")
DAMAGED = Text("core.images.damaged", "The image is damaged: {reason}.")


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """RGB image, upright (EXIF rotation applied), 8 bits per channel; the first frame of an animation.

    Colors of another color profile are converted to sRGB. Transparency is laid over white. 16-bit gray is
    scaled, not clipped.

    Raises:
        InputError: not a readable image, damaged, or with more than `max_pixels`.
    """
    return _open(data, max_pixels, _to_rgb)


def decode_layers(data: bytes, max_pixels: int = MAX_PIXELS) -> tuple[Image.Image, Image.Image | None]:
    """As `decode`, but with color and alpha (8-bit gray) apart; alpha is None if nothing is transparent.

    The color is as stored, even where it is invisible.
    """
    return _open(data, max_pixels, _to_layers)


def _open(data: bytes, max_pixels: int, convert: Callable[[Image.Image], Decoded]) -> Decoded:
    try:
        with Image.open(io.BytesIO(data), formats=IMAGE_FORMATS) as opened:
            check_pixels(*opened.size, max_pixels)
            opened.load()
            return convert(to_srgb(ImageOps.exif_transpose(opened)))
    except InputError:
        raise
    except Image.UnidentifiedImageError as error:
        raise InputError(NOT_AN_IMAGE()) from error
    except Exception as error:  # Pillow's readers raise many types on damaged data
        raise InputError(DAMAGED(reason=str(error))) from error


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep_gray(image)
    if _has_alpha(image):
        layered = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    return image.convert("RGB")


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def _to_layers(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    if image.mode.startswith("I") or image.mode == "F" or not _has_alpha(image):
        return _to_rgb(image), None
    layered = image.convert("RGBA")
    alpha = layered.getchannel("A")
    return layered.convert("RGB"), None if alpha.getextrema() == (255, 255) else alpha


def _from_deep_gray(image: Image.Image) -> Image.Image:
    """16- and 32-bit gray as 8-bit RGB; Pillow's convert() would clip at 255."""
    values = np.asarray(image, dtype=np.float32)
    top = 65535.0 if values.max(initial=0) > 255 else 255.0
    if values.max(initial=0) > 65535:
        top = float(values.max())
    return Image.fromarray((values.clip(0, top) * (255.0 / top)).round().astype(np.uint8), "L").convert("RGB")


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
