"""The training set: as many pictures whatever the share of the rare group, and its batches.

Two classes of a bank are the groups. With a share p, a set of n pictures has round(p n) of the rare group,
and at least one; the rest is of the frequent one. The first pictures in an order of the seed are taken, so
that the rare pictures of a smaller share are among those of a larger one.

Shapes: N pictures, B batch, C channels, S side. Tensors have values in [-1, 1], arrays are uint8.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.generative.framing import has_dark_border
from models.core.generative.pictures import Pictures, Split, load
from models.depixelization.architecture import Config

NO_CLASS = Text(
    "depixelization.train.no_class", "The dataset has no class {name!r}. Its classes are: {classes}."
)
ONE_CLASS = Text(
    "depixelization.train.one_class", "The frequent and the rare group must be two classes of the dataset."
)
TOO_FEW = Text(
    "depixelization.train.too_few",
    "The training part has {count:,} pictures of {name!r}; at least {least} are needed.",
)
FIRST_CHOICE: tuple[str, ...] = ("sneaker", "sandal")  # of groups, where none are named
LEAST = 10  # pictures of a group for training
SIDES = (28, 32, 48, 64)  # that the networks can have
CELLS = {28: 5, 32: 8, 48: 8, 64: 8}  # side of the small picture


@dataclass(frozen=True)
class Groups:
    """The pictures of one split by group, uint8 (N, S, S) or (N, S, S, 3): the frequent and the rare one."""

    pictures: tuple[np.ndarray, np.ndarray]

    @property
    def labels(self) -> np.ndarray:
        """(N,) of all pictures, one group after the other."""
        return np.repeat([0, 1], [len(each) for each in self.pictures])

    @property
    def together(self) -> np.ndarray:
        return np.concatenate(self.pictures)

    def first(self, count: int) -> "Groups":
        """At most so many of each group."""
        frequent, rare = (each[:count] for each in self.pictures)
        return Groups((frequent, rare))


@dataclass(frozen=True)
class Data:
    """All splits, and the shape of the networks that fit them."""

    config: Config
    train: Groups
    validation: Groups
    test: Groups


def load_groups(dataset: Path, frequent: str, rare: str, width: int) -> Data:
    """The pictures of two classes. Empty names: sneaker and sandal, or the first two classes.

    Raises:
        InputError: neither a bank nor a ZIP of pictures, or it lacks one of the classes or pictures of them.
    """
    pictures = load(dataset)
    if pictures.side not in SIDES:
        pictures = load(dataset, max((side for side in SIDES if side < pictures.side), default=SIDES[0]))
    chosen = classes_of(pictures, frequent, rare)
    splits = [of_classes(each, chosen) for each in (pictures.train, pictures.validation, pictures.test)]
    names = (pictures.classes[chosen[0]], pictures.classes[chosen[1]])
    for name, own in zip(names, splits[0].pictures, strict=True):
        if len(own) < LEAST:
            raise InputError(TOO_FEW(count=len(own), name=name, least=LEAST))
    is_dark = has_dark_border(splits[0].first(200).together)
    config = Config(pictures.side, CELLS[pictures.side], pictures.channels, names, width, is_dark)
    return Data(config, *splits)


def classes_of(pictures: Pictures, frequent: str, rare: str) -> tuple[int, int]:
    """The indices of both groups among the classes. Raises InputError: there are no two such classes."""
    names = list(pictures.classes)
    requested = [frequent, rare]
    if not any(requested) and set(FIRST_CHOICE) <= set(names):
        requested = list(FIRST_CHOICE)
    for at, name in enumerate(requested):
        if not name:
            requested[at] = next((each for each in names if each and each not in requested), "")
        elif name not in names:
            raise InputError(NO_CLASS(name=name, classes=", ".join(names)))
    if not all(requested) or requested[0] == requested[1]:
        raise InputError(ONE_CLASS())
    return names.index(requested[0]), names.index(requested[1])


def of_classes(split: Split, chosen: tuple[int, int]) -> Groups:
    frequent, rare = (split.pictures[split.labels == each] for each in chosen)
    return Groups((frequent, rare))


def counts_of(train: Groups, share: float, size: int) -> tuple[int, int]:
    """How many pictures of each group a training set with this share of the rare one has.

    The set is smaller than `size` where the bank has too few pictures for any share up to one half.
    """
    frequent, rare = (len(each) for each in train.pictures)
    total = min(size, frequent, 2 * rare)
    of_rare = max(1, round(share * total))
    return total - of_rare, of_rare


def training_set(train: Groups, counts: tuple[int, int], seed: int) -> Groups:
    """The first `counts` pictures of each group, in an order of the seed."""
    random = np.random.default_rng(seed)
    frequent, rare = (
        own[random.permutation(len(own))[:count]] for own, count in zip(train.pictures, counts, strict=True)
    )
    return Groups((frequent, rare))


def draw_batch(groups: Groups, size: int, random: np.random.Generator, *, balanced: bool) -> torch.Tensor:
    """(B, C, S, S), every picture mirrored as often as not.

    `balanced`: half of the batch is of the rare group, whatever its share, so that its few pictures come
    again and again; otherwise every picture is as likely.
    """
    frequent, rare = groups.pictures
    of_rare = size // 2 if balanced else int(random.binomial(size, len(rare) / (len(frequent) + len(rare))))
    chosen = [
        own[random.integers(0, len(own), count)]
        for own, count in ((frequent, size - of_rare), (rare, of_rare))
    ]
    batch = to_tensor(np.concatenate(chosen))
    is_mirrored = torch.from_numpy(random.random(size) < 0.5)
    return torch.where(is_mirrored[:, None, None, None], batch.flip(3), batch)


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 (N, S, S) or (N, S, S, 3) -> (N, C, S, S) in [-1, 1]."""
    values = torch.tensor(pictures).float() / 127.5 - 1  # a copy: arrays of a bank are read-only
    return values[:, None] if values.ndim == 3 else values.permute(0, 3, 1, 2)


def to_bytes(pictures: torch.Tensor) -> np.ndarray:
    """(N, C, S, S) in [-1, 1] -> uint8 (N, S, S) or (N, S, S, 3)."""
    pixels = ((pictures.float().clamp(-1, 1) + 1) * 127.5).round().byte().cpu()
    return (pixels[:, 0] if pixels.shape[1] == 1 else pixels.permute(0, 2, 3, 1)).contiguous().numpy()
