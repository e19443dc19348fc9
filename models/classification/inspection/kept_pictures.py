"""The pictures of a training that a model keeps, as small as stamps, so that its answers can be explained.

As tensors they lie among a model's weights:

    pictures/features   (n, F) float16, standardized pictures/jpeg       (bytes,) uint8: the JPEG files one
    after another pictures/ends       (n,) int32: where each of them ends pictures/label      (n,) int32: the
    class; pictures/answer, what the model answered, without having learned from the picture (by cross-
    validation where it was one to learn from) pictures/score      (n,) float32: the probability of that
    answer pictures/learned    (n,) bool: the model learned from it; false: held out
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from PIL import Image

from models.classification.data import opened
from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError

MOST = 400  # pictures that are kept
_PREFIX = "pictures/"


@dataclass(frozen=True)
class KeptPictures:
    """Pictures with their features, classes and answers. Shapes: n pictures, F features."""

    features: torch.Tensor  # (n, F)
    files: Sequence[bytes]  # JPEG
    label: np.ndarray  # (n,)
    answer: np.ndarray  # (n,)
    score: np.ndarray  # (n,)
    learned: np.ndarray  # (n,) bool

    def thumbnail(self, index: int) -> Image.Image:
        return opened(self.files[index])

    def nearest(self, features: torch.Tensor, count: int) -> list[tuple[int, float]]:
        """The learned pictures with the most similar features (F,), and their cosine similarity."""
        known = torch.from_numpy(np.flatnonzero(self.learned))
        own = torch.nn.functional.normalize(features.float(), dim=0)
        others = torch.nn.functional.normalize(self.features[known].float(), dim=1)
        similarity, order = (others @ own).topk(min(count, len(known)))
        return list(zip(known[order].tolist(), similarity.tolist(), strict=True))

    def wrong(self, count: int) -> list[int]:
        """Those that were answered wrongly, the most certain first."""
        found = np.flatnonzero(self.label != self.answer)
        return found[np.argsort(-self.score[found], kind="stable")][:count].tolist()

    def chosen(self, indices: Sequence[int]) -> "KeptPictures":
        """Only these."""
        picked = list(indices)
        arrays = (each[picked] for each in (self.label, self.answer, self.score, self.learned))
        return KeptPictures(self.features[picked], [self.files[index] for index in picked], *arrays)

    def limited(self, most: int = MOST) -> "KeptPictures":
        """At most so many: a quarter for wrong answers, the rest evenly from all classes."""
        if len(self.label) <= most:
            return self
        first = self.wrong(most // 4)
        rank = np.zeros(len(self.label), int)  # of a picture within its class
        for label in np.unique(self.label):
            members = np.flatnonzero(self.label == label)
            rank[members] = np.arange(len(members))
        rank[first] = -1
        return self.chosen(sorted(np.argsort(rank, kind="stable")[:most].tolist()))

    def tensors(self) -> dict[str, torch.Tensor]:
        """As they are saved among a model's weights."""
        data = np.frombuffer(b"".join(self.files), np.uint8).copy()
        values = {
            "features": self.features.half(),
            "jpeg": torch.from_numpy(data),
            "ends": torch.tensor(np.cumsum([len(each) for each in self.files]), dtype=torch.int32),
            "label": torch.tensor(self.label, dtype=torch.int32),
            "answer": torch.tensor(self.answer, dtype=torch.int32),
            "score": torch.tensor(self.score, dtype=torch.float32),
            "learned": torch.tensor(self.learned, dtype=torch.bool),
        }
        return {f"{_PREFIX}{name}": value for name, value in values.items()}


def split(state: Mapping[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], KeptPictures | None]:
    """A model's weights without the pictures among them, and those, if there are any.

    Raises:
        WeightsError: they are damaged.
    """
    rest = {name: value for name, value in state.items() if not name.startswith(_PREFIX)}
    own = checkpoint.below(state, _PREFIX)
    if not own:
        return rest, None
    try:
        ends = [0, *own["ends"].tolist()]
        data = own["jpeg"].numpy().tobytes()
        files = [data[start:end] for start, end in pairwise(ends)]
        arrays = (own[name].numpy() for name in ("label", "answer", "score", "learned"))
        return rest, KeptPictures(own["features"], files, *arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"The pictures among the weights are damaged: {error!r}.") from error
