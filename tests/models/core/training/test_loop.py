"""When a training loop reports, validates and saves, and its log."""

from pathlib import Path

import pytest
import torch
from torch import nn

from models.core.contract.errors import Preempted
from models.core.training.loop import (
    append_row,
    numbers,
    report,
    report_due,
    save_if_due,
    take_average,
    validation_due,
)
from models.core.training.state import State
from tests.models.stopping import StopAt


@pytest.mark.parametrize(
    ("steps", "reports", "validations"),
    [(4, 4, 4), (1000, 200, 8), (9000, 200, 8), (1001, 201, 9)],  # the last step is one more
)
def test_reports_and_validations_come_evenly_and_at_the_end(
    steps: int, reports: int, validations: int
) -> None:
    reported = [step for step in range(1, steps + 1) if report_due(step, steps)]
    validated = [step for step in reported if validation_due(step, steps, 8)]

    assert (len(reported), len(validated)) == (reports, validations)
    assert reported[-1] == validated[-1] == steps


def test_losses_are_averaged_between_reports() -> None:
    recent = [numbers({"loss": torch.tensor(1.0), "dice": torch.tensor(0.5)}, 1), {"loss": 2.0, "dice": 0.0}]

    assert take_average(recent) == {"loss": 1.5, "dice": 0.25}
    assert recent == []


def test_a_report_goes_to_the_log_and_to_the_progress(tmp_path: Path) -> None:
    progress = StopAt(5)
    report(progress, tmp_path / "w.log.csv", 3, 5, {"loss": 0.5}, image_size=64)

    assert progress.step == 3
    assert (tmp_path / "w.log.csv").read_text("utf-8") == "step,image_size,loss\n3,64,0.5\n"


def test_a_checkpoint_is_saved_only_when_due(tmp_path: Path) -> None:
    state, progress, path = State({"model": nn.Linear(1, 1)}, {}), StopAt(2), tmp_path / "checkpoint"
    save_if_due(state, {}, path, progress)
    assert not path.exists()

    progress(2)
    save_if_due(state, {}, None, progress)
    with pytest.raises(Preempted):
        save_if_due(state, {}, path, progress)
    assert path.exists()


def test_a_column_that_appears_later_is_added_to_the_log(tmp_path: Path) -> None:
    path = tmp_path / "model.log.csv"
    append_row(path, {"step": 1, "loss": 0.5})
    append_row(path, {"step": 2, "loss": 0.25, "miou": 0.123456789})
    append_row(path, {"step": 3, "loss": 1 / 3})

    assert path.read_text("utf-8") == "step,loss,miou\n1,0.5,\n2,0.25,0.12346\n3,0.33333,\n"
