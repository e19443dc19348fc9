"""Fixed validation pictures during a training: the network's answer between its input and the truth.

    samples = side_by_side.history()
    ...
    side_by_side.draw_if_due(samples, state.step, params.steps, progress, partial(answers, mean, pictures))

A row of the sheet is one picture. Four small pictures, and fewer sheets in short trainings, keep the cost
below a fiftieth of a training's time.
"""

from collections.abc import Callable, Iterable

import numpy as np
from PIL import Image, ImageOps

from models.core.contract.messages import Text
from models.core.contract.progress import Progress
from models.core.generative.sample_history import SampleHistory

INPUT = Text("core.samples.input", "input")
ANSWER = Text("core.samples.answer", "answer")
TRUTH = Text("core.samples.truth", "truth")

Row = tuple[Image.Image, Image.Image, Image.Image]  # input, answer, truth

PICTURES = 4
SIDE = 96  # of a tile, in pixels
STEPS_PER_SHEET = 20


def history() -> SampleHistory:
    """For sheets of input, answer and truth."""
    return SampleHistory(
        tile=(SIDE, SIDE),
        columns=3,
        column_names=(INPUT(), ANSWER(), TRUTH()),
        steps_per_sheet=STEPS_PER_SHEET,
    )


def draw_if_due(
    history: SampleHistory, step: int, steps: int, progress: Progress, rows: Callable[[], Iterable[Row]]
) -> None:
    """Add and report a sheet of the `rows` if it is due, and if there are any: a small dataset has none."""
    if history.due(step, steps) and (drawn := list(rows())):
        history.add(step, np.stack([np.asarray(tile(picture)) for row in drawn for picture in row]))
        progress.samples(history)


def tile(picture: Image.Image) -> Image.Image:
    """The middle square, (SIDE, SIDE): shrunk, or enlarged so that its pixels can be seen."""
    grows = min(picture.size) < SIDE
    resample = Image.Resampling.NEAREST if grows else Image.Resampling.BOX
    return ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE), resample)
