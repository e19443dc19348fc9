"""The contact sheets of a training: the same few samples, drawn again and again while the network learns.

    history = SampleHistory(tile=(28, 28), columns=10, row_names=classes)
    ...
    if history.due(state.step, params.steps):
        history.add(state.step, pictures)
        progress.samples(history)

Sheets are PNG files from the start, because that is how pages show them, and because a noisy network's sheet
is then kept at a fraction of its pixels. As tensors they lie in a checkpoint or among a model's weights:

    samples/about    JSON as bytes: tile, columns, count, names, and the captions of each sheet
    samples/<step>   the PNG of the sheet of that step, as bytes
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
import torch
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Output, Role, Stage
from models.core.contract.progress import SAMPLES, SAMPLES_ABOUT, Sheet
from models.core.images import codec

SHEETS = 40  # in one training
MAX_BYTES = 1_000_000  # of the pixels of one sheet
_PREFIX = "samples/"
_ABOUT = f"{_PREFIX}about"


@dataclass
class SampleHistory:
    """Sheets by step, all with the same tiles in the same places.

    Args:
        tile: width and height of one picture, in pixels.
        columns: pictures in a row of the sheet.
        captions_name: of the captions' meaning, such as "verdict".
        steps_per_sheet: on average at least, where drawing takes time; 0: no limit.
    """

    tile: tuple[int, int]
    columns: int
    row_names: Sequence[str] = ()
    column_names: Sequence[str] = ()
    captions_name: str = ""
    steps_per_sheet: int = 0

    def __post_init__(self) -> None:
        self.count = 0  # of pictures in each sheet
        self.sheets: list[Sheet] = []

    def due(self, step: int, steps: int) -> bool:
        """Whether to draw the samples after `step` of `steps` steps.

        The k-th of 40 sheets is drawn at (k / 40)^2 of the training, as a network changes most at first;
        and one before the first step.
        """
        if step <= 0:
            return step == 0
        affordable = max(1, steps // self.steps_per_sheet) if self.steps_per_sheet else SHEETS
        sheets = min(SHEETS, affordable)
        return _sheets_until(step, steps, sheets) > _sheets_until(step - 1, steps, sheets)

    def add(self, step: int, pictures: np.ndarray, captions: Sequence[str] = ()) -> None:
        """Keep the sheet of one step; sheets of this or later steps, of an abandoned attempt, are dropped.

        Args:
            pictures: (N, H, W) or (N, H, W, 3) uint8, row by row of the sheet.
            captions: one for each picture, or none.

        Raises:
            ValueError: the pictures are not uint8 of the tile's size, as many as before, and captioned all or
                none; or the sheet has more than `MAX_BYTES`.
        """
        width, height = self.tile
        if pictures.dtype != np.uint8 or pictures.shape[1:3] != (height, width):
            raise ValueError(
                f"{pictures.dtype} {pictures.shape} are not uint8 pictures of {width} x {height}"
            )
        if self.sheets and len(pictures) != self.count:
            raise ValueError(f"{len(pictures)} pictures, but {self.count} in earlier sheets")
        if captions and len(captions) != len(pictures):
            raise ValueError(f"{len(captions)} captions for {len(pictures)} pictures")
        if pictures.nbytes > MAX_BYTES:
            raise ValueError(f"a sheet of {pictures.nbytes:,} bytes; at most {MAX_BYTES:,} are shown live")
        self.count = len(pictures)
        png = codec.encode_png(Image.fromarray(contact_sheet(pictures, self.columns)))
        earlier = [sheet for sheet in self.sheets if sheet.step < step]
        self.sheets = [*earlier, Sheet(step, png, tuple(map(str, captions)))]

    @property
    def layout(self) -> dict[str, Any]:
        """The fields of stages of kind `samples` that all sheets share."""
        width, height = self.tile
        optional = {
            "row_names": list(self.row_names),
            "column_names": list(self.column_names),
            "captions_name": self.captions_name,
        }
        return {
            "tile": {"width": width, "height": height},
            "columns": self.columns,
            "count": self.count,
            **{name: value for name, value in optional.items() if value},
        }

    def tensors(self) -> dict[str, torch.Tensor]:
        """As they are saved in a checkpoint or among a model's weights: uint8, shape (bytes,) each."""
        captions = {sheet.step: sheet.captions for sheet in self.sheets}
        about = json.dumps({**self.layout, "captions": captions}).encode()
        sheets = {f"{_PREFIX}{sheet.step}": _to_tensor(sheet.png) for sheet in self.sheets}
        return {_ABOUT: _to_tensor(about), **sheets}

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Go on from the sheets among `tensors`; those of a state that kept none leave the history empty.

        Raises:
            WeightsError: they are damaged.
        """
        saved = self.split(tensors)[1]
        self.sheets, self.count = (saved.sheets, saved.count) if saved else ([], 0)

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, torch.Tensor]) -> "SampleHistory":
        """The history among `tensors`. Raises WeightsError: it is damaged, or there is none."""
        try:
            about = json.loads(_to_bytes(tensors[_ABOUT]))
            rows, columns = (tuple(about.get(name, ())) for name in ("row_names", "column_names"))
            tile = about["tile"]["width"], about["tile"]["height"]
            history = cls(tile, about["columns"], rows, columns, about.get("captions_name", ""))
            history.count = about["count"]
            history.sheets = [
                Sheet(int(step), _to_bytes(tensors[f"{_PREFIX}{step}"]), tuple(captions))
                for step, captions in about["captions"].items()
            ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise WeightsError(f"The samples among the weights are damaged: {error!r}.") from error
        return history

    @classmethod
    def split(
        cls, state: Mapping[str, torch.Tensor]
    ) -> tuple[dict[str, torch.Tensor], "SampleHistory | None"]:
        """A model's weights without the history among them, and that, if they have one.

        Raises:
            WeightsError: it is damaged.
        """
        rest = {name: value for name, value in state.items() if not name.startswith(_PREFIX)}
        return rest, cls.from_tensors(state) if _ABOUT in state else None

    def stage(
        self,
        *,
        id: str = "samples",  # noqa: A002  as the stage's field
        title: str | None = None,
        explanation: str | None = None,
        captions_name: str | None = None,
        series: Sequence[Mapping[str, Any]] = (),
        y_label: str | None = None,
        code: str = "",
        role: Role | None = None,
    ) -> Stage:
        """All sheets, for a slider; `series` are lines to draw beside them, with `y_label` on their axis.

        `captions_name` replaces that of the history, which is English where it comes from a file.
        """
        optional = {"captions_name": captions_name, "series": list(series), "y_label": y_label}
        data = {
            **self.layout,
            "steps": [sheet.about for sheet in self.sheets],
            **{name: value for name, value in optional.items() if value},
        }
        return Stage(
            id=id,
            kind=Kind.SAMPLES,
            title=title or SAMPLES(),
            explanation=explanation or SAMPLES_ABOUT(),
            data=data,
            files=tuple(Output(sheet.file, Kind.IMAGE, sheet.png, "image/png") for sheet in self.sheets),
            count=len(self.sheets),
            code=code,
            role=role,
        )


def contact_sheet(pictures: np.ndarray, columns: int) -> np.ndarray:
    """(N, H, W) or (N, H, W, 3) -> (R H, C W) or (R H, C W, 3): tile by tile in rows of C `columns`, no gaps.

    Tiles that lack in the last row are black.
    """
    count, height, width, *channels = pictures.shape
    rows = -(-count // columns)
    padded = np.zeros((rows * columns, height, width, *channels), pictures.dtype)
    padded[:count] = pictures
    tiles = padded.reshape(rows, columns, height, width, *channels).swapaxes(1, 2)
    return tiles.reshape(rows * height, columns * width, *channels)


def _sheets_until(step: int, steps: int, sheets: int) -> int:
    """How many of `sheets` are drawn until `step`: the k-th when sheets^2 step >= k^2 steps."""
    return isqrt(sheets * sheets * step // max(1, steps))


def _to_tensor(content: bytes) -> torch.Tensor:
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)


def _to_bytes(tensor: torch.Tensor) -> bytes:
    return tensor.numpy().tobytes()
