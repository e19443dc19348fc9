"""Detection: what it is, takes and gives."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from models.core.card import Card, Kind, ModelCard, Params

HERE = Path(__file__).parent
WEIGHTS = HERE / "weights" / "grid-detector.safetensors"
START_SHIPPED, START_SCRATCH = "shipped weights", "scratch"


class PredictParams(Params):
    """Options of one prediction."""

    score: float = Field(0.25, ge=0.0, le=1.0, title="Least score", description="Boxes below this score are left out.")
    iou: float = Field(
        0.5, ge=0.0, le=1.0, title="Overlap", description="Of two boxes of one class that overlap more than this (IoU), the weaker is dropped."
    )
    max_objects: int = Field(100, ge=1, le=300, title="Most objects", description="At most this many objects are returned, best first.")
    candidates: bool = Field(False, title="Candidates", description="Also return the boxes before suppression and what became of each.")


class TrainParams(Params):
    """Options of one training."""

    steps: int = Field(300, ge=1, le=1_000_000, description="How many batches the detector learns from.")
    batch_size: int = Field(8, ge=1, le=256, description="Composed pictures in a batch.")
    learning_rate: float = Field(0.001, gt=0.0, le=0.1, description="Highest step size of AdamW, reached after the warm-up.")
    image_size: int = Field(160, ge=64, le=640, multiple_of=32, description="Side of the square pictures, in pixels.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Literal["shipped weights", "scratch"] = Field(START_SHIPPED, description="Continue from the shipped weights, or learn everything anew.")
