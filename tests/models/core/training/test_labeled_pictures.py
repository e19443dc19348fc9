"""Labeled pictures in training: boxes and class maps stay on the objects, however a picture is drawn."""

from pathlib import Path

import numpy as np
import pytest

from models.core.contract.dataset import DatasetKind
from models.core.contract.errors import InputError
from models.core.datasets import archive
from models.core.training.composites import Composite
from models.core.training.labeled_pictures import LabeledPictures, check_kind, is_bank
from models.core.training.samples import CUTOUTS
from tests.models import labeled_pictures


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labeled_pictures.write(tmp_path_factory.mktemp("labeled") / "squares.zip")


def drawn(composite: Composite, label: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the picture has the color of a label, and where the class map has it."""
    red, _, blue = composite.image.numpy()
    difference = blue - red if label == 0 else red - blue
    return difference > 0.3, composite.classes == label + 1


def test_boxes_and_class_maps_follow_the_pixels(dataset: Path) -> None:
    with archive.load(dataset) as opened:
        pictures = LabeledPictures(opened, "train", 64, augment=False, with_classes=True)
        for composite in pictures.examples(64, 6, seed=0):
            assert composite.image.shape == (3, 64, 64)
            for box, label in zip(composite.boxes, composite.labels, strict=True):
                seen, mapped = drawn(composite, label)
                ys, xs = np.nonzero(seen)
                expected = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
                np.testing.assert_allclose(box, expected, atol=1.5)
                assert (seen & mapped).sum() / (seen | mapped).sum() > 0.85


def test_a_changed_picture_keeps_its_labels(dataset: Path) -> None:
    with archive.load(dataset) as opened:
        pictures = LabeledPictures(opened, "train", 64, augment=True, with_classes=True)
        composites = [pictures.compose(np.random.default_rng(seed), 64) for seed in range(40)]
        again = pictures.compose(np.random.default_rng(7), 64)

    assert np.array_equal(composites[7].image.numpy(), again.image.numpy())
    lefts = {round(float(box[0])) for composite in composites for box in composite.boxes}
    assert len(lefts) > 20  # moved
    for composite in composites:
        for box, label in zip(composite.boxes, composite.labels, strict=True):
            left, top, right, bottom = np.round(box).astype(int)
            inside = composite.classes[top:bottom, left:right] == label + 1
            assert inside.mean() > 0.8


def test_the_kind_of_the_labels_is_checked(tmp_path: Path) -> None:
    path = labeled_pictures.write(tmp_path / "squares.zip", kind=DatasetKind.CLASSES)
    with archive.load(path) as opened, pytest.raises(InputError, match="classes; this training takes masks"):
        check_kind(opened, (DatasetKind.MASKS,))


def test_a_dataset_without_pictures_to_learn_from_is_refused(tmp_path: Path) -> None:
    path = labeled_pictures.write(tmp_path / "squares.zip", counts=(0, 2, 2))
    with archive.load(path) as opened, pytest.raises(InputError, match="no labeled picture"):
        check_kind(opened, (DatasetKind.MASKS,))


def test_a_dataset_without_any_object_is_refused(tmp_path: Path) -> None:
    path = labeled_pictures.write(tmp_path / "gray.zip", most=0)
    with archive.load(path) as opened, pytest.raises(InputError, match="'train' of the dataset shows an obj"):
        check_kind(opened, (DatasetKind.MASKS,))


def test_a_bank_is_recognized_by_its_content(dataset: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "bank.zip"
    renamed.write_bytes(CUTOUTS.read_bytes())

    assert is_bank(renamed)
    assert not is_bank(dataset)
    assert not is_bank(tmp_path / "missing.zip")
