"""Training of the mask network, in one visible loop, on new composites in every step.

    python -m models.segmentation.instances.train --bank data/things.npz --encoder nanodet-g.safetensors \
        --weights box-unet.safetensors --checkpoint box-unet.checkpoint --steps 3000

AdamW with warm-up and cosine decay. The encoder starts from a detector's weights and learns at a fraction of
the decoder's rate: it has no batch normalization, which was folded into its convolutions, and it already
knows photographs. The result is the exponential moving average (EMA) of the weights.
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

log = logging.getLogger(__name__)

BATCH = 16
RATE, ENCODER_PACE = 2e-3, 0.08  # highest learning rate of the decoder; the encoder's share of it
WEIGHT_DECAY = 0.02
CLIP = 5.0
VALIDATION_EXAMPLES, VALIDATIONS = 100, 12
SAVE_SECONDS = 120.0


def backbone_of(detector: Path) -> dict[str, torch.Tensor]:
    """The stem and the stages in the weights of NanoDet. Raises WeightsError."""
    known = files.load(detector)[1]
    return {name: value for name, value in known.items() if name.startswith(("stem.", "stages."))}


def optimizer_for(model: BoxUNet) -> torch.optim.AdamW:
    """AdamW; the `pace` of a group is its share of the learning rate."""
    groups = [{**group, "pace": ENCODER_PACE} for group in weight_groups(model.encoder, WEIGHT_DECAY)]
    for part in (model.decoder, model.classify):
        groups += [{**group, "pace": 1.0} for group in weight_groups(part, WEIGHT_DECAY)]
    return torch.optim.AdamW(groups)


def train(
    bank: Path,
    encoder: Path,
    steps: int,
    *,
    weights: Path,
    checkpoint: Path,
    seed: int = 0,
    mixed_precision: bool = False,
    save_seconds: float = SAVE_SECONDS,
) -> None:
    """Write the trained weights to `weights` and a log beside them.

    An interrupted training goes on from its checkpoint.

    Raises:
        InputError: `bank` is not a bank of cut-outs.
        WeightsError: `encoder` or the checkpoint are not those of this network.
    """
    torch.manual_seed(seed)
    model = BoxUNet(Config())
    load_matching(model.encoder, backbone_of(encoder), encoder)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean, optimizer = running_mean(model), optimizer_for(model)
    state, size = State({"model": model, "mean": mean}, {"adamw": optimizer}), model.config.image_size
    log_file = weights.with_suffix(".log.csv")
    state.resume(checkpoint, log_file)
    loaded = Bank.load(bank)
    composer, validation = (
        Composer(loaded, "train", size),
        Composer(loaded, "validation", size, augment=False),
    )
    recent: list[dict[str, float]] = []
    saved = time.monotonic()
    while state.step < steps:
        random = np.random.default_rng([seed, state.step])
        images, boxes, masks = batch([composer.compose(random) for _ in range(BATCH)])
        with layers_in_bfloat16("cpu", mixed_precision):
            logits = model.train()(images.contiguous(memory_format=torch.channels_last), boxes)
        losses = mask_loss(logits.float(), masks)
        rate = learning_rate(state.step, steps, RATE)
        set_learning_rate(optimizer, rate)
        optimizer.zero_grad()
        losses["loss"].backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        update_mean(mean, model, state.step)
        state.step += 1
        recent.append(numbers(losses, state.step))
        if report_due(state.step, steps):
            row = take_average(recent) | {"learning_rate": rate}
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
    parser.add_argument("--encoder", type=Path, required=True, help="weights of NanoDet, to start from")
    parser.add_argument("--weights", type=Path, required=True, help="the file to write")
    parser.add_argument("--checkpoint", type=Path, required=True, help="state of an interrupted training")
    parser.add_argument("--steps", type=int, default=3000, help=f"batches of {BATCH}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mixed-precision", action="store_true", help="compute layers in bfloat16")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    train(
        options.bank,
        options.encoder,
        options.steps,
        weights=options.weights,
        checkpoint=options.checkpoint,
        seed=options.seed,
        mixed_precision=options.mixed_precision,
    )


if __name__ == "__main__":
    main()
