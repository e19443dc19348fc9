"""Exported scripts in empty environments: `python -m tests.bench.exports --empty` prints a table.

Of every capability each kind of script is repeated as the README of its ZIP describes: `python -m venv`, `pip
install -r requirements.txt`, `python answer.py`. Models with equal requirements share an environment, which
holds pip and those alone. What a script prints and writes is compared with its answer among the packages of
Glassbox, which slow tests compare with the answers of Glassbox. Models of tables are trained first.
"""

import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from models.core.contract import registry
from models.core.contract.errors import NotExportable, WeightsError
from tests.models.exported_scripts import run_script, train_on_table, unpacked

TABLES = {"tabular": "iris", "clustering": "iris"}  # capability -> the sample that its model is trained on
KEPT = {"model.zip", "__pycache__"}  # in a model's folder, but not written by its script
HEADING = """| model | command | packages | environment | answer |
| --- | --- | --- | --- | --- |"""


class Example(NamedTuple):
    """A model whose script is repeated."""

    capability: str
    name: str
    weights: Path
    table: Path | None = None  # which the script reads; None: what the ZIP brings


def table(names: Iterable[str]) -> Iterator[str]:
    """The lines of the table, of these capabilities; without names: of all."""
    yield HEADING
    with TemporaryDirectory(prefix="glassbox-bench-") as folder:
        environments: dict[str, Environment] = {}
        for example in _examples(Path(folder), set(names)):
            yield _row(example, Path(folder), environments)


def _examples(folder: Path, names: set[str]) -> Iterator[Example]:
    """The first installed model of each script."""
    for capability, card in registry.cards().items():
        if (names and capability not in names) or not (registry.folder(capability) / "export.py").exists():
            continue
        if capability in TABLES:
            sample = registry.folder(capability) / "samples" / f"{TABLES[capability]}.csv"
            weights = folder / f"{capability}.safetensors"
            train_on_table(capability, sample, {}, weights)
            yield Example(capability, sample.stem, weights, sample)
            continue
        scripts: set[Path] = set()
        for model in card.models:
            script = _script(capability, weights) if (weights := registry.installed_weights(model)) else None
            if weights is not None and script is not None and script not in scripts:
                scripts.add(script)
                yield Example(capability, model.name, weights)


def _script(capability: str, weights: Path) -> Path | None:
    """None: the model is not exported."""
    try:
        return registry.code(capability, "export").network(weights).script
    except (NotExportable, WeightsError):
        return None


class Environment:
    """An environment with pip, then with what a requirements.txt names. Raises CalledProcessError."""

    def __init__(self, folder: Path, requirements: Path):
        venv.create(folder, symlinks=True, with_pip=True)
        self.python = folder / "bin" / "python"
        command = [self.python, "-m", "pip", "install", "--quiet", "--requirement", requirements]
        subprocess.run(command, check=True)
        files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        self.megabytes = sum(path.stat().st_size for path in files) / 1e6


def _row(example: Example, folder: Path, environments: dict[str, Environment]) -> str:
    own = folder / f"{example.capability}-{example.name}"
    own.mkdir()
    unpacked(example.capability, example.name, example.weights, own)
    requirements = (own / "requirements.txt").read_text("utf-8")
    if requirements not in environments:
        place = folder / f"environment-{len(environments)}"
        environments[requirements] = Environment(place, own / "requirements.txt")
    environment = environments[requirements]
    inputs = [example.table] if example.table else sorted(own.glob("example.*"))
    arguments = [str(path) for path in inputs]
    command = " ".join(["answer.py", *(path.name for path in inputs)])
    is_equal = _answer(own, arguments, sys.executable) == _answer(own, arguments, str(environment.python))
    return (
        f"| {example.capability}: {example.name} | `{command}` | {', '.join(requirements.split())} "
        f"| {environment.megabytes:.0f} MB | {'equal' if is_equal else 'different'} |"
    )


def _answer(folder: Path, arguments: list[str], python: str) -> tuple[Any, dict[str, bytes]]:
    """What the script prints, and the files that it writes."""
    before = {path.name for path in folder.iterdir()}
    printed = run_script(folder, *arguments, python=python)
    written: dict[str, bytes] = {}
    for path in folder.iterdir():
        if path.name not in before | KEPT:
            written[path.name] = path.read_bytes()
            path.unlink()
    return printed, written
