"""Precision and recall along the score threshold, as a chart. Loads nothing heavy: a worker shows it, too.

The curves are JSON, {"threshold": [...], "precision": [...], "recall": [...], "f1": [...], "best": t}, as the
evaluation of a training and the config of its weights hold it.
"""

from collections.abc import Mapping
from typing import Any

from models.core.contract.card import Kind
from models.core.contract.messages import Text
from models.core.contract.prediction import Stage

TITLE = Text("core.training.by_threshold.title", "Precision and recall")
ABOUT = Text(
    "core.training.by_threshold.explanation",
    "Of the model on the validation pictures, at every score threshold: the share of its boxes that are "
    "correct (precision) and of the true objects that it finds (recall). A higher threshold makes fewer "
    "mistakes and misses more. F1, their harmonic mean, is greatest at {best:.2f}, which is the model's own "
    "threshold; another one is right where a miss costs more than a mistake, or less.",
)
THRESHOLD = Text("core.training.by_threshold.threshold", "score threshold")
SHARE = Text("core.training.by_threshold.share", "share")
BEST = Text("core.training.by_threshold.best", "greatest F1")


def threshold_stage(curves: Mapping[str, Any], code: str) -> Stage:
    """The chart of the curves; `code` is the name of the function that computed them."""
    series = [
        {"name": name, "x": curves["threshold"], "y": curves[name]} for name in ("precision", "recall", "f1")
    ]
    best = float(curves["best"])
    return Stage(
        id="by_threshold",
        kind=Kind.CURVE,
        title=TITLE(),
        explanation=ABOUT(best=best),
        data={
            "x_label": THRESHOLD(),
            "y_label": SHARE(),
            "series": series,
            "marks": [{"x": best, "label": BEST()}],
        },
        code=code,
    )
