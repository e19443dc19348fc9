"""Training an autoencoder: one visible loop.

Adam with warm-up and cosine decay, and without weight decay: z must not shrink. What is kept is a running
mean (EMA) of the trained weights, at the step with the best validation figure.
"""

from pathlib import Path

import torch

from models.autoencoding import held_out
from models.autoencoding.architecture import (
    AUTOENCODER,
    DENOISING,
    VARIATIONAL,
    Autoencoder,
    Config,
    Posterior,
    sample,
)
from models.autoencoding.card import TrainParams
from models.autoencoding.corruption import NONE, corrupt_for_training
from models.autoencoding.data import draw_batch, to_channels_last
from models.autoencoding.files import save
from models.autoencoding.loss import cross_entropy, kl_divergence, squared_error, warmed_up
from models.autoencoding.metrics import mean_squared_error, psnr
from models.core.contract.messages import Text
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.generative.framing import has_dark_border
from models.core.generative.judge import to_input
from models.core.generative.pictures import Pictures, load
from models.core.generative.sample_history import SampleHistory
from models.core.training.best import Best
from models.core.training.loop import (
    layers_in_bfloat16,
    numbers,
    report,
    report_due,
    save_if_due,
    take_average,
    validation_due,
)
from models.core.training.photos import NO_VALIDATION
from models.core.training.running_mean import running_mean, update_mean
from models.core.training.schedule import learning_rate, set_learning_rate
from models.core.training.state import State

KINDS = {"autoencoder": AUTOENCODER, "denoising": DENOISING, "variational": VARIATIONAL}
CHANNELS = {"gray": 1, "color": 3}
EMA_DECAY = 0.998
VALIDATIONS = 12  # in one training
MAX_VALIDATION_PICTURES = 1000
SHEET_PIXELS = 6 * 28 * 28  # in one row of the samples: six garments, or three faces
SPLIT = Text(
    "autoencoding.dataset.split",
    "Pictures for training: {train:,}; held out for validation: {validation:,}, for a test: {test:,}.",
)


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> Trained:
    """Write trained weights to `weights`, a log beside them, and return the metrics on validation pictures.

    The same params and seed give the same weights on the same machine; a resumed training gives those of an
    uninterrupted one.

    Raises:
        InputError: `dataset` is neither a bank nor a ZIP of pictures, or the training diverged.
        WeightsError: the checkpoint is another network's.
    """
    pictures = load(dataset, params.side, CHANNELS.get(params.channels))
    model = initial_model(params, pictures).to(device)
    mean, optimizer = running_mean(model), torch.optim.Adam(model.parameters())
    validation = Validation(pictures, model.config)
    best = Best(mean, validation.figure, lower_is_better=validation.figure != "psnr")
    state = State({"model": model, "mean": mean}, {"adam": optimizer}, best, validation.history)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    recent: list[dict[str, float]] = []
    while state.step < params.steps:
        seed = params.seed * 1_000_003 + state.step  # the same random numbers after a resume
        torch.manual_seed(seed)
        x = draw_batch(pictures.train.pictures, params.batch_size, state.step, params.seed)
        received = corrupted(x, model.config, seed)
        x, received = (part.to(device, memory_format=torch.channels_last) for part in (x, received))
        with layers_in_bfloat16(device, params.mixed_precision):
            logits, posterior = model.train()(received)
        losses = measure_loss(model.config, logits.float(), posterior, x)
        beta = warmed_up(params.beta, state.step, params.steps, params.warm_up)
        loss = losses["reconstruction"] + beta * losses.get("kl", 0.0)
        rate = learning_rate(state.step, params.steps, params.learning_rate)
        set_learning_rate(optimizer, rate)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        update_mean(mean, model, state.step, EMA_DECAY)
        state.step += 1
        recent.append(numbers({"loss": loss, **losses}, state.step))
        if report_due(state.step, params.steps):
            row = take_average(recent) | {"learning_rate": rate}
            if len(validation.clean) and validation_due(state.step, params.steps, VALIDATIONS):
                metrics = validation.measure(mean)
                best.offer(mean, metrics, state.step)
                row |= metrics
            report(progress, log_file, state.step, params.steps, row)
        if validation.history.due(state.step, params.steps):
            validation.draw_samples(mean, state.step)
            progress.samples(validation.history)
        save_if_due(state, mean.config.to_json(), checkpoint, progress)
    kept = best.or_latest(mean)
    about = {
        "classes": pictures.classes,
        "has_dark_background": has_dark_border(pictures.train.pictures),
    }
    rest = pictures.validation if len(pictures.validation) else pictures.train
    measured = held_out.measure(kept, pictures.train.pictures, rest.pictures, rest.labels)
    save(weights, kept, measured, validation.history, about)
    return best.trained(notes(pictures))


def initial_model(params: TrainParams, pictures: Pictures) -> Autoencoder:
    """A new network for pictures of this size."""
    kind = KINDS[params.kind]
    torch.manual_seed(params.seed)
    model = Autoencoder(
        Config(
            kind=kind,
            side=pictures.side,
            channels=pictures.channels,
            latent=params.latent,
            beta=params.beta if kind == VARIATIONAL else 0.0,
            corruption=params.corruption if kind == DENOISING else NONE,
        )
    )
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def corrupted(x: torch.Tensor, config: Config, seed: int) -> torch.Tensor:
    """What the network receives: the pictures, corrupted for a denoising autoencoder."""
    if config.kind != DENOISING:
        return x
    return corrupt_for_training(x, config.corruption, torch.Generator().manual_seed(seed))


def measure_loss(
    config: Config, logits: torch.Tensor, posterior: Posterior, truth: torch.Tensor
) -> dict[str, torch.Tensor]:
    """The terms of the loss, means over the batch: the reconstruction's, and KL for a variational one."""
    if config.kind != VARIATIONAL:
        return {"reconstruction": squared_error(logits, truth).mean()}
    posterior = Posterior(*(part.float() for part in posterior if part is not None))
    kl = kl_divergence(posterior).sum(dim=1).mean()
    return {"reconstruction": cross_entropy(logits, truth).mean(), "kl": kl}


class Validation:
    """Measures a model on held-out pictures, which a dataset may lack, and draws a few of them."""

    def __init__(self, pictures: Pictures, config: Config):
        self.config = config
        self.figure = "negative_elbo" if config.kind == VARIATIONAL else "psnr"
        self.clean = to_input(pictures.validation.pictures[:MAX_VALIDATION_PICTURES])
        self.received = corrupted(self.clean, config, 0)
        shown = pictures.validation if len(pictures.validation) else pictures.train
        columns = max(2, SHEET_PIXELS // config.side**2)
        self.shown = to_input(shown.pictures[:columns])
        rows = ["picture", "corrupted", "reconstruction"] if config.kind == DENOISING else [
            "picture", "reconstruction", *(["random z"] if config.kind == VARIATIONAL else [])
        ]  # fmt: skip
        self.history = SampleHistory((config.side, config.side), len(self.shown), row_names=rows)

    @torch.inference_mode()
    def measure(self, model: Autoencoder) -> dict[str, float]:
        """PSNR in dB, mean over pictures, from the mean of z; for a variational one also -ELBO in nats.

        The expectation over q(z|x) is estimated with one z for each picture.
        """
        device = next(model.parameters()).device
        sums: dict[str, float] = {}
        for start in range(0, len(self.clean), held_out.BATCH):
            part = slice(start, start + held_out.BATCH)
            x, posterior = self.clean[part].to(device), model.encode(self.received[part].to(device))
            found = {"psnr": psnr(mean_squared_error(model.decode(posterior.mean), x))}
            if self.config.kind == VARIATIONAL:
                torch.manual_seed(start)
                found["reconstruction"] = cross_entropy(model.decoder(sample(posterior)), x)
                found["kl"] = kl_divergence(posterior).sum(dim=1)
                found["negative_elbo"] = found["reconstruction"] + found["kl"]
            for name, values in found.items():
                sums[name] = sums.get(name, 0.0) + float(values.sum())
        # the terms of the training batches have their own columns in the log
        renamed = {"reconstruction": "validation_reconstruction", "kl": "validation_kl"}
        return {renamed.get(name, name): value / len(self.clean) for name, value in sums.items()}

    @torch.inference_mode()
    def draw_samples(self, model: Autoencoder, step: int) -> None:
        """Add the sheet of this step to the history."""
        device = next(model.parameters()).device
        received = corrupted(self.shown, self.config, 0)
        rows = [self.shown, model.decode(model.encode(received.to(device)).mean).cpu()]
        if self.config.kind == DENOISING:
            rows.insert(1, received)
        if self.config.kind == VARIATIONAL:
            z = torch.randn(len(self.shown), self.config.latent, generator=torch.Generator().manual_seed(0))
            rows.append(model.decode(z.to(device)).cpu())
        self.history.add(step, to_channels_last(torch.cat(rows)))


def notes(pictures: Pictures) -> list[str]:
    """How the pictures were divided, for the trained model's page."""
    counts = {name: len(getattr(pictures, name)) for name in ("train", "validation", "test")}
    return [SPLIT(**counts), *([] if counts["validation"] else [NO_VALIDATION()])]
