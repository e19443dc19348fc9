"""Predicts a column of a table: `python answer.py table.csv` prints a prediction for each row as JSON."""

import csv
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

HERE = Path(__file__).parent
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
EPOCH = datetime(1970, 1, 1)


def answer(path: str) -> list[Any]:
    """Numbers; or for each row its class and the probability of every class."""
    config = json.loads((HERE / "config.json").read_text("utf-8"))
    table = read(path)
    x = np.concatenate([encode(part, table[part["name"]]) for part in config["preprocessing"]], axis=1)
    predicted = forward(x, config)
    if not config["classes"]:
        return predicted.tolist()
    return [
        {
            "class": config["classes"][row.argmax()],
            "probabilities": dict(zip(config["classes"], row.tolist(), strict=True)),
        }
        for row in predicted
    ]


def read(path: str) -> dict[str, list[str]]:
    """The cells of each column; the separator is the one that the heading has most of."""
    text = Path(path).read_text("utf-8-sig")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    heading, *rows = csv.reader(text.splitlines(), delimiter=separator)
    return {name: [row[column].strip() for row in rows if row] for column, name in enumerate(heading)}


def encode(part: dict[str, Any], cells: list[str]) -> np.ndarray:
    """The matrix of one column: standardized, or a column of zeros and ones for each category."""
    if part["type"] == "category":
        return one_hot(part, [cell or part["fill"] for cell in cells])
    if part["type"] == "number":
        values = np.array([float(cell.replace(",", ".")) if cell else part["fill"] for cell in cells])
        return ((values - part["mean"]) / part["spread"])[:, None]
    dates = [datetime.fromisoformat(cell) if cell else None for cell in cells]
    days = [
        (date - EPOCH).total_seconds() / 86400 - part["first"] if date else part["fill"] for date in dates
    ]
    scaled = ((np.array(days) - part["mean"]) / part["spread"])[:, None]
    cycles = []
    for cycle in part["turns"]:
        if cycle["of"] == "month":
            names = [MONTHS[date.month - 1] if date else cycle["fill"] for date in dates]
        else:
            names = [WEEKDAYS[date.weekday()] if date else cycle["fill"] for date in dates]
        cycles.append(one_hot(cycle, names))
    return np.concatenate([scaled, *cycles], axis=1)


def one_hot(part: dict[str, Any], names: list[str]) -> np.ndarray:
    """No column for the reference, nor for categories that no training row had."""
    encoded = [word for word in part["words"] if word != part["reference"]]
    return np.array([[float(name == word) for word in encoded] for name in names]).reshape(len(names), -1)


def forward(x: np.ndarray, config: dict[str, Any]) -> np.ndarray:
    """Numbers (rows,) in the target's unit, or class probabilities (rows, classes)."""
    weights = load_file(HERE / "weights.safetensors")
    depth = sum(name.endswith(".bias") for name in weights)
    for layer in range(depth):
        x = x @ weights[f"layers.{layer}.weight"] + weights[f"layers.{layer}.bias"]
        if layer < depth - 1:
            x = np.maximum(x, 0) if config["activation"] == "relu" else np.tanh(x)
    if not config["classes"]:
        return x[:, 0] * config["spread"] + config["mean"]
    if x.shape[1] == 1:  # the score of the second of two classes; the first scores 0
        x = np.concatenate([np.zeros_like(x), x], axis=1)
    exponentials = np.exp(x - x.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1]), indent=1))
