"""Rounded weights: known answers by hand, and what a rounded file keeps."""

import zlib
from pathlib import Path

import torch

from models.core.contract import checkpoint
from models.core.recipe.fewer_bits import round_file, rounded


def test_numbers_keep_their_first_bits() -> None:
    values = torch.tensor([1.1, 1.2, -1.2, 3.0, 0.0, 6.1e-5, 65504.0]).half()

    assert rounded(values, 3).tolist() == [1.0, 1.25, -1.25, 3.0, 0.0, 2**-14, 65504.0]


def test_a_rounded_file_compresses_better_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    tensors = {
        "weight": torch.randn(100, 100, generator=torch.Generator().manual_seed(1)).half(),
        "mean": torch.tensor([1.1]),
        "count": torch.tensor(1001),
    }
    checkpoint.save(path, {"architecture": "small"}, tensors)
    before = len(zlib.compress(path.read_bytes()))
    round_file(path, 6)
    config, found = checkpoint.load(path)

    assert len(zlib.compress(path.read_bytes())) < 0.8 * before
    assert config == {"architecture": "small"}
    assert found["mean"] == tensors["mean"]
    assert found["count"] == 1001
    change = (found["weight"].float() / tensors["weight"].float() - 1).abs().max()
    assert 0 < change <= 1 / 64


def test_only_tensors_with_a_prefix_are_rounded(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    values = torch.tensor([1.1]).half()
    checkpoint.save(path, {}, {"encoder.weight": values, "decoder.weight": values})
    round_file(path, 3, ["decoder"])
    _, found = checkpoint.load(path)

    assert found["encoder.weight"] == values
    assert found["decoder.weight"] == 1.0
