"""Whether a picture is like those that an autoencoder learned from, by how well it can be rebuilt.

An autoencoder rebuilds what it has learned. Of anything else it keeps only what it shares with that, so that
||x - x^|| is large: a measure of anomalies (Hawkins et al. 2002, Outlier Detection Using Replicator Neural
Networks). The threshold is the 95th percentile of held-out pictures: one in twenty of them is beyond it.
"""

from typing import Any

import numpy as np

from models.autoencoding.held_out import PERCENTILE, HeldOut
from models.core.contract.card import Kind
from models.core.contract.messages import Text
from models.core.contract.prediction import Stage
from models.core.training.familiarity import (
    HELD_OUT_PICTURES,
    SHARE,
    STAGE,
    THIS_PICTURE,
    THRESHOLD,
    TITLE,
)

LIKE = Text(
    "autoencoding.familiarity.like",
    "The picture is like those that the model learned from: its reconstruction is {distance:.2f} away, and "
    "{percentile}% of held-out pictures stay below {threshold:.2f}.",
)
UNLIKE = Text(
    "autoencoding.familiarity.unlike",
    "The picture is unlike those that the model learned from: its reconstruction is {distance:.2f} away, and "
    "{percentile}% of held-out pictures stay below {threshold:.2f}.",
)
ABOUT = Text(
    "autoencoding.familiarity.explanation",
    "A model can rebuild pictures like those that it learned from. Of any other picture it keeps only what "
    "that shares with them, and the rest is lost: ‖x − x̂‖ is large. The curve shows which share of held-out "
    "pictures stays below each distance; at {percentile}% is the threshold. This picture's {distance:.2f} is "
    "larger than that of {share:.0%} of them. A plain picture, such as an empty one, is easy to rebuild and "
    "can pass.",
)
DISTANCE = Text("autoencoding.familiarity.distance", "‖x − x̂‖")


def familiarity(held_out: HeldOut, distance: float) -> dict[str, Any]:
    """As an answer has it: models.core.contract.card.Familiarity."""
    threshold = held_out.threshold
    is_unlike = distance > threshold
    summary = UNLIKE if is_unlike else LIKE
    return {
        "deviation": round(distance, 3),
        "threshold": round(threshold, 3),
        "is_unlike": is_unlike,
        "summary": summary(distance=distance, threshold=threshold, percentile=PERCENTILE),
    }


def stage(held_out: HeldOut, distance: float) -> Stage:
    """The picture among held-out ones, by its reconstruction error."""
    errors = held_out.errors.numpy()
    shares = np.linspace(0, 1, 101)
    x, y = np.quantile(errors, shares).round(3).tolist(), shares.round(2).tolist()
    if distance > x[-1]:  # so that the curve reaches this picture
        x, y = [*x, round(distance, 3)], [*y, 1.0]
    data = {
        "x_label": DISTANCE(),
        "y_label": SHARE(),
        "series": [{"name": HELD_OUT_PICTURES(), "x": x, "y": y}],
        "marks": [
            {"x": round(held_out.threshold, 3), "label": THRESHOLD()},
            {"x": round(distance, 3), "label": THIS_PICTURE()},
        ],
    }
    share = float(np.searchsorted(errors, distance) / len(errors))
    about = ABOUT(distance=distance, percentile=PERCENTILE, share=share)
    return Stage(STAGE, Kind.CURVE, TITLE(), about, data, code="models.autoencoding.metrics.distance")
