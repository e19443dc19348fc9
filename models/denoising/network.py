"""The denoiser on pictures of any size: guess the level, then take the noise away, piece by piece.

Pictures are (3, H, W), uint8, on the CPU; only a piece at a time becomes numbers on the device. Pieces lie on
multiples of the network's stride and overlap by what it sees, so that they give what the whole would.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from models.core.contract import cancellation
from models.core.contract.errors import WeightsError
from models.core.images import tiles
from models.denoising.architecture import GUESS_REACH, GUESS_STRIDE, STRIDE, Config, Denoiser, Guesses
from models.denoising.noise import BITS
from models.denoising.transparency import Upload
from models.denoising.view import View, busiest

FEATURE_SIDE = 256  # of the detail whose feature maps are kept
TILE = 1024  # a multiple of STRIDE; a piece then takes about 300 MB


@dataclass(frozen=True)
class Input:
    """One picture, ready for the network. Levels are in 8-bit units."""

    upload: Upload
    noisy: np.ndarray  # what is denoised: the upload's pixels, or these with noise
    told: float | None  # the noise's level; None: estimate it
    strength: float
    added: float = 0.0  # level of the noise that was added


@dataclass(frozen=True)
class Raw:
    """What the network says about one picture."""

    answer: torch.Tensor  # (H, W, 3), uint8
    level: float  # that was used, in 8-bit units
    guesses: Guesses
    detail: View  # of the picture, the busiest
    features: tuple[torch.Tensor, ...]  # of that detail, as `Network.features` gives them


class Network:
    """A denoiser with its weights on a device.

    Raises:
        WeightsError: `config` or `state` are another network's.
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

    def denoise(self, given: Input) -> Raw:
        """One picture through both networks."""
        picture = whole_cells(given.noisy)
        guesses = self.guess(picture)
        level = agreed(guesses) if given.told is None else given.told
        answer = torch.empty(given.noisy.shape, dtype=torch.uint8)
        height, width, _ = answer.shape
        top = 0
        for band in self.bands(picture, level, given.strength):
            kept = band[:, : height - top, :width].permute(1, 2, 0)
            if given.upload.gray:
                kept = kept.mean(dim=2, keepdim=True)
            answer[top : top + len(kept)] = kept.clamp(0, 1).mul(BITS).round().to(torch.uint8)
            top += len(kept)
        detail = busiest(given.noisy, FEATURE_SIDE)
        return Raw(answer, level, guesses, detail, self.features(whole_cells(detail.of(given.noisy)), level))

    def values(self, piece: torch.Tensor) -> torch.Tensor:
        """A piece (1, 3, h, w), uint8 -> the same in [0, 1] on the device."""
        return (piece.to(self.device).float() / BITS).contiguous(memory_format=torch.channels_last)

    @torch.inference_mode()
    def guess(self, picture: torch.Tensor) -> Guesses:
        """What each 4 x 4 pixels of a picture of whole cells think of the level, (1, H/4, W/4) each."""
        bands = []
        for rows in spans(picture.shape[1], self.tile):
            band = []
            for columns in spans(picture.shape[2], self.tile):
                cancellation.check()
                piece = picture[None, :, rows.wide, columns.wide]
                guesses = self.model.estimator(self.values(piece))
                kept = guesses.cut(rows.kept, columns.kept)
                band.append(torch.stack([kept.level, kept.sure]).cpu())
            bands.append(torch.cat(band, dim=3))
        return Guesses(*torch.cat(bands, dim=2))

    @torch.inference_mode()
    def bands(self, picture: torch.Tensor, level: float, strength: float = 1.0) -> Iterator[torch.Tensor]:
        """A picture of whole cells without its noise, (3, h, W) in [0, 1], from top to bottom; not clipped.

        Args:
            level: of the noise, in 8-bit units.
            strength: how much of the noise that is found is taken away.
        """

        def network(piece: torch.Tensor) -> torch.Tensor:
            values = self.values(piece)
            told = values.new_full((1, 1, *values.shape[2:]), level / BITS)
            return (values - strength * self.model.autoencoder(values, told)).cpu()

        return tiles.rows(picture, network, tile=self.tile, margin=self.config.reach)

    @torch.inference_mode()
    def features(self, picture: torch.Tensor, level: float) -> tuple[torch.Tensor, ...]:
        """What encoder and bottleneck make of a picture of whole cells: (c, H/s, W/s) for s = 2, 4, 8."""
        values = self.values(picture[None])
        told = values.new_full((1, 1, *values.shape[2:]), level / BITS)
        return tuple(maps[0].cpu() for maps in self.model.autoencoder.encode(values, told))


class Span:
    """A piece's extent along one side: in pixels with its margin, and in guesses what is kept of it."""

    def __init__(self, start: int, end: int, size: int):
        before, after = max(0, start - GUESS_REACH), min(size, end + GUESS_REACH)
        self.wide = slice(before, after)
        self.kept = slice((start - before) // GUESS_STRIDE, (end - before) // GUESS_STRIDE)


def spans(size: int, tile: int) -> list[Span]:
    return [Span(start, min(start + tile, size), size) for start in range(0, size, tile)]


def whole_cells(pixels: np.ndarray) -> torch.Tensor:
    """(H, W, 3) -> (3, H', W'): mirrored to the right and below until the network's cells are full."""
    height, width, _ = pixels.shape
    more = ((0, -height % STRIDE), (0, -width % STRIDE), (0, 0))
    full = np.pad(pixels, more, mode="symmetric") if any(after for _, after in more) else pixels
    return torch.from_numpy(np.ascontiguousarray(full)).permute(2, 0, 1)


def agreed(guesses: Guesses) -> float:
    """The level that all guesses of one picture give together, in 8-bit units."""
    return float(Guesses(guesses.level.double(), guesses.sure.double()).together()[0]) * BITS


def shrunk(level: torch.Tensor, longest: int) -> torch.Tensor:
    """A map (h, w) at most `longest` cells long, by averaging."""
    factor = -(-max(level.shape) // longest)
    return F.avg_pool2d(level[None, None], factor, ceil_mode=True)[0, 0] if factor > 1 else level
