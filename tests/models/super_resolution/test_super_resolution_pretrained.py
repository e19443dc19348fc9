"""SPAN and Real-ESRGAN: weights are read from ncnn's files; they answer as the shipped models do."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import answer_opened
from models.core.contract.progress import Steps, reported_to
from models.super_resolution.card import PredictParams
from models.super_resolution.predict import Predictor
from models.super_resolution.pretrained import from_ncnn, rrdbnet, span
from models.super_resolution.pretrained.rrdbnet import RRDBNet
from models.super_resolution.pretrained.span import Span
from models.super_resolution.upscaler import Upscaler

TAG = (0x01306B47).to_bytes(4, "little")
MEAN = [0.4, 0.5, 0.6]


def network(architecture: str) -> nn.Module:
    """A small one with random weights that float16 holds exactly."""
    torch.manual_seed(0)
    if architecture == span.ARCHITECTURE:
        model: Any = Span(span.Config(scale=2, channels=4))
        model.mean.copy_(torch.tensor(MEAN)[:, None, None])
    else:
        model = RRDBNet(rrdbnet.Config(channels=4, growth=2, blocks=2))
    for value in model.parameters():
        value.data = value.data.half().float()
    return model.eval()


def as_ncnn(model: nn.Module) -> dict[str, bytes]:
    """The files that ncnn's tools would write: convolutions in the order in which they are computed."""
    lines, data = [], b""
    if isinstance(model, Span):
        lines.append("MemoryData mean 0 1 mean 0=1 1=1 2=3")
        data += np.array(MEAN, "<f4").tobytes()
    for number, layer in enumerate(each for each in model.modules() if isinstance(each, nn.Conv2d)):
        assert layer.bias is not None
        size = layer.weight.numel()
        lines.append(
            f"Convolution c{number} 1 1 a b 0={layer.out_channels} 1={layer.kernel_size[0]} 5=1 6={size}"
        )
        kernel = layer.weight.detach().numpy().astype("<f2").tobytes()
        data += (
            TAG + kernel + b"\0" * (-len(kernel) % 4) + layer.bias.detach().numpy().astype("<f4").tobytes()
        )
    return {"x.param": "\n".join(["7767517", f"{len(lines)} 1", *lines]).encode(), "x.bin": data}


def weights(folder: Path, architecture: str) -> Path:
    config, state = from_ncnn.convert(as_ncnn(network(architecture)))
    checkpoint.save(folder / "w.safetensors", config, state)
    return folder / "w.safetensors"


each = pytest.mark.parametrize("architecture", [span.ARCHITECTURE, rrdbnet.ARCHITECTURE])


@each
def test_weights_of_ncnn_become_those_of_the_network(architecture: str) -> None:
    model = network(architecture)

    config, state = from_ncnn.convert(as_ncnn(model))

    assert config["architecture"] == architecture
    assert config.get("scale", 4) == (2 if architecture == span.ARCHITECTURE else 4)
    assert state.keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        assert torch.equal(state[name].float(), value), name


@each
def test_files_of_another_network_are_refused(architecture: str) -> None:
    files = as_ncnn(network(architecture))
    first, _, *layers = files["x.param"].decode().splitlines()
    without = "\n".join([first, f"{len(layers) - 1} 1", *layers[:-1]]).encode()
    last = int(layers[-1].rpartition("=")[2])
    outputs = int(layers[-1].split(" 0=")[1].split()[0])
    shorter = files["x.bin"][: -(4 + 2 * last + -2 * last % 4 + 4 * outputs)]

    with pytest.raises(WeightsError, match="the file has"):
        from_ncnn.convert({"x.param": without, "x.bin": shorter})


def test_the_attention_of_span_weights_features_by_themselves_alone() -> None:
    block = span.Block(4)
    x = torch.randn(1, 4, 5, 5)
    for value in block.third.parameters():
        nn.init.zeros_(value)  # no features: the attention is sigmoid(0) - 1/2 = 0

    assert torch.equal(block(x)[0], torch.zeros_like(x))


def test_rrdbnet_without_weights_of_its_last_layers_keeps_its_input() -> None:
    """A block whose dense blocks add nothing is x + 0.2 x, as each dense block returns its input."""
    block = rrdbnet.ResidualBlock(4, 2)
    for dense in block.dense:
        nn.init.zeros_(dense.last.weight)  # type: ignore[union-attr, arg-type]
        nn.init.zeros_(dense.last.bias)  # type: ignore[union-attr, arg-type]
    x = torch.randn(1, 4, 5, 5)

    assert torch.allclose(block(x), 1.2 * x)


@each
def test_the_answer_is_the_networks(architecture: str, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    picture = np.random.default_rng(0).integers(0, 256, (9, 14, 3), np.uint8)
    upscaler = Upscaler(weights(tmp_path, architecture))
    with torch.inference_mode():
        expected = network(architecture)(torch.from_numpy(picture).permute(2, 0, 1)[None] / 255)

    answer = upscaler.upscale(picture)

    assert answer.shape == (9 * upscaler.scale, 14 * upscaler.scale, 3)
    expected = (expected[0].clamp(0, 1) * 255).permute(1, 2, 0).numpy()
    assert np.abs(answer - expected).max() <= 1


@each
def test_tiles_make_no_difference(architecture: str, tmp_path: Path) -> None:
    """SPAN's margin is its receptive field; that of this small RRDBNet is smaller than its margin."""
    torch.set_num_threads(1)
    picture = np.random.default_rng(0).integers(0, 256, (80, 70, 3), np.uint8)
    upscaler = Upscaler(weights(tmp_path, architecture))

    pieces = upscaler.upscale(picture, tile=40).astype(int)

    assert np.abs(pieces - upscaler.upscale(picture)).max() <= 1


@each
def test_the_stages_name_the_network(architecture: str, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    file = io.BytesIO()
    Image.effect_noise((150, 130), 90).convert("RGB").save(file, "PNG")
    predictor = Predictor(weights(tmp_path, architecture))

    opened = answer_opened(predictor, {"image": file.getvalue()}, PredictParams())

    stages = {stage.id: stage for stage in opened.stages}
    assert list(stages) == ["input", "features", "comparison", "residual", "enlarged"]
    names = [str(each["name"]) for each in stages["comparison"].data["pictures"]]
    own = "SPAN" if architecture == span.ARCHITECTURE else "Real-ESRGAN"
    of_scale = ["PSNR model", "JPEG model", *(["GAN model"] if predictor.upscaler.scale == 2 else [])]
    assert names == ["Bicubic", own, *of_scale]
    assert "predicts the picture itself" in str(stages["residual"].explanation)
    shown = stages["input"].data
    expected = (150, 130) if architecture == span.ARCHITECTURE else (128, 128)  # a slow one shows less
    assert (shown["width"], shown["height"]) == expected


def test_a_slow_network_reports_its_expected_time_before_the_first_tile(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    upscaler = Upscaler(weights(tmp_path, rrdbnet.ARCHITECTURE))
    reports: list[Steps] = []

    with reported_to(reports.append):
        upscaler.upscale(np.zeros((20, 20, 3), np.uint8))

    before = [str(report.message) for report in reports if report.step == 0]
    assert before[-1].startswith("This model is slow: about ")
    upscaler.__dict__["_seconds_per_pixel"] = 1e-3
    assert upscaler.expected_seconds((100, 200)) == pytest.approx(20)
    assert upscaler.expected_seconds((100, 200), ensemble=True) == pytest.approx(160)
    assert upscaler.expected_seconds((100, 300)) == pytest.approx(100 * (300 + 64) * 1e-3)  # two tiles


def test_only_the_slow_network_has_a_limit_of_its_own(tmp_path: Path) -> None:
    assert Predictor(weights(tmp_path, span.ARCHITECTURE)).small_up_to is None
    assert Predictor(weights(tmp_path, rrdbnet.ARCHITECTURE)).small_up_to == 1_500


def test_real_esrgan_enlarges_by_repeating_pixels() -> None:
    """Nearest neighbor, a convolution, twice: a constant map stays constant away from the border."""
    model: Any = network(rrdbnet.ARCHITECTURE)
    with torch.inference_mode():
        pixels = model.to_pixels(torch.ones(1, 4, 6, 6))

    inner = pixels[..., 6:-6, 6:-6]
    assert pixels.shape == (1, 3, 24, 24)
    assert torch.allclose(inner, F.adaptive_avg_pool2d(inner, 1), atol=1e-5)
