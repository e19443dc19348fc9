"""The log of a training: a CSV that takes columns as they come."""

from pathlib import Path

from models.core.training import log


def test_what_is_measured_now_and_then_gets_its_column(tmp_path: Path) -> None:
    path = tmp_path / "model.log.csv"
    log(path, {"step": 1, "loss": 0.5})
    log(path, {"step": 2, "loss": 0.25, "miou": 0.123456789})
    log(path, {"step": 3, "loss": 1 / 3})

    assert path.read_text("utf-8") == "step,loss,miou\n1,0.5,\n2,0.25,0.12346\n3,0.33333,\n"
