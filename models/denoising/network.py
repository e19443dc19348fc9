"""The denoiser on images of any size, tile by tile.

Images are (3, H, W), uint8, on the CPU; only one tile at a time becomes floating-point numbers on the device.
Tiles begin at multiples of the network's stride and overlap by its receptive field, so that they give the
result of the whole image.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from models.core.contract import cancellation, progress
from models.core.contract.errors import WeightsError
from models.core.images import tiles
from models.denoising.architecture import (
    ESTIMATE_REACH,
    ESTIMATE_STRIDE,
    STRIDE,
    Config,
    Denoiser,
    Estimates,
)
from models.denoising.noise import FULL_SCALE

TILE = 1024  # a multiple of STRIDE; a tile of this size takes about 300 MB


@dataclass(frozen=True)
class Item:
    """One decoded image. Levels are in 8-bit units."""

    pixels: np.ndarray  # of the upload, upright, (H, W, 3), uint8
    alpha: np.ndarray | None  # (H, W), uint8; None: nothing is transparent
    is_gray: bool  # the three channels are equal
    noisy: np.ndarray  # the input of the network: `pixels`, with noise if any was added
    given_level: float | None  # of the noise; None: estimate it
    strength: float
    added_level: float = 0.0  # of the noise that was added
    notes: tuple[str, ...] = ()  # about reading the picture


@dataclass(frozen=True)
class Raw:
    """The output of both networks for one image."""

    denoised: torch.Tensor  # (H, W, 3), uint8
    level: float  # the level used, in 8-bit units
    estimates: Estimates


class Network:
    """A denoiser with its weights on a device. Levels are in 8-bit units.

    Raises:
        WeightsError: `config` or `state` belong to another network.
    """

    def __init__(
        self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str, tile: int = TILE
    ):
        try:
            self.config = Config.from_json(config)
            self.model = Denoiser(self.config)
            self.model.load_state_dict(state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(f"The weights do not fit the denoiser: {error}") from error
        self.device, self.tile = device, tile
        self.model.requires_grad_(False).eval()
        self.model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        tiles.stop_between_layers(self.model)

    def denoise(self, item: Item) -> Raw:
        """One image through both networks: estimate the level, unless it is given, then remove the noise."""
        image = pad(item.noisy)
        # both networks pass over all tiles
        progress.expect_tiles(2 * tiles.count(image.shape[1], image.shape[2], self.tile))
        estimates = self.estimate(image)
        level = combined_level(estimates) if item.given_level is None else item.given_level
        denoised = torch.empty(item.noisy.shape, dtype=torch.uint8)
        height, width, _ = denoised.shape
        top = 0
        for band in self.bands(image, level, item.strength):
            values = band[:, : height - top, :width].permute(1, 2, 0)
            if item.is_gray:
                values = values.mean(dim=2, keepdim=True)
            denoised[top : top + len(values)] = values.clamp(0, 1).mul(FULL_SCALE).round().to(torch.uint8)
            top += len(values)
        return Raw(denoised, level, estimates)

    @torch.inference_mode()
    def estimate(self, image: torch.Tensor) -> Estimates:
        """Estimates of the level for every 4 x 4 pixels of a padded image, (1, H/4, W/4) each.

        Raises:
            Canceled: the job was canceled.
        """
        bands = []
        for rows in spans(image.shape[1], self.tile):
            band = []
            for columns in spans(image.shape[2], self.tile):
                cancellation.check()
                tile = image[None, :, rows.with_margin, columns.with_margin]
                estimates = self.model.estimator(self._values(tile)).crop(rows.kept, columns.kept)
                band.append(torch.stack([estimates.level, estimates.confidence]).cpu())
                progress.finish_tile()
            bands.append(torch.cat(band, dim=3))
        return Estimates(*torch.cat(bands, dim=2))

    @torch.inference_mode()
    def bands(self, image: torch.Tensor, level: float, strength: float = 1.0) -> Iterator[torch.Tensor]:
        """A padded image without its noise, (3, h, W) in [0, 1], from top to bottom; not clipped.

        Args:
            level: of the noise, in 8-bit units.
            strength: the share of the predicted noise that is removed.
        """

        def denoise_tile(tile: torch.Tensor) -> torch.Tensor:
            values = self._values(tile)
            return (values - strength * self.model.autoencoder(values, _level_map(values, level))).cpu()

        return tiles.rows(image, denoise_tile, tile=self.tile, margin=self.config.reach)

    @torch.inference_mode()
    def features(self, image: torch.Tensor, level: float) -> tuple[torch.Tensor, ...]:
        """The feature maps of encoder and bottleneck for a padded image: (c, H/s, W/s) for s = 2, 4, 8."""
        values = self._values(image[None])
        maps = self.model.autoencoder.encode(values, _level_map(values, level))
        return tuple(each[0].cpu() for each in maps)

    def _values(self, tile: torch.Tensor) -> torch.Tensor:
        """(1, 3, h, w), uint8 -> values in [0, 1] on the device."""
        return (tile.to(self.device).float() / FULL_SCALE).contiguous(memory_format=torch.channels_last)


def _level_map(values: torch.Tensor, level: float) -> torch.Tensor:
    return values.new_full((1, 1, *values.shape[2:]), level / FULL_SCALE)


class Span:
    """The extent of a tile along one side: with its margin in pixels, and what is kept in estimates."""

    def __init__(self, start: int, end: int, size: int):
        before, after = max(0, start - ESTIMATE_REACH), min(size, end + ESTIMATE_REACH)
        self.with_margin = slice(before, after)
        self.kept = slice((start - before) // ESTIMATE_STRIDE, (end - before) // ESTIMATE_STRIDE)


def spans(size: int, tile: int) -> list[Span]:
    return [Span(start, min(start + tile, size), size) for start in range(0, size, tile)]


def pad(pixels: np.ndarray) -> torch.Tensor:
    """(H, W, 3) -> (3, H', W'): mirrored to the right and below, up to multiples of the stride."""
    height, width, _ = pixels.shape
    more = ((0, -height % STRIDE), (0, -width % STRIDE), (0, 0))
    full = np.pad(pixels, more, mode="symmetric") if any(after for _, after in more) else pixels
    return torch.from_numpy(np.ascontiguousarray(full)).permute(2, 0, 1)


def combined_level(estimates: Estimates) -> float:
    """The level of the whole image, in 8-bit units: the mean of the estimates, weighted by confidence."""
    return (
        float(Estimates(estimates.level.double(), estimates.confidence.double()).combined()[0]) * FULL_SCALE
    )
