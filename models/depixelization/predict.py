"""From a picture to a few cells, and back by networks that learned from different shares of a group."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.generative.framing import frame
from models.core.images.codec import encode_png, read
from models.core.training.familiarity import Evidence
from models.depixelization.camera import shrink
from models.depixelization.card import PredictParams
from models.depixelization.data import to_bytes, to_tensor
from models.depixelization.files import Depixelizer, load
from models.depixelization.inspection import Subject, all_stages

SHOWN_SIDE = 224  # pixels, at least, of the answer


@dataclass(frozen=True)
class Item:
    """One picture, as fitted to the frame and as the camera keeps it."""

    clean: torch.Tensor  # (1, C, S, S) in [-1, 1]
    small: torch.Tensor  # (1, 1, s, s)
    size: tuple[int, int]  # width and height of the upload
    is_inverted: bool
    notes: tuple[str, ...] = ()  # about reading the picture


class Predictor:
    """The restorers of one weights file in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is missing, damaged or another architecture's.
    """

    max_batch = 16

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("Depixelization needs a weights file.")
        self.depixelizer: Depixelizer = load(weights)
        self.device = device
        for restorer in self.depixelizer.restorers:
            restorer.to(device)

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:  # noqa: ARG002  the same for all params
        """Raises InputError: the picture is missing or cannot be read."""
        config = self.depixelizer.config
        upload = read(content(inputs, "picture"))
        framed = frame(upload.on_white, config.side, config.channels, is_dark=config.is_dark)
        clean = to_tensor(framed.pixels[None])
        small = shrink(clean, config.small)
        return Item(clean, small, upload.on_white.size, framed.is_inverted, tuple(upload.notes))

    @torch.inference_mode()
    def forward(self, items: list[Item]) -> list[torch.Tensor]:
        """The restorations of each picture by every network, (K, C, S, S)."""
        small = torch.cat([item.small for item in items]).to(self.device)
        restored = torch.stack([network(small).cpu() for network in self.depixelizer.restorers], dim=1)
        return list(restored)

    @torch.inference_mode()
    def encode(
        self,
        item: Item,
        raw: torch.Tensor,
        params: PredictParams,
        *,
        picture: bool = False,  # noqa: ARG002  the answer is a picture
    ) -> Prediction:
        """The restoration by the chosen network, enlarged without smoothing, and the group seen in it."""
        subject = self._subject(item, raw, params)
        pixels = Image.fromarray(to_bytes(subject.restored[subject.chosen][None])[0])
        factor = -(-SHOWN_SIDE // pixels.width)
        shown = pixels.resize((pixels.width * factor, pixels.height * factor), Image.Resampling.NEAREST)
        file = Output("restored.png", Kind.IMAGE, encode_png(shown), "image/png")
        result = self._result(subject) | {"answer": {"width": shown.width, "height": shown.height}}
        return Prediction(result, (file,))

    @torch.inference_mode()
    def inspect(self, item: Item, raw: torch.Tensor, params: PredictParams) -> tuple[Stage, ...]:
        """From the picture by way of the cells to the restorations, and whose pictures they change."""
        return all_stages(self._subject(item, raw, params))

    def _subject(self, item: Item, raw: torch.Tensor, params: PredictParams) -> Subject:
        own = self.depixelizer
        chosen = chosen_index(own, params)
        odds = own.judge.log_odds(raw)
        known = own.familiarity
        return Subject(
            depixelizer=own,
            clean=item.clean,
            small=item.small,
            restored=raw,
            odds=odds,
            true_odds=float(own.judge.log_odds(item.clean)[0]),
            chosen=chosen,
            size=item.size,
            is_inverted=item.is_inverted,
            evidence=Evidence(item.small.flatten(), float(odds[chosen].abs())) if known else None,
            notes=item.notes,
            device=self.device,
        )

    def _result(self, subject: Subject) -> dict[str, Any]:
        own = self.depixelizer
        width, height = subject.size
        group, probability = subject.seen(float(subject.odds[subject.chosen]))
        every = zip(own.conditions, subject.odds.tolist(), strict=True)
        result: dict[str, Any] = {
            "image": {"width": width, "height": height},
            "group": group,
            "probability": round(probability, 4),
            "share": round(own.conditions[subject.chosen].share, 4),
            "restorations": [
                {
                    "share": round(condition.share, 4),
                    "oversampled": condition.is_oversampled,
                    "group": subject.seen(odds)[0],
                    "probability": round(subject.seen(odds)[1], 4),
                }
                for condition, odds in every
            ],
            **({"notes": list(subject.notes)} if subject.notes else {}),
        }
        if own.familiarity and subject.evidence:
            result["familiarity"] = own.familiarity.result(subject.evidence)
        return result


def chosen_index(depixelizer: Depixelizer, params: PredictParams) -> int:
    """Of the condition that `params` ask for; a model with one share has no other."""
    if len(depixelizer.conditions) == 1:
        return 0
    requested = (params.share, params.oversampled and params.share == 1)
    known = [(round(each.share * 100), each.is_oversampled) for each in depixelizer.conditions]
    return known.index(requested)
