"""What a file is by its first bytes, where it is none of the types that are taken: the name for an error.

No torch, and nothing is parsed: the web process calls this for every upload that it refuses.
"""

from collections.abc import Callable
from dataclasses import dataclass

from models.core.contract.messages import Message, Text

OTHER_FILE = Text("core.images.other_file", "The file is {what}, which cannot be read here. {advice}")

AS_PICTURE = Text("core.images.advice.picture", "Save it as a PNG or JPEG picture.")
AS_FRAME = Text("core.images.advice.frame", "Save single frames of it as PNG or JPEG pictures.")
AS_PAGE = Text("core.images.advice.page", "Save its page as a PNG picture, or a table in it as CSV.")
AS_TABLE = Text("core.images.advice.table", "Save the table as CSV.")
AS_ZIP = Text("core.images.advice.zip", "Pack the files as a ZIP archive instead.")
OTHERWISE = Text("core.images.advice.other", "Choose a picture, a table or a ZIP archive.")


def _named(what: str, english: str) -> Text:
    return Text(f"core.images.what.{what}", english)


RAW_PHOTO = _named("raw", "a RAW photo of a camera")
_PDF = _named("pdf", "a PDF document")
_POSTSCRIPT = _named("postscript", "a PostScript file")
_SVG = _named("svg", "an SVG drawing")
_VIDEO = _named("video", "a video")
_SOUND = _named("sound", "a sound file")
_ARCHIVE = _named("archive", "an archive of another type than ZIP")
_MARKUP = _named("markup", "an HTML or XML document")

_RAW_STARTS = (
    b"FUJIFILMCCD-RAW", b"IIRO\x08\0", b"IIRS\x08\0", b"MMOR\0\0", b"IIU\0", b"\0MRM",
    b"II\x1a\0\0\0HEAPCCDR",
)  # fmt: skip
_VIDEO_BRANDS = (
    b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"3gp4",
    b"3gp5", b"dash", b"MSNV",
)  # fmt: skip
_ARCHIVE_STARTS = (
    b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"BZh91AY&SY", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd",
)  # fmt: skip


@dataclass(frozen=True)
class _Signature:
    what: Text
    advice: Text
    fits: Callable[[bytes], bool]


def _starts(*magics: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magics, at)


def _box(*brands: bytes) -> Callable[[bytes], bool]:
    """An ISO base media file, as MP4 is one, of one of these brands."""
    return lambda head: head[4:8] == b"ftyp" and head[8:12] in brands


def _riff(kind: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(b"RIFF") and head[8:12] == kind


def _is_svg(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith(b"<svg") or (
        text.startswith((b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in text
    )


def _is_markup(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml"))


def _is_icon(head: bytes) -> bool:
    """An icon or a cursor. Other files, such as a Targa picture, begin alike, but with no icons to count."""
    return head.startswith(b"icns\0") or (
        head.startswith((b"\0\0\1\0", b"\0\0\2\0")) and head[4:6] != b"\0\0"
    )


def _is_program(head: bytes) -> bool:
    return head.startswith(b"\x7fELF") or (head.startswith(b"MZ") and b"\0" in head[:64])


# Each start is long enough not to be that of a table.
_SIGNATURES = (
    _Signature(_PDF, AS_PAGE, lambda head: head.lstrip().startswith(b"%PDF-")),
    _Signature(_POSTSCRIPT, AS_PAGE, _starts(b"%!PS", b"\xc5\xd0\xd3\xc6")),
    _Signature(_SVG, AS_PICTURE, _is_svg),
    _Signature(_MARKUP, AS_TABLE, _is_markup),
    _Signature(_named("rtf", "an RTF document"), AS_TABLE, _starts(b"{\\rtf")),
    _Signature(RAW_PHOTO, AS_PICTURE, _starts(b"CR\x02", at=8)),
    _Signature(RAW_PHOTO, AS_PICTURE, _starts(*_RAW_STARTS)),
    _Signature(RAW_PHOTO, AS_PICTURE, _box(b"crx ")),
    _Signature(
        _named("jxl", "a JPEG XL picture"), AS_PICTURE, _starts(b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")
    ),
    _Signature(
        _named("jp2", "a JPEG 2000 picture"),
        AS_PICTURE,
        _starts(b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"),
    ),
    _Signature(_named("jxr", "a JPEG XR picture"), AS_PICTURE, _starts(b"II\xbc")),
    _Signature(_named("photoshop", "a Photoshop document"), AS_PICTURE, _starts(b"8BPS\0")),
    _Signature(_named("gimp", "a GIMP document"), AS_PICTURE, _starts(b"gimp xcf")),
    _Signature(_named("icon", "an icon file"), AS_PICTURE, _is_icon),
    _Signature(_named("exr", "an OpenEXR picture"), AS_PICTURE, _starts(b"v/1\x01")),
    _Signature(_named("hdr", "a Radiance HDR picture"), AS_PICTURE, _starts(b"#?RADIANCE\n", b"#?RGBE\n")),
    _Signature(_named("dds", "a DDS texture"), AS_PICTURE, _starts(b"DDS \x7c\0\0\0")),
    _Signature(_named("qoi", "a QOI picture"), AS_PICTURE, _starts(b"qoif\0")),
    _Signature(_named("pam", "a PAM picture"), AS_PICTURE, _starts(b"P7\nWIDTH", b"P7\nHEIGHT", b"P7\n#")),
    _Signature(_named("fits", "a FITS file"), AS_PICTURE, _starts(b"SIMPLE  =")),
    _Signature(_named("dicom", "a DICOM file"), AS_PICTURE, _starts(b"DICM", at=128)),
    _Signature(
        _named("metafile", "a Windows metafile"),
        AS_PICTURE,
        _starts(b"\xd7\xcd\xc6\x9a", b"\1\0\0\0\x6c\0\0\0"),
    ),
    _Signature(_VIDEO, AS_FRAME, _box(*_VIDEO_BRANDS)),
    _Signature(_VIDEO, AS_FRAME, _starts(b"\x1aE\xdf\xa3", b"\0\0\1\xba", b"\0\0\1\xb3", b"FLV\1")),
    _Signature(_VIDEO, AS_FRAME, _riff(b"AVI ")),
    _Signature(_SOUND, OTHERWISE, _starts(b"ID3\2\0", b"ID3\3\0", b"ID3\4\0", b"fLaC\0", b"OggS\0")),
    _Signature(_SOUND, OTHERWISE, _riff(b"WAVE")),
    _Signature(_named("parquet", "a Parquet file"), AS_TABLE, _starts(b"PAR1\x15")),
    _Signature(_named("hdf5", "an HDF5 file"), AS_TABLE, _starts(b"\x89HDF\r\n\x1a\n")),
    _Signature(_named("numpy", "a NumPy file"), AS_TABLE, _starts(b"\x93NUMPY")),
    _Signature(_named("sqlite", "an SQLite database"), AS_TABLE, _starts(b"SQLite format 3\0")),
    _Signature(_ARCHIVE, AS_ZIP, _starts(*_ARCHIVE_STARTS)),
    _Signature(_ARCHIVE, AS_ZIP, _starts(b"ustar", at=257)),
    _Signature(_named("program", "a program"), OTHERWISE, _is_program),
)


def refusal_of(head: bytes) -> Message | None:
    """Why a file that begins with `head` cannot be read and what to do; None: nothing is known about it."""
    found = next((each for each in _SIGNATURES if each.fits(head)), None)
    return OTHER_FILE(what=found.what(), advice=found.advice()) if found else None
