"""Image synthesis: inputs, params, models and samples."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import (
    Brush,
    Card,
    Input,
    Kind,
    MediaKind,
    ModelCard,
    Params,
    Result,
    Sample,
    Size,
    Sketch,
)
from models.core.contract.titles import Titles

HERE = Path(__file__).parent
EDGES_WEIGHTS = HERE / "weights" / "edges-to-garment.safetensors"
FACES_WEIGHTS = HERE / "weights" / "map-to-face.safetensors"
SAMPLE_DATASET = HERE / "samples" / "dataset.npz"
START_SHIPPED, START_SCRATCH = "shipped", "scratch"
AUTOMATIC = "automatic"

# what is drawn on the canvas; the same colors as in the bank of faces
PARTS = {
    "skin": "#f2b98c", "hair": "#7b4a1e", "brows": "#26160a", "eyes": "#1e88e5",
    "mouth": "#d81b60", "beard": "#5d8a2a", "clothes": "#7e57c2",
}  # fmt: skip
NO_PART = "#eceff1"

Skin = Annotated[
    Literal["automatic", "very light", "light", "medium light", "medium", "dark", "very dark"],
    Titles("Automatic", "Very light", "Light", "Medium light", "Medium", "Dark", "Very dark"),
]
Color = Annotated[
    Literal["automatic", "black", "brown", "red", "blond", "gray", "white", "yellow", "green", "blue",
            "violet", "pink"],
    Titles("Automatic", "Black", "Brown", "Red", "Blond", "Gray", "White", "Yellow", "Green", "Blue",
           "Violet", "Pink"),
]  # fmt: skip
COLORS = {  # of the choices above
    "very light": "#ffdfc4", "light": "#f0c5a0", "medium light": "#dba57a",
    "medium": "#b97d50", "dark": "#8a5536", "very dark": "#573424",
    "black": "#2c1b18", "brown": "#6b4226", "red": "#a9402a", "blond": "#d9b46a",
    "gray": "#a8a39d", "white": "#f4f4f0", "yellow": "#e3c23f", "green": "#4f8a54",
    "blue": "#4a6fc0", "violet": "#8a5ac0", "pink": "#e59ab8",
}  # fmt: skip


class PredictParams(Params):
    """Options of one prediction."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Without the adversary: L1 alone", "adversary": False},
                {"title": "Blue hair, yellow clothes", "hair": "blue", "clothes": "yellow"},
                {"title": "Find the edges of a photo", "reading": "photo"},
            ]
        }
    )

    adversary: bool = Field(
        default=True,
        title="Adversary",
        description="Answer with the generator that learned against the discriminator; without, with its "
        "twin that learned from the L1 distance alone.",
    )
    reading: Annotated[
        Literal["automatic", "drawing", "photo"],
        Titles("Automatic", "Drawing", "Photo"),
    ] = Field(
        default=AUTOMATIC,
        title="Reading",
        description="For models of edges: take the lines as they are drawn, or find the edges of a photo. "
        "Automatic: few lines on even paper are a drawing.",
        json_schema_extra={"group": "Edges"},
    )
    skin: Skin = Field(
        default=AUTOMATIC,
        description="Color of the skin; the label map does not contain it.",
        json_schema_extra={"group": "Colors"},
    )
    hair: Color = Field(
        default=AUTOMATIC,
        description="Color of hair, brows and beard.",
        json_schema_extra={"group": "Colors"},
    )
    clothes: Color = Field(
        default=AUTOMATIC, description="Color of the clothes.", json_schema_extra={"group": "Colors"}
    )
    background: Color = Field(
        default=AUTOMATIC, description="Color of the background.", json_schema_extra={"group": "Colors"}
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        description="Colors that are automatic are those of one training picture; the seed chooses which.",
        json_schema_extra={"group": "Colors"},
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Short trial: a few minutes", "steps": 100},
                {"title": "Edges of your own pictures, from scratch", "condition": "edges",
                 "start": START_SCRATCH, "steps": 1500, "learning_rate": 0.001},
                {"title": "Without the distance: the adversary alone", "start": START_SCRATCH, "steps": 500,
                 "l1_weight": 0.0, "learning_rate": 0.001},
            ]
        }
    )  # fmt: skip

    condition: Annotated[Literal["automatic", "edges", "map"], Titles("Automatic", "Edges", "Map")] = Field(
        default=AUTOMATIC,
        title="Condition",
        description="Generate from the edges of the pictures, or from their label maps. Automatic: from the "
        "maps, if the dataset has them.",
    )
    steps: int = Field(default=100, ge=1, le=1_000_000, description="Number of batches in the training.")
    batch_size: int = Field(default=16, ge=1, le=256, description="Number of pictures in a batch.")
    learning_rate: float = Field(
        default=0.0003,
        gt=0.0,
        le=0.1,
        description="Highest learning rate of generator and discriminator, reached after the warm-up.",
    )
    image_size: int = Field(
        default=64, ge=28, le=64, multiple_of=4, description="Side of the pictures in pixels."
    )
    l1_weight: float = Field(
        default=20.0,
        ge=0.0,
        le=1000.0,
        title="Weight of L1",
        description="How much the distance to the true picture counts beside the discriminator's verdicts: 0 "
        "leaves the adversary alone.",
    )
    class_weight: float = Field(
        default=0.0,
        ge=0.0,
        le=100.0,
        title="Weight of the class",
        description="How much it counts that a classifier, which learns beside from the real pictures, names "
        "the class of the true picture in the answer. 0, or pictures without classes: there is none.",
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Annotated[
        Literal["shipped", "scratch"],
        Titles("Shipped model", "Random weights (scratch)"),
    ] = Field(
        default=START_SHIPPED,
        title="Initial weights",
        description="Continue from the shipped model of the same condition, or train from scratch.",
    )


class SynthesisResult(Result):
    image: Size
    model_condition: Literal["edges", "map"]


CANVAS = Sketch(
    28,
    28,
    (Brush("line", "#ffffff"),),
    by_model={
        FACES_WEIGHTS.stem: Sketch(
            64, 64, tuple(Brush(name, color) for name, color in PARTS.items()), background=NO_PART
        )
    },
)
LICENSE = "Apache-2.0; the model card lists the licenses of the training data"
OWN_DRAWING = "Drawn for Glassbox"


def _sample(name: str, title: str, model: Path) -> Sample:
    folder = HERE / "samples"
    answer = folder / f"{name}.prediction"
    return Sample(
        name, title, {"map": folder / f"{name}.png"}, OWN_DRAWING, "CC0-1.0", answer, model=model.stem
    )


CARD = Card(
    name="synthesis",
    title="Image synthesis",
    summary="Turns a drawing into a picture: lines into a garment, a painted map of parts into a face.",
    inputs=(Input("map", MediaKind.IMAGE, "Drawing or label map", sketch=CANVAS),),
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    result=SynthesisResult,
    train_params=TrainParams,
    models=(
        ModelCard(
            name=EDGES_WEIGHTS.stem,
            title="Edges to garment",
            summary="Fills a line drawing with the fabric and shading of a garment, at 28 × 28 pixels.",
            architecture="pix2pix",
            license=LICENSE,
            weights=EDGES_WEIGHTS,
        ),
        ModelCard(
            name=FACES_WEIGHTS.stem,
            title="Label map to face",
            summary="Turns painted skin, hair, eyes and clothes into a drawn face, at 64 × 64 pixels.",
            architecture="pix2pix",
            license=LICENSE,
            weights=FACES_WEIGHTS,
        ),
    ),
    paper=(
        "Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, CVPR 2017, "
        "arXiv:1611.07004"
    ),
    limits=(
        "Small pictures of two narrow worlds: gray garments on black, and faces drawn in one style. Anything "
        "else is filled as if it were one of them. The lines do not contain how light a fabric is, nor the "
        "map how clothes are cut: that is guessed. No real person is depicted."
    ),
    trains_on=Input("dataset", MediaKind.ARCHIVE, "Pictures", required=False),
    sample_dataset=SAMPLE_DATASET,
    samples=(
        _sample("shirt", "T-shirt in thin lines", EDGES_WEIGHTS),
        _sample("boot", "Boot in thick lines, with a gap", EDGES_WEIGHTS),
        _sample("bag", "Bag with a handle", EDGES_WEIGHTS),
        _sample("face", "Painted face", FACES_WEIGHTS),
    ),
)
