"""What a check finds, in datasets whose faults are known."""

import hashlib
import io

from PIL import Image

from models.core.contract.dataset import Annotation, DatasetKind, LabeledObject, Manifest, Mask, Picture
from models.core.contract.dataset_report import Report
from models.core.datasets.checks import check, with_splits
from models.core.datasets.splits import split
from tests.models.core.datasets.archives import encoded, picture


def checked(kind: DatasetKind, classes: list[str], *given: tuple[str, bytes, Annotation | None]) -> Report:
    pictures = [
        Picture(
            file=name, width=40, height=30, sha256=hashlib.sha256(data).hexdigest(), annotation=annotation
        )
        for name, data, annotation in given
    ]
    files = {name: data for name, data, _ in given}
    manifest = Manifest(kind=kind, classes=classes, pictures=pictures)
    return check(manifest, lambda each: files[each.file])


def found(report: Report) -> dict[str, tuple[int, list[str]]]:
    return {problem.code: (problem.count, problem.files) for problem in report.problems}


def test_a_sound_dataset_has_counts_and_no_problems() -> None:
    report = checked(
        DatasetKind.CLASSES,
        ["a", "b"],
        *(
            (f"{label}{n}", picture(seed=n + 10 * (label == "b")), Annotation(label=label))
            for n in range(4)
            for label in "ab"
        ),
    )

    assert report.counts.model_dump() == {"pictures": 8, "labeled": 8, "objects": 0}
    assert [(each.name, each.pictures) for each in report.classes] == [("a", 4), ("b", 4)]
    assert report.sizes is not None
    assert report.sizes.median == (40, 30)
    assert (report.problems, report.groups) == ([], {})


def test_pictures_that_cannot_be_used_are_named() -> None:
    large = encoded(Image.effect_noise((40, 30), 90), "JPEG")
    report = checked(
        DatasetKind.PICTURES,
        [],
        ("torn.jpg", large[: len(large) // 2], None),
        ("text.png", b"no picture", None),
        ("other.png", picture(8, 50), None),
    )

    assert found(report) == {
        "broken": (1, ["text.png"]),
        "size_differs": (1, ["other.png"]),
        "tiny": (1, ["other.png"]),
    } | {"broken": found(report)["broken"]}
    assert {problem.files[0] for problem in report.problems if problem.code == "broken"} == {
        "torn.jpg",
        "text.png",
    }


def test_copies_are_found_and_grouped() -> None:
    image = Image.open(io.BytesIO(picture(seed=1)))
    original, smaller = picture(seed=1), encoded(image.resize((36, 27)))
    report = checked(
        DatasetKind.CLASSES,
        ["a", "b"],
        ("1", original, Annotation(label="a")),
        ("2", original, Annotation(label="b")),
        ("3", smaller, Annotation(label="a")),
        ("4", picture(seed=2), Annotation(label="b")),
    )

    assert report.groups == {"1": "1", "2": "1", "3": "1"}
    assert found(report)["duplicate"] == (1, ["2 = 1"])
    assert found(report)["contradiction"] == (1, ["2 = 1"])
    assert found(report)["near_duplicate"] == (1, ["3 ≈ 1"])
    assert "groups" not in report.model_dump()


def test_objects_that_make_no_sense_are_named() -> None:
    def of(xmin: float, ymin: float, xmax: float, ymax: float, mask: Mask | None = None) -> Annotation:
        return Annotation(objects=[LabeledObject(label="a", box=(xmin, ymin, xmax, ymax), mask=mask)])

    report = checked(
        DatasetKind.BOXES,
        ["a", "never"],
        ("outside", picture(seed=1), of(0, 0, 50, 5)),
        ("nearly", picture(seed=2), of(-0.5, 0, 40.5, 30)),
        ("empty", picture(seed=3), of(4, 4, 4, 9)),
        ("mask", picture(seed=4), of(0, 0, 4, 4, mask=Mask(size=(4, 4), counts=[0, 16]))),
        ("none", picture(seed=5), None),
    )

    assert found(report) == {
        "box_outside": (1, ["outside"]),
        "box_empty": (1, ["empty"]),
        "mask_size": (1, ["mask"]),
        "no_examples": (1, []),
        "unlabeled": (1, ["none"]),
    }
    assert report.counts.model_dump() == {"pictures": 5, "labeled": 4, "objects": 4}


def test_after_a_split_the_report_counts_it() -> None:
    given = [(f"{n}", picture(seed=n), Annotation(label="a" if n < 40 else "b")) for n in range(43)]
    files = {name: data for name, data, _ in given}
    pictures = [
        Picture(file=name, width=40, height=30, sha256=name, annotation=label) for name, _, label in given
    ]
    manifest = Manifest(kind=DatasetKind.CLASSES, classes=["a", "b"], pictures=pictures)
    report = check(manifest, lambda each: files[each.file])
    divided = manifest.model_copy(update={"pictures": split(pictures, report.groups)})
    report = with_splits(report, divided)

    assert report.splits.model_dump() == {"train": 30, "validation": 7, "test": 6}
    assert [(each.train, each.validation, each.test) for each in report.classes] == [(28, 6, 6), (2, 1, 0)]
    assert {problem.code for problem in report.problems} == {"imbalanced", "few_examples"}
    assert "'a' is in 40 pictures, 'b' in 3" in report.problems[0].message + report.problems[1].message


def test_copies_on_both_sides_of_given_splits_are_an_error() -> None:
    data = picture()
    sha = hashlib.sha256(data).hexdigest()
    one = Picture(file="1", width=40, height=30, sha256=sha, split="train", annotation=Annotation(label="a"))
    pictures = [one, one.model_copy(update={"file": "2", "split": "test"})]
    report = check(Manifest(kind=DatasetKind.CLASSES, classes=["a"], pictures=pictures), lambda _: data)

    assert report.problems[0].severity == "error"
    assert found(report)["in_two_splits"] == (2, ["1", "2"])
    assert {"one_class", "no_validation", "few_examples"} <= set(found(report))
