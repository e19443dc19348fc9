"""Three convolutions and a head of twenty boxes.

Shapes: B batch. In (B, 3, 64, 64) in [0, 1]; out (B, 20, 5): a logit, then left, top, width and height,
the latter in [0, 1].
"""

import torch
from torch import nn

SIDE, BOXES = 64, 20


class Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Linear(32, BOXES * 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pooled = self.features(x).mean((2, 3))  # (B, 32)
        out = self.head(pooled).view(-1, BOXES, 5)
        return torch.cat((out[..., :1], out[..., 1:].sigmoid()), dim=2)
