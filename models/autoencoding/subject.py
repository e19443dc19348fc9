"""What the stages of one answer are made of.

Shapes: N pictures of the inputs, M decoded ones, C channels, S side, Z numbers in z.
"""

from dataclasses import dataclass

import torch

from models.autoencoding.architecture import Posterior
from models.autoencoding.files import Trained


@dataclass(frozen=True)
class Subject:
    """One answer to inspect; all tensors are on the CPU. N is 0, 1 or 2."""

    trained: Trained
    clean: torch.Tensor  # (N, C, S, S)
    received: torch.Tensor  # the same, possibly corrupted
    is_corrupted: bool
    is_inverted: bool
    mean: torch.Tensor  # (N, Z) of q(z|x)
    log_variance: torch.Tensor | None
    z: torch.Tensor  # (M, Z) that were decoded
    decoded: torch.Tensor  # (M, C, S, S)
    walk: torch.Tensor  # (steps, C, S, S) between two pictures; empty otherwise
    size: tuple[int, int] | None  # of the first upload
    notes: tuple[str, ...] = ()

    @property
    def posterior(self) -> Posterior:
        return Posterior(self.mean, self.log_variance)

    @property
    def has_familiarity(self) -> bool:
        """Whether its error can be compared with that of held-out pictures."""
        return len(self.clean) == 1 and not self.is_corrupted and self.trained.held_out.has_threshold

    @property
    def columns(self) -> int:
        """Of a sheet of samples: nearly a square."""
        return max(1, round(len(self.decoded) ** 0.5))
