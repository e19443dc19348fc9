"""Downloads torchvision's detectors."""

from pathlib import Path

from models.core.contract.errors import WeightsError
from models.core.contract.progress import Progress
from models.core.weights import torchvision
from models.detection.pretrained.torchvision import ARCHITECTURES, build


def pull(name: str, path: Path, progress: Progress, source: str | None = None) -> None:
    """Fetch, check and convert the weights of `name` into `path`; see `models.core.weights.torchvision.pull`.

    Raises:
        WeightsError: an unknown name, no network connection, or a file that is damaged or a different one.
    """
    if name not in ARCHITECTURES:
        raise WeightsError(
            f"{name!r} is not a pretrained detector; the available ones are {', '.join(ARCHITECTURES)}."
        )
    torchvision.pull(name, build, path, progress, source)
