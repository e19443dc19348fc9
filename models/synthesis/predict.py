"""From an uploaded drawing or label map to a picture, and the stages that open it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.images.codec import encode_png, read
from models.synthesis import edges, label_map, metrics
from models.synthesis.architecture import MAP, Config, load_networks
from models.synthesis.card import AUTOMATIC, COLORS, PredictParams
from models.synthesis.data import to_bytes
from models.synthesis.inspection import Subject, all_stages
from models.synthesis.label_map import Painted

NOTED_FROM = 0.02  # share of pixels
FAR_COLORS = Text(
    "synthesis.notes.far_colors",
    "{share:.0%} of the pixels have none of the colors of the parts; they were taken for the nearest one.",
)
NO_LINES = Text("synthesis.notes.no_lines", "No lines were found: the picture is empty.")
PHOTO = Text("synthesis.notes.photo", "The picture was read as a photo, in which edges were found.")


@dataclass(frozen=True)
class Item:
    """One decoded drawing."""

    size: tuple[int, int]  # width and height of the upload
    condition: torch.Tensor  # (I, S, S)
    painted: Painted | None  # None: edges
    is_drawing: bool
    notes: tuple[Message, ...]


class Predictor:
    """The networks with their weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is missing, damaged or another architecture's.
    """

    max_batch = 32

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("Synthesis needs a weights file.")
        self.networks, self.history = load_networks(weights)
        self.networks.to(device)
        self.device = device

    @property
    def config(self) -> Config:
        return self.networks.config

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:
        """Raises InputError: the picture is missing or cannot be read."""
        decoded = read(content(inputs, "map"))
        image, notes = decoded.on_white, list(decoded.notes)
        if self.config.condition == MAP:
            labels, far = label_map.read_map(image, self.config.side, self.config.part_colors)
            if far > NOTED_FROM:
                notes.append(FAR_COLORS(share=far))
            painted = Painted(labels, self.palette(params))
            return Item(image.size, painted.condition, painted, True, tuple(notes))
        drawn, is_drawing = edges.read_drawing(image, self.config.side, params.reading)
        if not is_drawing and params.reading == AUTOMATIC:
            notes.append(PHOTO())
        if not drawn.any():
            notes.append(NO_LINES())
        return Item(image.size, drawn, None, is_drawing, tuple(notes))

    def palette(self, params: PredictParams) -> torch.Tensor:
        """(P, 3): the chosen colors, and for the rest those of one training picture, drawn by the seed."""
        drawn = int(np.random.default_rng(params.seed).integers(len(self.networks.palettes)))
        palette = self.networks.palettes[drawn].cpu().clone()
        for group in label_map.groups(self.config.parts):
            color = COLORS.get(getattr(params, self.config.parts[group[0]], AUTOMATIC))
            if color:
                palette[group] = torch.tensor([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
        return palette

    @torch.inference_mode()
    def forward(self, items: list[Item]) -> list[torch.Tensor]:
        """(2, C, S, S) on the CPU for each item: with the adversary, and of the twin without."""
        condition = torch.stack([item.condition for item in items]).to(self.device)
        answers = [
            network(condition).float().cpu() for network in (self.networks.generator, self.networks.twin)
        ]
        return list(torch.stack(answers, dim=1))

    def encode(
        self,
        item: Item,
        raw: torch.Tensor,
        params: PredictParams,
        *,
        picture: bool = False,  # noqa: ARG002  the answer is a picture
    ) -> Prediction:
        """The picture in the network's size."""
        answer = raw[0 if params.adversary else 1][None]
        data = encode_png(Image.fromarray(to_bytes(answer)[0]))
        return Prediction(
            self.result_of(item, answer), (Output("picture.png", Kind.IMAGE, data, "image/png"),)
        )

    def result_of(self, item: Item, answer: torch.Tensor) -> dict[str, object]:
        """The answer in numbers."""
        width, height = item.size
        result: dict[str, object] = {
            "image": {"width": width, "height": height},
            "answer": {"width": self.config.side, "height": self.config.side},
            "model_condition": self.config.condition,
        }
        if item.painted is None:
            kept = float(metrics.edge_recall(item.condition[None], answer)[0])
            result |= {
                "is_drawing": item.is_drawing,
                "lines": round(float(item.condition.mean()), 4),  # their share of the pixels
                "edge_recall": round(kept, 4) if item.condition.any() else None,
            }
        else:
            palette = item.painted.palette.tolist()
            shown = zip(self.config.parts, item.painted.shares(), palette, strict=True)
            result["parts"] = [
                {"name": name, "share": round(share, 4), "color": label_map.to_hex(color)}
                for name, share, color in shown
                if share
            ]
        return result | ({"notes": list(item.notes)} if item.notes else {})

    @torch.inference_mode()
    def inspect(self, item: Item, raw: torch.Tensor, params: PredictParams) -> tuple[Stage, ...]:
        """From the condition that the network receives to the answer, with and without the adversary."""
        return all_stages(
            Subject(
                networks=self.networks,
                history=self.history,
                condition=item.condition,
                painted=item.painted,
                answers=raw,
                with_adversary=params.adversary,
            )
        )
