"""The photos that ship: the samples to try, and a small dataset to train on.

    python -m models.classification.recipe.samples --raw raw

writes samples/*.jpg, which no shipped model learned from, and samples/dataset.zip with photos of four kinds.
Only photos that may be redistributed are taken; samples/photos.csv names the author, the source and the
license of each, from the Debian copyright files of the packages.
"""

import argparse
import io
import logging
from pathlib import Path, PurePosixPath

from PIL import Image

from models.classification.card import CARD, SAMPLE_DATASET
from models.classification.recipe.photos import LIST, build, write_credits
from models.core.images.codec import decode, encode_jpeg
from models.core.recipe.photo_bank import Entry, contents, entries

log = logging.getLogger(__name__)

FREE = (
    "public-domain",
    "CC0-1.0",
    "CC-BY-",
)  # beginnings; these include the licenses of the kind share-alike
KINDS = ("fish", "monument", "tool", "windmill")
TRAIN, VALIDATION = 6, 2  # photos of each kind in the dataset
SIDE, QUALITY = 192, 72
SHOWN = {"fish26": "fish", "hammer3": "hammer", "windmill9": "windmill"}  # file -> sample
SAMPLE_SIDE, SAMPLE_QUALITY = 480, 84


def is_free(entry: Entry) -> bool:
    """Whether the photo may be redistributed, at most with a credit."""
    return entry.license.startswith(FREE)


def chosen(listed: list[Entry]) -> list[Entry]:
    """The photos of the dataset, of the training part alone; the last of each kind are for validation."""
    found = []
    for kind in KINDS:
        own = [
            entry for entry in listed if entry.subject == kind and entry.split == "train" and is_free(entry)
        ]
        own = own[: TRAIN + VALIDATION]
        found += [
            Entry(**{**vars(entry), "split": "train" if index < TRAIN else "validation"})
            for index, entry in enumerate(own)
        ]
    return found


def small(picture: Image.Image) -> tuple[str, bytes]:
    """The ending and the bytes of a file of the dataset."""
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=QUALITY, method=6)
    return "webp", buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    listed = entries(LIST)
    packed = chosen(listed)
    manifest = build(options.raw, SAMPLE_DATASET, packed, small)
    rows = [(picture.file, entry) for picture, entry in zip(manifest.pictures, packed, strict=True)]
    shown = {sample.name: sample.inputs["image"] for sample in CARD.samples}
    held_out = [each for each in listed if each.split == "test" and PurePosixPath(each.file).stem in SHOWN]
    for entry, data in contents(options.raw, held_out):
        picture = decode(data)
        picture.thumbnail((SAMPLE_SIDE, SAMPLE_SIDE), Image.Resampling.LANCZOS)
        path = shown[SHOWN[PurePosixPath(entry.file).stem]]
        path.write_bytes(encode_jpeg(picture, SAMPLE_QUALITY))
        rows.append((path.name, entry))
    write_credits(SAMPLE_DATASET.parent / "photos.csv", options.raw, rows)
    log.info("%s: %d photos, %d bytes", SAMPLE_DATASET, len(packed), SAMPLE_DATASET.stat().st_size)


if __name__ == "__main__":
    main()
