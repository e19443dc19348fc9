"""Training the grid detector on fresh composites: one visible loop.

Small pictures first, full size at the end; AdamW with warm-up and cosine decay; the weights that are kept are
a running mean of those that were trained (EMA), as in YOLOX (arXiv:2107.08430, section 2.1).
"""

import csv
from collections.abc import Mapping
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.core import checkpoint as files
from models.core.composites import Bank, Composer
from models.core.progress import Progress
from models.detection.architecture import Config, Detector, decode
from models.detection.card import START_SCRATCH, WEIGHTS, TrainParams
from models.detection.data import batch
from models.detection.evaluate import measure
from models.detection.loss import detection_loss

SMALL_SHARE = 0.8  # of the steps, on smaller pictures
SMALL_SCALE = 5 / 7  # 160 of 224 pixels
WARMUP_SHARE = 0.03
WEIGHT_DECAY = 0.05
EMA_DECAY = 0.999
CLIP = 10.0
VALIDATION_PICTURES = 128
VALIDATIONS = 8  # times in a training
REPORTS = 200


def picture_size(step: int, params: TrainParams) -> int:
    """Side of the pictures at `step`, a multiple of 32."""
    if step >= SMALL_SHARE * params.steps:
        return params.image_size
    return max(64, round(params.image_size * SMALL_SCALE / 32) * 32)


def learning_rate(step: int, params: TrainParams) -> float:
    """Linear warm-up, then a cosine to a hundredth."""
    warmup = max(1, round(WARMUP_SHARE * params.steps))
    if step < warmup:
        return params.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, params.steps - warmup)
    return params.learning_rate * (0.01 + 0.99 * (1 + cos(pi * done)) / 2)


def validation_due(step: int, every: int, params: TrainParams) -> bool:
    """Whether a report at `step`, of those after `every` steps, also measures on validation composites."""
    return step == params.steps or step % max(every, params.steps // VALIDATIONS // every * every) == 0


def optimizer_for(model: nn.Module) -> torch.optim.AdamW:
    """AdamW that does not pull biases and normalizations towards zero."""
    kernels = [value for value in model.parameters() if value.ndim > 1]
    others = [value for value in model.parameters() if value.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": kernels, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}]
    )


@torch.no_grad()
def follow(mean: nn.Module, model: nn.Module, step: int) -> None:
    """Move the running mean a little towards the trained weights; quickly at first."""
    decay = min(EMA_DECAY, (1 + step) / (10 + step))
    trained = model.state_dict()
    for name, value in mean.state_dict().items():
        if value.is_floating_point():
            value.lerp_(trained[name], 1 - decay)
        else:
            value.copy_(trained[name])


def begin(bank: Bank, params: TrainParams) -> Detector:
    """The detector to train: new, or the shipped one where its shape fits (a new head for other labels)."""
    torch.manual_seed(params.seed)
    model = Detector(Config(labels=bank.labels, image_size=params.image_size))
    if params.start != START_SCRATCH and WEIGHTS.exists():
        _, shipped = files.load(WEIGHTS)
        own = model.state_dict()
        fitting = {name: value for name, value in shipped.items() if value.shape == own[name].shape}
        model.load_state_dict(own | fitting)
    return model


class State:
    """Everything that changes from step to step, to and from one file."""

    def __init__(self, model: Detector, device: str):
        self.mean = Detector(model.config)
        self.mean.load_state_dict(model.state_dict())
        for module in (model, self.mean):
            module.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.model = model
        self.mean.requires_grad_(False).eval()
        self.optimizer = optimizer_for(model)
        self.step = 0

    def save(self, path: Path) -> None:
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"mean.{name}": value for name, value in self.mean.state_dict().items()}
        for index, moments in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": value for name, value in moments.items()}
        files.save(path, {"step": self.step, **self.model.config.to_json()}, tensors)

    def load(self, path: Path) -> None:
        config, tensors = files.load(path)
        self.step = int(config["step"])
        for prefix, module in (("model.", self.model), ("mean.", self.mean)):
            module.load_state_dict(
                {
                    name.removeprefix(prefix): value
                    for name, value in tensors.items()
                    if name.startswith(prefix)
                }
            )
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith("optimizer."):
                _, index, key = name.split(".")
                moments.setdefault(int(index), {})[key] = value
        self.optimizer.load_state_dict(
            {"state": moments, "param_groups": self.optimizer.state_dict()["param_groups"]}
        )


def log(path: Path, row: Mapping[str, float]) -> None:
    """Append one row to the training's log, a CSV file beside the weights."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(
            file,
            [
                "step",
                "image_size",
                "learning_rate",
                "loss",
                "loss_box",
                "loss_objectness",
                "loss_class",
                "map50",
                "ap50_agnostic",
            ],
        )
        if new:
            writer.writeheader()
        writer.writerow(
            {name: value if name in ("step", "image_size") else f"{value:.5g}" for name, value in row.items()}
        )


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> dict[str, float]:
    """Write trained weights to `weights`, a log beside them, and return the metrics on validation composites.

    The same params and seed give the same weights on the same machine; a resumed training gives those of an
    uninterrupted one.

    Raises:
        InputError: `dataset` is not a bank of cut-outs.
    """
    bank = Bank.load(dataset)
    composer, validation = Composer(bank, "train"), Composer(bank, "validation", augment=False)
    state = State(begin(bank, params), device)
    log_file = weights.with_suffix(".log.csv")
    if checkpoint and checkpoint.exists():
        state.load(checkpoint)
    else:
        log_file.unlink(missing_ok=True)
    every = max(1, params.steps // REPORTS)
    recent: list[dict[str, float]] = []
    metrics: dict[str, float] = {}
    while state.step < params.steps:
        size = picture_size(state.step, params)
        random = np.random.default_rng([params.seed, state.step])
        images, targets = batch([composer.compose(random, size) for _ in range(params.batch_size)])
        images = images.to(device, memory_format=torch.channels_last)
        losses = detection_loss(decode(state.model.train()(images)), targets.to(device))
        for group in state.optimizer.param_groups:
            group["lr"] = learning_rate(state.step, params)
        state.optimizer.zero_grad()
        losses["loss"].backward()
        nn.utils.clip_grad_norm_(state.model.parameters(), CLIP)
        state.optimizer.step()
        follow(state.mean, state.model, state.step)
        state.step += 1
        recent.append({name: value.item() for name, value in losses.items()})
        if state.step % every == 0 or state.step == params.steps:
            row = {name: sum(each[name] for each in recent) / len(recent) for name in losses}
            row["learning_rate"] = learning_rate(state.step, params)
            if validation_due(state.step, every, params):
                pictures = min(VALIDATION_PICTURES, params.steps)
                metrics = measure(state.mean, validation, params.image_size, pictures, seed=params.seed)
                row |= metrics
            recent = []
            log(log_file, {"step": state.step, "image_size": size, **row})
            progress(state.step, params.steps, row)
        if checkpoint and progress.checkpoint_due:
            state.save(checkpoint)
            progress.saved()
    kept = state.mean.state_dict()
    half = {name: value.half() if value.is_floating_point() else value for name, value in kept.items()}
    files.save(weights, state.mean.config.to_json(), half)
    return metrics
