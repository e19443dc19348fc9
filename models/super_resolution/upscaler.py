"""A generator with its weights in memory: enlarges uint8 pictures of any size, tile by tile."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from models.core.contract import cancellation, checkpoint, progress
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Text
from models.core.images import tiles
from models.core.images.canvas import Canvas
from models.super_resolution import architecture
from models.super_resolution.architecture import Generator, bicubic
from models.super_resolution.card import TITLES, shipped_weights
from models.super_resolution.pretrained import rrdbnet, span

TILE = 512  # pixels of the upload; margins make smaller tiles slower, larger ones need more memory
SMALL_TILE = 256  # of a network whose layers also work at the size of the answer
VIEWS = 8  # rotations and reflections of a square
TRIAL = 48  # pixels: side of the picture that a slow network's time is measured with

NETWORKS: dict[str, tuple[Any, Any]] = {  # architecture -> its config and its network
    architecture.ARCHITECTURE: (architecture.Config, Generator),
    span.ARCHITECTURE: (span.Config, span.Span),
    rrdbnet.ARCHITECTURE: (rrdbnet.Config, rrdbnet.RRDBNet),
}

SOON = Text("super_resolution.progress.seconds", "This model is slow: about {seconds} s for this picture")
LATER = Text(
    "super_resolution.progress.minutes", "This model is slow: about {minutes:,} min for this picture"
)


@dataclass(frozen=True)
class Activations:
    """What the layers compute for one part of a picture, float32."""

    features: tuple[np.ndarray, ...]  # (C, h, w) after the first convolution, each block, and all
    residual: np.ndarray  # (3, r*h, r*w): the difference from the bicubic picture


class Upscaler:
    """Enlarges pictures.

    Raises:
        WeightsError: the file is missing, damaged or another architecture's.
    """

    def __init__(self, weights: Path, device: str = "cpu"):
        config, state = checkpoint.load(weights)
        self.architecture = str(config.get("architecture"))
        if self.architecture not in NETWORKS:
            raise WeightsError(
                f"{weights.name} is not an upscaler: its architecture is {self.architecture!r}."
            )
        config_type, network = NETWORKS[self.architecture]
        try:
            self.config = config_type.from_json(config)
            self.model = network(self.config)
            self.model.load_state_dict(state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(f"The weights do not fit the generator: {error}") from error
        self.scale, self.margin = self.config.scale, self.config.reach
        self.is_slow = self.architecture == rrdbnet.ARCHITECTURE
        self.tile = SMALL_TILE if self.is_slow else TILE
        self.device = device
        self.model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        tiles.stop_between_layers(self.model)

    def upscale(self, picture: np.ndarray, *, ensemble: bool = False, tile: int | None = None) -> np.ndarray:
        """uint8 (H, W, 3) to uint8 (r*H, r*W, 3)."""
        size = picture.shape[0], picture.shape[1]
        read = partial(_rows_of_array, picture)
        return np.concatenate(list(self.bands(read, size, ensemble=ensemble, tile=tile)))

    @torch.inference_mode()
    def bands(
        self, read: tiles.Read, size: tuple[int, int], *, ensemble: bool = False, tile: int | None = None
    ) -> Iterator[np.ndarray]:
        """The enlarged picture from top to bottom, uint8 (h, r*W, 3) each.

        Needs memory for one band and for the layers of one tile, however large the picture is. Tiles overlap
        by the radius of the receptive field, so that the result does not depend on them.

        Args:
            read: rows of the picture, uint8 (3, h, W).
            size: height and width of the picture.
        """
        tile = tile or self.tile
        upscale_tile = self._upscale_views if ensemble else self._upscale_tile
        expected = self.expected_seconds(size, ensemble=ensemble) if self.is_slow else 0.0
        progress.expect_tiles(tiles.count(*size, tile))
        if self.is_slow:
            progress.announce(
                SOON(seconds=ceil(expected)) if expected < 90 else LATER(minutes=ceil(expected / 60))
            )
        for band in tiles.rows_read(
            read, size, upscale_tile, tile=tile, margin=self.margin, scale=self.scale
        ):
            yield band.permute(1, 2, 0).numpy()

    @torch.inference_mode()
    def activations(self, picture: np.ndarray) -> Activations:
        """Of a picture that fits into memory as one piece."""
        upload = self._to_input(_to_tensor(picture)[None])
        features = list(self.model.features(upload))
        residual = self.model.to_pixels(features[-1])
        if not self.predicts_residual:
            residual = residual - bicubic(upload, self.scale)
        return Activations(tuple(each[0].cpu().numpy() for each in features), residual[0].cpu().numpy())

    @property
    def predicts_residual(self) -> bool:
        """Whether the network computes the difference from the bicubic picture instead of the picture."""
        return isinstance(self.model, Generator)

    def expected_seconds(self, size: tuple[int, int], *, ensemble: bool = False) -> float:
        """The time that a picture of this height and width will take here, from that of a small one."""
        padded = 1.0
        for side in size:
            pieces = ceil(side / self.tile)
            padded *= side + 2 * self.margin * (pieces - 1)
        return self._seconds_per_pixel * padded * (VIEWS if ensemble else 1)

    @cached_property
    def _seconds_per_pixel(self) -> float:
        trial = torch.zeros(1, 3, TRIAL, TRIAL, dtype=torch.uint8)
        seconds = []
        for _ in range(2):  # the first one allocates
            started = time.perf_counter()
            self._upscale_tile(trial)
            seconds.append(time.perf_counter() - started)
        return min(seconds) / TRIAL**2

    def tile_count(self, height: int, width: int) -> int:
        """The number of tiles of a picture."""
        return tiles.count(height, width, self.tile)

    def has_same_weights(self, other: "Upscaler") -> bool:
        """Whether both are the same model."""
        if self.architecture != other.architecture:
            return False
        own, others = self.model.state_dict(), other.model.state_dict()
        return self.config == other.config and all(
            torch.equal(value.cpu(), others[name].cpu()) for name, value in own.items()
        )

    def _to_input(self, tile: torch.Tensor) -> torch.Tensor:
        return tile.to(self.device).float().div_(255).contiguous(memory_format=torch.channels_last)

    def _upscale_tile(self, tile: torch.Tensor) -> torch.Tensor:
        return _to_bytes(self.model(self._to_input(tile)))

    def _upscale_views(self, tile: torch.Tensor) -> torch.Tensor:
        """The mean answer over all rotations and reflections of the tile (EDSR, section 3.3)."""
        upright = self._to_input(tile)
        total = torch.zeros((), device=upright.device)
        for view in range(VIEWS):
            cancellation.check()
            turned = torch.rot90(upright.flip(3) if view >= VIEWS // 2 else upright, view % 4, (2, 3))
            answer = torch.rot90(self.model(turned), -view % 4, (2, 3))
            total = total + (answer.flip(3) if view >= VIEWS // 2 else answer)
        return _to_bytes(total / VIEWS)


def load_shipped(scale: int, device: str, kinds: Iterable[str] = TITLES) -> dict[str, Upscaler]:
    """The shipped models of this scale by their kind."""
    files = {kind: shipped_weights(kind, scale) for kind in kinds}
    return {kind: Upscaler(file, device) for kind, file in files.items() if file.exists()}


def _to_tensor(picture: np.ndarray) -> torch.Tensor:
    """uint8 (H, W, 3) to (3, H, W), copied only where torch cannot use the memory: Pillow's is read-only."""
    return torch.from_numpy(np.require(picture, requirements=["C", "W"])).permute(2, 0, 1)


def _to_bytes(picture: torch.Tensor) -> torch.Tensor:
    return picture.clamp_(0, 1).mul_(255).round_().byte().cpu()


def rows_of_image(image: Image.Image, top: int, bottom: int) -> torch.Tensor:
    """Rows of an RGB image, (3, h, W), without an array of the whole."""
    return _to_tensor(np.asarray(image.crop((0, top, image.width, bottom))))


def _rows_of_array(picture: np.ndarray, top: int, bottom: int) -> torch.Tensor:
    return _to_tensor(picture[top:bottom])


def shrink_to(picture: Canvas, longest: int) -> np.ndarray:
    """The picture shrunk by a whole factor to at most `longest` pixels, averaged band by band; uint8."""
    factor = ceil(max(picture.height, picture.width) / longest)
    height, width = max(1, picture.height // factor), max(1, picture.width // factor)
    return np.concatenate(list(_block_means(picture, factor, height, width)))


def _block_means(picture: Canvas, factor: int, height: int, width: int) -> Iterator[np.ndarray]:
    across = min(factor, picture.width)
    for top in range(0, min(height * factor, picture.height), factor):
        band = picture.rows(top, top + factor)
        block = band[:, : width * across].reshape(len(band), width, across, -1)
        yield block.mean(axis=(0, 2), dtype=np.float32).round().astype(np.uint8)[None]
