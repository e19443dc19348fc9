"""An audit finds a classifier that learned from a skewed set, and rarely accuses one that did not."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from models.audit.of_models.audited import audited
from models.core.contract.progress import Progress
from models.tabular.audit import outcomes
from models.tabular.card import AuditParams, TrainParams
from models.tabular.data import table_of
from models.tabular.fit import fit
from models.tabular.predict import Predictor

SEEDS = 20
LEARNED, AUDITED = 4_000, 1_000  # rows


def people(random: np.random.Generator, share: float, rows: int) -> bytes:
    """Two groups in which the same outcome shows in different columns; one has this share of the rows.

    Neither the group nor anything that stands for it is among the features: what a model makes of both
    columns depends only on whom it has seen.
    """
    is_rare = random.random(rows) < share
    is_good = random.random(rows) < 0.5
    strong, weak = 2.0 * is_good + random.normal(size=rows), random.normal(size=rows)
    one, two = np.where(is_rare, weak, strong), np.where(is_rare, strong, weak)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("one", "two", "group", "outcome"))
    names = np.where(is_rare, "rare", "common"), np.where(is_good, "yes", "no")
    writer.writerows(zip(one.round(4), two.round(4), *names, strict=True))
    return text.getvalue().encode()


def is_found(seed: int, share: float, folder: Path) -> bool:
    """Whether the audit, on new people, finds a difference of a model that learned from this share."""
    random = np.random.default_rng([seed, round(100 * share)])
    params = TrainParams(features=["one", "two"], target="outcome", epochs=1)
    made = fit(table_of(people(random, share, LEARNED), params), params, device="cpu", progress=Progress())
    made.model.save(folder / "model.safetensors")
    requested = AuditParams(group="group")
    found = outcomes(
        Predictor(folder / "model.safetensors"), people(random, 0.5, AUDITED), requested, lambda *_: None
    )
    return audited(found, requested)[0]["differs"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_skewed_training_is_found_and_a_balanced_one_is_not(tmp_path: Path) -> None:
    skewed = sum(is_found(seed, 0.05, tmp_path) for seed in range(SEEDS))
    balanced = sum(is_found(seed, 0.5, tmp_path) for seed in range(SEEDS))

    assert skewed == SEEDS
    assert balanced <= 3
    print(f"found {skewed} of {SEEDS} skewed trainings; false alarms: {balanced} of {SEEDS}")  # noqa: T201
