"""Audits of datasets: what is skewed is found, what is balanced is not, whatever the data looks like."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from PIL import Image

from models.audit.audit import audited
from models.audit.card import DatasetAuditParams
from models.audit.datasets.associations import associations
from models.audit.datasets.copies import Copies
from models.audit.datasets.determination import binned, error_reduction, explained_variance
from models.audit.datasets.facts import Facts
from models.audit.datasets.tables import ROWS
from models.audit.groups import Groups
from models.audit.significance import p_of_categories, p_of_numbers
from models.core.auditing.outcomes import Attribute
from models.core.contract.dataset import (
    MANIFEST,
    Annotation,
    DatasetKind,
    LabeledObject,
    Manifest,
    Picture,
    Split,
)
from models.core.contract.errors import InputError
from models.core.contract.prediction import Role, Stage
from models.core.contract.progress import Progress
from models.core.datasets.archive import load


def of_table(
    header: Sequence[str], rows: Sequence[Sequence[Any]], **params: Any
) -> tuple[dict[str, Any], dict[str, Stage]]:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return opened(text.getvalue().encode(), **params)


def opened(source: Any, **params: Any) -> tuple[dict[str, Any], dict[str, Stage]]:
    """The result and the stages, which must be JSON with one answer, the last."""
    result, stages = audited(source, DatasetAuditParams(**params), Progress())
    assert [stage.role for stage in stages if stage.role] == [Role.ANSWER]
    assert stages[-1].role == Role.ANSWER
    assert all(stage.json for stage in stages)
    return result, {stage.id: stage for stage in stages}


def picture(
    split: Split, label: str | None, pixels: np.ndarray, *boxes: Sequence[float]
) -> tuple[Picture, bytes]:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    objects = [LabeledObject(label=label or "", box=(box[0], box[1], box[2], box[3])) for box in boxes]
    annotation = None if label is None else Annotation(objects=objects) if boxes else Annotation(label=label)
    height, width = pixels.shape[:2]
    name = f"{digest[:12]}-{split}-{label}.png"
    return Picture(
        file=name, width=width, height=height, sha256=digest, split=split, annotation=annotation
    ), buffer.getvalue()


def of_pictures(
    folder: Path, pictures: Sequence[tuple[Picture, bytes]], kind: DatasetKind, **params: Any
) -> tuple[dict[str, Any], dict[str, Stage]]:
    labels = [each.annotation for each, _ in pictures if each.annotation]
    classes = sorted(
        {name for each in labels for name in [each.label, *(own.label for own in each.objects)] if name}
    )
    path = folder / "dataset.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            MANIFEST, Manifest(kind=kind, classes=classes, pictures=[each for each, _ in pictures]).to_json()
        )
        for each, data in pictures:
            archive.writestr(each.file, data)
    with load(path) as dataset:
        return opened(dataset, **params)


def noise(random: np.random.Generator, mean: float) -> np.ndarray:
    """A coarse pattern with this brightness."""
    blocks = random.normal(mean, 25, (4, 4, 3)).clip(0, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(blocks).resize((32, 32)))


def test_p_values_are_those_of_scipy() -> None:
    random = np.random.default_rng(0)
    values, groups = random.integers(0, 9, 90).astype(float), random.integers(0, 3, 90)
    other = random.integers(0, 2, 90)

    expected = scipy.stats.kruskal(*(values[groups == index] for index in range(3)))[1]
    assert p_of_numbers(values, groups) == pytest.approx(expected)
    assert p_of_numbers(np.array([1.0, 2, 3, 4, 5, 6]), np.repeat([0, 1], 3)) == pytest.approx(
        0.0495, abs=1e-4
    )
    table = np.histogram2d(groups, other, bins=(3, 2))[0]
    expected = scipy.stats.chi2_contingency(table, correction=False)[1]
    assert p_of_categories(groups, other) == pytest.approx(expected)


def test_error_reduction_is_held_out() -> None:
    classes = np.array([0, 0, 0, 0, 0, 1, 1, 1, 0])
    values = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1])

    assert error_reduction(classes, classes) == 1  # it is the class itself
    assert error_reduction(np.arange(9), classes) == 0  # an identifier
    assert error_reduction(values, classes) == pytest.approx(2 / 3)  # one of three errors remains
    assert explained_variance(np.array([0, 0, 1, 1]), np.array([1.0, 1, 3, 3])) == 1
    assert len(np.unique(binned(np.arange(1_000.0)))) == 32


@pytest.mark.parametrize(("is_skewed", "least", "most"), [(True, 20, 20), (False, 0, 3)])
def test_what_stands_for_the_group_is_found_and_nothing_else(is_skewed: bool, least: int, most: int) -> None:
    alarms = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        of = random.integers(2, size=200)
        numbers = {"shifted": random.normal(0.8 * of * is_skewed), "other": random.normal(size=200)}
        attributes = {name: Attribute(name, values) for name, values in numbers.items()}
        attributes["kind"] = Attribute("kind", random.integers(4, size=200), ("a", "b", "c", "d"))
        each = np.arange(200)
        copies = Copies(each, each, each - 1, (), each - 1, (), ())
        facts = Facts(ROWS(), attributes, "", [{"row": row} for row in range(200)], copies)
        alarms += any(own.is_distinct for own in associations(facts, "", Groups("group", ("a", "b"), of), 0))

    print(f"tables {'with' if is_skewed else 'without'} a proxy: {alarms} of 20 have a finding")  # noqa: T201
    assert least <= alarms <= most


def test_shares_gaps_and_rows_of_a_table_by_group() -> None:
    rows = [["ä", i % 7, "yes" if i % 4 else "no"] for i in range(40)]
    rows += [["漢", "" if i % 2 else i, "yes" if i % 4 == 0 else "no"] for i in range(40)]
    result, stages = of_table(("ort", "wert", "ziel"), rows, group="ort")

    by_group = {each["group"]: each for each in result["groups"]}
    gap = next(each for each in result["gaps"] if each["measure"] == "class-1")
    assert (by_group["ä"]["class-1"]["hits"], by_group["漢"]["class-1"]["hits"]) == (30, 10)
    assert (gap["difference"], gap["is_distinct"]) == (0.5, True)
    assert by_group["漢"]["missing"]["value"] == 0.5
    behind = stages["groups"].data["groups"][1]["outcomes"]["missing"]
    assert (behind["count"], behind["rows"][:2]) == (20, [43, 45])


def test_a_column_that_determines_the_target_is_a_leak() -> None:
    random = np.random.default_rng(0)
    target = random.integers(3, size=150)
    rows = [
        [i, random.normal(), f"code {target[i]}", target[i] + random.random() / 9, "abc"[target[i]]]
        for i in range(150)
    ]
    result, _ = of_table(("id", "number", "code", "later", "target"), rows)

    suspicious = {each["attribute"] for each in result["determinations"] if each["is_suspicious"]}
    assert suspicious == {"code", "later"}
    assert sum("avoids" in each for each in result["findings"]) == 2


def test_rows_that_are_alike_can_lie_in_two_splits_and_disagree() -> None:
    rows = [[i, i * 1.37 % 5, "train" if i % 2 else "test", "yn"[i % 2]] for i in range(60)]
    rows += [[100, rows[0][1], "train", "n"], [101, rows[1][1], "train", "n"]]
    result, stages = of_table(("id", "number", "split", "target"), rows)

    assert {name: result["copies"][name] for name in ("exact", "over_splits", "disagreeing")} == {
        "exact": 2,
        "over_splits": 1,
        "disagreeing": 1,
    }
    assert [row[1] for row in stages["copies-labels"].data["rows"]] == [2, 62]


def test_a_class_that_is_darker_is_found_with_its_pictures(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pictures = [
        picture("test" if i % 4 == 0 else "train", label, noise(random, mean))
        for i in range(30)
        for label, mean in (("cat", 90), ("dog", 150))
    ]
    result, stages = of_pictures(tmp_path, pictures, DatasetKind.CLASSES)

    found = {each["attribute"]: each for each in result["associations"]}
    assert found["brightness"]["is_distinct"]
    assert not found["split"]["is_distinct"]
    dark = {each["group"]: each["brightness"]["hits"] for each in result["groups"]}
    assert dark == {"cat": 15, "dog": 0}
    assert (
        stages["groups"]
        .data["groups"][0]["outcomes"]["brightness"]["examples"][0]["picture"]
        .endswith("cat.png")
    )
    assert [row[:2] for row in stages["counts"].data["rows"]] == [["cat", 30], ["dog", 30]]
    assert stages["extremes"].data["column_names"] == ["darkest", "brightest", "least sharp", "sharpest"]
    assert stages["distribution-0"].data["series"][0]["name"] == "cat"


def test_near_duplicates_of_pictures_are_shown_in_pairs(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    pictures = [picture("train", "cat" if i % 2 else "dog", noise(random, 120)) for i in range(8)]
    copy = np.array(Image.open(io.BytesIO(pictures[0][1])))
    copy[3, 3] += 2
    pictures += [picture("test", "cat", copy)]
    result, stages = of_pictures(tmp_path, pictures, DatasetKind.CLASSES)

    assert (result["copies"]["over_splits"], result["copies"]["disagreeing"]) == (1, 1)
    captions = stages["copies-over-splits"].data["steps"][0]["captions"]
    assert sorted(captions) == ["test", "train"]
    assert sorted(stages["copies-labels"].data["steps"][0]["captions"]) == ["cat", "dog"]


def test_objects_are_audited_by_their_boxes(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pictures = [
        picture("train", label, noise(random, 120), box)
        for _ in range(12)
        for label, box in (("ant", (2, 2, 6, 6)), ("bee", (4, 4, 30, 28)))
    ]
    result, stages = of_pictures(tmp_path, pictures, DatasetKind.BOXES)

    assert (result["unit"], result["total"]) == ("objects", 24)
    assert next(each for each in result["determinations"] if each["attribute"] == "box size")["is_suspicious"]
    # all ants are equally small, so none is below the quarter
    assert "box size" not in stages["groups"].data["outcome_names"]
    assert stages["extremes"].data["column_names"][-2:] == ["smallest box", "largest box"]


def test_pictures_without_labels_are_audited_by_what_they_show(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pictures = [picture("train", None, noise(random, 120)) for _ in range(12)]
    result, stages = of_pictures(tmp_path, pictures, DatasetKind.PICTURES)

    assert result["target"] is None
    assert "no labels" in result["findings"][0]
    assert "determination" not in stages


def test_one_class_one_group_and_missing_columns_give_a_smaller_audit() -> None:
    result, _ = of_table(("empty", "same", "target"), [["", "x", "yes"]] * 12)

    assert [each["size"]["hits"] for each in result["groups"]] == [12]
    assert result["associations"] == []
    assert "one class" in result["findings"][0]


def test_without_a_choice_the_groups_are_few_values_before_the_target_and_that_before_ranges() -> None:
    rows = [[n, n % 40, "ab"[n % 2], "xyz"[n % 3]] for n in range(120)]
    kinds, _ = of_table(("id", "age", "side", "kind"), rows)
    classes, _ = of_table(("id", "age", "kind"), [[one, two, kind] for one, two, _, kind in rows])
    numbers, _ = of_table(("id", "age"), [[one, two] for one, two, _, _ in rows])

    assert [each["group"] for each in (kinds, classes, numbers)] == ["side", "kind", "id"]


def test_dates_are_shown_as_dates() -> None:
    rows = [[f"2024-01-{day + 1:02d}", day, "ab"[day % 2]] for day in range(31) for _ in range(4)]
    by_date, _ = of_table(("day", "number", "side"), rows, group="day", target="side")
    of_date, stages = of_table(("day", "number", "side"), rows, group="side", target="day")
    measures = {each["id"]: each["name"] for each in json.loads(stages["groups"].json or "")["measures"]}

    # of 124 rows, four a day, the quarters begin with rows 30.75, 61.5 and 92.25
    assert [group["group"] for group in by_date["groups"]] == [
        "2024-01-01 to 2024-01-08",
        "2024-01-08 to 2024-01-16",
        "2024-01-16 to 2024-01-24",
        "2024-01-24 to 2024-01-31",
    ]
    assert measures["above"] == "day after 2024-01-16"
    assert [group["group"] for group in of_date["groups"]] == ["a", "b"]


def test_a_column_without_any_value_is_missing_everywhere() -> None:
    rows = [["", "ab"[row % 2]] for row in range(40)]
    [group] = of_table(("empty", "side"), rows, group="empty")[0]["groups"]
    target, _ = of_table(("empty", "side"), rows, group="side", target="empty")

    assert (group["group"], group["size"]["hits"]) == ("(missing)", 40)
    assert target["target"] == "empty"


def test_groups_that_cannot_be_compared_are_refused() -> None:
    rows = [[f"name {i}", i % 3, "yn"[i % 2]] for i in range(10_000)]

    with pytest.raises(InputError, match="10,000 different values"):
        of_table(("name", "number", "target"), rows, group="name")
    with pytest.raises(InputError, match="There is no group 'age'"):
        of_table(("name", "number", "target"), rows[:20], group="age")
