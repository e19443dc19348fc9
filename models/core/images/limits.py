"""The largest files that are taken, and the errors for others."""

from dataclasses import dataclass

from models.core.contract.errors import InputError
from models.core.contract.messages import Text

TOO_MANY_PIXELS = Text(
    "core.images.too_many_pixels",
    "The image has {width:,} × {height:,} = {pixels:,} pixels; the limit is {limit:,}.",
)


@dataclass(frozen=True)
class Limits:
    """The largest uploads, checked against headers."""

    pixels: int = 64_000_000
    rows: int = 1_000_000
    columns: int = 1_000
    archive_bytes: int = 2_000_000_000
    archive_files: int = 50_000


USUAL = Limits()
NO_LIMIT = 2**62  # of pixels, for files that were taken before


class TooLarge(InputError):
    """The file exceeds a limit; the message names it."""


class UnsupportedFile(InputError):
    """The file is of a type that no capability takes."""


def check_pixels(width: int, height: int, limit: int) -> None:
    """Raises TooLarge: an image of this size has more than `limit` pixels."""
    if width * height > limit:
        raise TooLarge(TOO_MANY_PIXELS(width=width, height=height, pixels=width * height, limit=limit))
