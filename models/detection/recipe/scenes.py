"""The sample pictures: scenes composed of objects and backgrounds that are not in the training data.

    python -m models.detection.recipe.scenes --raw raw --out models/detection/samples

Every cut-out is from the test split and in the public domain or under Apache-2.0 or MIT; the backgrounds are
photos by Aitzol Berasategi under CC BY 4.0, from the Debian package lomiri-wallpapers-16.04. Of ninety random
layouts per background, these are the ones on which an earlier version of the detector did best: they show
what it can do, not how often.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageFilter

from models.core.recipe.cutout_bank import Entry, Raw, entries
from models.detection.recipe.bank import FREE, LISTS

SIZE = (960, 640)
FLUENT = "@lobehub/fluent-emoji-3d"
CLIPART = "openclipart-png"
SHADOW = 70  # of 255


@dataclass(frozen=True)
class Piece:
    """One cut-out: its center in shares of the scene's width and height, its side in shares of the height."""

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
    "pass": (
        "picosdeeuropa",
        (
            fluent("1f97e", 0.181, 0.276, 0.443),
            clipart("buildings/homes/home11", 0.806, 0.779, 0.412),
            clipart("plants/flowers/flower_02", 0.184, 0.729, 0.454),
            fluent("1f61f", 0.502, 0.275, 0.425),
            fluent("1f360", 0.493, 0.734, 0.453),
        ),
    ),
    "valley": (
        "aitzgorri_by",
        (
            fluent("1f99f", 0.217, 0.759, 0.453),
            fluent("1f619", 0.490, 0.274, 0.454),
            fluent("1f338", 0.173, 0.304, 0.413),
            fluent("1f40d", 0.490, 0.767, 0.385),
            fluent("1f34e", 0.817, 0.295, 0.438),
        ),
    ),
    "stream": (
        "life_by",
        (
            fluent("1f921", 0.826, 0.288, 0.374),
            clipart("plants/flowers/flower_02", 0.210, 0.770, 0.405),
            clipart("food/fruit/pera_architetto_francesc_01", 0.829, 0.749, 0.361),
            fluent("1f57a", 0.517, 0.245, 0.440),
            clipart("transportation/vehicles/airplane_nicu_buculei_01", 0.500, 0.745, 0.420),
        ),
    ),
}


def entry_of(listed: list[Entry], package: str, start: str) -> Entry:
    """The line of a list. Raises ValueError: it is not of the test split."""
    found = next(each for each in listed if each.package == package and start in each.file)
    if found.split != "test":
        raise ValueError(f"{found.file} is of the {found.split} split")
    return found


def compose(raw: Raw, background: Entry, pieces: tuple[tuple[Piece, Entry], ...]) -> Image.Image:
    """One scene; every cut-out casts a soft shadow."""
    ground = raw.open(background)
    ground.draft("RGB", (2 * SIZE[0], 2 * SIZE[1]))
    scene = cover(ground.convert("RGB"))
    for piece, entry in pieces:
        if entry.license not in FREE:
            raise ValueError(f"{entry.file} may not be redistributed: {entry.license}")
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
    """The center of `image`, scaled to fill the scene."""
    scale = max(SIZE[0] / image.width, SIZE[1] / image.height)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    left, top = (image.width - SIZE[0]) // 2, (image.height - SIZE[1]) // 2
    return image.crop((left, top, left + SIZE[0], top + SIZE[1]))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parents[1] / "samples", help="folder of the pictures"
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
