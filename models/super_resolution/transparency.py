"""Colors for the pixels that nobody sees, so that they do not bleed into those that are seen."""

from PIL import Image

GRAY = (128, 128, 128)  # for a picture of which nothing is seen


def filled(color: Image.Image, alpha: Image.Image) -> Image.Image:
    """The RGB picture, with wholly transparent pixels in the colors of the nearest visible ones.

    What a file stores there is arbitrary, mostly black or white, and would be smeared over the edge. The
    visible colors are averaged to half the size again and again until they fill the picture, then laid under
    it (push and pull: Gortler et al. 1996, The Lumigraph, section 3.4.2).
    """
    seen = alpha.point([0] + [255] * 255)
    least, most = seen.getextrema()
    if least == 255:
        return color
    if most == 0:
        return Image.new("RGB", color.size, GRAY)
    layered = color.copy()
    layered.putalpha(seen)
    half = layered.reduce(2)  # averages visible pixels only
    under = filled(half.convert("RGB"), half.getchannel("A")).resize(color.size, Image.Resampling.BILINEAR)
    under.paste(color, mask=seen)
    return under


def on_white(color: Image.Image, alpha: Image.Image | None) -> Image.Image:
    """What is seen of a picture before a white wall."""
    if alpha is None:
        return color
    white = Image.new("RGB", color.size, "white")
    white.paste(color, mask=alpha)
    return white
