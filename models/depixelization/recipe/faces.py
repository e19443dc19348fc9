"""The bank of faces for the depixelizer: as many with light as with dark skin, and no hint around them.

    python -m models.depixelization.recipe.faces --raw raw --out data/depixelization-faces.npz

The faces are those of `models.core.recipe.faces`, with one change. There, backgrounds are bright and clothes
are as bright for any skin, so that even a gray picture gives the skin's color away by comparison. Here both
are drawn relative to the skin: a dark face in bright light and a light face in dim light can then have the
same gray picture. What still differs is the hair. Attributes are drawn independently of each other, hair also
of the skin. Combinations of attributes belong to one split: the test faces are new ones.
"""

import argparse
import colorsys
import itertools
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.core.recipe.faces import SKIN, Parts, combinations, components, draw_face, picture

log = logging.getLogger(__name__)

GROUPS = {"light skin": ("very light", "light"), "dark skin": ("dark", "very dark")}
COUNTS = {"train": 3_000, "validation": 400, "test": 1_000}  # of each group
SKIN_AT = 1  # of the attributes of a combination
RELATIVE = {"background": (0.3, 1.15), "clothes": (0.25, 1.1)}  # luma, in that of the skin; log-uniform
SATURATION = {"background": 0.35, "clothes": 0.8}  # at most
LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def bank(parts: Parts, counts: dict[str, int], seed: int = 0) -> dict[str, np.ndarray]:
    """The arrays of the archive: pictures, groups and their names."""
    random = np.random.default_rng(seed)
    arrays: dict[str, np.ndarray] = {}
    for split, own in combinations(random).items():
        pictures, labels = [], []
        for label, skins in enumerate(GROUPS.values()):
            group = [each for each in own if list(SKIN)[each[SKIN_AT]] in skins]
            for combination in itertools.islice(itertools.cycle(group), counts[split]):
                face = draw_face(combination, random)
                colors = face.colors | {
                    part: relative_color(face.colors["skin"], part, random) for part in RELATIVE
                }
                pictures.append(picture(replace(face, colors=colors), parts))
                labels.append(label)
        order = random.permutation(len(labels))
        arrays[split] = np.stack(pictures)[order]
        arrays[f"{split}_labels"] = np.array(labels, np.uint8)[order]
        log.info("%s: %d faces", split, len(labels))
    credit = "ToonHead by Johan Melin (CC BY 4.0), through DiceBear"
    return arrays | {"classes": np.array(list(GROUPS)), "credit": np.array(credit)}


def relative_color(skin: str, part: str, random: np.random.Generator) -> str:
    """A color of any hue, #rrggbb, whose luma relative to that of the skin is drawn for this part."""
    low, high = RELATIVE[part]
    skin_luma = LUMA @ [int(skin[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    luma = min(1.0, skin_luma * low * (high / low) ** random.uniform())
    while True:  # until a color of this hue and saturation can be so bright
        color = np.array(colorsys.hsv_to_rgb(random.uniform(), random.uniform(0, SATURATION[part]), 1.0))
        color *= luma / (LUMA @ color)
        if color.max() <= 1.0 or luma > 0.97:
            return "#" + "".join(f"{round(255 * min(1.0, float(each))):02x}" for each in color)


def main() -> None:
    """Draw the bank."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.out, allow_pickle=False, **bank(components(options.raw), COUNTS))


if __name__ == "__main__":
    main()
