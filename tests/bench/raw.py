"""The limit: decode and forward in one loop, no server.

Run as `python -m tests.bench.raw CAPABILITY SECONDS`. Prints JSON: images a second at batch 1 and 8, and the
processor time of an image in milliseconds.
"""

import json
import sys
import time
from typing import Any

import torch

from models.core.contract import registry
from models.core.contract.card import Card

BATCH = 8


def loop(card: Card, predictor: Any, seconds: float, batch: int) -> tuple[float, float]:
    """Images a second, and processor milliseconds an image."""
    inputs = {name: file.read_bytes() for name, file in card.samples[0].inputs.items()}
    params = card.predict_params()
    images = 0
    started, used = time.perf_counter(), time.process_time()
    while time.perf_counter() - started < seconds:
        predictor.forward([predictor.decode(inputs, params) for _ in range(batch)])
        images += batch
    taken = time.perf_counter() - started
    return images / taken, (time.process_time() - used) / images * 1000


def main(capability: str, seconds: float) -> None:
    registry.include("tests.capabilities")
    torch.set_num_threads(1)
    card = registry.cards()[capability]
    predictor = registry.code(capability, "predict").Predictor(card.models[0].weights, "cpu")
    loop(card, predictor, 0.5, 1)  # the first passes allocate
    rate, processor = loop(card, predictor, seconds / 2, 1)
    batched, _ = loop(card, predictor, seconds / 2, BATCH)
    print(json.dumps({"rate": rate, "batched_rate": batched, "processor_ms": processor}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
