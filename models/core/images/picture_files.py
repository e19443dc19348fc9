"""Picture files by their headers: format, size and position, and whether a browser draws them alike.

No torch and no NumPy: the web process calls this for every upload.
"""

import io
import re
import warnings
from dataclasses import dataclass
from typing import BinaryIO, cast

import pillow_heif
from PIL import ExifTags, Image, TiffImagePlugin
from PIL.ImageFile import ImageFile

from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.images import png_chunks, signatures
from models.core.images.header_reader import HeaderReader
from models.core.images.limits import UnsupportedFile, check_pixels
from models.core.images.png_chunks import Drawn, Header

# Formats whose readers are widely used; the others (PDF, EPS, FITS, ...) are attack surface.
# MPO comes as JPEG.
IMAGE_FORMATS = (
    "JPEG",
    "PNG",
    "WEBP",
    "GIF",
    "BMP",
    "TIFF",
    "PPM",
    "AVIF",
    "HEIF",
)
# Pillow would only warn; `check_pixels` refuses instead, from the header and before decoding.
Image.MAX_IMAGE_PIXELS = None
# it warns of metadata that it cannot read, which is passed over
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = pillow_heif.options.AUX_IMAGES = False
pillow_heif.register_heif_opener()

_MEDIA_TYPES = {
    "PNG": "image/png",
    "WebP": "image/webp",
    "HEIC": "image/heic",
    "PPM": "image/x-portable-anymap",
}  # the others by Pillow's names
_HEAD_BYTES = 8192
_TRANSPOSED = {5, 6, 7, 8}  # EXIF orientations that swap width and height
_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([1-8])')
_NEW_SUBFILE_TYPE, _SUB_IFDS, _DNG_VERSION = 254, 330, 50706  # TIFF's tags
_WIDTH, _BITS, _CHANNELS, _SAMPLE_FORMAT, _FLOAT = 256, 258, 277, 339, 3
_SRGB_GAMMA, _SAME_GAMMA = 0.45455, 0.05  # nearer gammas count as that of sRGB, as in libpng

BROKEN_HEADER = Text(
    "core.images.broken_header",
    "The file has the signature of the {format} format, but the rest of its header is invalid: it is "
    "damaged, or of a variant that cannot be read here. Save it anew as PNG or JPEG.",
)
OTHER_SAMPLES = Text(
    "core.images.other_samples",
    "The TIFF picture has {channels} channels of {bits}-bit {numbers}, which cannot be read here. Save it "
    "with 8 or 16 bits per channel.",
)
INTEGERS = Text("core.images.integers", "integers")
FLOATS = Text("core.images.floats", "floating-point numbers")
NOT_AN_IMAGE = Text("core.images.not_an_image", "The file is not an image that can be read.")


class NotAPicture(UnsupportedFile):
    """The file is no picture; what else it is, is not known."""


@dataclass(frozen=True)
class Opened:
    """A picture whose header is read, and whose pixels are not."""

    image: ImageFile  # of the first frame
    format: str
    orientation: int  # as EXIF counts it, 1 to 8; 1 where the reader applies it
    png: Header | None = None
    left: int = 0  # of the frame in the canvas
    top: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, upright."""
        width, height = (self.png.width, self.png.height) if self.png else self.image.size
        return (height, width) if self.orientation in _TRANSPOSED else (width, height)

    @property
    def media_type(self) -> str:
        known = _MEDIA_TYPES.get(self.format) or Image.MIME.get(self.format)
        return known or "application/octet-stream"


def format_of(head: bytes) -> str | None:
    """The format of pictures that begin with `head`, by its name; None: another type of file."""
    starts = (
        (b"\xff\xd8\xff", "JPEG"),
        (png_chunks.SIGNATURE, "PNG"),
        (b"GIF87a", "GIF"),
        (b"GIF89a", "GIF"),
    )
    starts += tuple((each, "TIFF") for each in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))
    found = next((name for start, name in starts if head.startswith(start)), None)
    if found or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return found or "WebP"
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return "BMP"
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return "AVIF"
    is_heif = head[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
    return "HEIC" if head[4:8] == b"ftyp" and is_heif else None


def open_picture(source: BinaryIO | bytes, limit: int) -> Opened:
    """The picture in a file. Only one given as bytes can be decoded then.

    Raises:
        TooLarge: more than `limit` pixels.
        UnsupportedFile: a type that is not read, or a damaged header; `NotAPicture` if the type is unknown.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    expected = format_of(head)
    if expected in (None, "TIFF") and (refusal := signatures.refusal_of(head)):
        raise UnsupportedFile(refusal)
    try:
        if expected == "PNG":
            return _open_png(file, source if isinstance(source, bytes) else None, limit)
        return _open(file, expected, limit)
    except InputError:
        raise
    except Exception as error:  # the readers raise many types on damaged headers
        if expected is None:
            raise NotAPicture(NOT_AN_IMAGE()) from error
        raise UnsupportedFile(_unread_samples(file, expected) or BROKEN_HEADER(format=expected)) from error


def _unread_samples(file: BinaryIO, expected: str) -> Message | None:
    """What samples a TIFF file has, whose header is sound all the same; None: that is not the fault."""
    if expected != "TIFF":
        return None
    try:
        file.seek(0)
        tags = TiffImagePlugin.ImageFileDirectory_v2(file.read(8))
        file.seek(tags.next)
        tags.load(file)
        if not {_WIDTH, _BITS} <= tags.keys():
            return None
        bits, kind = tags.get(_BITS, (1,)), tags.get(_SAMPLE_FORMAT, (1,))[0]
        channels = tags.get(_CHANNELS, 1)
        return OTHER_SAMPLES(
            channels=channels, bits=bits[0], numbers=FLOATS() if kind == _FLOAT else INTEGERS()
        )
    except Exception:  # noqa: BLE001  the header is damaged
        return None


def _open(file: BinaryIO, expected: str | None, limit: int) -> Opened:
    reader = HeaderReader(file)
    image = Image.open(cast(BinaryIO, reader), formats=IMAGE_FORMATS)
    check_pixels(*image.size, limit)
    if image.format == "TIFF" and _is_raw_photo(image):
        raise UnsupportedFile(
            signatures.OTHER_FILE(what=signatures.RAW_PHOTO(), advice=signatures.AS_PICTURE())
        )
    opened = Opened(image, expected or image.format or "", _orientation(image))
    reader.release()
    return opened


def _open_png(file: BinaryIO, data: bytes | None, limit: int) -> Opened:
    header = png_chunks.read_header(file)
    check_pixels(header.width, header.height, limit)
    # nothing that Pillow would make of the metadata, which may be broken
    drawn = Drawn(png_chunks.without_pixels(header)) if data is None else png_chunks.without_metadata(data)
    image = Image.open(io.BytesIO(drawn.data), formats=("PNG",))
    return Opened(image, "PNG", _orientation_in(header.exif, header.xmp), header, drawn.left, drawn.top)


def _is_raw_photo(image: Image.Image) -> bool:
    """Whether a TIFF file holds a camera's RAW photo, and its main picture is only a preview."""
    tags = getattr(image, "tag_v2", {})
    is_preview = bool(tags.get(_NEW_SUBFILE_TYPE, 0) & 1) and _SUB_IFDS in tags
    return _DNG_VERSION in tags or is_preview


def _orientation(image: Image.Image) -> int:
    """As EXIF or else XMP has it; 1 if neither can be read, and where the reader applies it."""
    if image.format in ("TIFF", "HEIF"):
        return 1
    xmp = image.info.get("xmp")
    return _orientation_in(image.info.get("exif"), xmp if isinstance(xmp, bytes) else None)


def _orientation_in(exif: bytes | None, xmp: bytes | None) -> int:
    found = None
    if exif:
        try:
            block = Image.Exif()
            block.load(exif)
            found = block.get(ExifTags.Base.Orientation)
        except Exception:  # noqa: BLE001  an image with broken EXIF is still an image
            found = None
    if found is None and xmp and (match := _ORIENTATION.search(xmp)):
        found = int(match[1])
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def is_drawn_alike(opened: Opened) -> bool:
    """Whether every browser draws the file itself as `codec.decode` reads it, so that no copy is needed."""
    image = opened.image
    if opened.png is not None:
        return opened.orientation == 1 and _is_plain_png(opened.png)
    if opened.format == "JPEG":
        # browsers apply the orientation in EXIF, and not the one in XMP
        return image.mode in ("RGB", "L") and (opened.orientation == 1 or "exif" in image.info)
    is_still = getattr(image, "n_frames", 1) == 1
    return opened.format == "WebP" and image.mode == "RGB" and is_still and opened.orientation == 1


def _is_plain_png(header: Header) -> bool:
    declared = header.colors
    if header.is_animated or header.is_transparent or header.bits > 8 or {b"cICP", b"iCCP"} & declared.keys():
        return False
    if b"sRGB" in declared or header.gamma is None:
        return True
    return header.chromaticities is None and is_srgb_gamma(header.gamma)


def is_srgb_gamma(gamma: float) -> bool:
    """Whether a PNG file's gamma is near enough to that of sRGB to mean it."""
    return abs(gamma / _SRGB_GAMMA - 1) <= _SAME_GAMMA
