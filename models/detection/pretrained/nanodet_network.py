"""NanoDet with its weights in memory, as the predictor of detection takes it."""

from collections.abc import Mapping
from typing import Any

import torch
from PIL import Image

from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Stage
from models.core.images.codec import to_tensor
from models.core.images.letterbox import letterbox
from models.core.training import familiarity
from models.core.training.cross_stage import normalized
from models.core.training.familiarity import Evidence, pooled
from models.detection.card import WEIGHTS
from models.detection.data import Picture, Raw, View
from models.detection.pretrained.nanodet import LABELS, SIDE, NanoDet, decode
from models.detection.pretrained.nanodet_stages import CANDIDATES, steps
from models.detection.suppression import Candidates, Decision, Thresholds

ARCHITECTURE = "nanodet-g"
SHIPPED = WEIGHTS.with_name("nanodet-g.safetensors")  # beside which its familiarity ships
BLACK = (0, 0, 0)  # around the picture, as in the network's training
MIN_CERTAIN = 0.35  # score of a box in the answer
MIN_CERTAIN_FUSED = (
    0.3  # of a box that several views agree on, as a share of MIN_CERTAIN where that is another
)
SMALLER, LARGER = 0.77, 1.46  # sides of the network's input in further views
_STRIDE = 32  # of the coarsest grid: a side is a multiple of it
MIN_SCORE = 0.05  # of a class that is not its cell's best; there are 80 of them in each of 3,549 cells


class NanoDetNetwork:
    """Raises WeightsError: the weights are not those of NanoDet."""

    max_batch = 8
    about_candidates = CANDIDATES()

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str):
        try:
            self.labels = tuple(config["labels"])
            self.side = int(config.get("image_size", SIDE))  # of those that a training wrote
            score = float(config.get("score_threshold", MIN_CERTAIN))
            self.model = NanoDet(len(self.labels))
            self.model.load_state_dict(state)
        except (KeyError, TypeError, RuntimeError) as error:
            raise WeightsError(f"The weights do not fit NanoDet: {error}") from error
        self.thresholds = Thresholds(score=score, iou=0.6, iou_across=0.6)
        self.fused_score = round(score * MIN_CERTAIN_FUSED / MIN_CERTAIN, 4)
        sides = (_STRIDE * round(scale * self.side / _STRIDE) for scale in (SMALLER, LARGER))
        self.views = View(self.side, is_mirrored=True), *map(View, sides)
        # what it knows of COCO's pictures is not true of a user's
        self.familiarity = familiarity.beside(SHIPPED) if self.labels == LABELS else None
        self.device = device
        self.model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    def prepare(self, upload: Image.Image, side: int | None = None) -> Picture:
        scaled, placement = letterbox(upload, side or self.side, BLACK)
        return Picture(upload, scaled, to_tensor(scaled), placement)

    @torch.inference_mode()
    def forward(self, pictures: list[Picture]) -> list[Raw]:
        images = torch.stack([picture.tensor for picture in pictures]).to(self.device)
        features = self.model.features(normalized(images).contiguous(memory_format=torch.channels_last))
        pyramid = self.model.pyramid(features)
        grids = self.model.grids(pyramid)
        features, pyramid, grids = (
            [level.float().cpu() for level in levels] for levels in (features, pyramid, grids)
        )
        return [
            Raw(
                features=tuple(level[index] for level in features),
                pyramid=tuple(level[index] for level in pyramid),
                grids=tuple(level[index] for level in grids),
            )
            for index in range(len(pictures))
        ]

    def candidates(self, picture: Picture, raw: Raw) -> Candidates:
        """The best class of every cell, and all others that are not negligible: each is a box of its own."""
        found = decode([grid[None] for grid in raw.grids])
        by_class = found.scores[0]  # (N, C)
        is_listed = by_class >= MIN_SCORE
        is_listed[torch.arange(len(by_class)), by_class.argmax(dim=1)] = True
        cells, labels = is_listed.nonzero().unbind(1)
        return Candidates.sorted(
            picture.placement.to_upload(found.boxes[0])[cells],
            by_class[cells, labels],
            labels,
            names=self.labels,
            width=picture.upload.width,
            height=picture.upload.height,
            cells=torch.cat([cells_of(level, grid) for level, grid in enumerate(raw.grids)])[cells],
        )

    def steps(self, picture: Picture, raw: Raw, decision: Decision) -> tuple[Stage, ...]:
        return steps(picture, raw, decision)

    def evidence(self, picture: Picture, raw: Raw) -> Evidence:
        """The finest map: what photos have in common, and drawings and noise lack, is in their texture."""
        best = torch.stack([grid[: len(self.labels)].amax() for grid in raw.grids]).amax()
        return Evidence(pooled(raw.features[0], picture.placement, self.side), float(best))


def cells_of(level: int, grid: torch.Tensor) -> torch.Tensor:
    """(h * w, 4): level, row, column and slot (one a cell) of each box, in the order of `decode`."""
    _, rows, columns = grid.shape
    ranges = torch.tensor([level]), torch.arange(rows), torch.arange(columns), torch.tensor([0])
    return torch.cartesian_prod(*ranges)
