"""Answers of the shipped models to one, two and no pictures."""

import io

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from models.autoencoding.card import HERE, PredictParams
from models.autoencoding.predict import Predictor
from models.core.contract.prediction import Opened, answer_opened


@pytest.fixture(scope="module")
def variational() -> Predictor:
    torch.set_num_threads(1)
    return Predictor(HERE / "weights" / "variational-16.safetensors")


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def sample(name: str) -> bytes:
    return (HERE / "samples" / name).read_bytes()


def opened(predictor: Predictor, inputs: dict[str, bytes], **params: object) -> Opened:
    return answer_opened(predictor, inputs, PredictParams.model_validate(params))


def stages(found: Opened) -> dict[str, dict]:
    return {stage.id: dict(stage.data) for stage in found.stages}


def output(found: Opened) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(found.prediction.outputs[0].data)))


def test_a_garment_is_rebuilt_better_than_by_pca(variational: Predictor) -> None:
    found = opened(variational, {"picture": sample("boot.png")})
    result = found.prediction.result

    assert result["psnr"] > result["psnr_pca"] + 1
    assert result["distance"] == pytest.approx(28 * 10 ** (-result["psnr"] / 20), rel=1e-3)
    assert not result["familiarity"]["is_unlike"]
    assert np.shape(result["z"]) == (1, 16)
    assert result["image"] == {"width": 28, "height": 28}
    assert output(found).shape == (224, 224)


def test_a_photo_is_unlike_garments(variational: Predictor) -> None:
    familiarity = opened(variational, {"picture": sample("photo.jpg")}).prediction.result["familiarity"]

    assert familiarity["is_unlike"]
    assert familiarity["deviation"] > familiarity["threshold"]


def test_a_garment_on_white_is_inverted(variational: Predictor) -> None:
    boot = Image.open(io.BytesIO(sample("boot.png")))
    on_white = ImageOps.invert(boot)
    found, inverted = (
        opened(variational, {"picture": png(each)}) for each in (boot, on_white)
    )  # fmt: skip

    assert inverted.prediction.result["z"] == found.prediction.result["z"]
    assert "black and white were exchanged" in inverted.stages[0].explanation
    assert "black and white were exchanged" not in found.stages[0].explanation


def test_a_walk_leads_from_one_reconstruction_to_the_other(variational: Predictor) -> None:
    inputs = {"picture": sample("sneaker.png"), "second": sample("boot.png")}
    found = opened(variational, inputs, count=5)
    walk = output(found)  # picture, five steps, picture
    ends = [output(opened(variational, {"picture": data}))[::2, ::2] for data in inputs.values()]

    assert walk.shape == (112, 7 * 112)
    assert np.array_equal(walk[:, 112:224], ends[0])
    assert np.array_equal(walk[:, 5 * 112 : 6 * 112], ends[1])
    assert stages(found)["code"]["walk"]["to"] == pytest.approx(found.prediction.result["z"][1], abs=1e-4)


def test_random_z_follow_the_seed_and_the_temperature(variational: Predictor) -> None:
    one, same, other = (opened(variational, {}, count=4, seed=seed) for seed in (1, 1, 2))
    coldest = opened(variational, {}, count=4, temperature=0.0)

    assert np.array_equal(output(one), output(same))
    assert not np.array_equal(output(one), output(other))
    assert len({tuple(z) for z in coldest.prediction.result["z"]}) == 1
    assert one.prediction.result["image"] is None
    assert stages(one)["samples"]["count"] == 4


def test_the_stages_name_inactive_dimensions(variational: Predictor) -> None:
    data = stages(opened(variational, {"picture": sample("bag.png")}))
    kl = [row[1] for row in data["kl"]["rows"]]

    assert kl == sorted(kl, reverse=True)
    assert [row[2] for row in data["kl"]["rows"]] == [
        "inactive" if value < 0.05 else "active" for value in kl
    ]
    assert len(data["code"]["plane"]["points"]) == 400
    for line in data["posterior"]["series"]:  # densities
        assert np.trapezoid(line["y"], line["x"]) == pytest.approx(1, abs=0.03)


def test_a_denoising_autoencoder_undoes_corruption() -> None:
    predictor = Predictor(HERE / "weights" / "denoising-32.safetensors")
    found = opened(predictor, {"picture": sample("boot.png")}, corruption="salt and pepper", level=0.2)
    result = found.prediction.result

    assert result["psnr"] > result["psnr_corrupted"] + 5
    assert "familiarity" not in result
    assert "corrupted" in stages(found)
