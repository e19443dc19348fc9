"""Principal component analysis: the best linear code of a given size, beside which an autoencoder is
measured.

    z = W^T (x - m)      x^ = m + W z

with m the mean picture and W the directions of largest variance, orthonormal: among all linear codes of that
size, none has a smaller ||x - x^||^2 on the pictures that it was fitted to (Pearson 1901). An autoencoder
with one linear layer each way finds the same plane.

Shapes: N pictures, D values in a picture, Z components.
"""

from dataclasses import dataclass

import numpy as np
import torch

from models.core.generative.judge import to_input

MAX_VALUES = 60_000_000  # of all pictures that PCA is fitted to, to limit memory
OVERSAMPLING, POWER_ITERATIONS = 10, 6  # with these, the leading components are exact to float32


@dataclass(frozen=True)
class Pca:
    """Mean and components in float32."""

    mean: torch.Tensor  # (D,)
    components: torch.Tensor  # (D, Z)

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        """Pictures of any shape (N, ...) with D values -> (N, Z)."""
        return (pictures.flatten(1) - self.mean) @ self.components

    def reconstruct(self, pictures: torch.Tensor) -> torch.Tensor:
        """The reconstruction in the pictures' shape, clipped to [0, 1], which only brings it closer."""
        flat = self.mean + self.encode(pictures) @ self.components.T
        return flat.clamp(0, 1).view_as(pictures)


def fit(pictures: np.ndarray, size: int) -> Pca:
    """PCA of uint8 pictures (N, S, S) or (N, S, S, 3), of evenly spaced ones if they are many; fewer
    components if N is small.

    Halko et al. 2011, arXiv:0909.4061: a random projection, refined by power iterations.
    """
    values = pictures[0].size
    every = -(-len(pictures) * values // MAX_VALUES)
    flat = to_input(pictures[::every]).flatten(1)
    mean = flat.mean(dim=0)
    size = min(size, values, len(flat))
    flat -= mean
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        _, _, components = torch.svd_lowrank(
            flat, q=min(size + OVERSAMPLING, *flat.shape), niter=POWER_ITERATIONS
        )
    return Pca(mean, components[:, :size])
