"""Writes models as files for other programs, and checks files of models from elsewhere.

Both run in a process of their own, `python -m workers.exporting`: the exporter changes torch globally and
takes seconds of one core, and a hostile file may take as much memory as it can get.
"""

import os
import resource
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from backend.services.models import catalog, exports, pretrained
from backend.services.uploads.refusal import Refusal
from backend.settings import settings
from models.core.contract import registry, sample_answers
from models.core.contract.card import MediaKind
from models.core.contract.errors import InputError, NotExportable, WeightsError
from models.core.exporting.manifest import MANIFEST, WEIGHTS, About, Manifest

SECONDS = 600.0  # of one export or import
_REFUSED = 3  # exit status: the last line of the output is the Refusal
_CPU_SECONDS, _MEMORY_BYTES = 120, 8 << 30  # to build the predictor of an imported model
_NICE = 10  # answers come first


class Refused(Exception):
    """The file cannot be written, or is no model; with the reason for people."""

    def __init__(self, refusal: Refusal):
        super().__init__(refusal.detail)
        self.refusal = refusal


def write(about: About, card: str, weights: Path, form: str, file: Path) -> None:
    """Write the model as `form` (zip, onnx or safetensors). Raises WeightsError, with the reason."""
    registry.find_fetched_with(pretrained.local)  # some networks contain another's
    try:
        module = registry.code(about.capability, "export")
    except ModuleNotFoundError:
        module = None
    if form == "safetensors":
        shutil.copyfile(weights, file)
        return
    if form == "onnx":
        if module is None:
            raise NotExportable(exports.NO_ONNX(name=about.capability))
        metadata = {"name": about.name, "license": about.license}
        registry.core("exporting.onnx_file").write(module.network(weights), file, metadata)
        return
    exported = None
    if module is not None:
        with suppress(NotExportable):
            exported = module.network(weights)
    registry.core("exporting.package").write(
        file,
        about,
        weights=weights,
        card=card,
        exported=exported,
        example=example_of(about.capability, about.name),
    )


def example_of(capability: str, name: str) -> Path | None:
    """A picture among the samples that an answer takes alone: one that the model answered, or else any."""
    card = registry.cards()[capability]
    kinds = {taken.name: taken.kind for taken in card.inputs}
    found: list[tuple[bool, Path]] = []
    for sample in card.samples:
        if len(sample.inputs) != 1:
            continue
        ((taken, file),) = sample.inputs.items()
        if kinds.get(taken) == MediaKind.IMAGE and file.exists():
            answered = sample.answer and sample_answers.read(sample.answer).model.startswith(f"{name}@")
            found.append((bool(answered), file))
    return max(found, key=lambda each: each[0], default=(False, None))[1]


def write_apart(model_id: UUID, form: str, file: Path) -> None:
    """`write` in a process of its own. Raises Refused, or RuntimeError: it failed otherwise."""
    _run("export", str(model_id), form, str(file))


def extract_apart(file: Path, folder: Path) -> Manifest:
    """Check a ZIP in a process of its own; its weights and card are in `folder`. Raises as `write_apart`."""
    _run("import", str(file), str(folder))
    return Manifest.model_validate_json((folder / MANIFEST).read_bytes())


def extract(file: Path, folder: Path) -> Manifest:
    """Check a ZIP, and whether its predictor can be built. Raises InputError."""
    registry.find_fetched_with(pretrained.local)
    importing = registry.core("exporting.importing")
    manifest = importing.extract(file, folder, settings().max_archive_bytes)
    importing.build(folder / WEIGHTS, manifest.model.capability)
    return manifest


def _run(*arguments: str) -> None:
    command = [sys.executable, "-P", "-m", "workers.exporting", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  our own module
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{arguments[0]} took more than {SECONDS:.0f} s") from error
    if done.returncode == _REFUSED:
        refusal = Refusal.model_validate_json(done.stdout.splitlines()[-1])
        raise Refused(refusal)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]} failed ({done.returncode}): {done.stderr[-4000:]}")


def main(task: str, *arguments: str) -> int:
    """The process: `export MODEL_ID FORM FILE`, or `import FILE FOLDER`."""
    os.nice(_NICE)
    for package in settings().capability_packages:
        registry.include(package)
    try:
        if task == "export":
            row = catalog.get(UUID(arguments[0]))
            weights = catalog.weights_path(row)
            assert weights is not None  # noqa: S101  models without weights are not exported
            write(exports.about(row), exports.card(row.id), weights, arguments[1], Path(arguments[2]))
        else:
            resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
            folder = Path(arguments[1])
            manifest = extract(Path(arguments[0]), folder)
            (folder / MANIFEST).write_text(manifest.model_dump_json(), "utf-8")
    except (InputError, WeightsError) as error:
        sys.stdout.write(Refusal.of(error).model_dump_json())
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
