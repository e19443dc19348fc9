"""A generator with its weights in memory: uint8 pictures of any size in, enlarged ones out, tile by tile."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
import torch

from models.core.contract import cancellation, checkpoint
from models.core.contract.errors import WeightsError
from models.core.images import tiles
from models.super_resolution.architecture import ARCHITECTURE, Config, Generator

TILE = 512  # pixels of the upload; of smaller ones the margins cost time, larger ones cost memory
VIEWS = 8  # turns and mirrorings of a square


@dataclass(frozen=True)
class Opened:
    """What the network did inside for one part of a picture, float32."""

    features: tuple[np.ndarray, ...]  # (C, h, w) after the first convolution, each block, and all
    residual: np.ndarray  # (3, r*h, r*w): what is added to the bicubic picture


class Network:
    """Enlarges pictures.

    Raises:
        WeightsError: the file is no weights of a generator.
    """

    def __init__(self, weights: Path, device: str = "cpu"):
        config, state = checkpoint.load(weights)
        if config.get("architecture") != ARCHITECTURE:
            raise WeightsError(
                f"{weights.name} enlarges no pictures: its architecture is {config.get('architecture')!r}."
            )
        try:
            self.config = Config.from_json(config)
            self.model = Generator(self.config)
            self.model.load_state_dict(state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(f"The weights do not fit the generator: {error}") from error
        self.scale, self.margin = self.config.scale, self.config.reach
        self.device = device
        self.model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    @torch.inference_mode()
    def enlarge(self, picture: np.ndarray, *, ensemble: bool = False, tile: int = TILE) -> np.ndarray:
        """uint8 (H, W, 3) to uint8 (r*H, r*W, 3).

        Needs the answer and the layers of one tile at a time, however large the picture is. The tiles overlap
        by as much as the network sees, so that cutting changes nothing.
        """
        height, width = picture.shape[:2]
        answer = np.empty((height * self.scale, width * self.scale, 3), np.uint8)
        ask = self._views if ensemble else self._ask
        top = 0
        source = _tensor(picture)
        for band in tiles.rows(source, ask, tile=tile, margin=self.margin, scale=self.scale):
            answer[top : top + band.shape[1]] = band.permute(1, 2, 0).numpy()
            top += band.shape[1]
        return answer

    @torch.inference_mode()
    def open(self, picture: np.ndarray) -> Opened:
        """The features and the residual of a picture that fits into memory as one piece."""
        features = list(self.model.features(self._given(_tensor(picture)[None])))
        residual = self.model.to_pixels(features[-1])[0]
        return Opened(tuple(each[0].cpu().numpy() for each in features), residual.cpu().numpy())

    def same_weights(self, other: "Network") -> bool:
        """Whether both are the same model."""
        mine, others = self.model.state_dict(), other.model.state_dict()
        return self.config == other.config and all(
            torch.equal(value.cpu(), others[name].cpu()) for name, value in mine.items()
        )

    def _given(self, tile: torch.Tensor) -> torch.Tensor:
        return tile.to(self.device).float().div_(255).contiguous(memory_format=torch.channels_last)

    def _ask(self, tile: torch.Tensor) -> torch.Tensor:
        return _to_bytes(self.model(self._given(tile)))

    def _views(self, tile: torch.Tensor) -> torch.Tensor:
        """The mean answer over the tile turned and mirrored in all eight ways (EDSR, section 3.3)."""
        given = self._given(tile)
        total = torch.zeros((), device=given.device)
        for view in range(VIEWS):
            cancellation.check()
            seen = torch.rot90(given.flip(3) if view >= VIEWS // 2 else given, view % 4, (2, 3))
            answer = torch.rot90(self.model(seen), -view % 4, (2, 3))
            total = total + (answer.flip(3) if view >= VIEWS // 2 else answer)
        return _to_bytes(total / VIEWS)


def _tensor(picture: np.ndarray) -> torch.Tensor:
    """uint8 (H, W, 3) to (3, H, W), copied only where torch cannot use the memory: Pillow's is read-only."""
    return torch.from_numpy(np.require(picture, requirements=["C", "W"])).permute(2, 0, 1)


def _to_bytes(picture: torch.Tensor) -> torch.Tensor:
    return picture.clamp_(0, 1).mul_(255).round_().byte().cpu()


def tile_count(height: int, width: int, tile: int = TILE) -> int:
    """Into how many tiles a picture is cut."""
    return ceil(height / tile) * ceil(width / tile)


def smaller(answer: np.ndarray, longest: int) -> np.ndarray:
    """The picture shrunk by a whole factor to at most `longest` pixels, averaged band by band; uint8."""
    factor = ceil(max(answer.shape[:2]) / longest)
    height, width = max(1, answer.shape[0] // factor), max(1, answer.shape[1] // factor)
    return np.concatenate(list(_shrunk(answer, factor, height, width)))


def _shrunk(answer: np.ndarray, factor: int, height: int, width: int) -> Iterator[np.ndarray]:
    across = min(factor, answer.shape[1])
    for band in bands(answer[: height * factor], factor):
        block = band[:, : width * across].reshape(len(band), width, across, -1)
        yield block.mean(axis=(0, 2), dtype=np.float32).round().astype(np.uint8)[None]


def bands(answer: np.ndarray, rows: int) -> Iterable[np.ndarray]:
    """The picture from top to bottom, up to `rows` rows at a time."""
    return (answer[top : top + rows] for top in range(0, len(answer), rows))
