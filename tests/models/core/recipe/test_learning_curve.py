"""The learning curve: the first pictures to learn from, all pictures of the test, and a table."""

from pathlib import Path

from models.core.datasets import archive
from models.core.recipe.learning_curve import FEWEST, subset, table
from tests.models import labeled_pictures


def test_a_subset_keeps_the_test_and_a_fifth_to_validate_on(tmp_path: Path) -> None:
    whole = labeled_pictures.write(tmp_path / "whole.zip", counts=(12, 8, 3))

    subset(whole, 10, tmp_path / "part.zip")

    with archive.load(whole) as all_pictures, archive.load(tmp_path / "part.zip") as part:
        assert [len(part.manifest.of(split)) for split in ("train", "validation", "test")] == [10, FEWEST, 3]
        assert part.manifest.of("train") == all_pictures.manifest.of("train")[:10]
        picture = part.manifest.of("test")[0]
        assert part.read(picture) == all_pictures.read(picture)


def test_the_table_has_a_row_for_each_number_of_pictures() -> None:
    rows = [
        {"pictures": count, "start": start, "test_map50": value}
        for start, values in (("COCO", (0.25, 0.5)), ("scratch", (0.0, 0.125)))
        for count, value in zip((30, 10), values, strict=True)
    ]

    assert table(rows, "map50").splitlines()[2:] == ["| 10 | 0.500 | 0.125 |", "| 30 | 0.250 | 0.000 |"]
