"""How unlike a picture is to those that a model learned from, by its features and by the model's confidence.

Papers: Lee et al. 2018, A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial
Attacks, arXiv:1807.03888, section 2.1: the Mahalanobis distance of a network's features. Hendrycks and Gimpel
2017, A Baseline for Detecting Misclassified and Out-of-Distribution Examples, arXiv:1610.02136: the highest
probability. Differences: one Gaussian for all pictures instead of one for each class, because a picture holds
objects of several; its covariance is shrunk as by Ledoit and Wolf 2004, A well-conditioned estimator for
large-dimensional covariance matrices, so that few pictures suffice; both measures are added, because each
misses what the other notices (docs/decisions/0037).

    x, s   features of a picture (the mean of each channel of one of the backbone's maps, C numbers), and the
           logit of the most certain thing that the model found in it
    m, S   mean and shrunk covariance of x over pictures that the model learned from
    d      sqrt((x - m)^T S^-1 (x - m) / C), near 1 for a picture like those
    u      (log d - mean) / deviation + (mean - s) / deviation, each mean and standard deviation over held-out
           pictures of the kind that the model learned from

The threshold is the 95th percentile of u over the held-out pictures: one in twenty of them is beyond it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.core.contract import cancellation, checkpoint
from models.core.contract.card import Kind
from models.core.contract.messages import Text
from models.core.contract.prediction import Stage
from models.core.images.letterbox import BORDER, Letterbox
from models.core.training.composites import Pictures

LIKE = Text(
    "core.familiarity.like",
    "The picture is like those that the model learned from: it deviates by {deviation:.2f}, and "
    "{percentile}% of held-out pictures of that kind stay below {threshold:.2f}.",
)
UNLIKE = Text(
    "core.familiarity.unlike",
    "The picture is unlike those that the model learned from: it deviates by {deviation:.2f}, and "
    "{percentile}% of held-out pictures of that kind stay below {threshold:.2f}.",
)
TITLE = Text("core.familiarity.title", "Like what it learned from?")
ABOUT = Text(
    "core.familiarity.explanation",
    "A network answers every picture, also one like nothing it learned from. Two signs show that: its "
    "features are far from those of familiar pictures (their Mahalanobis distance is near 1, here it is "
    "{distance:.2f}), and the most certain prediction has a low probability (here {confidence:.0%}). Both "
    "are measured in standard deviations of held-out familiar pictures and added. The curve shows which "
    "share of those stays below each sum; at {percentile}% is the threshold.",
)
DEVIATION = Text("core.familiarity.deviation", "deviation")
SHARE = Text("core.familiarity.share", "share of pictures")
HELD_OUT_PICTURES = Text("core.familiarity.held_out", "held-out pictures")
THRESHOLD = Text("core.familiarity.threshold", "threshold")
THIS_PICTURE = Text("core.familiarity.this_picture", "this picture")

PERCENTILE = 95  # of the held-out pictures' deviations, the threshold
FEWEST = 20  # held-out pictures: of fewer, no percentile is worth a threshold
LEARNED, HELD_OUT = 1024, 256  # pictures of a training, at most
STAGE = "familiarity"  # its id
_PREFIX = "familiarity."  # of its tensors among a model's weights
_ENDING = ".familiarity.safetensors"  # of a file beside a model's weights
_MOST_LOG_ASPECT = 0.6  # of a composite, of which a part is cut off: 9 to 5


@dataclass(frozen=True)
class Evidence:
    """What one picture is compared by."""

    features: torch.Tensor  # (C,)
    confidence: float  # logit of the most certain thing that the model found


# of one image (1, 3, size, size) and the place of the picture in it
Measure = Callable[[torch.Tensor, Letterbox], Evidence]


@dataclass(frozen=True)
class Familiarity:
    """What the pictures of a model have in common, and how far held-out ones deviate from it."""

    mean: torch.Tensor  # (C,) of the features
    whitening: torch.Tensor  # (C, C): the difference to the mean times this has the length d
    scales: torch.Tensor  # (4,) over held-out pictures: mean and deviation of log d, and of the confidence
    held_out: torch.Tensor  # (101,) the percentiles 0 to 100 of their deviations

    @property
    def threshold(self) -> float:
        """The deviation beyond which a picture is unlike those that the model learned from."""
        return float(self.held_out[PERCENTILE])

    def distance(self, picture: Evidence) -> float:
        """d, the Mahalanobis distance of its features."""
        return float(_distances(picture.features[None], self.mean, self.whitening)[0])

    def deviation(self, picture: Evidence) -> float:
        """u, of its features and its confidence."""
        distance, confidence = torch.tensor([self.distance(picture)]), torch.tensor([picture.confidence])
        return float(_deviations(distance, confidence, self.scales)[0])

    def result(self, picture: Evidence) -> dict[str, Any]:
        """As an answer has it: models.core.contract.card.Familiarity."""
        deviation, threshold = self.deviation(picture), self.threshold
        is_unlike = deviation > threshold
        summary = UNLIKE if is_unlike else LIKE
        return {
            "deviation": round(deviation, 3),
            "threshold": round(threshold, 3),
            "is_unlike": is_unlike,
            "summary": summary(deviation=deviation, threshold=threshold, percentile=PERCENTILE),
        }

    def stage(self, picture: Evidence) -> Stage:
        """The picture among held-out ones, by its deviation."""
        found = self.result(picture)
        deviations = [round(value, 3) for value in self.held_out.tolist()]
        shares = [each / 100 for each in range(101)]
        if found["deviation"] > deviations[-1]:  # so that the curve reaches this picture
            deviations, shares = [*deviations, found["deviation"]], [*shares, 1.0]
        data = {
            "x_label": DEVIATION(),
            "y_label": SHARE(),
            "series": [{"name": HELD_OUT_PICTURES(), "x": deviations, "y": shares}],
            "marks": [
                {"x": found["threshold"], "label": THRESHOLD()},
                {"x": found["deviation"], "label": THIS_PICTURE()},
            ],
        }
        about = ABOUT(
            distance=self.distance(picture),
            confidence=float(torch.tensor(picture.confidence).sigmoid()),
            percentile=PERCENTILE,
        )
        return Stage(STAGE, Kind.CURVE, TITLE(), about, data, code=f"{__name__}.Familiarity.deviation")

    def tensors(self) -> dict[str, torch.Tensor]:
        """As they are saved among a model's weights."""
        return {f"{_PREFIX}{name}": value for name, value in vars(self).items()}

    def save(self, path: Path) -> None:
        """Write it alone to `path`, for weights that are not to be changed."""
        checkpoint.save(path, {}, self.tensors())


def fit(learned: Iterable[Evidence], held_out: Iterable[Evidence]) -> Familiarity | None:
    """From pictures that the model learned from, and from held-out ones of the same kind.

    None: fewer than `FEWEST` of either, or numbers that are not finite.
    """
    features = [each.features.double() for each in learned]
    others = list(held_out)
    if min(len(features), len(others)) < FEWEST:
        return None
    x, y = torch.stack(features), torch.stack([each.features.double() for each in others])
    confidence = torch.tensor([each.confidence for each in others], dtype=torch.float64)
    if not all(bool(values.isfinite().all()) for values in (x, y, confidence)):
        return None
    mean, whitening = _gaussian(x.numpy())
    return _compared(mean, whitening, _distances(y, mean, whitening), confidence)


def fit_folds(pictures: Sequence[Evidence], fold: np.ndarray) -> Familiarity | None:
    """By cross-validation, for trainings on few pictures: those of a fold are compared with all others.

    Args:
        pictures: whose confidence is that of a model that did not learn from their fold.
        fold: (N,) of each.

    None: fewer than `FEWEST`, or numbers that are not finite.
    """
    if len(pictures) < FEWEST:
        return None
    x = torch.stack([each.features.double() for each in pictures])
    confidence = torch.tensor([each.confidence for each in pictures], dtype=torch.float64)
    if not (x.isfinite().all() and confidence.isfinite().all()):
        return None
    distances = torch.zeros(len(x), dtype=torch.float64)
    for each in np.unique(fold):
        own = torch.from_numpy(fold == each)
        distances[own] = _distances(x[own], *_gaussian(x[~own].numpy()))
    return _compared(*_gaussian(x.numpy()), distances, confidence)


def _compared(
    mean: torch.Tensor, whitening: torch.Tensor, distances: torch.Tensor, confidence: torch.Tensor
) -> Familiarity:
    """With the scales and percentiles of held-out pictures, from their d and their confidence (N,)."""
    measures = (_log(distances), confidence)
    scales = torch.stack([each for values in measures for each in (values.mean(), values.std())])
    deviations = _deviations(distances, confidence, scales)
    percentiles = torch.quantile(deviations, torch.linspace(0, 1, 101, dtype=torch.float64))
    return Familiarity(*(values.float() for values in (mean, whitening, scales, percentiles)))


def fit_composites(
    measure: Measure, learned: Pictures, held_out: Pictures, size: int, *, seen: int, seed: int
) -> Familiarity | None:
    """What the pictures of a training have in common, and how far those of the validation deviate from it.

    `seen` is how many pictures the model has learned from: no more of them are measured. None: too few.
    """
    counts = [
        min(most, seen, len(pictures) if isinstance(pictures, Sized) else most)
        for pictures, most in ((learned, LEARNED), (held_out, HELD_OUT))
    ]
    if min(counts) < FEWEST:
        return None
    return fit(
        evidence_of_composites(measure, learned, size, counts[0], seed=seed),
        evidence_of_composites(measure, held_out, size, counts[1], seed=seed),
    )


def _gaussian(x: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (C,) and whitening (C, C) of features (N, C)."""
    mean, spread = x.mean(0), x.std(0)
    spread = np.where(spread > 0, spread, 1.0)  # of a channel that is constant
    # shrunk in units of each channel's deviation, so that none dominates
    covariance = ledoit_wolf((x - mean) / spread)
    values, vectors = np.linalg.eigh(covariance)
    values = np.maximum(values, values.max() * 1e-6)
    whitening = vectors / np.sqrt(values * x.shape[1]) / spread[:, None]
    return torch.from_numpy(mean), torch.from_numpy(whitening)


def ledoit_wolf(x: np.ndarray) -> np.ndarray:
    """(C, C): the covariance of centered features (N, C), shrunk towards m I with m the mean variance.

    The weight of m I is b^2 / d^2 of the paper, lemma 3.2 to 3.4. As `sklearn.covariance.ledoit_wolf`, whose
    import takes seconds.
    """
    count, channels = x.shape
    covariance = x.T @ x / count
    scale = covariance.trace() / channels
    distance = (covariance**2).sum() - channels * scale**2  # d^2, times C
    fourth = (x**2).T @ (x**2) / count
    error = (fourth - covariance**2).sum() / count  # b^2, times C
    weight = min(max(error, 0.0), distance) / distance if distance > 0 else 0.0
    return (1 - weight) * covariance + weight * scale * np.eye(channels)


def _distances(features: torch.Tensor, mean: torch.Tensor, whitening: torch.Tensor) -> torch.Tensor:
    """(N,) d, of features (N, C)."""
    return ((features.double() - mean.double()) @ whitening.double()).norm(dim=1)


def _deviations(distances: torch.Tensor, confidence: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    """(N,) u, of distances (N,) and confidences (N,)."""
    mean_d, deviation_d, mean_s, deviation_s = scales.tolist()
    far = (_log(distances) - mean_d) / max(deviation_d, 1e-6)
    return far + (mean_s - confidence) / max(deviation_s, 1e-6)


def _log(distances: torch.Tensor) -> torch.Tensor:
    return distances.clamp(min=1e-6).log()


def pooled(features: torch.Tensor, placement: Letterbox, size: int) -> torch.Tensor:
    """(C,) the mean of each channel of a map (C, h, w) over the cells of the picture, its border left out.

    `size` is the side of the square in which the picture was placed.
    """
    rows, columns = features.shape[1:]
    top, bottom = _cells(placement.top, placement.height * placement.scale_y, rows / size, rows)
    left, right = _cells(placement.left, placement.width * placement.scale_x, columns / size, columns)
    return features[:, top:bottom, left:right].float().mean(dim=(1, 2))


def _cells(start: float, length: float, scale: float, count: int) -> tuple[int, int]:
    """The cells whose centers lie in the picture; the nearest one where there are none."""
    first = min(count - 1, max(0, round(start * scale)))
    return first, max(first + 1, min(count, round((start + length) * scale)))


def logit(probability: torch.Tensor) -> float:
    """Of one probability; finite also for 0 and 1."""
    return float(probability.double().logit(eps=1e-6))


@torch.no_grad()
def evidence_of_composites(
    measure: Measure,
    composer: Pictures,
    size: int,
    count: int,
    *,
    seed: int,
) -> list[Evidence]:
    """That of `count` composites (1, 3, size, size), half of them wide or high, as uploads are."""
    found = []
    for index in range(count):
        cancellation.check()
        random = np.random.default_rng([seed, 9, index])
        image, placement = composer.compose(random, size).image, Letterbox(size, size, 0, 0, 1.0, 1.0)
        if index % 2:
            image, placement = _framed(image, float(random.uniform(-_MOST_LOG_ASPECT, _MOST_LOG_ASPECT)))
        found.append(measure(image[None], placement))
    return found


def _framed(image: torch.Tensor, log_aspect: float) -> tuple[torch.Tensor, Letterbox]:
    """A square image cut to another aspect ratio (width : height = e^log_aspect), with a border instead."""
    size = image.shape[1]
    shorter = round(size * float(np.exp(-abs(log_aspect))))
    start = (size - shorter) // 2
    framed = torch.tensor(BORDER).float().div(255)[:, None, None].expand_as(image).clone()
    if log_aspect > 0:
        framed[:, start : start + shorter] = image[:, start : start + shorter]
        return framed, Letterbox(size, shorter, 0, start, 1.0, 1.0)
    framed[:, :, start : start + shorter] = image[:, :, start : start + shorter]
    return framed, Letterbox(shorter, size, start, 0, 1.0, 1.0)


def split(state: Mapping[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], Familiarity | None]:
    """A model's weights without the familiarity among them, and that, if they have one."""
    own = checkpoint.below(state, _PREFIX)
    rest = {name: value for name, value in state.items() if not name.startswith(_PREFIX)}
    return rest, Familiarity(**own) if own else None


def beside(weights: Path) -> Familiarity | None:
    """That of shipped weights, from the file beside them, if there is one."""
    path = path_beside(weights)
    return split(checkpoint.load(path)[1])[1] if path.exists() else None


def path_beside(weights: Path) -> Path:
    """The file of shipped weights' familiarity."""
    return weights.with_name(weights.name.removesuffix(".safetensors") + _ENDING)
