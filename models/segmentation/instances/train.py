"""Training of the mask network, in one visible loop, on new composites in every step.

    python -m models.segmentation.instances.train --bank data/things.npz --encoder nanodet-g.safetensors \
        --weights box-unet.safetensors --checkpoint box-unet.checkpoint --steps 3000

AdamW with warm-up and cosine decay. The encoder starts from a detector's weights and learns at a fraction of
the decoder's rate: it has no batch normalization, which was folded into its convolutions, and it already
knows photographs. The result is the exponential moving average (EMA) of the weights. With `--start`
instead of `--encoder`, an already trained mask network is trained further, with `--decoder` only its decoder.
"""

import argparse
import logging
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.core.contract import checkpoint as files
from models.core.training.composites import Bank
from models.core.training.cross_stage import encoder_state
from models.core.training.loop import (
    append_row,
    layers_in_bfloat16,
    numbers,
    report_due,
    take_average,
    validation_due,
)
from models.core.training.running_mean import running_mean, update_mean
from models.core.training.schedule import learning_rate, set_learning_rate, weight_groups
from models.core.training.state import State, load_matching, to_float16
from models.segmentation.instances.architecture import BoxUNet, Config
from models.segmentation.instances.data import Composer, batch
from models.segmentation.instances.evaluate import measure
from models.segmentation.instances.loss import mask_loss
from models.segmentation.instances.network import larger

log = logging.getLogger(__name__)

BATCH = 16
RATE, ENCODER_PACE = 2e-3, 0.08  # highest learning rate of the decoder; the encoder's share of it
WEIGHT_DECAY = 0.02
CLIP = 5.0
VALIDATION_EXAMPLES, VALIDATIONS = 100, 12
SAVE_SECONDS = 120.0


def optimizer_for(model: BoxUNet) -> torch.optim.AdamW:
    """AdamW; the `pace` of a group is its share of the learning rate."""
    groups = [{**group, "pace": ENCODER_PACE} for group in weight_groups(model.encoder, WEIGHT_DECAY)]
    for part in (model.decoder, model.classify):
        groups += [{**group, "pace": 1.0} for group in weight_groups(part, WEIGHT_DECAY)]
    return torch.optim.AdamW(groups)


def load_start(model: BoxUNet, encoder: Path | None, start: Path | None) -> None:
    """Load all weights from `start`, or those of the encoder from a detector's. Raises WeightsError."""
    if start:
        load_matching(model, files.load(start)[1], start)
    elif encoder:
        load_matching(model.encoder, encoder_state(encoder), encoder)


def train(
    bank: Path,
    encoder: Path | None,
    steps: int,
    *,
    start: Path | None = None,
    decoder_only: bool = False,
    rate: float = RATE,
    weights: Path,
    checkpoint: Path,
    seed: int = 0,
    mixed_precision: bool = False,
    save_seconds: float = SAVE_SECONDS,
) -> None:
    """Write the trained weights to `weights` and a log beside them.

    Every other batch has the larger crops of two views. An interrupted training goes on from its checkpoint.

    Raises:
        InputError: `bank` is not a bank of cut-outs.
        WeightsError: `encoder`, `start` or the checkpoint are not those of this network.
    """
    torch.manual_seed(seed)
    model = BoxUNet(Config())
    load_start(model, encoder, start)
    model.encoder.requires_grad_(not decoder_only)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean, optimizer = running_mean(model), optimizer_for(model)
    state = State({"model": model, "mean": mean}, {"adamw": optimizer})
    sizes = model.config.image_size, larger(model.config.image_size)
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    loaded = Bank.load(bank)
    composers = [Composer(loaded, "train", size) for size in sizes]
    validation = Composer(loaded, "validation", sizes[-1], augment=False)
    recent: list[dict[str, float]] = []
    saved = time.monotonic()
    while state.step < steps:
        random = np.random.default_rng([seed, state.step])
        composer = composers[state.step % len(composers)]
        images, boxes, masks = batch([composer.compose(random) for _ in range(BATCH)])
        with layers_in_bfloat16("cpu", mixed_precision):
            logits = model.train()(images.contiguous(memory_format=torch.channels_last), boxes)
        losses = mask_loss(logits.float(), masks)
        current = learning_rate(state.step, steps, rate)
        set_learning_rate(optimizer, current)
        optimizer.zero_grad()
        losses["loss"].backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        update_mean(mean, model, state.step)
        state.step += 1
        recent.append(numbers(losses, state.step))
        if report_due(state.step, steps):
            row = take_average(recent) | {"learning_rate": current}
            if validation_due(state.step, steps, VALIDATIONS):
                row |= measure(mean, validation, VALIDATION_EXAMPLES, seed=seed)
            append_row(log_file, {"step": state.step, **row})
            log.info("%d %s", state.step, {name: round(value, 4) for name, value in row.items()})
        if time.monotonic() - saved > save_seconds:
            state.save(checkpoint, model.config.to_json())
            saved = time.monotonic()
    files.save(weights, model.config.to_json(), to_float16(mean))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bank", type=Path, default=Path("data/things.npz"))
    initial = parser.add_mutually_exclusive_group(required=True)
    initial.add_argument("--encoder", type=Path, help="weights of NanoDet, to start from")
    initial.add_argument("--start", type=Path, help="weights of a mask network, to train further")
    parser.add_argument("--decoder", action="store_true", help="train the decoder alone")
    parser.add_argument("--weights", type=Path, required=True, help="the file to write")
    parser.add_argument("--checkpoint", type=Path, required=True, help="state of an interrupted training")
    parser.add_argument("--steps", type=int, default=3000, help=f"batches of {BATCH}")
    parser.add_argument("--rate", type=float, default=RATE, help="highest learning rate of the decoder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mixed-precision", action="store_true", help="compute layers in bfloat16")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    train(
        options.bank,
        options.encoder,
        options.steps,
        start=options.start,
        decoder_only=options.decoder,
        rate=options.rate,
        weights=options.weights,
        checkpoint=options.checkpoint,
        seed=options.seed,
        mixed_precision=options.mixed_precision,
    )


if __name__ == "__main__":
    main()
