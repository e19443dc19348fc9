"""The numbers that the page's two-dimensional GAN is held to are those of PyTorch."""

import json
from typing import Any

import pytest

from tests.models.generation.write_gan2d_golden import FILE, golden


def numbers(value: Any) -> list[float]:
    """All numbers inside, in order."""
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if isinstance(value, list):
        return [number for each in value for number in numbers(each)]
    return [value] if isinstance(value, int | float) else []


def test_the_golden_file_is_what_pytorch_computes_now() -> None:
    stored, computed = numbers(json.loads(FILE.read_text("utf-8"))), numbers(golden())

    assert len(stored) > 1000
    assert stored == pytest.approx(computed, rel=1e-6, abs=1e-9)
