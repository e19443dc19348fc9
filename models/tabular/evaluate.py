"""Quality on the sample tables, compared with pipelines of scikit-learn and with the baseline.

    glassbox evaluate tabular

fits every method to every sample with the default params, and a pipeline of scikit-learn to the same training
rows; both are measured on the same test rows.
"""

import argparse
import csv
import io
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.core.contract.card import Sample
from models.core.contract.progress import Progress
from models.tabular import metrics
from models.tabular.card import CARD, METHODS, PredictParams
from models.tabular.data import table_of
from models.tabular.fit import Fit, fit

log = logging.getLogger(__name__)

HEADLINE = {"regression": "r2", "classification": "accuracy"}
METHODS_OF: dict[str, tuple[METHODS, ...]] = {
    "regression": ("linear regression", "ridge regression", "neural network"),
    "classification": ("logistic regression", "neural network"),
}


def scikit_learn_quality(fitted: Fit, params: PredictParams, sample: Sample) -> dict[str, float | None]:
    """The quality on the test rows of a scikit-learn pipeline fitted to the same training rows."""
    cells = np.array(list(csv.reader(io.StringIO(sample.inputs["table"].read_text("utf-8"))))[1:])
    x, actual = cells[:, :-1].astype(np.float64), fitted.table.actual
    model: Any = {
        "linear regression": LinearRegression(),
        "ridge regression": Ridge(alpha=params.alpha),
        "logistic regression": LogisticRegression(C=params.C, max_iter=10_000, tol=1e-8),
    }.get(fitted.model.method)
    if model is None:
        options: dict[str, Any] = {
            "hidden_layer_sizes": tuple(params.layers),
            "learning_rate_init": 0.01,
            "max_iter": params.epochs,
            "early_stopping": True,
            "random_state": params.seed,
        }
        scaled = TransformedTargetRegressor(MLPRegressor(**options), transformer=StandardScaler())
        model = MLPClassifier(**options) if fitted.model.classes else scaled
    pipeline = make_pipeline(StandardScaler(), model)
    training, test = fitted.split.training, fitted.split.test
    pipeline.fit(x[training], actual[training])
    predicted = pipeline.predict_proba(x[test]) if fitted.model.classes else pipeline.predict(x[test])
    return metrics.quality(actual[test], predicted, len(fitted.model.classes))


def evaluate(sample: Sample, method: METHODS) -> dict[str, Any]:
    """All metrics of one method on one table."""
    params = PredictParams(method=method)
    table = table_of(sample.inputs["table"].read_bytes(), params)
    fitted = fit(table, params, device="cpu", progress=Progress())
    record = fitted.model.record
    return {
        "sample": sample.name,
        "method": method,
        "rows": record["rows"],
        "test": rounded(record["quality"]["test"]),
        "training": rounded(record["quality"]["training"]),
        "scikit_learn": rounded(scikit_learn_quality(fitted, params, sample)),
        "baseline": rounded(record["baseline"]),
        "figure": HEADLINE[fitted.table.target.task],
    }


def rounded(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Four decimals, more than the few test rows justify."""
    return {name: None if value is None else round(value, 4) for name, value in values.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print all metrics, and write them to a file if one is named."""
    parser = argparse.ArgumentParser(prog="glassbox evaluate tabular", description=__doc__)
    parser.add_argument("--out", type=Path, help="also write the metrics to this JSON file")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    rows = []
    for sample in CARD.samples:
        task = "regression" if sample.name == "diabetes" else "classification"
        for method in METHODS_OF[task]:
            row = evaluate(sample, method)
            rows.append(row)
            figure = row["figure"]
            log.info(
                "%-14s %-20s %s: test %.4f, scikit-learn %.4f, training %.4f, baseline %.4f",
                row["sample"],
                method,
                figure,
                *(row[part][figure] for part in ("test", "scikit_learn", "training", "baseline")),
            )
    if options.out:
        options.out.write_text(json.dumps({"dataset": "samples", "fits": rows}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
