"""The denoiser's answers: tiles against the whole, given and estimated levels, transparency and gray."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.cancellation import while_needed
from models.core.contract.errors import Canceled, InputError, WeightsError
from models.core.contract.prediction import Opened, Prediction, answer, answer_opened
from models.denoising.architecture import Config, Denoiser
from models.denoising.card import PredictParams
from models.denoising.inspection import View, busiest
from models.denoising.metrics import psnr
from models.denoising.network import Network, pad
from models.denoising.noise import add
from models.denoising.predict import Predictor

SMALL = Config(widths=(8, 8, 16), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1), estimator_width=8)
TILE = 64


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def weights_of(folder: Path, model: Denoiser) -> Path:
    path = folder / "w.safetensors"
    checkpoint.save(path, model.config.to_json(), model.state_dict())
    return path


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """An untrained denoiser that changes every pixel."""
    torch.manual_seed(0)
    model = Denoiser(SMALL)
    with torch.no_grad():
        model.autoencoder.last.weight.mul_(10)
    return weights_of(tmp_path, model)


def photo(height: int = 60, width: int = 90, seed: int = 0) -> np.ndarray:
    """Soft shapes of many colors."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return np.array(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def file_of(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def output_of(prediction: Prediction) -> np.ndarray:
    (output,) = prediction.outputs
    assert output.name == "denoised.png"
    return np.asarray(Image.open(io.BytesIO(output.data)))


def inputs_of(pixels: np.ndarray) -> dict[str, bytes]:
    return {"image": file_of(pixels)}


def predict(weights: Path, pixels: np.ndarray, params: PredictParams) -> Prediction:
    return answer(Predictor(weights), inputs_of(pixels), params)


def open_answer(weights: Path, pixels: np.ndarray, params: PredictParams) -> Opened:
    return answer_opened(Predictor(weights), inputs_of(pixels), params)


def denoise(weights: Path, pixels: np.ndarray, params: PredictParams) -> np.ndarray:
    return output_of(predict(weights, pixels, params))


@pytest.mark.parametrize(("height", "width"), [(200, 136), (64, 64), (65, 190), (7, 150), (1, 1)])
def test_tiles_give_the_result_of_the_whole_image(weights: Path, height: int, width: int) -> None:
    config, state = checkpoint.load(weights)
    tiled, whole = (Network(config, state, "cpu", tile=tile) for tile in (TILE, 512))
    image = pad(add(photo(height, width), 25, 0))

    one, other = (torch.cat(list(network.bands(image, 25.0)), dim=1) for network in (tiled, whole))

    assert one.shape == image.shape
    torch.testing.assert_close(one, other, rtol=0, atol=1e-5)
    assert (one - image / 255).abs().max() > 1e-3
    first, second = tiled.estimate(image), whole.estimate(image)
    torch.testing.assert_close(first.level, second.level, rtol=0, atol=1e-5)
    torch.testing.assert_close(first.confidence, second.confidence, rtol=0, atol=1e-4)


def test_an_image_is_padded_by_mirroring() -> None:
    pixels = photo(9, 6)

    full = pad(pixels).permute(1, 2, 0).numpy()

    assert full.shape == (16, 8, 3)
    assert np.array_equal(full[:9, :6], pixels)
    assert np.array_equal(full[9, :6], pixels[8])
    assert np.array_equal(full[:9, 6:], pixels[:, 5:3:-1])


def test_the_busiest_detail_is_found() -> None:
    pixels = np.full((400, 600, 3), 90, np.uint8)
    pixels[:100, 500:] = photo(100, 100)

    view = busiest(pixels, 100)

    assert view == View(500, 0, 100, 100)
    assert np.array_equal(view.crop(pixels), photo(100, 100))
    assert busiest(pixels, 1000) == View(0, 0, 600, 400)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 40), (33, 3), (61, 83)])
def test_every_size_gets_an_answer_and_stages(weights: Path, height: int, width: int) -> None:
    opened = open_answer(weights, photo(height, width), PredictParams(add_noise=20))

    assert output_of(opened.prediction).shape == (height, width, 3)
    ids = [stage.id for stage in opened.stages]
    assert ids == ["input", "noise", "level", "features", "removed", "spread", "error", "answer"]
    assert all(b"NaN" not in stage.json for stage in opened.stages)


def test_all_stages_of_a_large_picture_show_one_detail(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.denoising.inspection.SHOWN_SIDE", 32)
    faint = np.full((150, 200, 3), 128, np.uint8)
    faint[:20, :20] += 2  # the added noise has much more contrast than this
    params = PredictParams(add_noise=50, seed=1)
    stages = {stage.id: stage for stage in open_answer(weights, faint, params).stages}
    places = {
        name: re.search(r"from column (\d+) and row (\d+)", stages[name].explanation)
        for name in ("noise", "removed", "spread", "error", "answer")
    }

    assert {place and place.groups() for place in places.values()} == {("0", "0")}


def test_transparency_is_kept(weights: Path) -> None:
    pixels = np.dstack([photo(), np.linspace(0, 255, 90).astype(np.uint8)[None].repeat(60, 0)])

    denoised = denoise(weights, pixels, PredictParams(noise_level=20))

    assert denoised.shape == (60, 90, 4)
    assert np.array_equal(denoised[..., 3], pixels[..., 3])
    opaque = denoise(weights, photo(), PredictParams(noise_level=20))
    assert np.array_equal(denoised[..., :3], opaque)  # not laid over white


def test_gray_stays_gray(weights: Path) -> None:
    assert denoise(weights, photo()[..., 0], PredictParams(add_noise=20)).shape == (60, 90)


def test_no_strength_changes_nothing(weights: Path) -> None:
    prediction = predict(weights, photo(), PredictParams(noise_level=30, strength=0.0))

    assert np.array_equal(output_of(prediction), photo())
    assert prediction.result["noise_removed"] == 0


def test_half_the_strength_removes_half(weights: Path) -> None:
    pixels = np.clip(photo(), 60, 190)
    full, half = (
        denoise(weights, pixels, PredictParams(noise_level=30, strength=strength)).astype(float)
        for strength in (1.0, 0.5)
    )
    inside = (full > 0) & (full < 255)

    assert inside.mean() > 0.5
    expected = (pixels + full) / 2
    assert np.abs(half - expected)[inside].max() <= 1


def test_a_given_level_is_used_and_otherwise_it_is_estimated(weights: Path) -> None:
    given = predict(weights, photo(), PredictParams(noise_level=40)).result["noise_level"]
    estimated = predict(weights, photo(), PredictParams()).result["noise_level"]

    assert given["used"] == given["told"] == 40
    assert estimated["told"] is None
    assert estimated["used"] == estimated["estimated"] == given["estimated"]


def test_added_noise_is_measured(weights: Path) -> None:
    pixels = photo()
    prediction = predict(weights, pixels, PredictParams(add_noise=25, seed=7))

    result = prediction.result
    assert result["psnr_noisy"] == pytest.approx(psnr(add(pixels, 25, 7), pixels), abs=0.001)
    assert result["psnr_denoised"] == pytest.approx(psnr(output_of(prediction), pixels), abs=0.001)
    assert "psnr_noisy" not in predict(weights, pixels, PredictParams()).result


def test_the_error_is_amplified_enough_to_be_visible(weights: Path) -> None:
    """Two levels of noise reach from black to white: noise of mean size 0.8 levels is a clear gray."""
    pixels = np.full((60, 90, 3), 128, np.uint8)
    opened = open_answer(weights, pixels, PredictParams(add_noise=25))
    error = next(stage for stage in opened.stages if stage.id == "error")
    noisy = next(file for file in error.files if file.name == "error-noisy.png")

    assert "amplified 5 times" in error.explanation
    drawn = np.asarray(Image.open(io.BytesIO(noisy.data)), float)
    assert 85 < drawn.mean() < 105  # 5 * 25 * sqrt(2 / pi), less what is clipped at white


def test_an_answer_does_not_depend_on_its_batch(weights: Path) -> None:
    predictor, params = Predictor(weights), PredictParams(add_noise=30)
    items = [predictor.decode(inputs_of(photo(*size)), params) for size in ((60, 90), (33, 20), (8, 8))]

    for one, item in zip(predictor.forward(items), items, strict=True):
        (alone,) = predictor.forward([item])
        assert torch.equal(one.denoised, alone.denoised)
        assert one.level == alone.level


def test_the_stages_of_a_large_image_show_a_detail(weights: Path) -> None:
    opened = open_answer(weights, photo(1100, 1300), PredictParams())

    stages = {stage.id: stage for stage in opened.stages}
    assert output_of(opened.prediction).shape == (1100, 1300, 3)
    assert (stages["answer"].data["width"], stages["answer"].data["height"]) == (1024, 1024)
    assert "detail of 1024 × 1024 pixels" in stages["answer"].explanation
    assert all(picture["file"] for picture in stages["answer"].data["pictures"])
    assert stages["input"].data["width"] == 256


def test_a_file_that_is_not_an_image_is_an_input_error(weights: Path) -> None:
    with pytest.raises(InputError, match="image"):
        Predictor(weights).decode({"image": b"not an image"}, PredictParams())


def test_the_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    checkpoint.save(path, {"architecture": "grid-detector"}, {"a": torch.zeros(1)})

    with pytest.raises(WeightsError, match="not a denoiser"):
        Predictor(path)


@pytest.mark.parametrize(
    ("config", "state"),
    [(SMALL.to_json(), {"a": torch.zeros(1)}), ({"architecture": "denoising-autoencoder"}, {})],
    ids=["tensors", "config"],
)
def test_incomplete_weights_are_refused(
    tmp_path: Path, config: dict[str, object], state: dict[str, torch.Tensor]
) -> None:
    path = tmp_path / "torn.safetensors"
    checkpoint.save(path, config, state or {"a": torch.zeros(1)})

    with pytest.raises(WeightsError, match="do not fit the denoiser"):
        Predictor(path)


@pytest.mark.parametrize("level", [None, 20.0])
def test_a_canceled_job_stops_between_tiles(weights: Path, level: float | None) -> None:
    checks: list[int] = []

    def is_needed() -> bool:
        checks.append(1)
        return len(checks) <= 3

    network = Network(*checkpoint.load(weights), "cpu", tile=16)
    image = pad(photo())
    with while_needed(is_needed), pytest.raises(Canceled):
        network.estimate(image) if level is None else list(network.bands(image, level))
    assert len(checks) == 4


def test_an_opaque_alpha_channel_is_dropped(weights: Path) -> None:
    opaque = np.dstack([photo(), np.full((60, 90), 255, np.uint8)])

    assert denoise(weights, opaque, PredictParams()).shape == (60, 90, 3)
