"""Writes the cases of the page's linear head.

python -m tests.models.classification.write_linear_head_golden
"""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

GOLDEN = Path("frontend/src/networks/linear-head.golden.json")
SIZES = ((3, 14, 24), (2, 9, 12), (4, 40, 8))  # classes, pictures, features


def case(random: np.random.Generator, classes: int, pictures: int, features: int) -> dict[str, object]:
    """Pictures around centers, one feature of which is constant, and four to classify."""
    labels = np.arange(pictures) % classes
    centers = random.normal(0, 1, (classes, features))
    x = (0.7 * centers[labels] + random.normal(0, 1, (pictures, features))).round(6)
    tried = random.normal(0, 1, (4, features)).round(6)
    x[:, 0] = tried[:, 0] = 5.0
    mean, deviation = x.mean(axis=0), np.where(x.std(axis=0) > 1e-6, x.std(axis=0), 1)
    weights = pictures / (classes * np.bincount(labels)[labels])
    model = LogisticRegression(C=1.0, tol=1e-10, max_iter=5000)
    model.fit((x - mean) / deviation, labels, sample_weight=weights)
    return {
        "classes": classes,
        "features": x.tolist(),
        "labels": labels.tolist(),
        "tried": tried.tolist(),
        "probabilities": model.predict_proba((tried - mean) / deviation).round(6).tolist(),
    }


if __name__ == "__main__":
    generator = np.random.default_rng(3)
    GOLDEN.write_text(json.dumps([case(generator, *sizes) for sizes in SIZES]) + "\n", "utf-8")
