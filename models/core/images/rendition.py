"""The pictures that a page shows in place of a file: one that browsers draw alike, a small one for lists."""

from PIL import Image

from models.core.images.codec import encode_jpeg, encode_png, read

LOSSLESS_PIXELS = 2_000_000  # a larger PNG file takes long to send
MAX_PIXELS = 16_000_000  # what a page can hold
THUMBNAIL_SIDE = 384  # of a tile, on a display with two pixels to a CSS pixel
_THUMBNAIL_QUALITY = 85


def render(data: bytes) -> bytes:
    """PNG or, above `LOSSLESS_PIXELS`, JPEG bytes of a picture as models take it: upright, first frame, sRGB.

    Transparency is laid over white. Pictures above `MAX_PIXELS` are shrunk.

    Raises:
        InputError: not a readable picture.
    """
    image = read(data).on_white
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        share = (MAX_PIXELS / pixels) ** 0.5
        size = max(1, int(image.width * share)), max(1, int(image.height * share))
        image = image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    return encode_png(image) if pixels <= LOSSLESS_PIXELS else encode_jpeg(image)


def thumbnail(data: bytes) -> bytes:
    """JPEG bytes of the same picture with sides of at most `THUMBNAIL_SIDE`. Raises as `render` does."""
    image = read(data, draft_side=2 * THUMBNAIL_SIDE).on_white
    share = min(1.0, THUMBNAIL_SIDE / max(image.size))
    size = max(1, round(image.width * share)), max(1, round(image.height * share))
    if size != image.size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return encode_jpeg(image, _THUMBNAIL_QUALITY)
