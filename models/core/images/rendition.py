"""The picture that a page shows in place of a file that browsers would draw differently, or not at all."""

from PIL import Image

from models.core.images.codec import encode_jpeg, encode_png, read

LOSSLESS_PIXELS = 2_000_000  # a larger PNG file takes long to send
MAX_PIXELS = 16_000_000  # what a page can hold


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
