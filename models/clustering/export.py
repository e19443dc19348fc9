"""Fitted clusters for other programs: scaled rows in, the nearest center of each out."""

from pathlib import Path

import torch
from torch import nn

from models.clustering.objectives import K_MODES, K_PROTOTYPES, SPHERICAL
from models.clustering.trained_clusters import TrainedClusters
from models.core.exporting.exported import Exported

HERE = Path(__file__).parent


class NearestCenter(nn.Module):
    """Scaled rows (N, D), the numbers first -> costs (N, K) and nearest center (N,); float64."""

    def __init__(self, clusters: TrainedClusters):
        super().__init__()
        self.method, self.gamma, self.numeric = clusters.method_name, clusters.gamma, clusters.numeric
        self.register_buffer("centers", torch.from_numpy(clusters.centers.copy()))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        centers = self.get_buffer("centers")
        apart = x[:, None] - centers[None]  # (N, K, D)
        if self.method in (K_MODES, K_PROTOTYPES):
            numbers, codes = apart[..., : self.numeric], apart[..., self.numeric :]
            costs = (numbers**2).sum(dim=2) + self.gamma * (codes != 0).sum(dim=2)
        elif self.method == "k-medians":
            costs = apart.abs().sum(dim=2)
        elif self.method == SPHERICAL:  # of rows and centers of length 1
            costs = 1 - x @ nn.functional.normalize(centers, dim=1).T
        else:
            costs = (apart**2).sum(dim=2)
        return costs, costs.argmin(dim=1)


def network(weights: Path) -> Exported:
    """The clusters of this file. Raises WeightsError."""
    clusters = TrainedClusters.load(weights)
    names = ", ".join(clusters.names)
    return Exported(
        module=NearestCenter(clusters),
        inputs={"x": torch.from_numpy(clusters.centers[:2] + 0.0)},
        outputs=("costs", "cluster"),
        dynamic={"x": {0: "rows"}},
        preprocessing={"x": {"columns": list(clusters.names), "type": "float64"}},
        description=f"x: (rows, {len(clusters.names)}), float64: {names}; numbers minus offset, divided by "
        "width (weights.safetensors), categories as indices (config.json). costs: (rows, clusters). cluster: "
        "(rows,), the index of the lowest. answer.py reads a CSV table with a heading, comma, semicolon or "
        "tab between the cells, and dates as ISO text; it needs no ONNX Runtime.",
        script=HERE / "answer.py",
        requirements=("numpy", "safetensors"),
    )
