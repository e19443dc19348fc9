"""The bank of drawn faces: pictures, exact label maps of their parts, and the attributes behind them.

    python -m models.core.recipe.faces --raw raw --out data/faces.npz [--sheet faces.png]

The parts are those of ToonHead by Johan Melin (https://www.johanmelin.com, CC BY 4.0), as the npm package
@dicebear/toon-head holds them. Nobody is depicted. Every attribute is drawn independently of the others, so
the bank has no correlation that was not put into it. Combinations of hair, skin, hair color, facial hair and
mouth belong to one split only: the test faces are new ones.

The map of a picture is the same drawing with each part in one flat color, rendered without antialiasing; a
pixel belongs to the part that covers most of it.
"""

import argparse
import colorsys
import io
import itertools
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import resvg_py
from PIL import Image

from models.core.contract.errors import InputError
from models.core.recipe.contact_sheet import contact_sheet
from models.core.recipe.sources import fetch

log = logging.getLogger(__name__)

PACKAGE = "@dicebear/toon-head@9.4.3"
SIDE, CANVAS = 64, 768  # pixels of a picture; units of the drawings
FINE = 4  # maps are rendered this many times larger, then counted
COUNTS = {"train": 10_000, "validation": 1_000, "test": 1_000}

PARTS = ("background", "skin", "hair", "brows", "eyes", "mouth", "beard", "clothes")
PART_COLORS = ("#eceff1", "#f2b98c", "#7b4a1e", "#26160a", "#1e88e5", "#d81b60", "#5d8a2a", "#7e57c2")
WEIGHTS = (1, 1, 1, 2, 2, 2, 1, 1)  # of a part's cover in a pixel: brows and lips are thinner than one
PART_OF = {"rearHair": "hair", "body": "skin", "head": "skin", "eyebrows": "brows"}  # others are named alike

HAIR = {  # class: rear hair and front hair of the style
    "no hair": ("", ""),
    "undercut": ("", "undercut"),
    "side-combed": ("", "sideComed"),
    "spiky": ("", "spiky"),
    "bun": ("", "bun"),
    "bob": ("neckHigh", "sideComed"),
    "shoulder-length": ("shoulderHigh", "sideComed"),
    "long straight": ("longStraight", "sideComed"),
    "long wavy": ("longWavy", "sideComed"),
}
SKIN = {
    "very light": "#ffdfc4", "light": "#f0c5a0", "medium light": "#dba57a",
    "medium": "#b97d50", "dark": "#8a5536", "very dark": "#573424",
}  # fmt: skip
HAIR_COLOR = {
    "black": "#2c1b18", "brown": "#6b4226", "red": "#a9502a",
    "blond": "#d9b46a", "gray": "#a8a39d", "dyed": "",
}  # fmt: skip
BEARD = {"none": "", "moustache": "moustacheTwirl", "chin": "chin", "goatee": "chinMoustache",
         "full beard": "fullBeard", "long beard": "longBeard"}  # fmt: skip
MOUTH = {"laughing": "laugh", "angry": "angry", "agape": "agape", "smiling": "smile", "sad": "sad"}
EYES = {"happy": "happy", "wide": "wide", "closed": "bow", "humble": "humble", "winking": "wink"}
BROWS = {"raised": "raised", "angry": "angry", "happy": "happy", "sad": "sad", "neutral": "neutral"}
CLOTHES = {"turtleneck": "turtleNeck", "open jacket": "openJacket", "dress": "dress", "shirt": "shirt",
           "T-shirt": "tShirt"}  # fmt: skip
ATTRIBUTES = {
    "hair": HAIR, "skin": SKIN, "hair color": HAIR_COLOR, "facial hair": BEARD, "mouth": MOUTH,
    "eyes": EYES, "brows": BROWS, "clothes": CLOTHES,
}  # fmt: skip
SPLIT_BY = 5  # the first attributes, whose combinations belong to one split

Edges = Literal["crisp_edges", "geometric_precision"]  # of shapes: aliased or antialiased
Parts = Mapping[str, Mapping[str, str]]  # SVG by group and name


@dataclass(frozen=True)
class Face:
    """One drawing: its attributes as indices, and what varies continuously."""

    attributes: tuple[int, ...]  # in the order of ATTRIBUTES
    colors: dict[str, str]  # of skin, hair, clothes and background
    scale: tuple[float, float]
    shift: tuple[float, float]  # units of the canvas
    tilt: float  # degrees
    features: float  # how far down eyes and mouth sit, units of the canvas

    def choice(self, attribute: str) -> str:
        """The style's name of an attribute's value."""
        names = list(ATTRIBUTES)
        return list(ATTRIBUTES[attribute].values())[self.attributes[names.index(attribute)]]


def components(raw: Path) -> dict[str, dict[str, str]]:
    """SVG by group and name; `{hair}`, `{skin}` and `{clothes}` stand for colors.

    Raises:
        InputError: the package cannot be fetched, or it is another version.
    """
    folder = fetch(PACKAGE, raw) / "package" / "lib" / "components"
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.js")):
        pairs = re.findall(r"'(\w+)': \(components, colors\) => `(.*)`,\n", path.read_text("utf-8"))
        found[path.stem] = {
            name: re.sub(r"\$\{escape\.xml\(`\$\{colors\.(\w+)\}`\)\}", r"{\1}", svg) for name, svg in pairs
        }
    if not {"head", "hair", "rearHair", "eyes", "eyebrows", "mouth", "beard", "clothes"} <= found.keys():
        raise InputError(f"{folder} does not hold the parts of ToonHead.")
    return found


def combinations(generator: np.random.Generator) -> dict[str, list[tuple[int, ...]]]:
    """The combinations of the first attributes, shuffled and shared out among the splits."""
    sizes = [range(len(values)) for values in list(ATTRIBUTES.values())[:SPLIT_BY]]
    every = list(itertools.product(*sizes))
    generator.shuffle(every)
    edges = np.cumsum([round(len(every) * count / sum(COUNTS.values())) for count in COUNTS.values()])
    edges[-1] = len(every)
    return {
        split: [tuple(map(int, one)) for one in every[start:end]]
        for split, start, end in zip(COUNTS, [0, *edges[:-1]], edges, strict=True)
    }


def draw_face(combination: tuple[int, ...], generator: np.random.Generator) -> Face:
    """A face of this combination; all other attributes, colors and places are drawn."""
    rest = [int(generator.integers(len(values))) for values in list(ATTRIBUTES.values())[SPLIT_BY:]]
    face = Face((*combination, *rest), {}, (1, 1), (0, 0), 0, 0)
    hair = face.choice("hair color") or _hue(generator, 0.55)
    return Face(
        face.attributes,
        {
            "skin": _varied(face.choice("skin"), generator),
            "hair": _varied(hair, generator),
            "clothes": _hue(generator, float(generator.uniform(0.1, 0.85))),
            "background": _background(generator),
        },
        scale=(float(generator.uniform(0.96, 1.12)), float(generator.uniform(1.0, 1.1))),
        shift=(float(generator.uniform(-24, 24)), float(generator.uniform(-14, 16))),
        tilt=float(generator.uniform(-5, 5)),
        features=float(generator.uniform(-9, 9)),
    )


def _hue(generator: np.random.Generator, saturation: float) -> str:
    return _hex(colorsys.hsv_to_rgb(generator.uniform(), saturation, generator.uniform(0.3, 0.95)))


def _background(generator: np.random.Generator) -> str:
    return _hex(
        colorsys.hsv_to_rgb(generator.uniform(), generator.uniform(0, 0.12), generator.uniform(0.9, 1))
    )


def _varied(color: str, generator: np.random.Generator) -> str:
    rgb = np.array(_rgb(color)) / 255
    return _hex(np.clip(rgb * generator.uniform(0.93, 1.07) + generator.uniform(-0.015, 0.015, 3), 0, 1))


def _rgb(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


def _hex(rgb: np.ndarray | tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * float(value)):02x}" for value in rgb)


def layers(face: Face, parts: Parts) -> list[tuple[str, str]]:
    """The group and SVG of each part, from back to front, as the style stacks them."""
    rear, front = HAIR[list(HAIR)[face.attributes[0]]]
    chosen = [
        ("rearHair", rear), ("body", "body"), ("head", "head"), ("clothes", face.choice("clothes")),
        ("mouth", face.choice("mouth")), ("beard", face.choice("facial hair")), ("eyes", face.choice("eyes")),
        ("eyebrows", face.choice("brows")), ("hair", front),
    ]  # fmt: skip
    offsets = {"mouth": face.features / 2, "eyes": face.features, "eyebrows": face.features, "rearHair": 10}
    return [
        (group, f'<g transform="translate(0 {offsets.get(group, 0):.1f})">{parts[group][name]}</g>')
        for group, name in chosen
        if name
    ]


def picture(face: Face, parts: Parts) -> np.ndarray:
    """(SIDE, SIDE, 3) uint8."""
    body = "".join(svg for _, svg in layers(face, parts))
    for name, color in face.colors.items():
        body = body.replace(f"{{{name}}}", color)
    return _render(face, body, face.colors["background"], "geometric_precision")


def label_map(face: Face, parts: Parts) -> np.ndarray:
    """(SIDE, SIDE) uint8: the index in PARTS of each pixel."""
    body = ""
    for group, svg in layers(face, parts):
        color = f"#0000{PARTS.index(PART_OF.get(group, group)):02x}"
        flat = re.sub(r'(fill|stroke)-opacity="[^"]*"', "", svg)
        body += re.sub(r'(fill|stroke)="(?!none)[^"]*"', rf'\1="{color}"', flat)
    fine = _render(face, body, "#000000", "crisp_edges", FINE * SIDE)[..., 2]
    blocks = fine.reshape(SIDE, FINE, SIDE, FINE)
    cover = [weight * (blocks == part).sum((1, 3)) for part, weight in enumerate(WEIGHTS)]
    return np.argmax(cover, axis=0).astype(np.uint8)


def _render(face: Face, body: str, background: str, edges: Edges, side: int = SIDE) -> np.ndarray:
    x, y = face.scale
    moved = (
        f"translate({CANVAS / 2 + face.shift[0]:.2f} {face.shift[1]:.2f}) scale({x:.3f} {y:.3f}) "
        f"rotate({face.tilt:.2f} 0 {CANVAS}) translate({-CANVAS / 2} 0)"
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {CANVAS} {CANVAS}" fill="none">'
        f'<g transform="{moved}">{body}</g></svg>'
    )
    data = resvg_py.svg_to_bytes(
        svg_string=svg, width=side, height=side, background=background,
        skip_system_fonts=True, shape_rendering=edges,
    )  # fmt: skip
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def bank(parts: Parts, counts: dict[str, int], seed: int = 0) -> dict[str, np.ndarray]:
    """The arrays of the archive; the classes of each split are balanced."""
    generator = np.random.default_rng(seed)
    arrays: dict[str, np.ndarray] = {}
    for split, own in combinations(generator).items():
        by_class = [[one for one in own if one[0] == label] for label in range(len(HAIR))]
        in_turn = zip(
            *(itertools.islice(itertools.cycle(each), counts[split]) for each in by_class), strict=True
        )
        chosen = itertools.islice(itertools.chain.from_iterable(in_turn), counts[split])
        faces = [draw_face(one, generator) for one in chosen]
        generator.shuffle(faces)
        arrays[split] = np.stack([picture(face, parts) for face in faces])
        arrays[f"{split}_maps"] = np.stack([label_map(face, parts) for face in faces])
        arrays[f"{split}_attributes"] = np.array([face.attributes for face in faces], np.uint8)
        arrays[f"{split}_labels"] = arrays[f"{split}_attributes"][:, 0]
        log.info("%s: %d faces", split, len(faces))
    return arrays | {
        "classes": np.array(list(HAIR)),
        "parts": np.array(PARTS),
        "part_colors": np.array([_rgb(color) for color in PART_COLORS], np.uint8),
        "attribute_names": np.array(list(ATTRIBUTES)),
        "attribute_values": np.array(["\n".join(values) for values in ATTRIBUTES.values()]),
        "credit": np.array("ToonHead by Johan Melin (CC BY 4.0), through DiceBear"),
    }  # fmt: skip


def main() -> None:
    """Draw the bank, and on request a sheet of its faces with their maps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sheet", type=Path, help="PNG of the first validation faces and their maps")
    parser.add_argument("--share", type=float, default=1.0, help="of the full number of faces")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    counts = {split: max(1, round(count * options.share)) for split, count in COUNTS.items()}
    arrays = bank(components(options.raw), counts)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.out, allow_pickle=False, **arrays)
    if options.sheet:
        groups = [
            [
                (str(arrays["classes"][label]), _enlarged(face)),
                ("", _enlarged(arrays["part_colors"][labels])),
            ]
            for face, labels, label in zip(
                arrays["validation"][:48],
                arrays["validation_maps"][:48],
                arrays["validation_labels"][:48],
                strict=True,
            )
        ]
        contact_sheet(groups, (2 * SIDE, 2 * SIDE), across=6).save(options.sheet)


def _enlarged(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels).resize((2 * SIDE, 2 * SIDE), Image.Resampling.NEAREST)


if __name__ == "__main__":
    main()
