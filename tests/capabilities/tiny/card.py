"""Tiny: what it is, takes and gives."""

from pathlib import Path

from pydantic import Field

from models.core.contract.card import Card, Input, Kind, MediaKind, ModelCard, Params, Sample
from models.core.contract.dataset import DatasetKind

HERE = Path(__file__).parent


class PredictParams(Params):
    """Options of one prediction."""

    score: float = Field(
        default=0.0, ge=0.0, le=1.0, title="Score threshold", description="Boxes below it are left out."
    )
    seconds: float = Field(
        default=0.0, ge=0.0, le=60.0, title="Pause", description="How long a forward pass takes."
    )
    fail: bool = Field(default=False, title="Fail", description="Meet a bug.")


class TrainParams(Params):
    """Options of one training."""

    steps: int = Field(
        default=50, ge=1, le=1_000_000, title="Steps", description="How many batches it learns from."
    )
    pause: float = Field(
        default=0.0, ge=0.0, le=1.0, title="Pause", description="Seconds to rest after each step."
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, title="Seed", description="The same seed, the same weights."
    )
    samples: bool = Field(default=False, title="Samples", description="Draw samples.")
    fail: bool = Field(default=False, title="Fail", description="Miss the weights to start from.")


CARD = Card(
    name="tiny",
    title="Tiny",
    summary="Twenty boxes from three convolutions: shows what everything around a model costs.",
    inputs=(Input("image", MediaKind.IMAGE, "Picture"),),
    produces=(Kind.BOXES,),
    predict_params=PredictParams,
    train_params=TrainParams,
    models=(
        ModelCard(
            name="tiny",
            title="Tiny",
            summary="Random weights of a fixed seed.",
            architecture="tiny",
            license="Apache-2.0",
            weights=HERE / "tiny.safetensors",
        ),
        ModelCard(
            name="tiny-large",
            title="Tiny, not fetched",
            summary="Stands for weights that are fetched on request.",
            architecture="tiny",
            license="Apache-2.0",
            is_pretrained=True,
        ),
    ),
    confidence=lambda result: min((each["score"] for each in result["objects"]), default=None),
    trains_on_datasets=(DatasetKind.CLASSES, DatasetKind.BOXES),
    small_up_to=1_000_000,
    sample_dataset=HERE,  # it invents its pictures
    samples=(
        Sample(
            name="waves",
            title="Waves",
            inputs={"image": HERE / "sample.jpg"},
            credit="Drawn by a formula (tests/capabilities/tiny/make.py)",
            license="CC0-1.0",
        ),
    ),
    paper="None: its weights are random.",
    limits="Its boxes mean nothing.",
)
