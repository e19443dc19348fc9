"""The contact sheets of a training."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from models.core.contract.errors import WeightsError
from models.core.contract.progress import Progress
from models.core.generative.sample_history import SampleHistory, contact_sheet
from models.core.training.state import State


def _pictures(count: int, level: int, *channels: int) -> np.ndarray:
    return np.full((count, 3, 2, *channels), level, np.uint8)


def _history(*steps: int) -> SampleHistory:
    history = SampleHistory(tile=(2, 3), columns=2, row_names=("T-shirt", "trousers"), captions_name="loss")
    for step in steps:
        history.add(step, _pictures(4, step), captions=[f"0.{step}"] * 4)
    return history


def _pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize("steps", [400, 1_600, 20_001])
def test_about_40_sheets_are_due_and_most_of_them_early(steps: int) -> None:
    due = [step for step in range(steps + 1) if SampleHistory((28, 28), 10).due(step, steps)]
    gaps = np.diff(due)

    assert 38 <= len(due) <= 41
    assert due[0] == 0
    assert due[-1] == steps
    assert sum(step <= steps / 4 for step in due) >= len(due) / 2 - 1
    assert (np.diff(gaps) >= -1).all()  # ever further apart, to a rounding


def test_every_step_of_a_very_short_training_is_due() -> None:
    history = SampleHistory((28, 28), 10)

    assert [step for step in range(6) if history.due(step, 5)] == [0, 1, 2, 3, 4, 5]


def test_sheets_that_take_time_are_fewer_in_short_trainings() -> None:
    history = SampleHistory((28, 28), 10, steps_per_sheet=20)

    assert [step for step in range(1, 81) if history.due(step, 80)] == [5, 20, 45, 80]
    assert [step for step in range(1, 5) if history.due(step, 4)] == [4]
    assert sum(history.due(step, 8_000) for step in range(1, 8_001)) == 40


def test_a_sheet_has_the_pictures_row_by_row_without_gaps() -> None:
    pictures = np.stack([np.full((1, 2), level, np.uint8) for level in (10, 20, 30)])

    assert contact_sheet(pictures, 2).tolist() == [[10, 10, 20, 20], [30, 30, 0, 0]]


def test_a_color_sheet_is_a_png_of_its_pictures() -> None:
    history = SampleHistory(tile=(2, 3), columns=4)
    history.add(5, np.concatenate([_pictures(2, 0, 3), _pictures(2, 200, 3)]))

    pixels = _pixels(history.sheets[0].png)
    assert pixels.shape == (3, 8, 3)
    assert pixels[0, :, 1].tolist() == [0, 0, 0, 0, 200, 200, 200, 200]


def test_a_history_goes_into_tensors_and_comes_back_equal() -> None:
    history = _history(10, 40)
    tensors = {"decoder.weight": torch.zeros(2), **history.tensors()}

    rest, restored = SampleHistory.split(tensors)

    assert list(rest) == ["decoder.weight"]
    assert restored is not None
    assert all(tensor.dtype == torch.uint8 for name, tensor in tensors.items() if name not in rest)
    assert restored.layout == history.layout
    assert restored.sheets == history.sheets
    assert SampleHistory.split(rest)[1] is None


def test_damaged_samples_are_an_error_of_the_weights() -> None:
    tensors = _history(10).tensors()
    del tensors["samples/10"]

    with pytest.raises(WeightsError, match="damaged"):
        SampleHistory.from_tensors(tensors)


def test_a_resumed_training_goes_on_with_the_sheets_of_its_checkpoint(tmp_path: Path) -> None:
    model = nn.Linear(1, 1)
    State({"model": model}, {}, samples=_history(10, 40)).save(tmp_path / "state.safetensors", {})
    resumed = _history(10, 90)  # has gone further than the checkpoint

    State({"model": model}, {}, samples=resumed).load(tmp_path / "state.safetensors")
    assert [sheet.step for sheet in resumed.sheets] == [10, 40]
    resumed.add(90, _pictures(4, 9))
    assert [sheet.step for sheet in resumed.sheets] == [10, 40, 90]


def test_a_checkpoint_without_samples_leaves_the_history_empty(tmp_path: Path) -> None:
    model = nn.Linear(1, 1)
    State({"model": model}, {}).save(tmp_path / "state.safetensors", {})
    history = SampleHistory((2, 3), 2)

    State({"model": model}, {}, samples=history).load(tmp_path / "state.safetensors")

    assert history.sheets == []


def test_a_repeated_step_replaces_its_sheet_and_those_after_it() -> None:
    history = _history(10, 40, 90)
    history.add(40, _pictures(4, 77))

    assert [sheet.step for sheet in history.sheets] == [10, 40]
    assert (_pixels(history.sheets[1].png) == 77).all()


@pytest.mark.parametrize(
    ("pictures", "captions", "problem"),
    [
        (_pictures(4, 0).astype(np.float32), (), "uint8"),
        (_pictures(4, 0).swapaxes(1, 2), (), "2 x 3"),
        (_pictures(5, 0), (), "4 in earlier"),
        (_pictures(4, 0), ["one"], "1 captions"),
    ],
)
def test_pictures_that_do_not_fit_are_refused(
    pictures: np.ndarray, captions: list[str], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        _history(10).add(20, pictures, captions)


def test_a_sheet_of_more_than_a_megabyte_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 1,000,000"):
        SampleHistory((64, 64), 10).add(0, np.zeros((90, 64, 64, 3), np.uint8))


def test_without_a_worker_samples_go_nowhere() -> None:
    Progress().samples(_history(10))


def test_the_stage_has_a_file_for_each_step_and_its_captions() -> None:
    losses = {"name": "loss", "x": [10, 40], "y": [1.0, 0.5]}
    stage = _history(10, 40).stage(series=[losses], y_label="loss", code=__name__)

    assert stage.data == {
        "tile": {"width": 2, "height": 3},
        "columns": 2,
        "count": 4,
        "row_names": ["T-shirt", "trousers"],
        "captions_name": "loss",
        "steps": [
            {"step": 10, "file": "samples-10.png", "captions": ["0.10"] * 4},
            {"step": 40, "file": "samples-40.png", "captions": ["0.40"] * 4},
        ],
        "series": [losses],
        "y_label": "loss",
    }
    assert [file.name for file in stage.files] == ["samples-10.png", "samples-40.png"]
    assert _pixels(stage.files[1].data).shape == (6, 4)
