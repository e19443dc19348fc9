"""Prediction: a picture in, the probability of each class out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from models.classification.architecture import FINE_TUNED, LINEAR_HEAD, Classifier, Config
from models.classification.card import PredictParams
from models.classification.familiarity import evidence_of
from models.classification.features import BOX_UNET, Features, load_encoder, resized, shrunk
from models.classification.inspection.kept_pictures import split
from models.classification.inspection.stages import Subject, all_stages, evidence_picture
from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Message
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.images.codec import encode_jpeg, read, to_tensor
from models.core.training import familiarity
from models.core.training.familiarity import Evidence


@dataclass(frozen=True)
class Item:
    """One decoded picture."""

    upload: Image.Image
    seen: Image.Image  # as the network receives it
    image: torch.Tensor  # (3, H, W) in [0, 1]
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Raw:
    """What the network computes of one picture, on the CPU."""

    maps: tuple[torch.Tensor, ...]  # (c, h, w) each: those that the features are pooled from
    features: Features
    logits: torch.Tensor  # (C,)


class Predictor:
    """A classifier with its weights in memory. Slow to build, quick to call.

    Raises: WeightsError: the file is missing, damaged or another architecture's, or its backbone is not
    installed.
    """

    max_batch = 16

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("Classification needs a weights file.")
        self.weights = weights
        try:
            self._load(*checkpoint.load(weights))
            self.familiarity = self.familiarity or familiarity.beside(weights)
        except WeightsError:
            # shipped heads lie beside others for the shipped backbone
            other = weights.with_name(f"{weights.stem}.{BOX_UNET}.safetensors")
            if not other.exists():
                raise
            self._load(*checkpoint.load(other))
            self.familiarity = familiarity.beside(other)
        self.device = device
        self.model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    def _load(self, config: dict[str, Any], state: dict[str, torch.Tensor]) -> None:
        try:
            self.config = Config.from_json(config)
            self.report: dict[str, Any] = config.get("report", {})
            own, self.familiarity = familiarity.split(state)
            own, self.kept = split(own)
            self.model = Classifier(self.config.classes, self.config.pooling)
            if self.config.architecture == LINEAR_HEAD:
                encoder = load_encoder(self.config.backbone).state_dict()
                own |= {f"encoder.{name}": value for name, value in encoder.items()}
            elif self.config.architecture != FINE_TUNED:
                raise ValueError(f"the architecture is {self.config.architecture!r}")
            self.model.load_state_dict({name: value.float() for name, value in own.items()})
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            if isinstance(error, WeightsError):
                raise
            raise WeightsError(f"The weights are not those of a classifier: {error}") from error

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:  # noqa: ARG002  the same for all params
        """Raises InputError: the picture is missing or cannot be read."""
        decoded = read(content(inputs, "image"))
        seen = resized(shrunk(decoded.on_white), self.config.size)
        return Item(decoded.on_white, seen, to_tensor(seen), decoded.notes)

    @torch.inference_mode()
    def forward(self, items: list[Item]) -> list[Raw]:
        """Maps, features and logits of each picture; pictures of one shape share a forward pass."""
        shapes: dict[torch.Size, list[int]] = {}
        for index, item in enumerate(items):
            shapes.setdefault(item.image.shape, []).append(index)
        answers: dict[int, Raw] = {}
        for indices in shapes.values():
            maps = self.model.encoder(self._images([items[index] for index in indices]))
            for place, index in enumerate(indices):
                features = Features.of(maps, self.model.pooling, place)
                logits = self.model.head(features.pooled.to(self.device)[None])[0].cpu()
                own = tuple(level[place].float().cpu() for level in self.model.pooling.of(maps))
                answers[index] = Raw(own, features, logits)
        return [answers[index] for index in range(len(items))]

    def encode(self, item: Item, raw: Raw, params: PredictParams, *, picture: bool = False) -> Prediction:
        """The classes; with `picture` also where in the picture the evidence for the first one lies."""
        subject = self._subject(item, raw)
        order = subject.order[: params.top]
        result: dict[str, Any] = {
            "label": self.config.classes[order[0]],
            "classes": [
                {"label": self.config.classes[index], "score": round(subject.probabilities[index], 5)}
                for index in order
            ],
            "image": {"width": item.upload.width, "height": item.upload.height},
            "backbone": self.config.backbone,
            "labels": list(self.config.classes),
        }
        if params.features:
            result["features"] = [round(value, 5) for value in raw.features.pooled.tolist()]
        if self.familiarity is not None:
            result["familiarity"] = self.familiarity.result(self._evidence(raw, subject))
        if item.notes:
            result["notes"] = list(item.notes)
        if not picture:
            return Prediction(result)
        shown = encode_jpeg(evidence_picture(subject, subject.order[0]))
        return Prediction(result, (Output("evidence.jpg", Kind.IMAGE, shown, "image/jpeg"),))

    @torch.inference_mode()
    def inspect(self, item: Item, raw: Raw, params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002
        """The stages, from the picture as the network receives it to the classes."""
        maps = [level[0].float().cpu() for level in self.model.encoder(self._images([item]))]
        subject = self._subject(item, raw)
        known = self.familiarity and self.familiarity.stage(self._evidence(raw, subject))
        return all_stages(subject, maps, known)

    @staticmethod
    def _evidence(raw: Raw, subject: Subject) -> Evidence:
        return evidence_of(raw.features.context, subject.probabilities)

    def _subject(self, item: Item, raw: Raw) -> Subject:
        return Subject(
            upload=item.upload,
            seen=item.seen,
            maps=raw.maps,
            features=raw.features.pooled,
            logits=raw.logits,
            head=self.model.head,
            config=self.config,
            kept=self.kept,
            report=self.report,
        )

    def _images(self, items: list[Item]) -> torch.Tensor:
        images = torch.stack([item.image for item in items])
        return images.to(self.device, memory_format=torch.channels_last)
