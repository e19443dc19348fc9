"""What a weights file keeps of its training beside the networks: samples, losses, verdicts, some pictures."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from models.core.generative.fidelity import nearest
from models.core.generative.framing import has_dark_border
from models.core.generative.pictures import Split
from models.core.generative.sample_history import SampleHistory, contact_sheet
from models.core.images import codec
from models.generation.architecture import Config

REFERENCE_BYTES, REFERENCE_COLUMNS = 2**20, 32  # of the training pictures kept


@dataclass(frozen=True)
class Record:
    """The training of a model, as far as its answers show it.

    Attributes:
        references: some of the training pictures, uint8 (n, S, S) or (n, S, S, 3), and their labels, (n,).
        learned_from: how many pictures the training had.
        losses: (n, 3): step, the discriminator's and the generator's.
        verdicts: (n,) each, on `training`, `validation` and `generated` pictures after the training.
    """

    references: np.ndarray
    labels: np.ndarray
    learned_from: int
    losses: np.ndarray
    verdicts: Mapping[str, torch.Tensor]
    history: SampleHistory
    params: Mapping[str, Any]

    @classmethod
    def from_state(
        cls, config: Config, values: Mapping[str, Any], state: Mapping[str, torch.Tensor]
    ) -> "Record":
        """Raises WeightsError: the samples are missing or damaged."""
        count = len(state["references/labels"])
        with Image.open(io.BytesIO(state["references/png"].numpy().tobytes())) as sheet:
            references = tiles_of(np.asarray(sheet), config.image_size)[:count]
        names = ("training", "validation", "generated")
        return cls(
            references=references,
            labels=state["references/labels"].numpy(),
            learned_from=int(values["learned_from"]),
            losses=state["losses"].numpy(),
            verdicts={name: state[f"verdicts/{name}"] for name in names if f"verdicts/{name}" in state},
            history=SampleHistory.from_tensors(state),
            params=values["train_params"],
        )

    @property
    def is_dark(self) -> bool:
        """Whether the training pictures show things on a dark background."""
        return has_dark_border(self.references)

    @property
    def verdicts_on_real(self) -> torch.Tensor:
        """On held-out pictures; where there are none, on those of the training."""
        return self.verdicts.get("validation", self.verdicts["training"])

    def share_below(self, verdict: float) -> float:
        """The share of real pictures with a lower verdict."""
        return float((self.verdicts_on_real < verdict).float().mean())

    def nearest_label(self, picture: np.ndarray) -> int:
        """The class of the training picture, among those kept, that is nearest to this one."""
        return int(self.labels[nearest(picture[None], self.references)[1][0]])


def references(split: Split, seed: int) -> dict[str, torch.Tensor]:
    """Training pictures that are kept beside the weights to look for copies among them: a PNG, as bytes.

    As many as fit into a megabyte of pixels.
    """
    count = min(len(split), REFERENCE_BYTES // split.pictures[0].nbytes)
    chosen = np.random.default_rng(seed).permutation(len(split))[:count]
    sheet = contact_sheet(split.pictures[chosen], REFERENCE_COLUMNS)
    png = np.frombuffer(codec.encode_png(Image.fromarray(sheet)), np.uint8)
    labels = split.labels[chosen].astype(np.uint8)
    return {"references/png": torch.from_numpy(png.copy()), "references/labels": torch.from_numpy(labels)}


def tiles_of(sheet: np.ndarray, side: int) -> np.ndarray:
    """The pictures of a sheet, row by row: (R S, C S) or (R S, C S, 3) -> (R C, S, S) or (R C, S, S, 3)."""
    rows, columns, channels = sheet.shape[0] // side, sheet.shape[1] // side, sheet.shape[2:]
    tiles = sheet.reshape(rows, side, columns, side, *channels).swapaxes(1, 2)
    return tiles.reshape(rows * columns, side, side, *channels)
