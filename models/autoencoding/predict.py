"""From a picture to z and back; from two to the way between their z; from none to pictures of random z."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from models.autoencoding.architecture import VARIATIONAL, Autoencoder
from models.autoencoding.card import PredictParams
from models.autoencoding.corruption import NONE, corrupt
from models.autoencoding.data import to_channels_last
from models.autoencoding.files import Trained, load
from models.autoencoding.held_out import HeldOut
from models.autoencoding.inspection import all_stages
from models.autoencoding.likeness import familiarity
from models.autoencoding.loss import kl_divergence
from models.autoencoding.metrics import distance, mean_squared_error, psnr
from models.autoencoding.subject import Subject
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Inputs, Output, Prediction, Stage
from models.core.generative.framing import frame
from models.core.generative.judge import to_input
from models.core.generative.sample_history import contact_sheet
from models.core.images.codec import encode_png, read

SHOWN_SIDE = 224  # pixels, at least, of a picture in an answer's file
SHEET_TILE = 112  # pixels, at least, of a picture among several
INPUTS = ("picture", "second")


@dataclass(frozen=True)
class Item:
    """The inputs of one job: none, one or two pictures, or the random z."""

    clean: torch.Tensor  # (N, C, S, S) as fitted to the frame
    received: torch.Tensor  # the same, corrupted if that was requested
    z: torch.Tensor  # (count, Z), random; empty with pictures
    size: tuple[int, int] | None  # width and height of the first upload
    is_inverted: bool = False  # any of them
    notes: tuple[str, ...] = ()  # about reading the pictures


@dataclass(frozen=True)
class Raw:
    """What the network returns for one job, on the CPU."""

    mean: torch.Tensor  # (N, Z) of q(z|x)
    log_variance: torch.Tensor | None
    z: torch.Tensor  # (M, Z) that were decoded
    decoded: torch.Tensor  # (M, C, S, S) in [0, 1]


class Predictor:
    """An autoencoder with its weights in memory. Slow to build, quick to call.

    Raises:
        WeightsError: the file is missing, damaged or another architecture's.
    """

    max_batch = 16

    def __init__(self, weights: Path | None, device: str = "cpu"):
        if weights is None:
            raise WeightsError("Autoencoding needs a weights file.")
        self.trained: Trained = load(weights)
        self.device = device
        self.model: Autoencoder = self.trained.model.to(device)

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:
        """Raises InputError: a picture cannot be read."""
        config, random = self.model.config, torch.Generator().manual_seed(params.seed)
        shape = (config.channels, config.side, config.side)
        uploads = [read(inputs[name]) for name in INPUTS if name in inputs]
        framed = [self._frame(upload.on_white) for upload in uploads]
        if not framed:
            z = draw_z(self.trained.held_out, config.kind, params, random)
            return Item(torch.zeros(0, *shape), torch.zeros(0, *shape), z, None)
        clean = torch.cat([pixels for pixels, _ in framed])
        levels = torch.full((len(clean),), params.level)
        return Item(
            clean=clean,
            received=corrupt(clean, params.corruption, levels, random),
            z=torch.zeros(0, config.latent),
            size=uploads[0].on_white.size,
            is_inverted=any(is_inverted for _, is_inverted in framed),
            notes=tuple(note for upload in uploads for note in upload.notes),
        )

    def _frame(self, upload: Image.Image) -> tuple[torch.Tensor, bool]:
        config = self.model.config
        framed = frame(upload, config.side, config.channels, is_dark=self.trained.has_dark_background)
        return to_input(framed.pixels[None]), framed.is_inverted

    @torch.inference_mode()
    def forward(self, items: list[Item]) -> list[Raw]:
        """z of the pictures of all jobs, and what is decoded of it: one pass each."""
        received = torch.cat([item.received for item in items]).to(self.device)
        posterior = self.model.encode(received)
        counts = [len(item.received) for item in items]
        means = posterior.mean.cpu().split(counts)
        log_variances: list[torch.Tensor | None] = [None] * len(items)
        if posterior.log_variance is not None:
            log_variances = list(posterior.log_variance.cpu().split(counts))
        codes = [item.z if len(item.z) else mean for item, mean in zip(items, means, strict=True)]
        decoded = self.model.decode(torch.cat(codes).to(self.device)).cpu().split([len(z) for z in codes])
        return [Raw(*each) for each in zip(means, log_variances, codes, decoded, strict=True)]

    @torch.inference_mode()
    def encode(
        self,
        item: Item,
        raw: Raw,
        params: PredictParams,
        *,
        picture: bool = False,  # noqa: ARG002  the answer is a picture
    ) -> Prediction:
        """The reconstruction, the walk or the samples, enlarged without smoothing."""
        subject = self._subject(item, raw, params)
        if len(item.clean) == 1:
            name, shown = "reconstruction.png", enlarged(raw.decoded, SHOWN_SIDE, 1)
        elif len(item.clean) == 2:
            frames = torch.cat([item.received[:1], subject.walk, item.received[1:]])
            name, shown = "walk.png", enlarged(frames, SHEET_TILE, len(frames))
        else:
            name, shown = "samples.png", enlarged(raw.decoded, SHEET_TILE, subject.columns)
        return Prediction(result_of(subject), (Output(name, Kind.IMAGE, encode_png(shown), "image/png"),))

    @torch.inference_mode()
    def inspect(self, item: Item, raw: Raw, params: PredictParams) -> tuple[Stage, ...]:
        """From the picture as received, by way of z, to the answer and its place among held-out pictures."""
        return all_stages(self._subject(item, raw, params))

    def _subject(self, item: Item, raw: Raw, params: PredictParams) -> Subject:
        is_walk = len(item.clean) == 2
        shares = torch.linspace(0, 1, max(2, params.count))[:, None]
        between = torch.lerp(raw.mean[:1], raw.mean[1:], shares) if is_walk else raw.z[:0]
        return Subject(
            trained=self.trained,
            clean=item.clean,
            received=item.received,
            is_corrupted=params.corruption != NONE and len(item.clean) > 0,
            is_inverted=item.is_inverted,
            mean=raw.mean,
            log_variance=raw.log_variance,
            z=raw.z,
            decoded=raw.decoded,
            walk=self.model.decode(between.to(self.device)).cpu() if is_walk else raw.decoded[:0],
            size=item.size,
            notes=item.notes,
        )


def draw_z(held_out: HeldOut, kind: str, params: PredictParams, random: torch.Generator) -> torch.Tensor:
    """(count, Z) random z of the chosen distribution; the temperature scales their deviation."""
    noise = torch.randn(params.count, held_out.means.shape[1], generator=random)
    is_normal = params.prior == "standard normal" or (params.prior == "automatic" and kind == VARIATIONAL)
    if is_normal:
        return params.temperature * noise
    chosen = torch.multinomial(held_out.mixture_weights, params.count, replacement=True, generator=random)
    spread = (held_out.mixture_factors[chosen] @ noise[..., None])[..., 0]
    return held_out.mixture_means[chosen] + params.temperature * spread


def enlarged(pictures: torch.Tensor, side: int, columns: int) -> Image.Image:
    """A sheet of (N, C, S, S), each pixel repeated so often that a picture has at least `side`."""
    sheet = Image.fromarray(contact_sheet(to_channels_last(pictures), columns))
    factor = -(-side // pictures.shape[-1])
    return sheet.resize((sheet.width * factor, sheet.height * factor), Image.Resampling.NEAREST)


def result_of(subject: Subject) -> dict[str, Any]:
    """The answer in numbers."""
    width, height = subject.size or (None, None)
    classes = [name for name in subject.trained.classes if name]
    result: dict[str, Any] = {
        "image": {"width": width, "height": height} if subject.size else None,
        "z": rounded(subject.z),
        **({"classes": classes} if classes else {}),
        **({"notes": list(subject.notes)} if subject.notes else {}),
    }
    if len(subject.clean) == 0:
        return result
    x, reconstruction = subject.clean, subject.decoded
    by_pca = subject.trained.held_out.pca.reconstruct(subject.received)
    measured: dict[str, torch.Tensor] = {
        "distance": distance(x, reconstruction),
        "psnr": psnr(mean_squared_error(x, reconstruction)),
        "psnr_pca": psnr(mean_squared_error(x, by_pca)),
    }
    if subject.is_corrupted:
        measured["psnr_corrupted"] = psnr(mean_squared_error(x, subject.received))
    if subject.log_variance is not None:
        measured["kl"] = kl_divergence(subject.posterior).sum(dim=1)
    # of one picture numbers, of two a list each
    several = {name: rounded(values, 3) for name, values in measured.items()}
    result |= {name: values[0] if len(values) == 1 else values for name, values in several.items()}
    if subject.has_familiarity:
        result["familiarity"] = familiarity(subject.trained.held_out, float(measured["distance"]))
    return result


def rounded(values: torch.Tensor, decimals: int = 4) -> list[Any]:
    return [
        [round(number, decimals) for number in row] if isinstance(row, list) else round(row, decimals)
        for row in values.tolist()
    ]
