"""Banks of pictures, and users' ZIPs of pictures."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.core.contract.errors import InputError
from models.core.generative.pictures import load, read_bank, square


def png(color: tuple[int, int, int], size: tuple[int, int] = (40, 20), seed: int = 0) -> bytes:
    pixels = np.full((size[1], size[0], 3), color, np.uint8)
    pixels[:4] = np.random.default_rng(seed).integers(0, 256, (4, size[0], 3))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def bank_of(path: Path, **changes: np.ndarray) -> Path:
    arrays = {
        f"{split}{suffix}": np.zeros(shape, np.uint8)
        for split in ("train", "validation", "test")
        for suffix, shape in (("", (4, 8, 8)), ("_labels", (4,)))
    }
    np.savez_compressed(path, **(arrays | {"classes": np.array(["a", "b"])} | changes))  # type: ignore[arg-type]
    return path


def test_folders_of_a_zip_are_classes_and_pictures_are_middle_squares(tmp_path: Path) -> None:
    colors = {"red": (250, 0, 0), "blue": (0, 0, 250)}
    files = {f"train/{name}/{i}.png": png(colors[name], seed=i) for name in colors for i in range(3)}
    pictures = load(zip_of(tmp_path / "own.zip", files), side=16)

    assert pictures.classes == ("blue", "red")
    assert pictures.train.pictures.shape == (6, 16, 16, 3)
    assert pictures.train.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert pictures.train.pictures[0, 12, 8].tolist() == [0, 0, 250]
    assert len(pictures.validation) == 0


def test_pictures_in_one_folder_have_no_classes(tmp_path: Path) -> None:
    files = {f"train/all/{i}.png": png((9, 9, 9), seed=i) for i in range(2)}

    assert load(zip_of(tmp_path / "own.zip", files)).classes == ("",)


def test_a_bank_is_converted_to_other_sizes_and_channels(tmp_path: Path) -> None:
    bank = bank_of(tmp_path / "bank.npz")

    assert load(bank).train.pictures.shape == (4, 8, 8)
    assert load(bank, side=4, channels=3).test.pictures.shape == (4, 4, 4, 3)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"train": np.zeros((4, 8, 9), np.uint8)}, "not square"),
        ({"train": np.zeros((4, 8, 8), np.float32)}, "8 bits"),
        ({"train": np.zeros((4, 0, 0), np.uint8)}, "no pixels"),
        ({"train_labels": np.full(4, 2, np.uint8)}, "'train_labels' has numbers beyond 0 to 1"),
        ({"test_labels": np.full(4, -1, np.int8)}, "'test_labels' has numbers beyond"),
        ({"train_labels": np.full(4, np.nan)}, "whole number"),
        ({"train_labels": np.array(["a"] * 4)}, "whole number"),
        ({"classes": np.array("a")}, "'classes' is not a list"),
        ({"train": np.zeros((0, 8, 8), np.uint8), "train_labels": np.zeros(0, np.uint8)}, "no pictures"),
    ],
)
def test_a_wrong_bank_is_refused(tmp_path: Path, changes: dict[str, np.ndarray], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        load(bank_of(tmp_path / "bank.npz", **changes))


def test_arrays_in_fortran_order_are_read(tmp_path: Path) -> None:
    pictures = np.arange(4 * 8 * 8, dtype=np.uint8).reshape(4, 8, 8)
    bank = bank_of(tmp_path / "bank.npz", train=np.asfortranarray(pictures))

    assert np.array_equal(load(bank).train.pictures, pictures)


def test_a_damaged_bank_is_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(0).integers(0, 9, (4, 90, 90), np.uint8)
    bank = bank_of(tmp_path / "bank.npz", train=random)
    data = bytearray(bank.read_bytes())
    data[200:2000] = b"\xff" * 1800  # no longer a stream of zlib
    bank.write_bytes(data)

    with pytest.raises(InputError, match="not a bank"):
        load(bank)


def test_a_bank_that_declares_more_than_it_has_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (10**9, 28, 28)}
    )
    bomb = zip_of(tmp_path / "bank.npz", {"train.npy": header.getvalue()})

    with pytest.raises(InputError, match="declares"):
        read_bank(bomb)


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "bank.npz", classes=np.array([{}], dtype=object))

    with pytest.raises(InputError):
        read_bank(tmp_path / "bank.npz")


def test_a_square_is_the_middle_of_a_picture() -> None:
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 10:20] = 255

    assert square(wide, 5).tolist() == np.full((5, 5), 255).tolist()
