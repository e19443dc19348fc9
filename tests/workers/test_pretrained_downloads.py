"""The true packages of the registries: fetched, converted to the expected file, and used."""

from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch

from backend.services.models import pretrained
from models.core.contract.errors import WeightsError
from models.core.contract.progress import Progress
from models.core.weights.sources import SOURCES
from models.super_resolution.data import shrink
from models.super_resolution.evaluate import bicubic
from models.super_resolution.metrics import psnr_y
from models.super_resolution.upscaler import Upscaler
from workers.pretrained import install

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.usefixtures("data_folder")]


def installed(name: str) -> Path:
    try:
        install(name, Progress())
    except WeightsError as error:
        if "cannot be reached" in str(error) or "is not installed here" in str(error):
            pytest.skip(str(error))
        raise
    path = pretrained.local(name)
    assert path is not None
    return path


@pytest.mark.parametrize("name", SOURCES)
def test_the_package_gives_the_expected_weights(name: str) -> None:
    path = installed(name)

    found = pretrained.find(name)
    assert found is not None
    assert found.sha256 == SOURCES[name].sha256
    assert path.stat().st_size == SOURCES[name].weights_bytes


def gain(name: str, picture: np.ndarray) -> float:
    """PSNR of luma in dB above that of bicubic resizing."""
    torch.set_num_threads(1)
    upscaler = Upscaler(installed(name))
    pair = shrink(picture, upscaler.scale)
    answer, baseline = upscaler.upscale(pair.low), bicubic(pair.low, upscaler.scale)
    return psnr_y(answer, pair.high, upscaler.scale) - psnr_y(baseline, pair.high, upscaler.scale)


@pytest.mark.parametrize(("name", "least"), [("span-x4", 3.0), ("span-x2", 4.5)])
def test_span_is_closer_to_the_truth_than_bicubic_resizing(name: str, least: float) -> None:
    assert gain(name, skimage.data.astronaut()) > least


def test_real_esrgan_keeps_the_picture_and_invents_detail() -> None:
    assert -3.0 < gain("realesrgan-x4plus", skimage.data.astronaut()[100:356, 100:356]) < 0.5
