"""Packs every cut-out and background of a dataset into a bank: one small file that loads in a second.

    python -m models.detection.recipe.bank --fetch --raw raw --out data/detection.npz

fetches the packages named by the lists in models/detection/recipe/splits, checks each file against its hash,
crops cut-outs to their opaque part, shrinks them and packs them.
"""

import argparse
import csv
import itertools
import logging
from pathlib import Path

from models.core.recipe.cutout_bank import Entry, Raw, background, cutout, entries, write
from models.core.recipe.sources import fetch

log = logging.getLogger(__name__)

LISTS = Path(__file__).parent / "splits"
SAMPLE_SIDE = 72
SAMPLE_COUNTS = {"train": 48, "validation": 10, "test": 10}  # cut-outs per label
FREE = {"PD", "CC0", "Apache-2.0", "MIT"}  # may be redistributed with the application


def packages(lists: Path = LISTS) -> list[str]:
    """Every package named by a list, including those of the photos."""
    names: set[str] = set()
    for path in lists.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            names |= {row["package"] for row in csv.DictReader(file)}
    return sorted(names)


def build(raw: Path, out: Path, lists: Path = LISTS) -> None:
    """Pack everything named by the two lists."""
    source = Raw(raw)
    listed = entries(lists / "cutouts.csv")
    labels = sorted({entry.label for entry in listed})
    cutouts = [(entry, cutout(source.open(entry))) for entry in listed]
    backgrounds = [(entry, background(source.open(entry))) for entry in entries(lists / "backgrounds.csv")]
    write(out, labels, cutouts, backgrounds)
    log.info("%s: %d cut-outs of %d labels, %d backgrounds", out, len(cutouts), len(labels), len(backgrounds))


def build_sample(raw: Path, out: Path, lists: Path = LISTS) -> None:
    """Pack a small bank of freely licensed cut-outs and write their list beside it."""
    source = Raw(raw)
    free = [entry for entry in entries(lists / "cutouts.csv") if entry.license in FREE]
    labels = sorted({entry.label for entry in free})
    selected = [
        entry
        for label in labels
        for split, count in SAMPLE_COUNTS.items()
        for entry in spread([entry for entry in free if (entry.label, entry.split) == (label, split)], count)
    ]
    write(out, labels, [(entry, cutout(source.open(entry), SAMPLE_SIDE)) for entry in selected], [])
    with out.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["class", "subject", "split", "package", "file", "license"])
        writer.writerows([e.label, e.subject, e.split, e.package, e.file, e.license] for e in selected)
    log.info("%s: %d cut-outs of %d labels", out, len(selected), len(labels))


def spread(candidates: list[Entry], count: int) -> list[Entry]:
    """At most `count` entries from as many subjects as possible, always the same ones."""
    subjects: dict[str, list[Entry]] = {}
    for entry in sorted(candidates, key=lambda entry: entry.sha256):
        subjects.setdefault(entry.subject, []).append(entry)
    rounds = itertools.zip_longest(*subjects.values())
    return [entry for each in rounds for entry in each if entry is not None][:count]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, default=Path("raw"), help="folder of the unpacked packages")
    parser.add_argument("--out", type=Path, default=Path("data/detection.npz"), help="the bank to write")
    parser.add_argument("--fetch", action="store_true", help="first fetch the packages that are missing")
    parser.add_argument("--sample", action="store_true", help="pack the small, freely licensed bank instead")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if arguments.fetch:
        for package in packages():
            fetch(package, arguments.raw)
    (build_sample if arguments.sample else build)(arguments.raw, arguments.out)


if __name__ == "__main__":
    main()
