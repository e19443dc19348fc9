"""The sample pictures: scenes laid out by hand from things and places that the detector never learned from.

    python -m models.detection.scenes --raw raw --out models/detection/samples

Every cut-out is of the test split and in the public domain or under Apache-2.0 or MIT; the backgrounds are
photos by Aitzol Berasategi under CC BY 4.0, from the Debian package lomiri-wallpapers-16.04.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageFilter

from models.detection.bank import FREE, LISTS, Entry, Raw, entries

SIZE = (960, 640)
FLUENT = "@lobehub/fluent-emoji-3d"
CLIPART = "openclipart-png"
SHADOW = 70  # of 255


@dataclass(frozen=True)
class Piece:
    """One cut-out: its middle and its longer side, as shares of the scene's width and height."""

    package: str
    file: str
    x: float
    y: float
    size: float


def fluent(code: str, x: float, y: float, size: float) -> Piece:
    return Piece(FLUENT, f"package/assets/{code}.webp", x, y, size)


def clipart(file: str, x: float, y: float, size: float) -> Piece:
    return Piece(CLIPART, f"usr/share/openclipart/png/{file}.png", x, y, size)


SCENES: dict[str, tuple[str, tuple[Piece, ...]]] = {
    "valley": (
        "aitzgorri_by",
        (
            fluent("2708-fe0f", 0.80, 0.20, 0.26),
            fluent("1f3eb", 0.20, 0.40, 0.42),
            fluent("1f999", 0.50, 0.66, 0.44),
            fluent("1f33b", 0.82, 0.66, 0.46),
            fluent("1f994", 0.22, 0.84, 0.24),
        ),
    ),
    "pass": (
        "picosdeeuropa",
        (
            fluent("1f426", 0.72, 0.20, 0.24),
            fluent("26fa", 0.24, 0.52, 0.40),
            fluent("1face", 0.56, 0.58, 0.46),
            fluent("1f69a", 0.84, 0.72, 0.36),
            fluent("1f97e", 0.34, 0.86, 0.22),
        ),
    ),
    "stream": (
        "life_by",
        (
            fluent("1f989", 0.80, 0.24, 0.34),
            fluent("1f34e", 0.18, 0.30, 0.26),
            fluent("1f603", 0.48, 0.32, 0.32),
            fluent("1f41c", 0.72, 0.78, 0.32),
            fluent("1f438", 0.24, 0.76, 0.38),
        ),
    ),
}


def entry_of(listed: list[Entry], package: str, start: str) -> Entry:
    """The line of a list, which must be of the test split."""
    found = next(each for each in listed if each.package == package and start in each.file)
    if found.split != "test":
        raise ValueError(f"{found.file} is of the {found.split} split")
    return found


def compose(raw: Raw, background: Entry, pieces: tuple[tuple[Piece, Entry], ...]) -> Image.Image:
    """One scene; every cut-out throws a soft shadow, so that it seems to stand there."""
    ground = raw.open(background)
    ground.draft("RGB", (2 * SIZE[0], 2 * SIZE[1]))
    scene = cover(ground.convert("RGB"))
    for piece, entry in pieces:
        if entry.license not in FREE:
            raise ValueError(f"{entry.file} may not be passed on: {entry.license}")
        image = raw.open(entry).convert("RGBA")
        image = image.crop(image.getchannel("A").getbbox())
        scale = piece.size * SIZE[1] / max(image.size)
        image = image.resize(
            (round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS
        )
        left = round(piece.x * SIZE[0] - image.width / 2)
        top = round(piece.y * SIZE[1] - image.height / 2)
        shade = Image.new("L", SIZE)
        shade.paste(
            image.getchannel("A").point([value * SHADOW // 255 for value in range(256)]), (left + 6, top + 8)
        )
        scene.paste("black", mask=shade.filter(ImageFilter.GaussianBlur(8)))
        scene.paste(image, (left, top), image)
    return scene


def cover(image: Image.Image) -> Image.Image:
    """The middle of `image`, filling the scene."""
    scale = max(SIZE[0] / image.width, SIZE[1] / image.height)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    left, top = (image.width - SIZE[0]) // 2, (image.height - SIZE[1]) // 2
    return image.crop((left, top, left + SIZE[0], top + SIZE[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "samples", help="folder of the pictures"
    )
    arguments = parser.parse_args()
    raw = Raw(arguments.raw)
    cutouts, backgrounds = entries(LISTS / "cutouts.csv"), entries(LISTS / "backgrounds.csv")
    for name, (background, pieces) in SCENES.items():
        listed = tuple((piece, entry_of(cutouts, piece.package, piece.file)) for piece in pieces)
        scene = compose(raw, entry_of(backgrounds, "lomiri-wallpapers-16.04", background), listed)
        scene.save(arguments.out / f"{name}.jpg", quality=88)


if __name__ == "__main__":
    main()
