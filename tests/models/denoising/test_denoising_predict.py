"""The denoiser's answers: pieces against the whole, levels told and guessed, and what must not be touched."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.cancellation import while_wanted
from models.core.contract.errors import Canceled, InputError, WeightsError
from models.core.contract.prediction import Prediction, Wants
from models.denoising.architecture import Config, Denoiser
from models.denoising.card import PredictParams
from models.denoising.metrics import psnr
from models.denoising.network import Network, whole_cells
from models.denoising.noise import add
from models.denoising.predict import Predictor
from models.denoising.view import View, busiest

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
    """A denoiser that was not trained, but does something everywhere."""
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


def opened(prediction: Prediction) -> np.ndarray:
    (output,) = prediction.outputs
    assert output.name == "denoised.png"
    return np.asarray(Image.open(io.BytesIO(output.data)))


@pytest.mark.parametrize(("height", "width"), [(200, 136), (64, 64), (65, 190), (7, 150), (1, 1)])
def test_pieces_give_what_the_whole_gives(weights: Path, height: int, width: int) -> None:
    config, state = checkpoint.load(weights)
    pieces, whole = (Network(config, state, "cpu", tile=tile) for tile in (TILE, 512))
    picture = whole_cells(add(photo(height, width), 25, 0))

    ours, theirs = (torch.cat(list(network.bands(picture, 25.0)), dim=1) for network in (pieces, whole))

    assert ours.shape == picture.shape
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)
    assert (ours - picture / 255).abs().max() > 1e-3
    mine, yours = pieces.guess(picture), whole.guess(picture)
    torch.testing.assert_close(mine.level, yours.level, rtol=0, atol=1e-5)
    torch.testing.assert_close(mine.sure, yours.sure, rtol=0, atol=1e-4)


def test_a_picture_is_mirrored_until_its_cells_are_full() -> None:
    pixels = photo(9, 6)

    full = whole_cells(pixels).permute(1, 2, 0).numpy()

    assert full.shape == (16, 8, 3)
    assert np.array_equal(full[:9, :6], pixels)
    assert np.array_equal(full[9, :6], pixels[8])
    assert np.array_equal(full[:9, 6:], pixels[:, 5:3:-1])


def test_the_busiest_detail_is_found() -> None:
    pixels = np.full((400, 600, 3), 90, np.uint8)
    pixels[:100, 500:] = photo(100, 100)

    view = busiest(pixels, 100)

    assert view == View(500, 0, 100, 100)
    assert np.array_equal(view.of(pixels), photo(100, 100))
    assert busiest(pixels, 1000) == View(0, 0, 600, 400)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 40), (33, 3), (61, 83)])
def test_any_size_is_answered_and_opened(weights: Path, height: int, width: int) -> None:
    prediction = Predictor(weights)(
        file_of(photo(height, width)), PredictParams(add_noise=20), Wants(inspection=True)
    )

    assert opened(prediction).shape == (height, width, 3)
    ids = [stage.id for stage in prediction.stages]
    assert ids == ["input", "noise", "level", "features", "removed", "spread", "error", "answer"]
    assert all(b"NaN" not in stage.json for stage in prediction.stages)


def test_all_stages_of_a_large_picture_show_one_detail(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.denoising.inspection.SHOWN_SIDE", 32)
    faint = np.full((150, 200, 3), 128, np.uint8)
    faint[:20, :20] += 2  # the noise that is added has far more contrast than this
    params = PredictParams(add_noise=50, seed=1)
    stages = {stage.id: stage for stage in Predictor(weights)(file_of(faint), params).stages}
    places = {
        name: re.search(r"from column (\d+) and row (\d+) on", stages[name].explanation)
        for name in ("noise", "removed", "spread", "error", "answer")
    }

    assert {place and place.groups() for place in places.values()} == {("0", "0")}


def test_transparency_is_kept(weights: Path) -> None:
    pixels = np.dstack([photo(), np.linspace(0, 255, 90).astype(np.uint8)[None].repeat(60, 0)])

    answer = opened(Predictor(weights)(file_of(pixels), PredictParams(noise_level=20)))

    assert answer.shape == (60, 90, 4)
    assert np.array_equal(answer[..., 3], pixels[..., 3])
    solid = opened(Predictor(weights)(file_of(photo()), PredictParams(noise_level=20)))
    assert np.array_equal(answer[..., :3], solid)  # not laid on white


def test_gray_stays_gray(weights: Path) -> None:
    prediction = Predictor(weights)(file_of(photo()[..., 0]), PredictParams(add_noise=20))

    assert opened(prediction).shape == (60, 90)


def test_no_strength_changes_nothing(weights: Path) -> None:
    prediction = Predictor(weights)(file_of(photo()), PredictParams(noise_level=30, strength=0.0))

    assert np.array_equal(opened(prediction), photo())
    assert prediction.result["noise_removed"] == 0


def test_half_the_strength_takes_half_away(weights: Path) -> None:
    predictor, data = Predictor(weights), file_of(np.clip(photo(), 60, 190))
    full, half = (
        opened(predictor(data, PredictParams(noise_level=30, strength=strength))).astype(float)
        for strength in (1.0, 0.5)
    )
    inside = (full > 0) & (full < 255)

    assert inside.mean() > 0.5
    wanted = (np.clip(photo(), 60, 190) + full) / 2
    assert np.abs(half - wanted)[inside].max() <= 1


def test_what_is_told_is_used_and_what_is_not_is_estimated(weights: Path) -> None:
    predictor, data = Predictor(weights), file_of(photo())
    told = predictor(data, PredictParams(noise_level=40)).result["noise_level"]
    estimated = predictor(data, PredictParams()).result["noise_level"]

    assert told["used"] == told["told"] == 40
    assert estimated["told"] is None
    assert estimated["used"] == estimated["estimated"] == told["estimated"]


def test_added_noise_is_measured(weights: Path) -> None:
    predictor, pixels = Predictor(weights), photo()
    prediction = predictor(file_of(pixels), PredictParams(add_noise=25, seed=7))

    result = prediction.result
    assert result["psnr_noisy"] == pytest.approx(psnr(add(pixels, 25, 7), pixels), abs=0.001)
    assert result["psnr_denoised"] == pytest.approx(psnr(opened(prediction), pixels), abs=0.001)
    assert "psnr_noisy" not in predictor(file_of(pixels), PredictParams()).result


def test_the_error_is_drawn_strongly_enough_to_be_seen(weights: Path) -> None:
    """Two levels of noise reach from black to white: noise of mean size 0.8 levels is a clear gray."""
    pixels = np.full((60, 90, 3), 128, np.uint8)
    prediction = Predictor(weights)(file_of(pixels), PredictParams(add_noise=25), Wants(inspection=True))
    error = next(stage for stage in prediction.stages if stage.id == "error")
    noisy = next(file for file in error.files if file.name == "error-noisy.png")

    assert "Amplified 5 times." in error.explanation
    drawn = np.asarray(Image.open(io.BytesIO(noisy.data)), float)
    assert 85 < drawn.mean() < 105  # 5 * 25 * sqrt(2 / pi), less what is cut off at white


def test_an_answer_does_not_depend_on_its_company(weights: Path) -> None:
    predictor, params = Predictor(weights), PredictParams(add_noise=30)
    inputs = [predictor.decode(file_of(photo(*size)), params) for size in ((60, 90), (33, 20), (8, 8))]

    for one, given in zip(predictor.forward(inputs), inputs, strict=True):
        (alone,) = predictor.forward([given])
        assert torch.equal(one.answer, alone.answer)
        assert one.level == alone.level


def test_a_large_picture_is_opened_by_a_detail(weights: Path) -> None:
    prediction = Predictor(weights)(file_of(photo(1100, 1300)), PredictParams(), Wants(inspection=True))

    stages = {stage.id: stage for stage in prediction.stages}
    assert opened(prediction).shape == (1100, 1300, 3)
    assert (stages["answer"].data["width"], stages["answer"].data["height"]) == (1024, 1024)
    assert "detail of 1024 × 1024 pixels" in stages["answer"].explanation
    assert all(picture["file"] for picture in stages["answer"].data["pictures"])
    assert stages["input"].data["width"] == 256


def test_what_is_no_picture_is_an_input_error(weights: Path) -> None:
    with pytest.raises(InputError, match="image"):
        Predictor(weights).decode(b"no picture", PredictParams())


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    checkpoint.save(path, {"architecture": "grid-detector"}, {"a": torch.zeros(1)})

    with pytest.raises(WeightsError, match="no denoiser"):
        Predictor(path)


@pytest.mark.parametrize(
    ("config", "state"),
    [(SMALL.to_json(), {"a": torch.zeros(1)}), ({"architecture": "denoising-autoencoder"}, {})],
    ids=["tensors", "config"],
)
def test_torn_weights_are_refused(
    tmp_path: Path, config: dict[str, object], state: dict[str, torch.Tensor]
) -> None:
    path = tmp_path / "torn.safetensors"
    checkpoint.save(path, config, state or {"a": torch.zeros(1)})

    with pytest.raises(WeightsError, match="do not fit the denoiser"):
        Predictor(path)


@pytest.mark.parametrize("told", [None, 20.0])
def test_it_stops_between_pieces_when_nobody_wants_the_answer(weights: Path, told: float | None) -> None:
    asked: list[int] = []

    def is_wanted() -> bool:
        asked.append(1)
        return len(asked) <= 3

    network = Network(*checkpoint.load(weights), "cpu", tile=16)
    picture = whole_cells(photo())
    with while_wanted(is_wanted), pytest.raises(Canceled):
        network.guess(picture) if told is None else list(network.bands(picture, told))
    assert len(asked) == 4


def test_what_shows_everything_has_no_transparency(weights: Path) -> None:
    opaque = np.dstack([photo(), np.full((60, 90), 255, np.uint8)])

    assert opened(Predictor(weights)(file_of(opaque), PredictParams())).shape == (60, 90, 3)
