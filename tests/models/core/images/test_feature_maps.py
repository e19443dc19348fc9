"""Feature maps as images of tiles."""

import io

import torch
from PIL import Image

from models.core.images.feature_maps import level


def test_each_tile_is_stretched_to_its_own_range() -> None:
    maps = torch.stack([torch.tensor([[0.0, 1.0]]), torch.tensor([[5.0, 5.0]]), torch.tensor([[-2.0, -1.0]])])

    data, file = level("stride 8", maps, "maps.png")

    assert (data["rows"], data["columns"], data["channels"]) == (2, 2, 3)
    assert (data["tile_width"], data["tile_height"]) == (2, 1)
    assert (data["minimum"], data["maximum"]) == ([0.0, 5.0, -2.0], [1.0, 5.0, -1.0])
    assert list(Image.open(io.BytesIO(file.data)).tobytes()) == [0, 255, 0, 0, 0, 255, 0, 0]


def test_named_tiles_share_the_range_of_probabilities() -> None:
    data, file = level("probability", torch.tensor([[[0.2]], [[0.8]]]), "p.png", ["sky", "sea"])

    assert data["names"] == ["sky", "sea"]
    assert (data["minimum"], data["maximum"]) == ([0.0, 0.0], [1.0, 1.0])
    assert list(Image.open(io.BytesIO(file.data)).tobytes()) == [51, 204]
