"""Areas of objects as arrays."""

from models.core.datasets import areas


def test_a_polygon_inside_another_is_no_hole() -> None:
    square = [0.0, 0.0, 10.0, 0.0, 10.0, 10.0, 0.0, 10.0]
    within = [3.0, 3.0, 7.0, 3.0, 7.0, 7.0, 3.0, 7.0]

    assert areas.of_polygons([square, within], 10, 10).all()
