"""A model as one ZIP: weights, config, card, network as ONNX, and a script that answers without Glassbox."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from safetensors import safe_open

from models.core.contract.checkpoint import METADATA_KEY
from models.core.exporting import onnx_file, pictures
from models.core.exporting.exported import Exported
from models.core.exporting.manifest import (
    CARD,
    CONFIG,
    MANIFEST,
    NETWORK,
    PICTURES,
    SCRIPT,
    SUMS,
    WEIGHTS,
    About,
    Manifest,
    Part,
)

_DATE = (1980, 1, 1, 0, 0, 0)  # of every entry: equal models are equal files
_IN_REPOSITORY, _IN_ZIP = f"from {pictures.__name__} import", f"from {Path(PICTURES).stem} import"
_README = """# {title}

{summary}

| file | holds |
| --- | --- |
{files}

{description}
{run}
In Glassbox, `glassbox models import FILE.zip`, or drop the file on the page of models.
License of the weights: {license}.
"""
_RUN = """
## Answer with it

    python -m venv environment
    environment/bin/pip install -r requirements.txt
    environment/bin/python answer.py {example}
"""
_ABOUT = {
    WEIGHTS: "the weights, as safetensors",
    CONFIG: "what fixes the shape of the network",
    CARD: "the model card: data, metrics, limits",
    NETWORK: "the network for ONNX Runtime and others",
    SCRIPT: "computes one answer, without Glassbox",
    PICTURES: "reads pictures, for answer.py",
    "requirements.txt": "what answer.py needs",
    MANIFEST: "labels, preprocessing, and the SHA-256 of every file",
    SUMS: "the same for `sha256sum -c`",
}


def write(
    file: Path, about: About, *, weights: Path, card: str, exported: Exported | None, example: Path | None
) -> None:
    """Write the ZIP.

    Args:
        exported: None: the capability has no export; the ZIP holds weights, config and card.
        example: an input to try the script with.

    Raises:
        WeightsError: the exported network computes something else than the network.
    """
    with TemporaryDirectory(dir=file.parent, prefix=".export-") as name:
        folder = Path(name)
        manifest = _describe(folder, about, exported)
        _write_texts(folder, weights, card, exported)
        paths = {WEIGHTS: weights} | {path.name: path for path in sorted(folder.iterdir())}
        if example is not None and exported is not None and exported.takes_file:
            paths[f"example{example.suffix}"] = example
        (folder / "README.md").write_text(_readme(manifest, paths), "utf-8")
        paths["README.md"] = folder / "README.md"
        parts = {name: Part(sha256=_digest(path), bytes=path.stat().st_size) for name, path in paths.items()}
        sums = "".join(f"{part.sha256}  {name}\n" for name, part in parts.items())
        whole = manifest.model_copy(update={"files": parts})
        with zipfile.ZipFile(file, "w") as archive:
            _add(archive, MANIFEST, whole.model_dump_json(indent=1).encode())
            _add(archive, SUMS, sums.encode())
            for name, path in paths.items():
                _add(archive, name, path)


def _describe(folder: Path, about: About, exported: Exported | None) -> Manifest:
    """Writes model.onnx, and returns the manifest without the files."""
    if exported is None:
        return Manifest(model=about, files={})
    check = onnx_file.write(exported, folder / NETWORK, {"name": about.name, "license": about.license})
    return Manifest(
        model=about,
        files={},
        labels=list(exported.labels),
        preprocessing=dict(exported.preprocessing),
        defaults=dict(exported.defaults),
        description=exported.description,
        check=asdict(check),
    )


def _write_texts(folder: Path, weights: Path, card: str, exported: Exported | None) -> None:
    with safe_open(weights, framework="numpy") as file:
        config = json.loads((file.metadata() or {})[METADATA_KEY])
    (folder / CONFIG).write_text(json.dumps(config, indent=1), "utf-8")
    (folder / CARD).write_text(card, "utf-8")
    if exported is None:
        return
    (folder / SCRIPT).write_text(exported.script.read_text("utf-8").replace(_IN_REPOSITORY, _IN_ZIP), "utf-8")
    if "pillow" in exported.requirements:
        (folder / PICTURES).write_text(Path(pictures.__file__).read_text("utf-8"), "utf-8")
    pinned = "".join(f"{name}=={version(name)}\n" for name in exported.requirements)
    (folder / "requirements.txt").write_text(pinned, "utf-8")


def _readme(manifest: Manifest, paths: Mapping[str, Path]) -> str:
    listed = [*(name for name in _ABOUT if name in paths), MANIFEST, SUMS]
    rows = "\n".join(f"| {name} | {_ABOUT[name]} |" for name in dict.fromkeys(listed))
    example = next((name for name in paths if name.startswith("example.")), "")
    check = manifest.check
    compared = (
        f"\n\nThe largest difference between ONNX Runtime and PyTorch was {check['relative']:.1g} of the "
        f"largest value."
        if check
        else ""
    )
    return _README.format(
        title=manifest.model.title,
        summary=manifest.model.summary,
        files=rows,
        description=manifest.description + compared,
        run=_RUN.format(example=example) if SCRIPT in paths else "",
        license=manifest.model.license,
    )


def _add(archive: zipfile.ZipFile, name: str, content: bytes | Path) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.external_attr = 0o644 << 16
    # weights hardly shrink, and are not worth the time
    entry.compress_type = zipfile.ZIP_STORED if name in (WEIGHTS, NETWORK) else zipfile.ZIP_DEFLATED
    if isinstance(content, bytes):
        archive.writestr(entry, content)
        return
    with content.open("rb") as source, archive.open(entry, "w") as target:
        while block := source.read(1 << 20):
            target.write(block)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
