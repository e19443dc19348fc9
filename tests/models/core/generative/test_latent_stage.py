"""A decoder as the page gets it: layers that mean what PyTorch computes, and the stage around them."""

import json
from base64 import b64decode

import numpy as np
import pytest
import torch
from torch import nn

from models.core.contract.card import Kind
from models.core.generative import latent_stage
from models.core.generative.latent_stage import Decoder, Plane, Walk, export
from tests.models.core.generative import write_decode_golden


def test_a_linear_layer_is_its_weights_row_by_row_and_then_its_bias() -> None:
    linear = nn.Linear(2, 3)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
        linear.bias.copy_(torch.tensor([7.0, 8.0, 9.0]))

    layers, weights = export(linear)

    assert layers == [{"op": "linear", "inputs": 2, "outputs": 3}]
    assert np.frombuffer(weights, "<f4").tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_batch_normalization_is_folded_to_a_scale_and_a_shift() -> None:
    norm = nn.BatchNorm2d(1, eps=0.0)
    with torch.no_grad():
        norm.running_mean.fill_(3.0)  # pyright: ignore[reportOptionalMemberAccess]
        norm.running_var.fill_(4.0)  # pyright: ignore[reportOptionalMemberAccess]
        norm.weight.fill_(6.0)
        norm.bias.fill_(1.0)

    layers, weights = export(norm)

    assert layers == [{"op": "scale-shift", "channels": 1}]
    assert np.frombuffer(weights, "<f4").tolist() == [3, -8]  # 6 (x - 3) / 2 + 1


def test_a_missing_bias_is_zero_and_nested_layers_are_listed_in_order() -> None:
    layers, weights = export(
        nn.Sequential(nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.Identity()), nn.LeakyReLU(0.1))
    )

    conv = {"op": "conv", "inputs": 1, "outputs": 1, "kernel": 1, "stride": 1, "padding": 0}
    assert layers == [conv, {"op": "leaky-relu", "slope": 0.1}]
    assert np.frombuffer(weights, "<f4")[1] == 0


@pytest.mark.parametrize(
    "module",
    [
        nn.Dropout(),
        nn.Unflatten(1, (2, 2)),
        nn.Conv2d(2, 2, 3, groups=2),
        nn.Conv2d(1, 1, 3, padding="same"),
        nn.Conv2d(1, 1, (3, 1)),
        nn.ConvTranspose2d(1, 1, 3, stride=2, output_padding=1),
        nn.BatchNorm2d(1, track_running_stats=False),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.Upsample(scale_factor=1.5),
    ],
)
def test_what_the_page_cannot_run_is_refused(module: nn.Module) -> None:
    with pytest.raises(ValueError, match=r"page|batch"):
        export(module)


def test_the_pages_golden_answers_are_those_of_pytorch() -> None:
    """After a change of the export: python -m tests.models.core.generative.write_decode_golden."""
    stored = json.loads(write_decode_golden.FILE.read_text("utf-8"))["cases"]

    for one, now in zip(stored, write_decode_golden.cases(), strict=True):
        assert one["layers"] == now["layers"]
        weights = [np.frombuffer(b64decode(case["weights"]), "<f4") for case in (one, now)]
        np.testing.assert_allclose(weights[0], weights[1], atol=1e-6)
        np.testing.assert_allclose(one["outputs"], now["outputs"], atol=1e-5)


def test_ranges_are_those_of_the_prior_or_of_the_codes_and_hold_z() -> None:
    z = np.array([0.2, 5.04])

    of_prior = latent_stage.dimensions(z)
    of_codes = latent_stage.dimensions(z, np.array([[-1.0, 0.0], [7.0, 0.0]]), deviation=np.array([0.1, 1.0]))

    assert [(each.low, each.high) for each in of_prior] == [(-3, 3), (-3, 5.1)]
    assert [(each.low, each.high) for each in of_codes] == [(-1, 7), (0, 5.1)]
    assert (of_prior[0].mean, of_codes[0].mean, of_codes[1].deviation) == (None, 0.2, 1.0)


def test_the_stage_has_its_weights_as_a_file_and_only_the_parts_that_were_given() -> None:
    z = np.array([0.5, -1.0])
    plane = Plane(np.array([[0.1, 0.2]]), np.array([0]), ["bag"])
    walk = Walk(z, -z, "first", "second", path="spherical")
    embedding = nn.Embedding(2, 3)
    decoder = Decoder(nn.Linear(5, 4), size=(2, 2), values=(-1, 1), embedding=embedding, classes=("a", "b"))
    dimensions = latent_stage.dimensions(z)

    plain = latent_stage.stage(Decoder(nn.Linear(2, 4), size=(2, 2)), z, dimensions)
    full = latent_stage.stage(decoder, z, dimensions, plane=plane, walk=walk, label=1, target=b"PNG")

    assert plain.kind is Kind.LATENT
    assert [(file.name, len(file.data)) for file in plain.files] == [("decoder.bin", 4 * (2 * 4 + 4))]
    data = json.loads(plain.json)
    assert data["dimensions"] == [
        {"name": "z 1", "low": -3, "high": 3},
        {"name": "z 2", "low": -3, "high": 3},
    ]
    assert {"plane", "walk", "classes", "target"}.isdisjoint(data)
    data = json.loads(full.json)
    assert data["layers"][0] == {"op": "embed", "classes": 2, "features": 3}
    assert data["plane"] == {"x": 0, "y": 1, "points": [[0.1, 0.2]], "labels": [0], "groups": ["bag"]}
    assert (data["walk"]["to"], data["walk"]["path"]) == ([-0.5, 1], "spherical")
    assert (data["class"], data["values"], data["target"]) == (1, [-1, 1], full.files[1].name)
