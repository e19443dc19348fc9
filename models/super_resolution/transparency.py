"""Colors for transparent pixels, so that arbitrary ones do not bleed into the visible pixels."""

from PIL import Image

GRAY = (128, 128, 128)  # for a picture that is wholly transparent


def fill_transparent(color: Image.Image, alpha: Image.Image) -> Image.Image:
    """The RGB picture, with wholly transparent pixels in the colors of the nearest visible ones.

    The colors that a file stores there are arbitrary, mostly black or white, and would be smeared over the
    edge. The visible colors are halved in size repeatedly until they fill the picture, then placed under it
    (push and pull: Gortler et al. 1996, The Lumigraph, section 3.4.2).
    """
    visible = alpha.point([0] + [255] * 255)
    lowest, highest = visible.getextrema()
    if lowest == 255:
        return color
    if highest == 0:
        return Image.new("RGB", color.size, GRAY)
    layered = color.copy()
    layered.putalpha(visible)
    half = layered.reduce(2)  # averages visible pixels only
    filled = fill_transparent(half.convert("RGB"), half.getchannel("A"))
    under = filled.resize(color.size, Image.Resampling.BILINEAR)
    under.paste(color, mask=visible)
    return under


def place_on_white(color: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """The picture on a white background."""
    if alpha is None:
        return color
    white = Image.new("RGB", color.size, "white")
    white.paste(color, mask=alpha)
    return white
