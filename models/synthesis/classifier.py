"""A classifier that learns beside the two opponents, so that answers also show what they are.

Shapes: B batch, C channels of the picture, S its side.
"""

import torch

from models.core.generative.judge import Config, Judge
from models.synthesis.data import DEEP_FROM, Dataset, to_unit
from models.synthesis.loss import class_loss


class Classifier:
    """Of the kind of the judge that measures answers afterwards, but not the judge: it learns here alone.

    Attributes:
        weight: of the class in the generator's loss; at 0 there is no classifier.
        networks, optimizers: the classifier's, by name; empty if there is none.
    """

    def __init__(self, data: Dataset, learning_rate: float, betas: tuple[float, float], device: str):
        self.weight = data.config.class_weight
        self.networks: dict[str, torch.nn.Module] = {}
        self.optimizers: dict[str, torch.optim.Optimizer] = {}
        if self.weight > 0:
            config = Config(data.config.channels, data.classes, is_halved=data.config.side >= DEEP_FROM)
            network = self.networks["classifier"] = Judge(config).to(device)
            self.optimizers["classifier"] = torch.optim.Adam(network.parameters(), learning_rate, betas)

    def learn(self, pictures: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        """One step on real pictures (B, C, S, S) in [-1, 1] and their labels (B,)."""
        if not self.networks:
            return {}
        network, optimizer = self.networks["classifier"], self.optimizers["classifier"]
        loss = class_loss(network.train()(to_unit(pictures)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return {"class_loss_real": loss}

    def loss(self, answers: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        """How far answers (B, C, S, S) in [-1, 1] are from showing the classes of their true pictures."""
        if not self.networks:
            return {}
        return {"class_loss": class_loss(self.networks["classifier"].eval()(to_unit(answers)), labels)}
