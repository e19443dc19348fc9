"""manifest.json: what a ZIP of a model holds, so that another Glassbox, or a script, can use it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MANIFEST, WEIGHTS, CONFIG, CARD = "manifest.json", "weights.safetensors", "config.json", "card.md"
NETWORK, SCRIPT, PICTURES, SUMS = "model.onnx", "answer.py", "pictures.py", "SHA256SUMS"
FORMAT = "glassbox-model-1"


class Part(BaseModel):
    """One file of the ZIP."""

    model_config = ConfigDict(frozen=True)

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class About(BaseModel):
    """A model, apart from its weights."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    version: int = Field(ge=1)
    capability: str = Field(max_length=64)
    title: str = Field(min_length=1, max_length=200)
    summary: str = Field(max_length=2_000)
    architecture: str = Field(max_length=128)
    license: str = Field(max_length=2_000)
    source: str = Field(max_length=16)
    metrics: dict[str, float | None] = {}
    description: str = Field(default="", max_length=20_000)  # by its users, as are the tags
    tags: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list, max_length=100)


class Manifest(BaseModel):
    """The whole file. Unknown fields are ignored: a later version may add some."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    format: Literal["glassbox-model-1"] = FORMAT
    model: About
    files: dict[str, Part]
    labels: list[str] = []
    preprocessing: dict[str, Any] = {}
    defaults: dict[str, Any] = {}  # options that answer.py answers with
    description: str = ""
    check: dict[str, float] | None = None  # ONNX Runtime beside PyTorch
