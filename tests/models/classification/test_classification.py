"""The head, the maps that explain it, and the training on a small dataset."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression

from models.classification import logistic
from models.classification.architecture import LINEAR_HEAD, MEANS_AND_MAXIMA, LinearHead, Pooling
from models.classification.card import SAMPLE_DATASET, PredictParams, TrainParams
from models.classification.data import Example, examples_of, folds, without_validation
from models.classification.features import resized, shrunk
from models.classification.inspection.class_activation import activation_maps
from models.classification.metrics import balanced_accuracy, balanced_interval, wilson_interval
from models.classification.predict import Predictor
from models.classification.train import train
from models.core.contract import checkpoint
from models.core.contract.dataset import Annotation, DatasetKind, Manifest, Picture
from models.core.contract.errors import InputError, Preempted
from models.core.contract.prediction import answer
from models.core.contract.progress import Progress
from models.core.datasets.archive import Dataset, load
from models.core.training.cross_stage import Encoder
from tests.models.stopping import StopAt


@pytest.mark.parametrize(("classes", "regularization"), [(2, 1.0), (4, 1.0), (4, 0.01)])
def test_the_fit_is_that_of_scikit_learn(classes: int, regularization: float) -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(40, 60)), random.permutation(np.arange(40) % classes)
    weights = logistic.balanced_weights(y, classes)
    known = LogisticRegression(C=regularization, tol=1e-9, max_iter=5000).fit(x, y, weights)

    weight, bias = logistic.fit(x, y, classes, inverse_regularization=regularization, weights=weights)

    np.testing.assert_allclose(logistic.probabilities(x, weight, bias), known.predict_proba(x), atol=1e-5)


@pytest.mark.parametrize("pooling", [Pooling(), MEANS_AND_MAXIMA])
def test_the_activation_maps_add_up_to_the_logits(pooling: Pooling) -> None:
    torch.manual_seed(0)
    sizes = zip(Encoder.CHANNELS, Encoder.STRIDES, strict=True)
    levels = [torch.randn(1, channels, 224 // stride, 160 // stride) for channels, stride in sizes]
    head = LinearHead(3, pooling.features)
    head.mean, head.deviation = torch.randn(pooling.features), torch.rand(pooling.features) + 0.5

    maps, constant = activation_maps([level[0] for level in pooling.of(levels)], head, means=pooling.means)

    assert maps.shape == (3, 7, 5)
    logits = head(pooling(levels))[0]
    torch.testing.assert_close(maps.sum(dim=(1, 2)) + constant, logits.double(), atol=1e-5, rtol=0)


def test_a_maximum_counts_at_its_place_alone_whatever_its_level() -> None:
    c4, c5 = torch.zeros(256, 4, 4), torch.zeros(512, 2, 2)
    c4[9, 1, 3], c5[7, 1, 0] = 5.0, 3.0
    head = LinearHead(1, 256 + 512)
    with torch.no_grad():
        head.linear.weight.zero_()
        head.linear.weight[0, 9], head.linear.weight[0, 256 + 7] = 4.0, 2.0

    maps, _ = activation_maps([c4, c5], head)

    assert maps[0].tolist() == [[0, 20], [6, 0]]  # the places of C4 lie in those of C5


@pytest.mark.parametrize(
    ("size", "seen"), [((4000, 3000), (320, 256)), ((100, 300), (96, 320)), ((5, 900), (32, 320))]
)
def test_both_sides_are_multiples_of_32_pixels(size: tuple[int, int], seen: tuple[int, int]) -> None:
    assert resized(shrunk(Image.new("RGB", size))).size == seen


def test_classes_count_alike() -> None:
    counts = np.array([[90, 10], [5, 5]])

    assert balanced_accuracy(counts) == pytest.approx(0.7)
    low, high = balanced_interval(counts)
    assert low < 0.7 < high
    assert balanced_interval(np.diag([3, 3]))[1] == 1  # all right: the observed value is in it


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert wilson_interval(23, 24) == pytest.approx((0.7976, 0.9926), abs=1e-4)


def test_a_group_is_in_one_fold() -> None:
    examples = [
        Example(picture_of(f"{n}", group=f"g{n // 3}"), label=n % 2, split="train") for n in range(30)
    ]

    found = folds(examples, 5, seed=0)

    assert {len(set(found[n : n + 3])) for n in range(0, 30, 3)} == {1}
    assert len(set(found)) == 5


def picture_of(name: str, label: str | None = None, group: str | None = None) -> Picture:
    annotation = Annotation(label=label) if label else None
    return Picture(
        file=name, width=8, height=8, sha256=name, group=group, split="train", annotation=annotation
    )


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those of a training on the sample dataset, without NanoDet-g."""
    torch.set_num_threads(1)
    file = tmp_path_factory.mktemp("classifier") / "w.safetensors"
    trained = train(
        SAMPLE_DATASET, TrainParams(backbone="box-unet"), weights=file, device="cpu", progress=Progress()
    )
    assert trained.part == "validation"
    assert trained["balanced_accuracy"] >= 0.75  # 8 pictures of four classes
    return file


def test_a_training_is_answered_from_and_returns_its_features(weights: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (50, 40), "navy").save(buffer, "PNG")

    result = answer(
        Predictor(weights, "cpu"), {"image": buffer.getvalue()}, PredictParams(features=True, top=3)
    ).result

    assert len(result["features"]) == Pooling().features
    assert len(result["classes"]) == 3
    assert result["label"] == result["classes"][0]["label"]
    assert result["backbone"] == "box-unet"


def test_a_head_on_means_and_maxima_of_c5_still_answers(weights: Path, tmp_path: Path) -> None:
    config, _ = checkpoint.load(weights)
    older = {name: value for name, value in config.items() if name not in ("pooling", "report")}
    torch.manual_seed(0)
    head = LinearHead(len(config["classes"]), MEANS_AND_MAXIMA.features)
    checkpoint.save(
        tmp_path / "w", older, {f"head.{name}": value for name, value in head.state_dict().items()}
    )
    buffer = io.BytesIO()
    Image.effect_noise((300, 200), 80).convert("RGB").save(buffer, "PNG")
    predictor, inputs = Predictor(tmp_path / "w", "cpu"), {"image": buffer.getvalue()}

    item = predictor.decode(inputs, PredictParams())
    (raw,) = predictor.forward([item])

    assert config["architecture"] == LINEAR_HEAD
    c5 = predictor.model.encoder(item.image[None])[-1][0].flatten(1)
    expected = head(torch.cat([c5.mean(1), c5.amax(1)]))
    torch.testing.assert_close(raw.logits, expected, atol=1e-4, rtol=0)
    stages = {stage.id: stage for stage in predictor.inspect(item, raw, PredictParams())}
    assert "1,024 numbers" in stages["contributions"].explanation


@pytest.mark.slow
def test_a_training_that_an_older_version_began_computes_its_features_anew(
    weights: Path, tmp_path: Path
) -> None:
    older = {"features": torch.zeros(3, 1, MEANS_AND_MAXIMA.features), "context": torch.zeros(3, 256)}
    checkpoint.save(tmp_path / "checkpoint", {"step": 3}, older)

    train(
        SAMPLE_DATASET,
        TrainParams(backbone="box-unet"),
        weights=tmp_path / "w",
        device="cpu",
        progress=Progress(),
        checkpoint=tmp_path / "checkpoint",
    )

    (_, one), (_, other) = checkpoint.load(weights), checkpoint.load(tmp_path / "w")
    assert torch.equal(one["head.linear.weight"], other["head.linear.weight"])


@pytest.mark.slow
def test_fine_tuning_starts_from_the_head_and_resumes(tmp_path: Path) -> None:
    params = TrainParams(mode="fine-tune", backbone="box-unet", steps=3, batch_size=2, learning_rate=1e-6)
    options = {"device": "cpu", "checkpoint": tmp_path / "checkpoint"}
    images = SAMPLE_DATASET

    whole = train(images, params, weights=tmp_path / "whole", device="cpu", progress=Progress())
    with pytest.raises(Preempted):
        train(images, params, weights=tmp_path / "halves", progress=StopAt(32 + 2), **options)
    train(images, params, weights=tmp_path / "halves", progress=Progress(), **options)

    (config, one), (_, other) = (checkpoint.load(tmp_path / name) for name in ("whole", "halves"))
    assert config["architecture"] == "fine-tuned"
    assert whole.figure == "log_loss"
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert Predictor(tmp_path / "whole", "cpu").config.backbone == "box-unet"


def dataset_of(folder: Path, pictures: list[Picture]) -> Dataset:
    """A dataset of cats and dogs whose pictures are not read."""
    manifest = Manifest(kind=DatasetKind.CLASSES, classes=["cat", "dog"], pictures=pictures)
    with zipfile.ZipFile(folder / "d.zip", "w") as archive:
        archive.writestr("dataset.json", manifest.to_json())
        for picture in pictures:
            archive.writestr(picture.file, b"")
    return load(folder / "d.zip")


def test_the_head_also_learns_from_validation_pictures_where_others_measure_it(tmp_path: Path) -> None:
    labels = {"train": ("cat", "dog"), "validation": ("cat",), "test": ("dog",)}
    pictures = [
        picture_of(f"{split}-{label}.png", label).model_copy(update={"split": split})
        for split, own in labels.items()
        for label in own
    ]
    with dataset_of(tmp_path, pictures) as dataset:
        examples, _ = examples_of(dataset)
    without_test = [each for each in examples if each.split != "test"]

    assert [each.split for each in without_validation(examples)] == ["train", "train", "train", "test"]
    assert without_validation(without_test) == without_test


def test_a_dataset_whose_classes_are_all_held_out_is_refused(tmp_path: Path) -> None:
    pictures = [picture_of(f"{label}.png", label) for label in ("cat", "dog")]
    held_out = [each.model_copy(update={"split": "test"}) for each in pictures]
    with (
        dataset_of(tmp_path, held_out) as dataset,
        pytest.raises(InputError, match="2 labeled pictures are in"),
    ):
        examples_of(dataset)


def test_a_dataset_of_one_class_is_refused(tmp_path: Path) -> None:
    with dataset_of(tmp_path, [picture_of("a.png", "cat")]):
        pass

    with pytest.raises(InputError, match=r"at least two classes; this dataset has 1 \(cat\)"):
        train(tmp_path / "d.zip", TrainParams(), weights=tmp_path / "w", device="cpu", progress=Progress())


@pytest.mark.slow
def test_the_lesson_on_doubt_quotes_the_shipped_head() -> None:
    folder = Path(__file__).parents[3]
    shipped = Predictor(folder / "models/classification/weights/kinds.box-unet.safetensors", "cpu")
    picture = (folder / "models/classification/samples/hammer.jpg").read_bytes()

    result = answer(shipped, {"image": picture}, PredictParams()).result

    first, second = result["classes"][:2]
    lesson = (folder / "frontend/src/i18n/en/lessons.ts").read_text("utf-8")
    assert f"Fish {first['score']:.2f}, tool {second['score']:.2f}" in lesson
    assert (first["label"], second["label"]) == ("fish", "tool")
    unlike = result["familiarity"]
    assert f"(deviation {unlike['deviation']:.2f}, limit {unlike['threshold']:.2f})" in lesson
