"""A decoder whose weights are cosines: z are the amplitudes of 20 waves, and the class is the brightness."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from models.core.contract.card import Kind
from models.core.contract.prediction import Inputs, Output, Prediction, Role, Stage
from models.core.generative import latent_stage
from models.core.images import codec
from tests.capabilities.waves.card import PredictParams

SIDE = 16
WAVES = [(u, v) for total in range(1, 6) for u in range(total + 1) for v in (total - u,)]
CLASSES = ("dark", "gray", "bright")
BRIGHTNESS = (-2.0, 0.0, 2.0)
STEPS = (0, 100, 200, 400)
COLUMNS = 5


def decoder() -> latent_stage.Decoder:
    place = (np.arange(SIDE) + 0.5) / SIDE
    cosines = [np.outer(np.cos(np.pi * v * place), np.cos(np.pi * u * place)).ravel() for u, v in WAVES]
    linear = nn.Linear(len(WAVES) + 1, SIDE**2)
    embedding = nn.Embedding(len(CLASSES), 1)
    with torch.no_grad():
        amplitudes = [cosine / (u + v) for cosine, (u, v) in zip(cosines, WAVES, strict=True)]
        linear.weight.copy_(torch.from_numpy(np.stack([*amplitudes, np.ones(SIDE**2)], axis=1)))
        linear.bias.zero_()
        embedding.weight.copy_(torch.tensor(BRIGHTNESS)[:, None])
    module = nn.Sequential(linear, nn.Unflatten(1, (1, SIDE, SIDE)), nn.Sigmoid())
    return latent_stage.Decoder(module, (SIDE, SIDE), embedding=embedding, classes=CLASSES)


@torch.inference_mode()
def decoded(codes: np.ndarray, label: int = 1) -> np.ndarray:
    """(N, 20) -> (N, 16, 16) uint8."""
    brightness = np.full((len(codes), 1), BRIGHTNESS[label])
    e = torch.from_numpy(np.concatenate([codes, brightness], axis=1)).float()
    return (decoder().module(e)[:, 0] * 255).round().to(torch.uint8).numpy()


def png(pictures: np.ndarray, columns: int) -> bytes:
    rows = pictures.reshape(-1, columns, SIDE, SIDE).swapaxes(1, 2)
    return codec.encode_png(Image.fromarray(rows.reshape(-1, columns * SIDE)))


class Predictor:
    max_batch = 8

    def __init__(self, weights: Path | None, device: str = "cpu"):
        assert weights is None
        self.device = device

    def decode(self, inputs: Inputs, params: PredictParams) -> PredictParams:
        assert not inputs
        return params

    def forward(self, items: list[PredictParams]) -> list[np.ndarray]:
        return [np.random.default_rng(item.seed).normal(size=len(WAVES)) for item in items]

    def encode(
        self,
        item: PredictParams,  # noqa: ARG002
        raw: np.ndarray,
        params: PredictParams,  # noqa: ARG002
        *,
        picture: bool = False,  # noqa: ARG002  it draws none
    ) -> Prediction:
        return Prediction({"z": raw.round(3).tolist()})

    def inspect(self, item: PredictParams, raw: np.ndarray, params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002
        return (_training(), _sheet(), _latent(raw))


def _training() -> Stage:
    """Amplitudes that grow step by step, with names, captions and a curve."""
    codes = np.random.default_rng(1).normal(size=(2, COLUMNS, len(WAVES)))
    sheets = {step: decoded((codes * step / STEPS[-1]).reshape(-1, len(WAVES))) for step in STEPS}
    return Stage(
        id="training",
        kind=Kind.SAMPLES,
        title="Samples during the training",
        explanation="The same z after more and more steps.",
        data={
            "tile": {"width": SIDE, "height": SIDE},
            "columns": COLUMNS,
            "count": 2 * COLUMNS,
            "row_names": ["first", "second"],
            "column_names": [f"z {column + 1}" for column in range(COLUMNS)],
            "captions_name": "contrast",
            "steps": [
                {
                    "step": step,
                    "file": f"samples-{step}.png",
                    "captions": [f"{each.std() / 255:.2f}" for each in pictures],
                }
                for step, pictures in sheets.items()
            ],
            "series": [
                {"name": "generator", "x": list(STEPS), "y": [1.9, 1.2, 0.9, 0.8]},
                {"name": "discriminator", "x": list(STEPS), "y": [0.7, 0.9, 1.1, 1.2]},
            ],
            "y_label": "loss",
        },
        files=tuple(
            Output(f"samples-{step}.png", Kind.IMAGE, png(pictures, COLUMNS), "image/png")
            for step, pictures in sheets.items()
        ),
        count=len(STEPS),
    )


def _sheet() -> Stage:
    """One sheet without names."""
    pictures = decoded(np.random.default_rng(2).normal(size=(40, len(WAVES))))
    return Stage(
        id="sheet",
        kind=Kind.SAMPLES,
        title="Random samples",
        explanation="40 pictures, each of its own z.",
        data={
            "tile": {"width": SIDE, "height": SIDE},
            "columns": 10,
            "count": len(pictures),
            "steps": [{"step": None, "file": "sheet.png"}],
        },
        files=(Output("sheet.png", Kind.IMAGE, png(pictures, 10), "image/png"),),
        count=len(pictures),
    )


def _latent(z: np.ndarray) -> Stage:
    codes = np.random.default_rng(3).normal(size=(300, len(WAVES)))
    labels = np.digitize(codes[:, 0], (-0.5, 0.5))
    kl = np.linspace(2, 0, len(WAVES))
    return latent_stage.stage(
        decoder(),
        z,
        latent_stage.dimensions(z, codes, deviation=np.full(len(z), 0.3), kl=kl),
        plane=latent_stage.Plane(codes[:, :2], labels, ("left", "middle", "right")),
        walk=latent_stage.Walk(codes[0], codes[1], "picture 1", "picture 2", path="spherical"),
        label=1,
        target=png(decoded(z[None]), 1),
        role=Role.ANSWER,
    )
