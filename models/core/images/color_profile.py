"""Pictures of another color space, such as a phone's Display P3, to sRGB: what all networks here take."""

import io

from PIL import Image, ImageCms

SRGB = ImageCms.createProfile("sRGB")
TURNED = ("RGB", "CMYK")  # modes of pictures; gray has no colors to turn


def to_srgb(image: Image.Image) -> Image.Image:
    """The picture in sRGB if a profile in it says that it is meant otherwise, else as it is.

    A profile that is damaged, or for other channels than the picture has, is passed over, as browsers do.
    """
    profile = image.info.get("icc_profile")
    if profile and image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
        image.info["icc_profile"] = profile
    if profile and image.mode == "RGBA":
        color = to_srgb(_without_alpha(image))
        color.putalpha(image.getchannel("A"))
        return color
    if not profile or image.mode not in TURNED:
        return image
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        # cameras write sRGB into every file: its numbers shall not be touched
        if "sRGB" in ImageCms.getProfileDescription(meant):
            return image
        turned = ImageCms.profileToProfile(image, meant, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image
    return image if turned is None else turned


def _without_alpha(image: Image.Image) -> Image.Image:
    color = image.convert("RGB")  # drops alpha, keeps colors also where nothing of them is seen
    color.info["icc_profile"] = image.info["icc_profile"]
    return color
