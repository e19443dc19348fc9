"""Large pictures: pieces without a seam, and files written band by band."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from models.core.contract.cancellation import while_needed
from models.core.contract.errors import Canceled
from models.core.images import png, tiles
from models.core.images.bilinear import stretched


@pytest.mark.parametrize(("height", "width"), [(50, 70), (16, 16), (1, 33), (17, 5)])
def test_tiles_give_the_result_of_the_whole_image(height: int, width: int) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 12, 3, padding=1), nn.PixelShuffle(2)
    )
    picture = torch.rand(3, height, width)
    with torch.inference_mode():
        bands = list(tiles.rows(picture, network, tile=16, margin=2, scale=2))
        whole = network(picture[None])[0]
    assert torch.equal(torch.cat(bands, dim=1), whole) or torch.allclose(
        torch.cat(bands, dim=1), whole, atol=1e-6
    )
    assert max(band.shape[1] for band in bands) <= 32


def test_too_narrow_a_margin_gives_a_seam() -> None:
    picture = torch.rand(1, 32, 32)
    blur = torch.full((1, 1, 5, 5), 1 / 25)

    def network(x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, blur, padding=2)

    narrow = torch.cat(list(tiles.rows(picture, network, tile=16, margin=1)), dim=1)
    assert (narrow - network(picture[None])[0]).abs().max() > 0.001


@pytest.mark.parametrize(("dim", "length"), [(1, 40), (2, 7), (2, 1)])
def test_a_part_of_an_enlarged_map_equals_that_of_the_whole(dim: int, length: int) -> None:
    small = torch.rand(2, 5, 6, generator=torch.Generator().manual_seed(0))
    size = (length, 6) if dim == 1 else (5, length)
    whole = F.interpolate(small[None], size, mode="bilinear", align_corners=False)[0]
    first = length // 3

    torch.testing.assert_close(
        stretched(small, dim, length, first, length), whole.narrow(dim, first, length - first)
    )


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_png_from_bands_is_the_image(channels: int) -> None:
    random = np.random.default_rng(channels)
    pixels = random.integers(0, 256, (37, 23, channels), dtype=np.uint8)
    data = png.encode(23, 37, [pixels[:10], pixels[10:11], pixels[11:]])
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.mode == {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
        assert np.array_equal(np.asarray(image).reshape(pixels.shape), pixels)


def test_bands_that_do_not_fill_the_image_are_refused() -> None:
    with pytest.raises(ValueError, match="5 rows in all, the image 6"):
        png.encode(4, 6, [np.zeros((5, 4, 3), np.uint8)])
    with pytest.raises(ValueError, match="3 pixels wide, the image 4"):
        png.encode(4, 6, [np.zeros((6, 3, 3), np.uint8)])


def test_a_canceled_job_computes_no_further_tile() -> None:
    done: list[int] = []

    def network(x: torch.Tensor) -> torch.Tensor:
        done.append(1)
        return x

    with while_needed(lambda: len(done) < 3), pytest.raises(Canceled):
        list(tiles.rows(torch.zeros(3, 32, 32), network, tile=8, margin=0))
    assert len(done) == 3

    list(
        tiles.rows(torch.zeros(3, 32, 32), network, tile=8, margin=0)
    )  # nothing is canceled outside of the block
    assert len(done) == 3 + 16


def test_a_canceled_job_compresses_no_further_band() -> None:
    taken: list[int] = []

    def bands() -> Iterator[np.ndarray]:
        for row in range(10):
            taken.append(row)
            yield np.zeros((1, 4, 3), np.uint8)

    with while_needed(lambda: len(taken) < 3), pytest.raises(Canceled):
        png.encode(4, 10, bands())
    assert taken == [0, 1, 2]
