"""Compression is found in files and in pixels, and decides which network answers."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.prediction import answer, answer_opened
from models.super_resolution import compression
from models.super_resolution.card import CLEAN, COMPRESSED, SAMPLE_DATASET, PredictParams, shipped_weights
from models.super_resolution.compression import find_compression, quality_of, traced_quality
from models.super_resolution.data import shrink, validation_photos
from models.super_resolution.degradation import jpeg
from models.super_resolution.predict import Predictor

QUALITIES = (20, 60, 85, 95)


def _file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A photo that was shrunk to half its size, which leaves no trace of its own compression."""
    torch.set_num_threads(1)
    return Image.fromarray(shrink(validation_photos(SAMPLE_DATASET)[0].pixels, 2).low)


@pytest.mark.parametrize("quality", [20, 50, 75, 90, 95, 100])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(photo: Image.Image, quality: int) -> None:
    with Image.open(io.BytesIO(_file(photo, "JPEG", quality=quality))) as image:
        tables: Any = image
        assert quality_of(tables.quantization[0]) == pytest.approx(quality, abs=1)


@pytest.mark.parametrize("quality", QUALITIES)
def test_the_quality_of_a_jpeg_is_found_in_its_pixels_wherever_it_was_cropped(
    photo: Image.Image, quality: int
) -> None:
    cropped = Image.fromarray(jpeg(np.asarray(photo), quality)[3:, 5:])

    assert traced_quality(cropped) == pytest.approx(quality, abs=1)


def test_what_was_never_a_jpeg_has_no_traces(photo: Image.Image) -> None:
    random = np.random.default_rng(0)
    noise = Image.fromarray(random.integers(0, 256, (200, 200, 3), np.uint8))
    squares = random.integers(0, 256, (32, 32), np.uint8).repeat(8, 0).repeat(8, 1)
    pictures = (photo, noise, Image.fromarray(squares).convert("RGB"), Image.new("RGB", (300, 300)))

    assert [traced_quality(each) for each in pictures] == [None] * 4


def test_too_small_a_picture_has_no_traces(photo: Image.Image) -> None:
    small = photo.crop((0, 0, 100, 300))

    assert traced_quality(Image.fromarray(jpeg(np.asarray(small), 30))) is None


@pytest.mark.parametrize(
    ("kind", "options", "is_strong", "finding"),
    [
        ("JPEG", {"quality": 60}, True, "The file is a JPEG of quality 60 (of 100)."),
        ("JPEG", {"quality": 96}, False, "The file is a JPEG of quality 96 (of 100)."),
        ("WEBP", {"quality": 80}, True, "The file is a WebP picture that was compressed with loss."),
        ("WEBP", {"lossless": True}, False, "The picture has no traces of compression."),
        ("AVIF", {"quality": 75}, False, "The picture has no traces of compression."),
        ("PNG", {}, False, "The picture has no traces of compression."),
    ],
)
def test_the_file_states_its_compression(
    photo: Image.Image, kind: str, options: dict[str, Any], is_strong: bool, finding: str
) -> None:
    found = find_compression(_file(photo, kind, **options), photo)

    assert (found.is_strong, found.finding) == (is_strong, finding)


def test_an_animated_webp_states_the_compression_of_its_first_frame(photo: Image.Image) -> None:
    frames = [photo, photo.rotate(180)]
    lossy, lossless = (
        _file(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=each)
        for each in (False, True)
    )

    assert compression.is_lossy_webp(lossy)
    assert not compression.is_lossy_webp(lossless)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_jpeg_that_was_saved_again_has_traces(photo: Image.Image, kind: str) -> None:
    again = Image.fromarray(jpeg(np.asarray(photo), 50))
    file = _file(again, kind, **({"quality": 98, "subsampling": 0} if kind == "JPEG" else {}))

    found = find_compression(file, Image.open(io.BytesIO(file)).convert("RGB"))

    assert found.is_strong
    assert "traces of a JPEG of quality 5" in found.finding or "quality 49" in found.finding


@pytest.fixture(scope="module")
def pair() -> Predictor:
    return Predictor(shipped_weights("psnr", 4))


def test_the_shipped_psnr_model_answers_by_the_network_that_fits(pair: Predictor, photo: Image.Image) -> None:
    small = photo.crop((0, 0, 40, 30))
    clean, compressed = _file(small), _file(small, "JPEG", quality=50)
    alone = Predictor(shipped_weights("jpeg", 4))

    answers = [answer(pair, {"image": file}, PredictParams()) for file in (clean, compressed)]

    assert [each.result["answered_by"] for each in answers] == ["psnr-x4", "jpeg-x4"]
    assert "notes" not in answers[0].result
    assert answers[1].result["notes"] == [
        "The file is a JPEG of quality 50 (of 100). The network that was trained on compressed pictures "
        "answered."
    ]
    assert answer(alone, {"image": compressed}, PredictParams()).outputs == answers[1].outputs


def test_the_user_may_choose_the_network(pair: Predictor, photo: Image.Image) -> None:
    file = _file(photo.crop((0, 0, 40, 30)), "JPEG", quality=50)

    chosen = [
        answer(pair, {"image": file}, PredictParams(compression=each)).result for each in (CLEAN, COMPRESSED)
    ]

    assert [each["answered_by"] for each in chosen] == ["psnr-x4", "jpeg-x4"]
    assert not any("notes" in each for each in chosen)


def test_the_stages_compare_both_networks_and_state_which_answered(
    pair: Predictor, photo: Image.Image
) -> None:
    file = _file(photo.crop((0, 0, 40, 30)), "JPEG", quality=50)
    opened = answer_opened(pair, {"image": file}, PredictParams())
    stages = {stage.id: stage for stage in opened.stages}

    names = [str(each["name"]) for each in stages["comparison"].data["pictures"]]

    assert names == ["Bicubic", "JPEG model", "PSNR model"]
    assert "trained on compressed pictures answered" in stages["input"].explanation
    assert "trained on compressed pictures answered" in stages["enlarged"].explanation


def test_a_model_of_the_users_own_answers_alone(tmp_path: Path, photo: Image.Image) -> None:
    config, state = checkpoint.load(shipped_weights("psnr", 4))
    own, file = tmp_path / "own.safetensors", _file(photo.crop((0, 0, 40, 30)), "JPEG", quality=50)
    checkpoint.save(own, config, state | {"head.bias": state["head.bias"] + 0.01})

    result = answer(Predictor(own), {"image": file}, PredictParams()).result

    assert "answered_by" not in result
    assert "notes" not in result
