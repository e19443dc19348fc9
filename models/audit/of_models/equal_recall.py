"""Equal opportunity by a threshold for each group, and what it costs.

Hardt, Price and Srebro (2016, arXiv:1610.02413, section 4) equalize the recall of the groups by thresholds of
their own. Here the common recall is that of all groups together at the common threshold; each group gets the
highest threshold at which its recall reaches it.
"""

from collections.abc import Iterator

import numpy as np

from models.audit.data import Decided
from models.audit.groups import Groups
from models.audit.inspection import GROUP, rounded, table
from models.core.contract.messages import Text
from models.core.contract.prediction import Stage

TITLE = Text("audit.stages.equal_recall", "Equal recall, and its cost")
ABOUT = Text(
    "audit.stages.equal_recall.about",
    "With a threshold of its own each group gets the recall of {recall:.1%} that all have together now. "
    "Right decisions then change from {before:,} to {after:,} of {rows:,}. Thresholds chosen on these "
    "examples fit new ones a little less, and whether groups may have different thresholds is a "
    "question of law, too.",
)
THRESHOLD = Text("audit.headings.threshold", "threshold")
RECALL = Text("audit.headings.recall", "recall")
FALSE_POSITIVES = Text("audit.headings.false_positive_rate", "false positive rate")
BEFORE = Text("audit.headings.right_before", "right decisions now")
AFTER = Text("audit.headings.right_after", "right decisions then")


def equal_recall(decided: Decided, groups: Groups, threshold: float, least: int) -> Iterator[Stage]:
    """A table of the thresholds; none where fewer than two groups have `least` positives."""
    scores, actual = decided.scores, decided.actual
    assert scores is not None  # noqa: S101  checked by the caller
    assert actual is not None  # noqa: S101
    large = [
        index for index in range(len(groups.names)) if (actual & (groups.of == index)).sum() >= max(1, least)
    ]
    if len(large) < 2:
        return
    common = float((scores[actual] >= threshold).mean())
    rows, before, after, total = [], 0, 0, 0
    for index in large:
        own = groups.of == index
        chosen = threshold_for(scores[own & actual], common)
        is_positive = scores >= chosen
        now = int((((scores >= threshold) == actual) & own).sum())
        then = int(((is_positive == actual) & own).sum())
        negatives = own & ~actual
        false = float(is_positive[negatives].mean()) if negatives.any() else None
        recall = float(is_positive[own & actual].mean())
        rows.append([groups.names[index], round(chosen, 4), recall, false, now, then])
        before, after, total = before + now, after + then, total + int(own.sum())
    about = ABOUT(recall=common, before=before, after=after, rows=total)
    columns = [GROUP(), THRESHOLD(), RECALL(), FALSE_POSITIVES(), BEFORE(), AFTER()]
    yield table(
        "equal-recall", TITLE(), about, columns, rounded(rows), "of_models.equal_recall.threshold_for"
    )


def threshold_for(scores: np.ndarray, recall: float) -> float:
    """The highest threshold at which at least this share of the (N,) scores of positives reach it."""
    needed = int(np.ceil(recall * len(scores) - 1e-9))
    return float(np.sort(scores)[len(scores) - needed]) if needed else float(np.nextafter(scores.max(), 2))
