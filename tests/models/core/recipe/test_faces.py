"""The bank of drawn faces: its splits, balance and label maps, with squares in place of the style's parts."""

import itertools

import numpy as np

from models.core.recipe import faces

SQUARE = '<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{fill}" stroke="black"/>'
PLACES = {  # of each part on the canvas: x, y, width, height
    "rearHair": (150, 150, 460, 500), "body": (100, 650, 560, 300), "head": (200, 200, 360, 400),
    "clothes": (100, 700, 560, 300), "mouth": (320, 500, 128, 40), "beard": (320, 560, 128, 30),
    "eyes": (300, 380, 160, 40), "eyebrows": (300, 330, 160, 20), "hair": (200, 140, 360, 120),
}  # fmt: skip
FILLS = {"rearHair": "{hair}", "hair": "{hair}", "head": "{skin}", "body": "{skin}", "clothes": "{clothes}"}


class AnyName(dict[str, str]):
    """The same drawing under every name."""

    def __missing__(self, name: str) -> str:
        return self["any"]


PARTS = {
    group: AnyName(any=SQUARE.format(x=x, y=y, w=w, h=h, fill=FILLS.get(group, "#123456")))
    for group, (x, y, w, h) in PLACES.items()
}


def test_a_combination_of_attributes_is_in_one_split_only_and_classes_are_balanced() -> None:
    bank = faces.bank(PARTS, {"train": 90, "validation": 18, "test": 18})
    seen = {
        split: {tuple(row[: faces.SPLIT_BY]) for row in bank[f"{split}_attributes"]} for split in faces.COUNTS
    }

    for one, other in itertools.combinations(seen.values(), 2):
        assert not one & other
    assert np.bincount(bank["train_labels"]).tolist() == [10] * 9
    assert bank["train"].shape == (90, 64, 64, 3)
    assert bank["train_maps"].shape == (90, 64, 64)


def test_the_map_names_the_part_that_is_drawn_at_each_pixel() -> None:
    combination = (list(faces.HAIR).index("long straight"), 0, 0, list(faces.BEARD).index("chin"), 0)
    face = faces.draw_face(combination, np.random.default_rng(1))
    straight = faces.Face(face.attributes, face.colors, (1, 1), (0, 0), 0, 0)

    labels, picture = faces.label_map(straight, PARTS), faces.picture(straight, PARTS)
    at = {(384, 200): "hair", (384, 300): "skin", (384, 340): "brows", (384, 400): "eyes",
          (384, 520): "mouth", (384, 575): "beard", (384, 720): "clothes",
          (20, 20): "background"}  # fmt: skip
    scale = faces.SIDE / faces.CANVAS

    assert {place: faces.PARTS[labels[int(place[1] * scale), int(place[0] * scale)]] for place in at} == at
    shown = "#" + "".join(f"{value:02x}" for value in picture[int(720 * scale), int(384 * scale)])
    assert shown == face.colors["clothes"]
