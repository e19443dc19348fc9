"""From random numbers to pictures, with the discriminator's verdict on each, and on an uploaded one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.core.contract.card import Kind
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Inputs, Output, Prediction, Stage
from models.core.generative.framing import Framed, frame
from models.core.generative.sample_history import contact_sheet
from models.core.images.codec import encode_png, read
from models.generation.architecture import load_networks
from models.generation.card import WEIGHTS, PredictParams
from models.generation.data import from_tensor, noise, to_tensor
from models.generation.inspection import Subject, all_stages, columns_of
from models.generation.record import Record

SHOWN_SIDE = 112  # pixels of one picture in the answer, at least; enlarged without smoothing

UNKNOWN_CLASS = Text("generation.unknown_class", "The model knows no class {label!r}; it knows {known}.")
NO_CLASSES = Text("generation.no_classes", "The model has no classes; leave the class {label!r} empty.")


@dataclass(frozen=True)
class Item:
    """What one answer is computed from: z (n, Z) and labels (n,), and the upload in the model's frame."""

    z: torch.Tensor
    labels: torch.Tensor
    upload: Framed | None = None
    upload_size: tuple[int, int] | None = None  # width and height
    upload_label: int = 0  # the class as which it is judged
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Raw:
    """Pictures (n, C, S, S) in [-1, 1], verdicts (n,), and the verdict on the upload."""

    pictures: torch.Tensor
    verdicts: torch.Tensor
    on_upload: float | None = None


class Predictor:
    """A generator and its discriminator with their weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is missing, damaged or another architecture's.
    """

    max_batch = 8

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("Generation needs a weights file.")
        self.generator, self.discriminator, values, state = load_networks(weights)
        self.record = Record.from_state(self.generator.config, values, state)
        self.config, self.device = self.generator.config, device
        self.is_shipped = weights.parent == WEIGHTS.parent
        for network in (self.generator, self.discriminator):
            network.to(device)

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:
        """Raises InputError: the model has no such class, or the picture cannot be read."""
        z, labels = self._drawn(params)
        if "picture" not in inputs:
            return Item(z, labels)
        picture = read(inputs["picture"])
        own, is_dark = self.config, self.record.is_dark
        framed = frame(picture.on_white, own.image_size, own.channels, is_dark=is_dark)
        label = int(labels[0]) if params.label.strip() else self.record.nearest_label(framed.pixels)
        return Item(z, labels, framed, picture.on_white.size, label, tuple(picture.notes))

    def _drawn(self, params: PredictParams) -> tuple[torch.Tensor, torch.Tensor]:
        """z and labels; without a class, every class in turn gets the same z before the next z is drawn."""
        classes = self.config.classes
        label = index_of(params.label, classes) if params.label.strip() else None
        if label is None:
            labels = torch.arange(params.count) % len(classes)
            own = torch.arange(params.count) // len(classes)
        else:
            labels, own = torch.full((params.count,), label), torch.arange(params.count)
        z = noise(int(own.max()) + 1, self.config.latent, params.seed, params.truncation)
        return z[own], labels

    @torch.inference_mode()
    def forward(self, items: list[Item]) -> list[Raw]:
        """Pictures and verdicts of each item."""
        sizes = [len(item.labels) for item in items]
        z, labels = (torch.cat([getattr(item, name) for item in items]) for name in ("z", "labels"))
        labels = labels.to(self.device)
        pictures = self.generator(z.to(self.device), labels)
        verdicts = self.discriminator(pictures, labels)
        return [
            Raw(own.float().cpu(), own_verdicts.float().cpu(), self._judge(item))
            for item, own, own_verdicts in zip(
                items, pictures.split(sizes), verdicts.split(sizes), strict=True
            )
        ]

    def _judge(self, item: Item) -> float | None:
        """The verdict on the upload as a picture of its class."""
        if item.upload is None:
            return None
        label = torch.tensor([item.upload_label], device=self.device)
        return float(self.discriminator(to_tensor(item.upload.pixels[None]).to(self.device), label))

    def encode(
        self,
        item: Item,
        raw: Raw,
        params: PredictParams,
        *,
        picture: bool = False,  # noqa: ARG002  the answer is a picture
    ) -> Prediction:
        """The pictures as one sheet, enlarged without smoothing."""
        sheet = contact_sheet(from_tensor(raw.pictures), columns_of(item.labels, self.config.classes))
        factor = -(-SHOWN_SIDE // self.config.image_size)
        image = Image.fromarray(np.repeat(np.repeat(sheet, factor, axis=0), factor, axis=1))
        classes = [self.config.classes[label] for label in item.labels.tolist()]
        width, height = item.upload_size or image.size
        result: dict[str, object] = {
            "image": {"width": width, "height": height},
            "answer": {"width": image.width, "height": image.height},
            "seed": params.seed,
            "samples": [
                {"label": name, "verdict": round(verdict, 3)}
                for name, verdict in zip(classes, raw.verdicts.tolist(), strict=True)
            ],
            "verdict_mean": round(float(raw.verdicts.mean()), 3),
            "verdict_real": round(float(self.record.verdicts_on_real.mean()), 3),
        }
        if raw.on_upload is not None:
            result["upload"] = {
                "label": self.config.classes[item.upload_label],
                "verdict": round(raw.on_upload, 3),
                # of real pictures, the share that has a lower verdict
                "above_real": round(self.record.share_below(raw.on_upload), 3),
            }
        if item.notes:
            result["notes"] = list(item.notes)
        return Prediction(result, (Output("generated.png", Kind.IMAGE, encode_png(image), "image/png"),))

    @torch.inference_mode()
    def inspect(self, item: Item, raw: Raw, params: PredictParams) -> tuple[Stage, ...]:
        """From z to the pictures, their verdicts and nearest training pictures, and the training itself."""
        subject = Subject(
            generator=self.generator,
            record=self.record,
            z=item.z,
            labels=item.labels,
            next_z=noise(1, self.config.latent, params.seed + 1, params.truncation)[0],
            seed=params.seed,
            pictures=from_tensor(raw.pictures),
            verdicts=raw.verdicts,
            upload=item.upload,
            upload_label=item.upload_label,
            on_upload=raw.on_upload,
            is_shipped=self.is_shipped,
        )
        return all_stages(subject)


def index_of(label: str, classes: tuple[str, ...]) -> int:
    """The class of this name, in any case. Raises InputError: there is none; the message lists them."""
    names = [name.casefold() for name in classes]
    if label.strip().casefold() in names:
        return names.index(label.strip().casefold())
    if not any(classes):
        raise InputError(NO_CLASSES(label=label))
    raise InputError(UNKNOWN_CLASS(label=label, known=", ".join(classes)))
