"""The state of a training on disk, and the weights that it starts from and leaves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training import familiarity
from models.core.training.best import Best

_BEST = "best"  # its name among the models of a state


def load_matching(model: nn.Module, known: Mapping[str, torch.Tensor], file: Path) -> None:
    """Load the `known` weights whose shape matches; other layers, such as a new head, stay as they are.

    Raises:
        WeightsError: `known` has names that the model lacks: the weights of another network.
    """
    own = model.state_dict()
    known, _ = familiarity.split(known)  # of the pictures that those weights learned from
    foreign = sorted(known.keys() - own.keys())
    if foreign:
        raise WeightsError(
            f"{file.name} holds the weights of another network: this one has no {foreign[0]!r} "
            f"({len(foreign)} of {len(known)} names differ)."
        )
    model.load_state_dict(
        own | {name: value for name, value in known.items() if value.shape == own[name].shape}
    )


def to_float16(model: nn.Module) -> dict[str, torch.Tensor]:
    """The weights as they are shipped: float16, which halves the file and costs no accuracy."""
    state = model.state_dict()
    return {name: value.half() if value.is_floating_point() else value for name, value in state.items()}


class History(Protocol):
    """The samples of a training so far: models.core.generative.sample_history."""

    def tensors(self) -> dict[str, torch.Tensor]: ...

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None: ...


class State:
    """Everything that changes from step to step, in one file: models, optimizers, the step, the best weights.

    The running mean of a model is one of the models. `samples`, if a training draws any, are kept too.
    """

    def __init__(
        self,
        models: Mapping[str, nn.Module],
        optimizers: Mapping[str, torch.optim.Optimizer],
        best: Best[Any] | None = None,
        samples: History | None = None,
    ):
        self.models = {**models, _BEST: best.model} if best else dict(models)
        self.optimizers = dict(optimizers)
        self.best = best
        self.samples = samples
        self.step = 0

    def save(self, path: Path, config: Mapping[str, Any]) -> None:
        tensors: dict[str, torch.Tensor] = {}
        for name, model in self.models.items():
            tensors |= {f"model/{name}/{key}": value for key, value in model.state_dict().items()}
        for name, optimizer in self.optimizers.items():
            for index, moments in optimizer.state_dict()["state"].items():
                tensors |= {f"optimizer/{name}/{index}/{key}": value for key, value in moments.items()}
        if self.samples:
            tensors |= self.samples.tensors()
        best = {"best": {"step": self.best.step, "metrics": self.best.metrics}} if self.best else {}
        checkpoint.save(path, {**config, "step": self.step, **best}, tensors)

    def resume(self, path: Path | None, log_file: Path) -> None:
        """Load the state in `path` if the file exists; otherwise remove the log of an earlier training.

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
            self._restore(config, tensors)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(f"{path.name} is not a checkpoint of this training: {error}") from error

    def _restore(self, config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> None:
        self.step = int(config["step"])
        best = config.get("best")
        if self.best and best:
            self.best.step, self.best.metrics = int(best["step"]), dict(best["metrics"])
        if self.samples:
            self.samples.restore(tensors)
        for name, model in self.models.items():
            if name == _BEST and not best:
                continue  # of an earlier version, which kept none: the next measurement is the best
            model.load_state_dict(checkpoint.below(tensors, f"model/{name}/"))
        for name, optimizer in self.optimizers.items():
            moments: dict[int, dict[str, torch.Tensor]] = {}
            for key, value in checkpoint.below(tensors, f"optimizer/{name}/").items():
                index, moment = key.split("/")
                moments.setdefault(int(index), {})[moment] = value
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": moments, "param_groups": groups})
