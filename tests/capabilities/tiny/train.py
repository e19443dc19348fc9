"""Learns the mean colour of random pictures: quick, and its loss falls."""

import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from models.core.contract import checkpoint as checkpoints
from models.core.contract.dataset import SPLITS
from models.core.contract.errors import WeightsError
from models.core.contract.progress import Progress
from models.core.datasets import archive
from models.core.generative.sample_history import SampleHistory
from tests.capabilities.tiny.architecture import SIDE, Tiny
from tests.capabilities.tiny.card import TrainParams

_BATCH = 4


def train(
    dataset: Path,  # a folder: it invents its pictures
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> dict[str, float]:
    """Write trained weights to `weights` and return the last loss. Raises WeightsError when asked to."""
    if params.fail:
        raise WeightsError("no weights at start.safetensors")
    torch.manual_seed(params.seed)
    model = Tiny().to(device)
    history = SampleHistory(tile=(2, 2), columns=3, column_names=("red", "green", "blue"))
    first, loss = 1, 0.0
    if checkpoint is not None and checkpoint.exists():
        config, state = checkpoints.load(checkpoint)
        rest, _ = history.split(state)
        model.load_state_dict(rest)
        history.restore(state)
        first = int(config["step"]) + 1
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for step in range(first, params.steps + 1):
        # by step, so that a resumed training sees what it would have seen
        generator = torch.Generator().manual_seed(params.seed * 1_000_003 + step)
        pictures = torch.rand(_BATCH, 3, SIDE, SIDE, generator=generator).to(device)
        loss = F.mse_loss(model(pictures)[:, 0, 0], pictures.mean((1, 2, 3)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss = loss.item()
        time.sleep(params.pause)
        progress(step, params.steps, {"loss": loss})
        if params.samples and history.due(step, params.steps):
            history.add(step, _sheet(step), captions=(f"{loss:.2f}", "", ""))
            progress.samples(history)
        if checkpoint is not None and progress.checkpoint_due:
            state = {**model.state_dict(), **history.tensors()}
            checkpoints.save(checkpoint, {"architecture": "tiny", "step": step}, state)
            progress.saved()
    checkpoints.save(weights, {"architecture": "tiny"}, model.state_dict())
    return {"loss": float(loss), **_counts(dataset)}


def _counts(dataset: Path) -> dict[str, float]:
    """The labeled pictures of each split of a dataset."""
    if dataset.is_dir():
        return {}
    with archive.load(dataset) as loaded:
        return {split: sum(1 for _ in loaded.pictures(split)) for split in SPLITS}


def _sheet(step: int) -> np.ndarray:
    """Three pictures of 2 x 2 pixels, all of the gray level `step` modulo 256."""
    return np.full((3, 2, 2), step % 256, np.uint8)
