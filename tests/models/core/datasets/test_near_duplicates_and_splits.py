"""Which pictures are nearly the same, and on which side of a split they are."""

import io
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from models.core.contract.dataset import Annotation, LabeledObject, Picture
from models.core.datasets.near_duplicates import fingerprint, near_duplicates
from models.core.datasets.splits import split
from tests.models.core.datasets.archives import encoded, picture


def labeled(name: str, *labels: str, **fields: Any) -> Picture:
    """A picture of one class, or with objects of several."""
    objects = [LabeledObject(label=label, box=(0, 0, 1, 1)) for label in labels[1:]]
    annotation = Annotation(label=labels[0] or None, objects=objects) if labels else None
    return Picture(file=name, width=2, height=2, sha256=name, annotation=annotation, **fields)


def splits_of(pictures: list[Picture]) -> dict[str, str | None]:
    return {each.file: each.split for each in pictures}


def compared_in_pairs(fingerprints: list[int]) -> list[int]:
    """The plain algorithm: every picture is compared with every earlier one."""
    group = list(range(len(fingerprints)))
    for index, own in enumerate(fingerprints):
        for other in range(index):
            if (own ^ fingerprints[other]).bit_count() <= 6 and group[other] != group[index]:
                low, high = sorted((group[other], group[index]))
                group = [low if each == high else each for each in group]
    return group


def test_resemblance_is_passed_on() -> None:
    chain = [0, 0xFFFF_FFFF_FFFF_FFFF, 0b1111, 0b1111_1111, 0b1111_1111_1111]

    assert near_duplicates(chain) == [0, 1, 0, 0, 0]
    assert near_duplicates([]) == []


def test_blocks_of_bits_find_what_a_comparison_of_all_pairs_finds() -> None:
    random.seed(0)
    hashes = [random.getrandbits(64) for _ in range(60)]
    for _ in range(140):  # copies with 0 to 8 other bits
        flipped = sum(1 << bit for bit in random.sample(range(64), random.randrange(9)))
        hashes.append(random.choice(hashes) ^ flipped)

    assert near_duplicates(hashes) == compared_in_pairs(hashes)


def test_copies_of_a_picture_are_near_duplicates_and_others_are_not() -> None:
    original = Image.open(io.BytesIO(picture(320, 240)))
    copies = [
        original,
        original.resize((200, 150)),
        Image.open(io.BytesIO(encoded(original, "JPEG", quality=40))),
        ImageEnhance.Brightness(original).enhance(1.15),
    ]
    others = [Image.open(io.BytesIO(picture(320, 240, seed=seed))) for seed in (1, 2, 3)]

    assert near_duplicates([fingerprint(each) for each in copies + others]) == [0, 0, 0, 0, 4, 5, 6]


def test_every_class_is_divided_by_the_shares() -> None:
    pictures = [
        labeled(f"{label}{n}", label) for label, count in (("a", 100), ("b", 20)) for n in range(count)
    ]
    counts = Counter((each.file[0], each.split) for each in split(pictures, {}))

    assert counts == {
        ("a", "train"): 70,
        ("a", "validation"): 15,
        ("a", "test"): 15,
        ("b", "train"): 14,
        ("b", "validation"): 3,
        ("b", "test"): 3,
    }


def test_rare_objects_are_divided_first() -> None:
    pictures = [labeled(f"{n}", "", "common", *(["rare"] if n % 10 == 0 else [])) for n in range(100)]
    found = Counter(each.split for each in split(pictures, {}) if int(each.file) % 10 == 0)

    assert found["train"] == 7
    assert sorted(found.values()) == [1, 2, 7]


def test_a_split_depends_on_content_and_seed_only() -> None:
    pictures = [labeled(f"{n}", "a" if n % 2 else "b") for n in range(50)]
    shuffled = random.Random(1).sample(pictures, len(pictures))
    first = splits_of(split(pictures, {}))

    assert splits_of(split(shuffled, {})) == first
    assert splits_of(split(pictures, {}, seed=1)) != first


def test_groups_never_cross_a_split() -> None:
    pictures = [labeled(f"{n}", "a" if n % 3 else "b", group=f"scene {n // 4}") for n in range(60)]
    near = {f"{n}": "copies" for n in (0, 17, 40)}  # and with them, three scenes
    found = splits_of(split(pictures, near))

    assert {len({found[f"{4 * scene + n}"] for n in range(4)}) for scene in range(15)} == {1}
    assert found["0"] == found["17"] == found["40"]
    assert set(found.values()) == {"train", "validation", "test"}


def test_chosen_splits_are_kept_and_followed_by_near_duplicates() -> None:
    pictures = [labeled(f"{n}", "a", split="test" if n < 10 else None) for n in range(20)]
    found = splits_of(split(pictures, {"3": "3", "15": "3"}))

    assert all(found[f"{n}"] == "test" for n in range(10))
    assert found["15"] == "test"
    anew = splits_of(split(pictures, {}, keep_chosen=False))
    assert Counter(anew.values()) == {"train": 14, "validation": 3, "test": 3}


@pytest.mark.parametrize("count", range(1, 9))
def test_small_classes_are_trained_and_from_four_pictures_on_measured(count: int) -> None:
    pictures = [labeled(f"{label}{n}", label) for label in "abc" for n in range(count)]
    for seed in range(5):
        found = split(pictures, {}, seed=seed)
        for label in "abc":
            own = [each.split for each in found if each.file[0] == label]
            assert "train" in own
            assert count < 4 or "validation" in own


def test_without_shares_everything_is_trained() -> None:
    pictures = [labeled(f"{n}", "a") for n in range(8)]

    assert {each.split for each in split(pictures, {}, validation=0, test=0)} == {"train"}
    assert split([], {}) == []


def test_fifty_thousand_pictures_are_compared_in_seconds() -> None:
    hashes = np.random.default_rng(0).integers(0, 1 << 63, 50_000, np.uint64)
    hashes[-1] = hashes[0] ^ np.uint64(0b101)
    groups = near_duplicates(hashes.tolist())

    assert groups[-1] == 0
    assert len(set(groups)) == 49_999
