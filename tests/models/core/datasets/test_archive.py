"""Datasets as trainings read them."""

import hashlib
from pathlib import Path

import pytest

from models.core.contract.dataset import Annotation, DatasetKind, Manifest, Picture
from models.core.contract.errors import InputError
from models.core.datasets.archive import load
from tests.models.core.datasets.archives import archive, picture


def own(path: Path, **labels: str | None) -> Path:
    """A dataset of Glassbox with one picture of each label, all of the training split."""
    files, pictures = {}, []
    for seed, (name, label) in enumerate(labels.items()):
        data = files[f"pictures/{name}.png"] = picture(seed=seed)
        pictures.append(
            Picture(
                file=f"pictures/{name}.png",
                width=40,
                height=30,
                sha256=hashlib.sha256(data).hexdigest(),
                split="train",
                annotation=Annotation(label=label) if label else None,
            )
        )
    classes = sorted({label for label in labels.values() if label})
    manifest = Manifest(kind=DatasetKind.CLASSES, classes=classes, pictures=pictures)
    return archive(path, {**files, "dataset.json": manifest.to_json()})


def test_labeled_pictures_of_a_split_are_decoded(tmp_path: Path) -> None:
    with load(own(tmp_path / "own.zip", a="cat", b=None, c="dog")) as dataset:
        found = list(dataset.pictures("train"))

    assert [(each.file, image.mode, image.size) for each, image in found] == [
        ("pictures/a.png", "RGB", (40, 30)),
        ("pictures/c.png", "RGB", (40, 30)),
    ]


def test_an_archive_without_splits_gets_them_from_the_seed(tmp_path: Path) -> None:
    files = {
        f"{label}/{seed}.png": picture(seed=seed + 100 * (label == "dog"))
        for seed in range(20)
        for label in ("cat", "dog")
    }
    path = archive(tmp_path / "own.zip", files)
    splits = []
    for seed in (0, 0, 1):
        with load(path, seed=seed) as dataset:
            splits.append([each.split for each in dataset.manifest.pictures])
            counts = {split: len(dataset.manifest.of(split)) for split in ("train", "validation", "test")}
            assert counts == {"train": 28, "validation": 6, "test": 6}

    assert splits[0] == splits[1] != splits[2]


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.zip").write_bytes(b"none")
    with pytest.raises(InputError, match=r"own\.zip is not a dataset: .*not a zip file"):
        load(tmp_path / "own.zip")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"file": "gone.png"}, r"names the picture 'gone\.png', which the archive does not have"),
        ({"width": 10**6, "height": 10**6}, "1,000,000 × 1,000,000"),
        (
            {"annotation": Annotation(label="dog")},
            r"labels 'a\.png' with 'dog', which is not among its classes",
        ),
    ],
)
def test_a_manifest_made_by_hand_is_checked(tmp_path: Path, changes: dict, message: str) -> None:
    listed = Picture(file="a.png", width=40, height=30, sha256="", split="train").model_copy(update=changes)
    manifest = Manifest(kind=DatasetKind.CLASSES, classes=["cat"], pictures=[listed])
    path = archive(tmp_path / "own.zip", {"dataset.json": manifest.to_json(), "a.png": picture()})
    with pytest.raises(InputError, match=message):
        load(path)


def test_a_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    listed = Picture(file="a.png", width=30, height=40, sha256="", split="train")
    manifest = Manifest(kind=DatasetKind.PICTURES, classes=[], pictures=[listed])
    path = archive(tmp_path / "own.zip", {"dataset.json": manifest.to_json(), "a.png": picture()})
    with (
        load(path) as dataset,
        pytest.raises(InputError, match=r"a\.png in the dataset is not 30 × 40 pixels"),
    ):
        dataset.decode(listed)
