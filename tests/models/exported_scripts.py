"""The ZIP of a model, unpacked, and the answers of its script."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from models.core.contract import checkpoint, registry
from models.core.exporting.manifest import About, Manifest
from workers import exporting

SECONDS = 300  # of one script


def unpacked(capability: str, name: str, weights: Path, folder: Path) -> Manifest:
    """The ZIP of the model in `folder`."""
    about = About(
        name=name,
        version=1,
        capability=capability,
        title=name,
        summary="",
        architecture=str(checkpoint.load(weights)[0]["architecture"]),
        license="",
        source="shipped",
    )
    exporting.write(about, "# Card\n", weights, "zip", folder / "model.zip")
    with zipfile.ZipFile(folder / "model.zip") as archive:
        archive.extractall(folder)
    return Manifest.model_validate_json((folder / "manifest.json").read_bytes())


def run_script(folder: Path, *arguments: str, python: str = sys.executable) -> Any:
    """What answer.py prints, with nothing of Glassbox in sight."""
    for script in folder.glob("*.py"):
        assert "models." not in script.read_text("utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, "answer.py", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def train_on_table(capability: str, table: Path, params: dict[str, Any], weights: Path) -> None:
    """Write weights trained on this CSV file; those of tabular predict its last column."""
    card = registry.cards()[capability]
    assert card.train_params is not None
    if capability == "tabular":
        heading = table.read_text("utf-8").splitlines()[0]
        params = params | {"target": heading.split(",")[-1]}
    registry.code(capability, "train").train(
        table,
        card.train_params.model_validate(params),
        weights=weights,
        device="cpu",
        progress=registry.core("contract.progress").Progress(lambda *_: None),
    )
