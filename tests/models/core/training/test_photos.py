"""Photos for training: archives as `photo_bank` packs them, and as users send them."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.core.contract.dataset import MANIFEST, Annotation, DatasetKind, Manifest, Picture
from models.core.contract.errors import InputError
from models.core.recipe.photo_bank import LONGEST, Entry, build, entries, shrink
from models.core.recipe.sources import fetch
from models.core.training.photos import SPLITS, load, split_notes, stream


def picture(width: int = 40, height: int = 30, seed: int = 0, kind: str = "PNG") -> bytes:
    """Random patches; other seeds give pictures that do not resemble each other."""
    patches = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC).save(buffer, kind)
    return buffer.getvalue()


def archive(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def test_folders_are_the_splits(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "photos.zip",
        {"train/b.png": picture(), "train/a.png": picture(), "test/c.png": picture(64, 64), "train/": b""},
    )

    assert [photo.name for photo in load(path, "train")] == ["train/a.png", "train/b.png"]
    assert load(path, "test")[0].pixels.shape == (64, 64, 3)
    assert load(path, "test")[0].pixels.dtype == np.uint8


def test_without_folders_the_content_of_an_image_decides_its_split(tmp_path: Path) -> None:
    files = {f"{seed}.png": picture(seed=seed) for seed in range(100)}
    path = archive(tmp_path / "photos.zip", files)
    renamed = archive(tmp_path / "renamed.zip", {f"x{name}": data for name, data in files.items()})
    found = {split: [photo.name for photo in load(path, split)] for split in SPLITS}

    assert sorted(name for names in found.values() for name in names) == sorted(files)
    assert len(found["train"]) > len(found["validation"]) > 0
    assert [photo.name for photo in load(renamed, "test")] == [f"x{name}" for name in found["test"]]


def test_few_images_still_fill_every_split(tmp_path: Path) -> None:
    files = {f"{seed}.png": picture(seed=seed) for seed in range(3)}
    digits = {zlib.crc32(data) % 10 for data in files.values()}
    assert len(digits) == 3
    assert not digits & {0, 1}
    path = archive(tmp_path / "photos.zip", files)

    assert sorted(len(load(path, split)) for split in SPLITS) == [1, 1, 1]


def test_near_duplicates_are_in_one_split_and_counted(tmp_path: Path) -> None:
    files = {f"{seed}.png": picture(320, 240, seed=seed) for seed in range(40)}
    files |= {f"{seed}-small.jpg": picture(200, 150, seed=seed, kind="JPEG") for seed in range(0, 40, 2)}
    path = archive(tmp_path / "photos.zip", files)
    split_of = {photo.name: split for split in SPLITS for photo in load(path, split)}

    assert all(split_of[f"{seed}.png"] == split_of[f"{seed}-small.jpg"] for seed in range(0, 40, 2))
    assert set(split_of.values()) == set(SPLITS)
    assert "Near-duplicates of other photos: 20." in " ".join(split_notes(path))


def test_copies_of_one_photo_leave_nothing_for_validation(tmp_path: Path) -> None:
    path = archive(tmp_path / "photos.zip", {f"{number}.png": picture() for number in range(5)})

    assert len(load(path, "train")) == 5
    assert "nothing was measured" in " ".join(split_notes(path))


def test_files_that_file_managers_add_are_ignored(tmp_path: Path) -> None:
    added = ["__MACOSX/._a.png", "sea/.DS_Store", "sea/Thumbs.db", "desktop.ini"]
    path = archive(tmp_path / "photos.zip", {"train/a.png": picture(), **dict.fromkeys(added, b"none")})

    assert [photo.name for photo in load(path, "train")] == ["train/a.png"]


def test_a_truncated_or_encrypted_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("train/a.png", bytes(range(256)) * 40)
    whole = path.read_bytes()
    start = 30 + len("train/a.png")  # after the entry's header
    path.write_bytes(whole[:start] + b"\xff" * 40 + whole[start + 40 :])
    with pytest.raises(InputError, match=r"train/a\.png in the dataset: .*decompressing"):
        load(path, "train")

    central = whole.index(b"PK\x01\x02") + 8  # the flags; the lowest bit means encrypted
    path.write_bytes(whole[:6] + b"\x01" + whole[7:central] + b"\x01" + whole[central + 1 :])
    with pytest.raises(InputError, match=r"train/a\.png in the dataset: .*encrypted"):
        load(path, "train")


def test_small_photos_can_be_left_out(tmp_path: Path) -> None:
    path = archive(tmp_path / "photos.zip", {"train/a.png": picture(), "train/b.png": picture(80, 80)})

    assert [photo.name for photo in load(path, "train", smallest_side=64)] == ["train/b.png"]
    with pytest.raises(InputError, match="no image of at least 100 × 100 pixels for"):
        load(path, "train", smallest_side=100)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"train/notes.txt": b"hello"}, r"train/notes.txt in the dataset: .*not an image"),
        ({"train/torn.png": picture()[:60]}, r"train/torn.png in the dataset: "),
        ({}, "no image"),
    ],
)
def test_a_file_that_is_not_an_image_is_named(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load(archive(tmp_path / "photos.zip", files), "train")


def test_a_file_that_is_not_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(b"no archive")

    with pytest.raises(InputError, match="not a ZIP of images"):
        load(path, "train")
    with pytest.raises(InputError, match="not a ZIP of images"):
        load(tmp_path / "missing.zip", "train")


def test_the_list_has_every_subject_in_one_split() -> None:
    splits: dict[str, set[str]] = {}
    for entry in entries():
        splits.setdefault(entry.subject.lower(), set()).add(entry.split)
        assert entry.license

    assert {subject: found for subject, found in splits.items() if len(found) > 1} == {}
    assert {split for found in splits.values() for split in found} == set(SPLITS)


def test_no_file_is_listed_twice() -> None:
    hashes = [entry.sha256 for entry in entries()]

    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize(
    ("size", "packed"),
    [
        ((5120, 2880), (LONGEST, 576)),
        ((1024, 768), (683, 512)),
        ((320, 240), (320, 240)),
        ((200, 300), (200, 300)),
    ],
)
def test_photos_are_packed_smaller(size: tuple[int, int], packed: tuple[int, int]) -> None:
    assert shrink(Image.new("RGB", size)).size == packed


def test_a_packed_photo_comes_back_and_another_version_is_refused(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    (raw / "photos").mkdir(parents=True)
    (raw / "photos" / "a.png").write_bytes(picture())
    good = Entry("sky", "train", "photos", "", "a.png", "CC0", "")

    build(raw, tmp_path / "bank.zip", [good])
    (photo,) = load(tmp_path / "bank.zip", "train")
    assert np.array_equal(photo.pixels, np.asarray(Image.open(io.BytesIO(picture()))))

    with pytest.raises(InputError, match=r"photos: a.png is missing or is another version"):
        build(raw, tmp_path / "bank.zip", [Entry("sky", "train", "photos", "", "a.png", "CC0", "00")])


def test_a_downloaded_package_is_not_downloaded_again(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()

    assert fetch("photos", tmp_path) == tmp_path / "photos"


def test_a_dataset_brings_its_splits_and_classes(tmp_path: Path) -> None:
    files = {f"pictures/{name}.png": picture(seed=seed) for seed, name in enumerate("abc")}
    entries = [
        Picture(file=name, width=40, height=30, sha256=hashlib.sha256(data).hexdigest(), split=split)
        for (name, data), split in zip(files.items(), SPLITS, strict=True)
    ]
    labeled = [entries[0].model_copy(update={"annotation": Annotation(label="sky")}), *entries[1:]]
    manifest = Manifest(kind=DatasetKind.CLASSES, classes=["sky"], pictures=labeled)
    path = archive(tmp_path / "dataset.zip", {MANIFEST: manifest.to_json(), **files})

    assert {split: [(photo.name, photo.label) for photo in load(path, split)] for split in SPLITS} == {
        "train": [("pictures/a.png", "sky")],
        "validation": [("pictures/b.png", "")],
        "test": [("pictures/c.png", "")],
    }
    assert str(split_notes(path)[0]).startswith("Photos for training: 1; held out for validation: 1")


def test_photos_with_labels_of_another_form_are_read_as_a_dataset(tmp_path: Path) -> None:
    coco = {
        "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}],
        "annotations": [],
        "categories": [],
    }
    files = {"images/a.png": picture(seed=1), "images/b.png": picture(seed=2)}
    path = archive(tmp_path / "coco.zip", {"instances_train.json": json.dumps(coco).encode(), **files})

    found = [photo.name for split in SPLITS for photo in stream(path, split)]

    assert "images/a.png" in found
