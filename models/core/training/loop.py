"""The parts that every training loop has: a schedule, a running mean, a state that can be resumed, a log.

The loop itself stays in each capability's train.py, to be read from top to bottom.
"""

import copy
import csv
from collections.abc import Mapping, Sequence
from math import cos, pi
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError

Model = TypeVar("Model", bound=nn.Module)

EMA_DECAY = 0.999
WARMUP_SHARE = 0.03
REPORTS = 200  # times in a training, about


def learning_rate(step: int, steps: int, highest: float, warmup_share: float = WARMUP_SHARE) -> float:
    """Linear warm-up, then a cosine to a hundredth of the highest."""
    warmup = max(1, round(warmup_share * steps))
    if step < warmup:
        return highest * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return highest * (0.01 + 0.99 * (1 + cos(pi * done)) / 2)


def layers_in_bfloat16(device: str, wanted: bool) -> torch.autocast:
    """A block in which layers compute in bfloat16 if `wanted`; what needs float32 stays there (autocast)."""
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=wanted)


def weight_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Parameter groups for AdamW that does not pull biases and normalizations towards zero."""
    kernels = [value for value in model.parameters() if value.ndim > 1]
    others = [value for value in model.parameters() if value.ndim <= 1]
    return [{"params": kernels, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def report_due(step: int, steps: int) -> bool:
    """Whether a loop reports after `step` of its `steps` steps; it does after the last."""
    return step == steps or step % max(1, steps // REPORTS) == 0


def validation_due(step: int, steps: int, times: int) -> bool:
    """Whether a report also measures on validation data: about `times` times, and after the last step."""
    every = max(1, steps // REPORTS)
    return step == steps or step % max(every, steps // times // every * every) == 0


def averaged(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each number over `rows`, which all have the same ones."""
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def start_from(model: nn.Module, known: Mapping[str, torch.Tensor], file: Path) -> None:
    """Take over what fits of the weights in `file`; layers of another shape, such as a head, begin anew.

    Raises:
        WeightsError: `known` names weights that the model does not have: they are another network's.
    """
    own = model.state_dict()
    foreign = sorted(known.keys() - own.keys())
    if foreign:
        raise WeightsError(
            f"{file.name} holds another network's weights: this one has no {foreign[0]!r} "
            f"({len(foreign)} of {len(known)} names differ)."
        )
    model.load_state_dict(
        own | {name: value for name, value in known.items() if value.shape == own[name].shape}
    )


@torch.no_grad()
def follow(mean: nn.Module, model: nn.Module, step: int, decay: float = EMA_DECAY) -> None:
    """Move the running mean (EMA) a little towards the trained weights; quickly at first."""
    decay = min(decay, (1 + step) / (10 + step))
    trained = model.state_dict()
    for name, value in mean.state_dict().items():
        if value.is_floating_point():
            value.lerp_(trained[name], 1 - decay)
        else:
            value.copy_(trained[name])


class State:
    """Everything that changes from step to step, to and from one file: models, optimizers, the step.

    The running mean of a model is a model of its own among them.
    """

    def __init__(self, models: Mapping[str, nn.Module], optimizers: Mapping[str, torch.optim.Optimizer]):
        self.models, self.optimizers = dict(models), dict(optimizers)
        self.step = 0

    def save(self, path: Path, config: Mapping[str, Any]) -> None:
        tensors: dict[str, torch.Tensor] = {}
        for name, model in self.models.items():
            tensors |= {f"model/{name}/{key}": value for key, value in model.state_dict().items()}
        for name, optimizer in self.optimizers.items():
            for index, moments in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer/{name}/{index}/{key}": value for key, value in moments.items()}
        checkpoint.save(path, {**config, "step": self.step}, tensors)

    def resume(self, path: Path | None, log_file: Path) -> None:
        """Go on from the state in `path` where there is one; a new training begins without an old one's log.

        Raises:
            WeightsError: not a state that `save` wrote for these models.
        """
        if path and path.exists():
            self.load(path)
        else:
            log_file.unlink(missing_ok=True)

    def load(self, path: Path) -> None:
        """Raises WeightsError: not a state that `save` wrote for these models."""
        config, tensors = checkpoint.load(path)
        try:
            self._take(config, tensors)
        except (KeyError, ValueError, RuntimeError) as error:
            raise WeightsError(f"{path.name} is no state of this training: {error}") from error

    def _take(self, config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> None:
        self.step = int(config["step"])
        for name, model in self.models.items():
            model.load_state_dict(checkpoint.below(tensors, f"model/{name}/"))
        for name, optimizer in self.optimizers.items():
            moments: dict[int, dict[str, torch.Tensor]] = {}
            for key, value in checkpoint.below(tensors, f"optimizer/{name}/").items():
                index, moment = key.split("/")
                moments.setdefault(int(index), {})[moment] = value
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": moments, "param_groups": groups})


def running_mean(model: Model) -> Model:
    """A copy to keep the running mean in: not trained, always in evaluation mode."""
    return copy.deepcopy(model).requires_grad_(False).eval()


def halved(model: nn.Module) -> dict[str, torch.Tensor]:
    """A model's weights as they are shipped: float16, which halves the file and costs no accuracy."""
    state = model.state_dict()
    return {name: value.half() if value.is_floating_point() else value for name, value in state.items()}


def log(path: Path, row: Mapping[str, float]) -> None:
    """Append one row to a CSV; columns that come later, such as a validation's, get their place."""
    old: list[dict[str, str]] = []
    columns: list[str] = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            old, columns = list(reader), list(reader.fieldnames or ())
    lacking = [name for name in row if name not in columns]
    with path.open("w" if lacking else "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*columns, *lacking], lineterminator="\n")
        if lacking:
            writer.writeheader()
            writer.writerows(old)
        writer.writerow(
            {name: value if isinstance(value, int) else f"{value:.5g}" for name, value in row.items()}
        )
