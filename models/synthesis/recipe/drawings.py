"""Ten drawings by hand, as code: to look at what the network makes of them, and three of them as samples.

    python -m models.synthesis.recipe.drawings --sheet drawings.png [--samples]

Lines of one, two and three pixels, open outlines, and a thing that the network has never seen. None was used
in training.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from models.core.images.codec import encode_png
from models.core.recipe.contact_sheet import contact_sheet
from models.synthesis.card import EDGES_WEIGHTS, FACES_WEIGHTS, HERE, NO_PART, PARTS, PredictParams
from models.synthesis.data import to_bytes
from models.synthesis.predict import Predictor

SIDE, FACE = 28, 64
TILE = 168  # pixels, on the sheet
Points = list[tuple[float, float]]

SHIRT: Points = [(9, 3), (3, 7), (1, 14), (6, 15), (7, 11), (7, 26), (20, 26), (20, 11), (21, 15), (26, 14),
                 (24, 7), (18, 3), (16, 5), (13, 6), (11, 5), (9, 3)]  # fmt: skip
TROUSERS: Points = [(9, 1), (18, 1), (20, 26), (15, 26), (13.5, 9), (12, 26), (7, 26), (9, 1)]
DRESS: Points = [(10, 1), (11, 9), (6, 26), (21, 26), (16, 9), (17, 1), (15, 4), (12, 4), (10, 1)]
BOOT: Points = [(15, 3), (24, 3), (24, 24), (15, 24), (14, 22), (4, 24), (3, 20), (9, 17), (14, 14), (15, 3)]
SNEAKER: Points = [(1, 20), (1, 16), (6, 15), (12, 11), (17, 9), (22, 12), (26, 11), (26, 20), (1, 20)]
BAG: Points = [(3, 11), (24, 11), (25, 25), (2, 25), (3, 11)]
HANDLE: Points = [(8, 11), (8, 6), (11, 3), (16, 3), (19, 6), (19, 11)]
STAR: Points = [
    (13, 2),
    (16, 10),
    (25, 10),
    (18, 15),
    (21, 24),
    (13, 19),
    (6, 24),
    (9, 15),
    (2, 10),
    (11, 10),
    (13, 2),
]
LINES: dict[str, tuple[int, list[Points]]] = {  # width in pixels, and lines
    "T-shirt, 1 px": (1, [SHIRT]),
    "T-shirt, 3 px": (3, [SHIRT]),
    "trousers, 2 px": (2, [TROUSERS]),
    "dress, 1 px": (1, [DRESS]),
    "boot, 2 px, open": (2, [BOOT[:5], BOOT[5:]]),
    "boot, mirrored": (1, [[(27 - x, y) for x, y in BOOT]]),
    "sneaker, 1 px": (1, [SNEAKER, [(1, 18), (26, 18)]]),
    "bag, 1 px": (1, [BAG, HANDLE]),
    "T-shirt, open": (1, [SHIRT[:6], SHIRT[6:12]]),
    "star (never seen)": (1, [STAR]),
}
SAMPLES = {"shirt": "T-shirt, 1 px", "boot": "boot, 2 px, open", "bag": "bag, 1 px"}  # file: drawing


def lines(width: int, strokes: list[Points]) -> Image.Image:
    """White lines on black, without antialiasing."""
    image = Image.new("L", (SIDE, SIDE))
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        pen.line(stroke, fill=255, width=width)
    return image


def face() -> Image.Image:
    """A label map in the brushes' colors, with round shapes as with a mouse."""
    image = Image.new("RGB", (FACE, FACE), NO_PART)
    pen = ImageDraw.Draw(image)
    pen.ellipse((11, 9, 52, 56), fill=PARTS["hair"])
    pen.ellipse((8, 52, 55, 90), fill=PARTS["clothes"])
    pen.rectangle((27, 46, 36, 54), fill=PARTS["skin"])
    pen.ellipse((17, 18, 46, 51), fill=PARTS["skin"])
    pen.ellipse((14, 8, 50, 25), fill=PARTS["hair"])
    for left in (21, 35):
        pen.ellipse((left, 31, left + 6, 37), fill=PARTS["eyes"])
        pen.rectangle((left, 27, left + 6, 28), fill=PARTS["brows"])
    pen.ellipse((27, 42, 36, 46), fill=PARTS["mouth"])
    return image


def sheet(size: int = TILE) -> Image.Image:
    """Each drawing, its answer with the adversary, and that of L1 alone."""
    shown = [(name, lines(*drawing), EDGES_WEIGHTS) for name, drawing in LINES.items()]
    if FACES_WEIGHTS.exists():
        shown.append(("face", face(), FACES_WEIGHTS))
    predictors = {weights: Predictor(weights) for weights in {each[2] for each in shown}}
    groups = []
    for name, drawing, weights in shown:
        predictor = predictors[weights]
        item = predictor.decode({"map": encode_png(drawing)}, PredictParams())
        answers = to_bytes(predictor.forward([item])[0])
        groups.append(
            [(name, enlarged(np.asarray(drawing), size)), *(("", enlarged(each, size)) for each in answers)]
        )
    return contact_sheet(groups, (size, size), across=3, names=("drawing", "with adversary", "L1 alone"))


def enlarged(pixels: np.ndarray, size: int) -> Image.Image:
    return Image.fromarray(pixels).convert("RGB").resize((size, size), Image.Resampling.NEAREST)


def main() -> None:
    """Draw the sheet, and on request write the samples."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--samples", action="store_true", help="write the samples of the card")
    options = parser.parse_args()
    if options.samples:
        for file, name in SAMPLES.items():
            lines(*LINES[name]).save(HERE / "samples" / f"{file}.png")
        face().save(HERE / "samples" / "face.png")
    if options.sheet:
        sheet().save(options.sheet)


if __name__ == "__main__":
    main()
