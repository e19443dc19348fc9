"""Answers: the bytes of a picture in, boxes with labels and scores out."""

from pathlib import Path
from typing import Protocol

from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Output, Prediction, Wants
from models.core.images.codec import decode as decode_image
from models.core.images.codec import encode_png_quickly
from models.detection.candidates import CAP, Candidates, decide
from models.detection.card import PredictParams
from models.detection.drawing import draw_objects
from models.detection.inspection import inspect
from models.detection.network import GridNetwork, Input, Raw
from models.detection.pretrained.torchvision import ARCHITECTURES, CocoNetwork


class Network(Protocol):
    """What a detector must offer to be served."""

    max_batch: int
    labels: tuple[str, ...]

    def prepare(self, upload: Image.Image) -> Input: ...

    def forward(self, inputs: list[Input]) -> list[Raw]: ...

    def candidates(self, given: Input, raw: Raw) -> Candidates: ...


class Predictor:
    """A detector with its weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is no weights of a detector.
    """

    network: Network

    def __init__(self, weights: Path, device: str = "cpu"):
        config, state = checkpoint.load(weights)
        architecture = config.get("architecture")
        if architecture == "grid-detector":
            self.network = GridNetwork(config, state, device)
        elif architecture in ARCHITECTURES:
            self.network = CocoNetwork(config, state, device)
        else:
            raise WeightsError(f"{weights.name} holds no detector: its architecture is {architecture!r}.")
        self.max_batch = self.network.max_batch

    def decode(self, data: bytes, params: PredictParams) -> Input:  # noqa: ARG002  the same face for every capability
        """Raises InputError: `data` is not a picture that can be read."""
        return self.network.prepare(decode_image(data))

    def forward(self, inputs: list[Input]) -> list[Raw]:
        """The network on up to `max_batch` pictures."""
        return self.network.forward(inputs)

    def encode(self, given: Input, raw: Raw, params: PredictParams, wants: Wants) -> Prediction:
        """Choose the objects, and gather the stages and the picture that are wanted."""
        decision = decide(self.network.candidates(given, raw), params)
        result = {
            "objects": decision.objects(),
            "image": {"width": given.upload.width, "height": given.upload.height},
            "funnel": decision.funnel,
        }
        if params.candidates:
            listed = decision.items()
            result["candidates"] = {"total": len(decision.status), "cap": CAP, "items": listed}
        outputs: tuple[Output, ...] = ()
        if wants.picture:
            picture = draw_objects(given.upload, result["objects"], self.network.labels)
            outputs = (Output("picture.png", Kind.IMAGE, encode_png_quickly(picture), "image/png"),)
        stages = inspect(given, raw, decision, params) if wants.inspection else ()
        return Prediction(result, outputs, stages)

    def __call__(self, data: bytes, params: PredictParams, wants: Wants | None = None) -> Prediction:
        """All three in a row, for one picture. Raises InputError: `data` is no picture that can be read."""
        given = self.decode(data, params)
        return self.encode(given, self.forward([given])[0], params, wants or Wants())
