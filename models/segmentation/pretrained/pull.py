"""torchvision's segmenters, fetched at the user's wish."""

from pathlib import Path

from models.core.contract.errors import WeightsError
from models.core.contract.progress import Progress
from models.core.weights import torchvision
from models.segmentation.pretrained.torchvision import ARCHITECTURES, build


def pull(name: str, path: Path, progress: Progress, source: str | None = None) -> None:
    """Fetch, check and convert the weights of `name` into `path`, as `torchvision_weights.pull` says.

    Raises:
        WeightsError: an unknown name, no network, or a file that is damaged or another one.
    """
    if name not in ARCHITECTURES:
        raise WeightsError(f"{name!r} is no pretrained segmenter; there are {', '.join(ARCHITECTURES)}.")
    torchvision.pull(name, build, path, progress, source)
