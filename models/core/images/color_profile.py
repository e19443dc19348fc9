"""Images of another color space, such as a phone's Display P3, to sRGB, which all networks here expect."""

import io
import struct
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from models.core.images.picture_files import is_srgb_gamma
from models.core.images.png_chunks import Header

SRGB = ImageCms.createProfile("sRGB")
_BROKEN = (ImageCms.PyCMSError, OSError, TypeError, ValueError)
_MODES = {"RGB ": "RGB", "CMYK": "CMYK", "Lab ": "LAB"}  # of a profile's channels
_ROUNDING = 2  # a profile that changes no value by more is sRGB, which cameras write into every file

_LEVELS = np.arange(256, dtype=np.uint8)

Primaries = tuple[float, ...]  # x and y of white, red, green and blue

_REC709 = (0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
# ITU-T H.273's numbers of primaries, and of transfer functions as parameters of ICC's curves of type 3:
# (a * x + b) ** g from d on, c * x below
_H273_PRIMARIES = {
    1: _REC709,
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
}
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_BT709_CURVE = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_H273_CURVES = {
    1: _BT709_CURVE, 4: (2.2,), 5: (2.8,), 6: _BT709_CURVE, 8: (1.0,), 13: _SRGB_CURVE,
    14: _BT709_CURVE, 15: _BT709_CURVE,
}  # fmt: skip
_EXPONENTS = (1e-4, 30_000.0)  # that fit into a profile's numbers
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image, of mode L, RGB, CMYK or LAB, in sRGB if it has another color profile, else unchanged.

    A profile that is damaged or made for other channels is ignored, as browsers do.
    """
    if not profile:
        return image
    if image.mode == "L":
        table = _gray_table(profile)
        if table is not None:
            return image.point(table)
        if _transform(profile, "RGB") is None:
            return image
        image = image.convert("RGB")
    transform = _transform(profile, image.mode)
    return image if transform is None else transform.apply(image)


def lab_to_srgb(image: Image.Image) -> Image.Image:
    """An image of mode LAB as RGB."""
    lab = ImageCms.createProfile("LAB")
    return ImageCms.buildTransform(lab, SRGB, "LAB", "RGB").apply(image)


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From the profile to sRGB; None: it is sRGB already, damaged, or made for another mode."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if _MODES.get(_channels(source)) != mode:
            return None
        transform = ImageCms.buildTransform(source, SRGB, mode, "RGB")
        return None if mode == "RGB" and _changes_nothing(transform) else transform
    except _BROKEN:
        return None


def _channels(profile: ImageCms.ImageCmsProfile) -> str:
    inner: Any = profile.profile  # which its own types call a file
    return inner.xcolor_space


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    gray = np.repeat(_LEVELS[:, None], 3, axis=1)
    colors = np.stack(np.meshgrid(*[_LEVELS[::51]] * 3), axis=-1).reshape(-1, 3)
    probed = np.concatenate([gray, colors])[None]
    converted = np.asarray(transform.apply(Image.fromarray(probed)))
    return bool(np.abs(converted.astype(int) - probed).max() <= _ROUNDING)


@lru_cache(maxsize=16)
def _gray_table(profile: bytes) -> list[int] | None:
    """The sRGB gray of each of 256 values by a gray profile; None: it is damaged, or for other channels."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if _channels(source) != "GRAY":
            return None
        # what the library optimizes is 10 of 255 off in dark parts of linear gray
        exact = ImageCms.Flags.NOOPTIMIZE
        transform = ImageCms.buildTransform(source, SRGB, "L", "RGB", flags=exact)
        return np.asarray(transform.apply(Image.fromarray(_LEVELS[None])))[0, :, 1].tolist()
    except _BROKEN:
        return None


def png_profile(header: Header) -> bytes | None:
    """The ICC profile that a PNG file declares in whatever way; None: it is sRGB.

    In the order of the specification, of which the first that can be read counts: cICP, iCCP, sRGB, gAMA with
    cHRM. As in browsers, primaries without a gamma count for nothing, and so does a gamma with primaries that
    are no triangle.
    """
    declared = header.colors
    coded = declared.get(b"cICP", b"").ljust(4, b"\0")
    if coded[0] in _H273_PRIMARIES and coded[1] in _H273_CURVES and coded[2:4] == b"\0\1":
        return matrix_profile(_H273_PRIMARIES[coded[0]], _H273_CURVES[coded[1]])
    if (profile := header.profile) and is_profile(profile):
        return profile
    if b"sRGB" in declared or header.gamma is None:
        return None
    primaries = header.chromaticities
    if primaries is None and is_srgb_gamma(header.gamma):
        return None
    return matrix_profile(primaries or _REC709, (1 / header.gamma,))


def is_profile(data: bytes) -> bool:
    """Whether the data can be read as an ICC profile."""
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(data))
    except _BROKEN:
        return False
    return True


@lru_cache(maxsize=32)
def matrix_profile(primaries: Primaries, curve: tuple[float, ...]) -> bytes | None:
    """An ICC profile (version 2.4 with the curves of version 4) of three primaries and one curve for all.

    Args:
        primaries: x and y of white, red, green and blue.
        curve: the exponent, or the five parameters of a curve of type 3.

    Returns:
        None: the primaries are no triangle around white.
    """
    white, *colors = np.array(primaries).reshape(4, 2)
    if min(each[1] for each in (white, *colors)) <= 0:
        return None
    matrix = np.stack([_xyz(each) for each in colors], axis=1)
    if abs(np.linalg.det(matrix)) < 1e-6:
        return None
    matrix = matrix * np.linalg.solve(matrix, _xyz(white))
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ _xyz(white))
    matrix = np.linalg.inv(_BRADFORD) @ (cones[:, None] * (_BRADFORD @ matrix))
    if len(curve) == 1:
        curve = (min(max(curve[0], _EXPONENTS[0]), _EXPONENTS[1]),)
    shape = b"para\0\0\0\0" + struct.pack(">HH", 0 if len(curve) == 1 else 3, 0) + _fixed(*curve)
    tags = [(b"wtpt", b"XYZ \0\0\0\0" + _fixed(*_D50))]
    tags += [(name, b"XYZ \0\0\0\0" + _fixed(*column)) for name, column in
             zip((b"rXYZ", b"gXYZ", b"bXYZ"), matrix.T, strict=True)]  # fmt: skip
    tags += [(name, shape) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(tags)


def _xyz(xy: np.ndarray) -> np.ndarray:
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(float(value) * 65536) for value in values))


def _profile(tags: list[tuple[bytes, bytes]]) -> bytes:
    place = 128 + 4 + 12 * len(tags)
    listing, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        listing += name + struct.pack(">II", place + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s", place + len(body), bytes(4), 0x04000000, b"mntr", b"RGB ", b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + _fixed(*_D50)
    return header.ljust(128, b"\0") + listing + body
