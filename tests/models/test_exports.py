"""Every model that is installed, as a ZIP: its script gives the answers of Glassbox."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from backend.services.models import pretrained
from models.core.contract import checkpoint, registry
from models.core.contract.prediction import Prediction
from models.core.exporting import onnx_file
from models.detection.pretrained import torchvision as detectors
from models.segmentation.export import VocClasses
from models.segmentation.pretrained import torchvision
from models.super_resolution.export import network as upscaler
from models.super_resolution.pretrained import rrdbnet, span
from tests.models.exported_scripts import run_script, train_on_table, unpacked
from workers import exporting

OWN = [name for name in registry.cards() if registry.is_own(name)]
MODELS = [
    (capability, model.name)
    for capability in OWN
    for model in registry.cards()[capability].models
    if (registry.folder(capability) / "export.py").exists()
]
TABLES = ("tabular", "clustering")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # two processes load torch for each model


def answer_of(capability: str, weights: Path, inputs: dict[str, bytes]) -> Prediction:
    """Glassbox's answer with the default params, but without the slices of large pictures."""
    predictor = registry.code(capability, "predict").Predictor(weights, "cpu")
    own = {"slices": "off"} if capability == "detection" else {}
    params = registry.cards()[capability].predict_params.model_validate(own)
    item = predictor.decode(inputs, params)
    (raw,) = predictor.forward([item])
    return predictor.encode(item, raw, params)


def picture_in(prediction: Prediction, name: str) -> np.ndarray:
    data = next(output.data for output in prediction.outputs if output.name == name)
    return np.asarray(Image.open(io.BytesIO(data)))


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    error = float(((one.astype(float) - other.astype(float)) ** 2).mean())
    return 99.0 if error == 0 else 10 * np.log10(255**2 / error)


def equal_boxes(_: Path, printed: Any, prediction: Prediction) -> None:
    expected = prediction.result["objects"]
    assert [each["label"] for each in printed] == [each["label"] for each in expected]
    for one, other in zip(printed, expected, strict=True):
        assert one["score"] == pytest.approx(other["score"], abs=1e-3)
        assert list(one["box"].values()) == pytest.approx(list(other["box"].values()), abs=1.0)


def equal_masks(folder: Path, _: Any, prediction: Prediction) -> None:
    if "instances" not in prediction.result:
        found = np.asarray(Image.open(folder / "mask.png"))
        assert (found == picture_in(prediction, "mask.png")).mean() > 0.9995
        return
    first = prediction.result["instances"][0]  # the mask of its box, which the script cannot find
    run_script(folder, "example.jpg", *map(str, first["box"].values()), "mask.png")
    found = np.asarray(Image.open(folder / "mask.png")) > 0
    expected = picture_in(prediction, "instances.png") == first["index"]
    assert (found & expected).sum() / (found | expected).sum() > 0.85  # without specks and holes removed


def equal_pictures(name: str) -> Callable[[Path, Any, Prediction], None]:
    def compare(folder: Path, _: Any, prediction: Prediction) -> None:
        expected = picture_in(prediction, name)
        found = Image.open(next(path for path in folder.glob("*.png") if path.stem != "example"))
        size = expected.shape[1], expected.shape[0]
        if found.size != size:  # small pictures are shown enlarged, each pixel repeated
            found = found.resize(size, Image.Resampling.NEAREST)
        values = np.asarray(found)
        expected = expected if expected.ndim == values.ndim else expected[..., :3]
        assert psnr(values, expected) > 40

    return compare


def equal_classes(_: Path, printed: Any, prediction: Prediction) -> None:
    expected = {each["label"]: each["score"] for each in prediction.result["classes"]}
    assert next(iter(printed)) == prediction.result["label"]
    assert all(printed[label] == pytest.approx(score, abs=1e-3) for label, score in expected.items())


COMPARED: dict[str, Callable[[Path, Any, Prediction], None]] = {
    "detection": equal_boxes,
    "segmentation": equal_masks,
    "classification": equal_classes,
    "super_resolution": equal_pictures("enlarged.png"),
    "colorization": equal_pictures("colorized.png"),
    "denoising": equal_pictures("denoised.png"),
    "depixelization": equal_pictures("restored.png"),
    "autoencoding": equal_pictures("reconstruction.png"),
    "generation": equal_pictures("generated.png"),
    "synthesis": equal_pictures("picture.png"),
}


@pytest.mark.parametrize(("capability", "name"), [each for each in MODELS if each[0] not in TABLES])
def test_the_script_gives_the_answer_of_glassbox(capability: str, name: str, tmp_path: Path) -> None:
    registry.find_fetched_with(pretrained.local)
    model = next(each for each in registry.cards()[capability].models if each.name == name)
    weights = registry.installed_weights(model)
    if weights is None:
        pytest.skip(f"{name} is not installed")

    manifest = unpacked(capability, name, weights, tmp_path)
    sample = exporting.example_of(capability, name) if capability != "generation" else None
    if sample is not None:
        (tmp_path / "example.jpg").write_bytes(sample.read_bytes())
    arguments = ["example.jpg"] if sample is not None else []
    printed = run_script(tmp_path, *arguments)

    assert manifest.check is not None
    assert manifest.check["relative"] <= manifest.check["tolerance"]
    inputs = registry.cards()[capability].inputs
    data = {inputs[0].name: sample.read_bytes()} if sample is not None else {}
    COMPARED[capability](tmp_path, printed, answer_of(capability, weights, data))


@pytest.mark.parametrize(
    ("capability", "table", "params"),
    [
        ("tabular", "iris", {}),
        ("tabular", "diabetes", {"method": "neural network"}),
        ("clustering", "iris", {}),
        ("clustering", "animals", {"method": "k-modes"}),
    ],
)
def test_the_script_of_a_table_gives_the_answer_of_glassbox(
    capability: str, table: str, params: dict[str, Any], tmp_path: Path
) -> None:
    weights = tmp_path / "trained.safetensors"
    file = registry.folder(capability) / "samples" / f"{table}.csv"
    train_on_table(capability, file, params, weights)

    unpacked(capability, table, weights, tmp_path)
    printed = run_script(tmp_path, str(file))

    answer = answer_of(capability, weights, {"table": file.read_bytes()})
    if capability == "clustering":
        assert printed == answer.result["labels"]
        return
    written = next(output.data for output in answer.outputs if output.name == "predictions.csv").decode()
    target = file.read_text("utf-8").splitlines()[0].split(",")[-1]
    column = written.splitlines()[0].split(",").index(f"predicted {target}")
    expected = [line.split(",")[column] for line in written.splitlines()[1:]]
    if isinstance(printed[0], dict):
        assert [each["class"] for each in printed] == expected
    else:
        assert printed == pytest.approx([float(value) for value in expected], rel=1e-5)


def test_upscalers_that_are_fetched_can_be_written_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    small, tiny = span.Config(scale=2, channels=8), rrdbnet.Config(channels=8, growth=4, blocks=2)
    for config, model in ((small, span.Span(small)), (tiny, rrdbnet.RRDBNet(tiny))):
        checkpoint.save(tmp_path / "random.safetensors", config.to_json(), model.state_dict())
        check = onnx_file.write(upscaler(tmp_path / "random.safetensors"), tmp_path / "random.onnx", {})

        assert check.relative <= check.tolerance


def test_torchvisions_segmentation_can_be_written_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = torchvision.build("lraspp_mobilenet_v3_large", 4).eval()
    picture = torch.rand(1, 3, 65, 97)
    program = torch.onnx.export(VocClasses(model).eval(), (picture,), dynamo=True, verbose=False)
    assert program is not None
    program.save(tmp_path / "lraspp.onnx")

    session = onnx_file.open_session(tmp_path / "lraspp.onnx")
    (found,) = session.run(None, {session.get_inputs()[0].name: picture.numpy()})
    with torch.inference_mode():
        expected = VocClasses(model).eval()(picture).numpy()
    assert np.abs(np.asarray(found) - expected).max() < 1e-4


def write_random_detector(architecture: str, path: Path) -> None:
    """Weights with which many boxes have a score that counts."""
    torch.manual_seed(0)
    labels = ["background", *(f"thing {index}" for index in range(1, 7))]
    model = detectors.build(architecture, len(labels))
    for layer in model.modules():
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight, a=1.0)
    state = {
        name: (50 if "cls_score" in name else 10 if "classification_head" in name else 1) * value
        for name, value in model.state_dict().items()
    }
    checkpoint.save(path, {"architecture": architecture, "labels": labels}, state)


@pytest.mark.parametrize("architecture", [name for name in detectors.ARCHITECTURES if "mobilenet" in name])
def test_torchvisions_detectors_can_be_written_too(architecture: str, tmp_path: Path) -> None:
    weights = tmp_path / "random.safetensors"
    write_random_detector(architecture, weights)
    sample = exporting.example_of("detection", "nanodet-g")
    assert sample is not None
    (tmp_path / "example.jpg").write_bytes(sample.read_bytes())

    manifest = unpacked("detection", architecture, weights, tmp_path)

    assert manifest.check is not None
    assert manifest.check["relative"] <= manifest.check["tolerance"]
    printed = run_script(tmp_path, "example.jpg")
    assert printed
    equal_boxes(tmp_path, printed, answer_of("detection", weights, {"image": sample.read_bytes()}))
