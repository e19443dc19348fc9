"""Every model as ONNX beside PyTorch: `python -m tests.bench.exports` prints the table of docs/exports.md.

One thread for both, the same example, the median of several passes after a first one, in turns.

    python -m tests.bench.exports [CAPABILITY …]            networks as ONNX, beside PyTorch
    python -m tests.bench.exports --empty [CAPABILITY …]    scripts in empty environments; needs the network
"""

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import torch

from backend.services.models import pretrained
from models.core.contract import registry
from models.core.contract.errors import WeightsError
from models.core.exporting import onnx_file
from models.core.exporting.exported import Exported
from tests.bench import environments

PASSES = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="CAPABILITY", help="none: all")
    parser.add_argument("--empty", action="store_true", help="repeat the scripts in empty environments")
    options = parser.parse_args()
    torch.set_num_threads(1)
    registry.find_fetched_with(pretrained.local)
    if options.empty:
        for line in environments.table(options.names):
            print(line, flush=True)
        return
    names = options.names
    print("| model | example | ONNX | largest difference | of the largest value | PyTorch | ONNX Runtime |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for capability, card in registry.cards().items():
        has_network = (registry.folder(capability) / "export.py").exists()
        for model in card.models:
            weights = registry.installed_weights(model)
            if has_network and weights is not None and (not names or capability in names):
                print(_row(f"{capability}: {model.name}", capability, weights), flush=True)


def _row(title: str, capability: str, weights: Path) -> str:
    try:
        exported = registry.code(capability, "export").network(weights)
    except WeightsError as error:
        return f"| {title} | {error} |"
    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.onnx"
        check = onnx_file.write(exported, file, {})
        torch_ms, onnx_ms = _times(exported, file)
        size = file.stat().st_size / 1e6
    shapes = ", ".join("×".join(map(str, value.shape)) for value in exported.inputs.values())
    return (
        f"| {title} | {shapes} | {size:.1f} MB | {check.difference:.1e} | {check.relative:.1e} "
        f"| {torch_ms:.1f} ms | {onnx_ms:.1f} ms |"
    )


def _times(exported: Exported, file: Path) -> tuple[float, float]:
    """Milliseconds of PyTorch and of ONNX Runtime."""
    session = onnx_file.open_session(file)
    inputs = {name: value.numpy() for name, value in exported.inputs.items()}

    def in_torch() -> object:
        with torch.inference_mode():
            return exported.module(*exported.inputs.values())

    calls: tuple[Callable[[], object], ...] = (in_torch, lambda: session.run(None, inputs))
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(PASSES + 1):
        for call, times in zip(calls, taken, strict=True):
            started = perf_counter()
            call()
            if turn:
                times.append(1000 * (perf_counter() - started))
    return statistics.median(taken[0]), statistics.median(taken[1])


if __name__ == "__main__":
    main()
