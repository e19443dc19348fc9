"""Installs the weights of pretrained models: fetched, checked, converted and stored."""

from pathlib import Path

from backend.errors import StorageAway
from backend.services.models import pretrained
from backend.settings import settings
from models.core.contract import registry
from models.core.contract.errors import WeightsError
from models.core.contract.progress import Progress
from models.core.weights import sources


def install(name: str, progress: Progress, address: str | None = None) -> None:
    """Fetch and store the weights of a pretrained model, unless they are stored already.

    Args:
        progress: gets the bytes that have arrived, and their total.
        address: another one of the same file: of a package a path, else a URL of any kind.

    Raises:
        WeightsError: with the reason and the remedy.
        StorageAway.
        Canceled, Preempted: raised by `progress`.
    """
    # registry.core: torch is loaded only where weights are converted
    pulling = registry.core("weights.pull")
    folder = settings().work_folder() / pretrained.FOLDER
    try:
        with pulling.alone(folder, name, progress):
            if pretrained.find(name) is None:
                path = folder / f"{name}{pretrained.SUFFIX}"
                fetch(name, path, progress, address)
                pretrained.store(name, path)
    except StorageAway:
        raise
    except OSError as error:
        raise WeightsError(f"{name} cannot be stored in {folder}: {error.strerror or error}.") from error


def fetch(name: str, path: Path, progress: Progress, address: str | None = None) -> None:
    """Fetch, check and convert the weights into the file `path`, which is not stored. Raises as `install`."""
    capability = pretrained.names()[name]
    source = sources.SOURCES.get(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if source is None:
        registry.code(capability, "pretrained.pull").pull(name, path, progress, address)
        return
    package = Path(address.removeprefix("file://")) if address else None
    convert = registry.code(capability, source.converter).convert
    registry.core("weights.pull").pull(source, convert, path, progress, package)
