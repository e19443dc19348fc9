"""The project's own detector, ready to answer: pictures in, candidates out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from models.core.contract.errors import WeightsError
from models.core.images.codec import to_tensor
from models.core.images.letterbox import Letterbox, letterbox
from models.detection.architecture import Config, Detector, decode
from models.detection.candidates import Candidates


@dataclass(frozen=True)
class Input:
    """One picture on its way to the network."""

    upload: Image.Image
    seen: Image.Image  # as the network gets it
    tensor: torch.Tensor  # (3, H, W) in [0, 1]
    placed: Letterbox


@dataclass(frozen=True)
class Raw:
    """What a network says about one picture, on the CPU."""

    features: tuple[torch.Tensor, ...] = ()  # of the backbone, (c, h, w) a level
    grids: tuple[torch.Tensor, ...] = ()  # said by the cells, (A, 5+C, h, w) a level
    answer: Mapping[str, torch.Tensor] | None = None  # boxes, scores and labels of a network without cells


class GridNetwork:
    """The grid detector with its weights in memory."""

    max_batch = 16

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str):
        try:
            self.config = Config.from_json(config)
            self.model = Detector(self.config)
            self.model.load_state_dict(state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(f"The weights do not fit the grid detector: {error}") from error
        self.labels = self.config.labels
        self.device = device
        self.model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    def prepare(self, upload: Image.Image) -> Input:
        seen, placed = letterbox(upload, self.config.image_size)
        return Input(upload, seen, to_tensor(seen), placed)

    @torch.inference_mode()
    def forward(self, inputs: list[Input]) -> list[Raw]:
        images = torch.stack([each.tensor for each in inputs])
        features = self.model.features(images.to(self.device, memory_format=torch.channels_last))
        grids = self.model.grids(features)
        features, grids = ([level.float().cpu() for level in levels] for levels in (features, grids))
        return [
            Raw(tuple(level[index] for level in features), tuple(level[index] for level in grids))
            for index in range(len(inputs))
        ]

    def candidates(self, given: Input, raw: Raw) -> Candidates:
        """Every box of every cell, with its likeliest class: a box is one object."""
        predicted = decode([grid[None] for grid in raw.grids])
        scores, labels = predicted.scores()[0].max(dim=1)
        cells = torch.cat([cells_of(level, grid) for level, grid in enumerate(raw.grids)])
        return Candidates.sorted(
            given.placed.to_upload(predicted.boxes[0]),
            scores,
            labels,
            names=self.labels,
            width=given.upload.width,
            height=given.upload.height,
            objectness=predicted.objectness[0].sigmoid(),
            cells=cells,
        )


def cells_of(level: int, grid: torch.Tensor) -> torch.Tensor:
    """(h * w * A, 4): level, row, column and slot of each box, in the order of `decode`."""
    slots, _, rows, columns = grid.shape
    ranges = (torch.tensor([level]), torch.arange(rows), torch.arange(columns), torch.arange(slots))
    return torch.cartesian_prod(*ranges)
