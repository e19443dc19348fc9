"""The project's own UNet, ready to answer: pictures in, probabilities of each class out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from models.core.contract.errors import WeightsError
from models.core.images.codec import to_tensor
from models.core.images.letterbox import Letterbox, letterbox
from models.segmentation.architecture import Config, UNet, enlarge


@dataclass(frozen=True)
class Input:
    """One picture on its way to the network."""

    upload: Image.Image
    seen: Image.Image  # as the network gets it
    tensor: torch.Tensor  # (3, H, W) in [0, 1]
    placed: Letterbox

    def inside(self, values: torch.Tensor) -> torch.Tensor:
        """(..., H, W) of the seen picture -> only where the upload lies in it."""
        height = max(1, round(self.placed.height * self.placed.scale_y))
        width = max(1, round(self.placed.width * self.placed.scale_x))
        top, left = self.placed.top, self.placed.left
        return values[..., top : top + height, left : left + width]


@dataclass(frozen=True)
class Raw:
    """What a network says about one picture, on the CPU."""

    logits: torch.Tensor  # (C, h, w)
    encoder: tuple[torch.Tensor, ...] = ()  # (c, h, w) a level, fine to coarse; the last is the bottleneck
    decoder: tuple[torch.Tensor, ...] = ()  # (c, h, w) a level, coarse to fine


class UNetNetwork:
    """The UNet with its weights in memory."""

    max_batch = 16

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, torch.Tensor], device: str):
        try:
            self.config = Config.from_json(config)
            self.model = UNet(self.config)
            self.model.load_state_dict(state)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise WeightsError(f"The weights do not fit the UNet: {error}") from error
        self.classes = self.config.classes
        self.device = device
        self.model.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    def prepare(self, upload: Image.Image) -> Input:
        seen, placed = letterbox(upload, self.config.image_size)
        return Input(upload, seen, to_tensor(seen), placed)

    @torch.inference_mode()
    def forward(self, inputs: list[Input]) -> list[Raw]:
        images = torch.stack([each.tensor for each in inputs])
        encoded = self.model.encoder(images.to(self.device, memory_format=torch.channels_last))
        maps = self.model.decode(encoded)
        encoder, decoder = ([level.float().cpu() for level in part] for part in (maps.encoder, maps.decoder))
        logits = maps.logits.float().cpu()
        return [
            Raw(
                logits[index],
                tuple(level[index] for level in encoder),
                tuple(level[index] for level in decoder),
            )
            for index in range(len(inputs))
        ]

    @torch.inference_mode()
    def without(self, raw: Raw, cut: Collection[int]) -> torch.Tensor:
        """(C, h, w) logits of the same picture with the skip connections at these strides cut.

        Stages ask for this in threads of their own, beside a forward pass in the device's: in evaluation mode
        nothing that the model holds is written. It is worked out here and not in `forward`, as its five
        passes would be done for every answer, opened or not.
        """
        encoded = [
            level[None].to(self.device).contiguous(memory_format=torch.channels_last) for level in raw.encoder
        ]
        return self.model.decode(encoded, cut).logits[0].float().cpu()

    def probabilities(self, given: Input, logits: torch.Tensor) -> torch.Tensor:
        """(C, h, w) where the upload lies, at the scale that the network sees."""
        size = self.config.image_size
        return given.inside(enlarge(logits[None].softmax(1), size, size)[0])
