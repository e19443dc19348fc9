"""Images of another color space, such as a phone's Display P3, to sRGB, which all networks here expect."""

import io

from PIL import Image, ImageCms

SRGB = ImageCms.createProfile("sRGB")
CONVERTED = ("RGB", "CMYK")  # image modes; gray has no colors to convert


def to_srgb(image: Image.Image) -> Image.Image:
    """The image in sRGB if it has another color profile, else unchanged.

    A profile that is damaged or made for other channels is ignored, as browsers do.
    """
    profile = image.info.get("icc_profile")
    if profile and image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
        image.info["icc_profile"] = profile
    if profile and image.mode == "RGBA":
        color = to_srgb(_without_alpha(image))
        color.putalpha(image.getchannel("A"))
        return color
    if not profile or image.mode not in CONVERTED:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        # cameras write sRGB into every file: its values stay exactly as they are
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image
        converted = ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image
    return image if converted is None else converted


def _without_alpha(image: Image.Image) -> Image.Image:
    color = image.convert("RGB")  # drops alpha, keeps colors even where they are invisible
    color.info["icc_profile"] = image.info["icc_profile"]
    return color
