"""Cards refuse declarations that no page could draw."""

import pytest

from models.core.contract.card import Brush, Sketch


@pytest.mark.parametrize(
    ("brushes", "background"),
    [
        ((), "#000000"),
        ((Brush("sky", "blue"),), "#000000"),
        ((Brush("sky", "#3A7BD5"),), "#000000"),
        ((Brush("sky", "#3a7bd5"),), "black"),
        ((Brush("sky", "#3a7bd5"), Brush("sea", "#3a7bd5")), "#000000"),
        ((Brush("sky", "#3a7bd5"), Brush("sky", "#4caf50")), "#000000"),
    ],
)
def test_a_sketch_without_distinct_exact_colors_is_refused(
    brushes: tuple[Brush, ...], background: str
) -> None:
    with pytest.raises(ValueError, match="brushes"):
        Sketch(8, 8, brushes, background)
