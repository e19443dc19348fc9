"""Draws docs/diagrams/clustering.svg, an iteration of k-means: `python -m models.clustering.recipe.diagram`.

The pictures show the real algorithm on 24 points, from initial centers that are deliberately poor. The colors
follow the reader's light or dark setting.
"""

from html import escape
from pathlib import Path

import numpy as np

from models.clustering.lloyd import Step, lloyd

FILE = Path(__file__).parents[3] / "docs" / "diagrams" / "clustering.svg"
SIDE, MARGIN, GAP, CAPTION = 190, 12, 16, 40
# Okabe and Ito's colors, which color-blind readers can distinguish
COLORS = ("#0072b2", "#e69f00", "#009e73")
STYLE = """\
.k-means-diagram { color: #1d2327; font-family: system-ui, sans-serif; font-size: 12px }
.k-means-diagram text { fill: currentColor; text-anchor: middle }
.k-means-diagram .title { font-weight: 600 }
.k-means-diagram .frame { fill: none; stroke: currentColor; stroke-opacity: 0.35 }
.k-means-diagram .plain { fill: currentColor; fill-opacity: 0.5 }
.k-means-diagram .center { stroke: currentColor; stroke-width: 1.5 }
.k-means-diagram .move { stroke: currentColor; stroke-width: 1.5; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) { .k-means-diagram { color: #e6e9ec } }"""
DESCRIPTION = (
    "Four pictures of the same points. Initial centers: three centers and points without a cluster. Assign: "
    "each point is joined to its nearest center by a line. Update: each center has moved to the mean of its "
    "points. Converged: the assign and update steps no longer change anything."
)


def main() -> None:
    """Write the file."""
    FILE.write_text(draw(), "utf-8")


def draw() -> str:
    """The diagram as SVG."""
    random = np.random.default_rng(4)
    points = np.concatenate(
        [random.normal(mean, 0.09, (8, 2)) for mean in ((0.2, 0.3), (0.75, 0.2), (0.6, 0.8))]
    )
    points = points.clip(0.03, 0.97)
    steps = list(
        lloyd(points, np.array([[0.12, 0.75], [0.45, 0.08], [0.3, 0.92]]), max_iter=50, tolerance=0.0)
    )
    first, second, last = steps[0], steps[1], steps[-1]
    assigned = _points(points, first)
    start, moved, end = (_centers(step.centroids) for step in (first, second, last))
    outcome = f"Converged after {last.number} iterations"
    panels = [
        ("Initial centers", "k = 3", _points(points, None) + start),
        ("Assign", "to the nearest center", _spokes(points, first) + assigned + start),
        ("Update", "to the mean of the points", assigned + _moves(first, second) + moved),
        (outcome, "nothing changes", _points(points, last) + end),
    ]
    width = 2 * MARGIN + len(panels) * SIDE + (len(panels) - 1) * GAP
    height = 2 * MARGIN + SIDE + CAPTION
    drawn = "\n".join(_panel(number, *panel) for number, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="k-means-diagram" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">\n<title>One iteration of k-means</title>\n'
        f"<desc>{escape(DESCRIPTION)}</desc>\n<style>\n{STYLE}\n</style>\n{drawn}\n</svg>\n"
    )


def _panel(number: int, title: str, subtitle: str, content: str) -> str:
    left = MARGIN + number * (SIDE + GAP)
    return (
        f'<g transform="translate({left} {MARGIN})">\n'
        f'<rect class="frame" width="{SIDE}" height="{SIDE}" rx="4"/>\n{content}'
        f'<text class="title" x="{SIDE / 2:g}" y="{SIDE + 17}">{escape(title)}</text>\n'
        f'<text x="{SIDE / 2:g}" y="{SIDE + 33}">{escape(subtitle)}</text>\n</g>'
    )


def _points(points: np.ndarray, step: Step | None) -> str:
    fills = [f'fill="{COLORS[label]}"' for label in step.labels] if step else ['class="plain"'] * len(points)
    pairs = zip((points * SIDE).tolist(), fills, strict=True)
    return "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" {fill}/>\n' for (x, y), fill in pairs)


def _centers(centers: np.ndarray) -> str:
    corners = ((0, -7), (7, 0), (0, 7), (-7, 0))
    shapes = []
    for (x, y), color in zip((centers * SIDE).tolist(), COLORS, strict=True):
        shape = " ".join(f"{x + right:.1f},{y + down:.1f}" for right, down in corners)
        shapes.append(f'<polygon class="center" fill="{color}" points="{shape}"/>\n')
    return "".join(shapes)


def _spokes(points: np.ndarray, step: Step) -> str:
    ends = step.centroids[step.labels]
    lines = np.concatenate([points, ends], axis=1) * SIDE
    return "".join(
        f'<line x1="{a:.1f}" y1="{b:.1f}" x2="{c:.1f}" y2="{d:.1f}" stroke="{COLORS[label]}"/>\n'
        for (a, b, c, d), label in zip(lines.tolist(), step.labels, strict=True)
    )


def _moves(before: Step, after: Step) -> str:
    lines = np.concatenate([before.centroids, after.centroids], axis=1) * SIDE
    return "".join(
        f'<line class="move" x1="{a:.1f}" y1="{b:.1f}" x2="{c:.1f}" y2="{d:.1f}"/>\n'
        for a, b, c, d in lines.tolist()
    )


if __name__ == "__main__":
    main()
