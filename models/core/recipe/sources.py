"""Raw training data, downloaded by package name and unpacked into plain files.

    python -m models.core.recipe.sources --into raw openclipart-png @iconify-json/noto

A name with a slash is an npm package (`@owner/name@1.2.3`: that version), any other a Debian package. They
come from the registries for which `apt-get` and `npm` are configured.
"""

import argparse
import json
import logging
import shutil
import struct
import subprocess
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from models.core.contract.errors import InputError

log = logging.getLogger(__name__)

ZLIB, ZSTANDARD, FOLDER = 1, 4, 2  # flags of a node in Qt's resource format


def fetch(package: str, into: Path) -> Path:
    """The folder with the files of one package, downloaded and unpacked unless it exists.

    Raises:
        InputError: the package manager is missing, or the download failed.
    """
    folder = into / package.replace("/", "-").lstrip("@")
    if folder.exists():
        return folder
    downloads = into / "packages"
    downloads.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    if "/" in package:
        _unpack_npm(_packed(package, downloads), partial)
    else:
        _unpack_debian(_downloaded(package, downloads), partial)
    partial.rename(folder)
    log.info("%s: unpacked to %s", package, folder)
    return folder


def _call(command: list[str], folder: Path) -> str:
    if shutil.which(command[0]) is None:
        raise InputError(
            f"{command[0]} is not installed; the raw data comes from packages that it downloads."
        )
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise InputError(f"{' '.join(command)} failed: {done.stderr.strip()[-400:]}")
    return done.stdout


def _downloaded(package: str, folder: Path) -> Path:
    if not list(folder.glob(f"{package}_*.deb")):
        _call(["apt-get", "download", package], folder)
    return sorted(folder.glob(f"{package}_*.deb"))[-1]


def _unpack_debian(archive: Path, folder: Path) -> None:
    _call(["dpkg-deb", "-x", str(archive.resolve()), str(folder.resolve())], folder)


def _packed(package: str, folder: Path) -> Path:
    start = package.replace("/", "-").lstrip("@").replace("@", "-")
    if not list(folder.glob(f"{start}*.tgz")):
        _call(["npm", "pack", package], folder)
    return sorted(folder.glob(f"{start}*.tgz"))[-1]


def _unpack_npm(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")


def icons(folder: Path) -> tuple[dict[str, str], str]:
    """SVG text by icon name, and the license, of an unpacked @iconify-json package."""
    package = folder / "package"
    data = json.loads((package / "icons.json").read_text("utf-8"))
    license_name = str(json.loads((package / "info.json").read_text("utf-8"))["license"]["spdx"])
    width, height = data.get("width", 16), data.get("height", 16)
    return {name: _svg(icon, width, height) for name, icon in data["icons"].items()}, license_name


def _svg(icon: dict[str, object], width: object, height: object) -> str:
    w, h = icon.get("width", width), icon.get("height", height)
    left, top = icon.get("left", 0), icon.get("top", 0)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{left} {top} {w} {h}">{icon["body"]}</svg>'
    )


class Resources:
    """A Qt resource (.rcc) archive: a tree of folders and files, each file plain or compressed.

    `unzstandard` decompresses Zstandard data; without it, files compressed that way are left out.

    Raises:
        InputError: not such an archive.
    """

    def __init__(self, archive: Path, unzstandard: Callable[[bytes], bytes] | None = None):
        self.data, self.unzstandard = archive.read_bytes(), unzstandard
        magic, version, self.tree, self.contents, self.names = struct.unpack(">4sIIII", self.data[:20])
        if magic != b"qres":
            raise InputError(f"{archive.name} is not a Qt resource archive.")
        self.node_bytes = 22 if version >= 2 else 14

    def files(self, node: int = 0, path: str = "") -> Iterator[tuple[str, bytes]]:
        """Path and content of every file at or below a node."""
        at = self.tree + node * self.node_bytes
        name, flags = struct.unpack_from(">IH", self.data, at)
        path = f"{path}/{self._name(name)}" if node else ""
        if flags & FOLDER:
            count, first = struct.unpack_from(">II", self.data, at + 6)
            for child in range(first, first + count):
                yield from self.files(child, path)
            return
        (start,) = struct.unpack_from(">I", self.data, at + 10)
        content = self._content(start, flags)
        if content is not None:
            yield path, content

    def _name(self, offset: int) -> str:
        start = self.names + offset
        (length,) = struct.unpack_from(">H", self.data, start)
        return self.data[start + 6 : start + 6 + 2 * length].decode("utf-16-be")  # 4 bytes of hash between

    def _content(self, offset: int, flags: int) -> bytes | None:
        start = self.contents + offset
        (length,) = struct.unpack_from(">I", self.data, start)
        packed = self.data[start + 4 : start + 4 + length]
        if flags & ZLIB:
            return zlib.decompress(packed[4:])  # 4 bytes of unpacked length first
        if flags & ZSTANDARD:
            return self.unzstandard(packed) if self.unzstandard else None
        return packed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("packages", nargs="+", help="names of Debian and npm packages")
    parser.add_argument("--into", type=Path, default=Path("raw"), help="folder for the files (default: raw)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for package in arguments.packages:
        fetch(package, arguments.into)


if __name__ == "__main__":
    main()
