"""Finds the cluster of each row: `python answer.py table.csv` prints them as JSON, from 1; null: a gap."""

import csv
import json
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

HERE = Path(__file__).parent
EPOCH = datetime(1970, 1, 1)


def answer(path: str) -> list[int | None]:
    config = json.loads((HERE / "config.json").read_text("utf-8"))
    tensors = load_file(HERE / "weights.safetensors")
    table = read(path)
    columns = [values(config, index, table[name]) for index, name in enumerate(config["columns"])]
    x = (np.stack(columns, axis=1) - tensors["offset"]) / tensors["width"]
    is_complete = np.isfinite(x.sum(axis=1))
    nearest = costs(x, tensors["centers"], config).argmin(axis=1) + 1
    return [int(label) if complete else None for label, complete in zip(nearest, is_complete, strict=True)]


def read(path: str) -> dict[str, list[str]]:
    """The cells of each column; the separator is the one that the heading has most of."""
    text = Path(path).read_text("utf-8-sig")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    heading, *rows = csv.reader(text.splitlines(), delimiter=separator)
    return {name: [row[column].strip() for row in rows if row] for column, name in enumerate(heading)}


def values(config: dict, index: int, cells: list[str]) -> np.ndarray:
    """Numbers, days since the first date, or the index of each category; NaN for gaps."""
    if index >= config["numeric"]:
        known = config["categories"][index - config["numeric"]]
        # an unknown category differs from every center's
        return np.array(
            [known.index(cell) if cell in known else len(known) if cell else np.nan for cell in cells]
        )
    since = config["since"][index]
    if since is None:
        return np.array([float(cell.replace(",", ".")) if cell else np.nan for cell in cells])
    days = [
        (datetime.fromisoformat(cell) - EPOCH).total_seconds() / 86400 if cell else np.nan for cell in cells
    ]
    return np.array(days) - since["first"]


def costs(x: np.ndarray, centers: np.ndarray, config: dict) -> np.ndarray:
    """(rows, clusters): the distance that the method minimizes."""
    apart, numeric = x[:, None] - centers[None], config["numeric"]
    if config["method"] in ("k-modes", "k-prototypes"):
        squared = (apart[..., :numeric] ** 2).sum(axis=2)
        return squared + config["gamma"] * (apart[..., numeric:] != 0).sum(axis=2)
    if config["method"] == "k-medians":
        return np.abs(apart).sum(axis=2)
    if config["method"] == "spherical k-means":
        lengths = np.linalg.norm(x, axis=1, keepdims=True), np.linalg.norm(centers, axis=1, keepdims=True)
        return 1 - (x / lengths[0]) @ (centers / lengths[1]).T
    return (apart**2).sum(axis=2)


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1])))
