"""Super-resolution: inputs, params, models and samples."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from models.core.contract.card import (
    Card,
    Input,
    Kind,
    MediaKind,
    MixedPrecision,
    ModelCard,
    Params,
    Result,
    Sample,
    Size,
)
from models.core.contract.dataset import OF_PICTURES
from models.core.contract.titles import Titles

HERE = Path(__file__).parent
SAMPLE_DATASET = HERE / "samples" / "dataset.zip"
MAX_ANSWER_PIXELS = 400_000_000  # 1.2 GB of bytes before compression
TITLES = {"psnr": "PSNR model", "jpeg": "JPEG model", "gan": "GAN model"}  # of the shipped models, by kind
AUTOMATIC, CLEAN, COMPRESSED = "automatic", "clean", "compressed"
START_SCRATCH, START_SHIPPED, START_OTHER = "scratch", "shipped weights", "other scale"


def shipped_weights(kind: str, scale: int) -> Path:
    """The weights file of a shipped model: psnr, jpeg or gan."""
    return HERE / "weights" / f"{kind}-x{scale}.safetensors"


class PredictParams(Params):
    """Options of one prediction."""

    ensemble: bool = Field(
        default=False,
        title="Self-ensemble",
        description="Average the answers to all eight rotations and reflections of the picture: slightly "
        "more accurate, eight times slower.",
    )
    compression: Annotated[
        Literal["automatic", "clean", "compressed"], Titles("Automatic", "Clean", "Compressed")
    ] = Field(
        default=AUTOMATIC,
        title="Compression",
        description="A PSNR model has two networks, for clean and for compressed pictures. Automatic: the "
        "latter answers for JPEGs up to quality 90, for lossy WebP files, and where the pixels have the "
        "traces of such a JPEG. Other models have one network.",
    )


class TrainParams(Params):
    """Options of one training."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Short trial: minutes", "steps": 300},
                {"title": "Your photos, from the shipped weights", "start": START_SHIPPED, "steps": 1000,
                 "learning_rate": 0.0003},
                {"title": "With a discriminator: sharper, less true", "start": START_SHIPPED, "steps": 1500,
                 "learning_rate": 0.0002, "adversarial": 0.02},
                {"title": "From scratch: hours on a CPU", "steps": 20000, "batch_size": 16,
                 "learning_rate": 0.001, "patch_size": 40},
            ]
        }
    )  # fmt: skip

    steps: int = Field(default=300, ge=1, le=1_000_000, description="Number of batches in the training.")
    batch_size: int = Field(default=8, ge=1, le=256, description="Number of patch pairs in a batch.")
    learning_rate: float = Field(
        default=0.001,
        gt=0.0,
        le=0.1,
        description="Highest learning rate of the generator, reached after the warm-up.",
    )
    patch_size: int = Field(
        default=32, ge=16, le=128, multiple_of=8, description="Side of the small patches in pixels."
    )
    scale: Literal[2, 4] = Field(default=4, description="Factor by which width and height grow.")
    degraded: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        title="Degraded share",
        description="Share of the patches whose small version is degraded as on the web: light blur, noise, "
        "JPEG of quality 40 to 95. 0 trains on clean pictures alone.",
    )
    adversarial: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        title="Adversarial weight",
        description="Weight of the adversarial loss; 0 trains with the pixel error alone, without a "
        "discriminator.",
    )
    mixed_precision: MixedPrecision = False
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="The same seed gives the same training.")
    start: Annotated[
        Literal["scratch", "shipped weights", "other scale"],
        Titles("Random weights (scratch)", "Shipped weights", "Other scale"),
    ] = Field(
        default=START_SCRATCH,
        title="Initial weights",
        description="Train from scratch, continue from the shipped PSNR model of this scale, or take all but "
        "the last layer from that of the other scale.",
    )


PAPER = (
    "Ledig et al., Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network, "
    "CVPR 2017, arXiv:1609.04802; Lim et al., Enhanced Deep Residual Networks for Single Image "
    "Super-Resolution, CVPR Workshops 2017, arXiv:1707.02921; Shi et al., Real-Time Single Image and Video "
    "Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network, CVPR 2016, arXiv:1609.05158"
)


def _model(kind: str, scale: int, summary: str) -> ModelCard:
    return ModelCard(
        name=f"{kind}-x{scale}",
        title=f"{TITLES[kind]}, × {scale}",
        summary=summary,
        architecture="residual-shuffle",
        license="Apache-2.0; the model card lists the licenses of the training data",
        weights=shipped_weights(kind, scale),
    )


def _pretrained(name: str, title: str, summary: str, architecture: str, license_: str) -> ModelCard:
    return ModelCard(name, title, summary, architecture, license_, is_pretrained=True)


def _sample(name: str, title: str, author: str, license_: str) -> Sample:
    folder = HERE / "samples"
    credit = f"Photo by {author}, shrunk"
    answer = folder / f"{name}.prediction"
    return Sample(name, title, {"image": folder / f"{name}.jpg"}, credit, license_, answer)


class SuperResolutionResult(Result):
    image: Size
    enlarged: Size
    scale: int
    answered_by: str | None = Field(
        default=None, description="Of a PSNR model: the shipped network that answered, such as jpeg-x4."
    )


CARD = Card(
    name="super_resolution",
    title="Super-resolution",
    summary="Enlarges a photo two or four times and restores edges that plain resizing blurs.",
    inputs=(Input("image", MediaKind.IMAGE, "Picture"),),
    produces=(Kind.IMAGE,),
    predict_params=PredictParams,
    result=SuperResolutionResult,
    train_params=TrainParams,
    models=(
        _model(
            "psnr",
            4,
            "Four times as wide and high. Closest to the truth on average: invents nothing and stays soft. "
            "Compressed pictures are answered by the JPEG model.",
        ),
        _model(
            "psnr",
            2,
            "Twice as wide and high. Closest to the truth on average: invents nothing. Compressed pictures "
            "are answered by the JPEG model.",
        ),
        _model(
            "jpeg",
            4,
            "Four times as wide and high. For JPEGs and other compressed pictures: smooths their blocks "
            "instead of sharpening them. Softer than the PSNR model on clean pictures.",
        ),
        _model(
            "jpeg",
            2,
            "Twice as wide and high. For JPEGs and other compressed pictures: smooths their blocks instead "
            "of sharpening them. Softer than the PSNR model on clean pictures.",
        ),
        _model(
            "gan", 2, "Twice as wide and high. Trained against a discriminator: sharper, partly invented."
        ),
        _pretrained(
            "span-x4",
            "SPAN, × 4",
            "Four times as wide and high. Closer to the truth than the PSNR model on clean pictures, and as "
            "fast: trained by its authors on thousands of photos.",
            "span",
            "Apache-2.0",
        ),
        _pretrained(
            "span-x2",
            "SPAN, × 2",
            "Twice as wide and high. Closer to the truth than the PSNR model on clean pictures, about as "
            "fast: trained by its authors on thousands of photos.",
            "span",
            "Apache-2.0",
        ),
        _pretrained(
            "realesrgan-x4plus",
            "Real-ESRGAN, × 4",
            "Four times as wide and high. The crispest, and the only one that also removes noise and the "
            "blocks of JPEG; it invents detail, and faces may become others. Slow: 40 to 120 seconds for a "
            "megapixel of answer on one core.",
            "rrdbnet",
            "BSD-3-Clause",
        ),
    ),
    paper=PAPER,
    limits=(
        "Learned from a hundred sharp photos that were shrunk. The JPEG models weaken the blocks of strong "
        "compression, but do not remove them; a compressed picture that was shrunk afterwards is not "
        "recognized as one. Blur and noise are treated as "
        "detail and enlarged too. Text, line art and faces come out soft or wrong. Detail that the GAN model "
        "adds is plausible, but was not in the scene."
    ),
    small_up_to=100_000,  # a second on one core
    trains_on=Input("dataset", MediaKind.ARCHIVE, "Photos", required=False),
    trains_on_datasets=OF_PICTURES,
    sample_dataset=SAMPLE_DATASET,
    samples=(
        _sample("mountains", "Mountains", "Aitzol Berasategi", "CC-BY-4.0"),
        _sample("pagoda", "Pagoda", "danielbuechele, by way of scikit-learn", "CC-BY-2.0"),
        _sample("dahlia", "Dahlia", "vultilion, by way of scikit-learn", "CC-BY-2.0"),
    ),
)
