"""Prediction: a picture in, its segmentation out, by the kind of model that the weights belong to."""

from pathlib import Path
from typing import Any

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Inputs, Prediction, Stage
from models.core.training.familiarity import beside
from models.segmentation.card import PredictParams
from models.segmentation.instances.architecture import ARCHITECTURE
from models.segmentation.instances.predict import InstancePredictor
from models.segmentation.pretrained.torchvision import ARCHITECTURES
from models.segmentation.semantic import SemanticPredictor


class Predictor:
    """A segmentation model with its weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file holds no weights of a segmentation model.
    """

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("A segmentation model needs a weights file.")
        config, state = checkpoint.load(weights)
        architecture = config.get("architecture")
        self.model: Any  # either kind; its items are its own
        if architecture == ARCHITECTURE:
            self.model = InstancePredictor(config, state, device)
        elif architecture == "unet" or architecture in ARCHITECTURES:
            self.model = SemanticPredictor(config, state, device, beside(weights))
        else:
            raise WeightsError(
                f"{weights.name} holds no segmentation model: its architecture is {architecture!r}."
            )
        self.max_batch: int = self.model.max_batch

    def decode(self, inputs: Inputs, params: PredictParams) -> Any:
        """Raises InputError: the input is not a readable picture."""
        return self.model.decode(inputs, params)

    def forward(self, items: list[Any]) -> list[Any]:
        """The network on up to `max_batch` pictures."""
        return self.model.forward(items)

    def encode(self, item: Any, raw: Any, params: PredictParams, *, picture: bool = False) -> Prediction:
        """The overlay, the masks at the upload's size, and what occurs as JSON."""
        return self.model.encode(item, raw, params, picture=picture)

    def inspect(self, item: Any, raw: Any, params: PredictParams) -> tuple[Stage, ...]:
        """The stages that open the answer, in order."""
        return self.model.inspect(item, raw, params)
