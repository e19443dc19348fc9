"""Raw material for training, fetched by package name and unpacked into plain files.

    python -m models.core.sources --into raw openclipart-png @iconify-json/noto

A name with a slash is an npm package, any other a Debian package. They come from wherever this machine's
own `apt-get` and `npm` take their packages from.
"""

import argparse
import json
import logging
import shutil
import struct
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from models.core.errors import InputError

log = logging.getLogger(__name__)

ZLIB, ZSTANDARD, FOLDER = 1, 4, 2  # flags of a node in Qt's resource format


def fetch(package: str, into: Path) -> Path:
    """The folder with the files of one package, fetched and unpacked unless it stands there already.

    Raises:
        InputError: the package manager is missing, or it could not fetch the package.
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
        raise InputError(f"{command[0]} is not installed: the raw data comes from packages that it fetches.")
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
    start = package.replace("/", "-").lstrip("@")
    if not list(folder.glob(f"{start}-*.tgz")):
        _call(["npm", "pack", package], folder)
    return sorted(folder.glob(f"{start}-*.tgz"))[-1]


def _unpack_npm(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")


def icons(folder: Path) -> tuple[dict[str, str], str]:
    """SVG text by icon name, and the licence, of an unpacked @iconify-json package."""
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


def resource_files(archive: Path, unzstandard: object = None) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file in a Qt resource (.rcc) archive.

    `unzstandard` decompresses Zstandard data (the zstandard package's `ZstdDecompressor().decompress`);
    without it, files packed that way are left out.
    """
    data = archive.read_bytes()
    magic, version, tree, contents, names = struct.unpack(">4sIIII", data[:20])
    if magic != b"qres":
        raise InputError(f"{archive.name} is not a Qt resource archive.")
    node_bytes = 22 if version >= 2 else 14

    def name_of(offset: int) -> str:
        (length,) = struct.unpack_from(">H", data, names + offset)
        return data[names + offset + 6 : names + offset + 6 + 2 * length].decode("utf-16-be")

    def content_of(offset: int, flags: int) -> bytes | None:
        (length,) = struct.unpack_from(">I", data, contents + offset)
        raw = data[contents + offset + 4 : contents + offset + 4 + length]
        if flags & ZLIB:
            return zlib.decompress(raw[4:])
        if flags & ZSTANDARD:
            return unzstandard(raw) if callable(unzstandard) else None
        return raw

    def walk(node: int, path: str) -> Iterator[tuple[str, bytes]]:
        offset, flags = struct.unpack_from(">IH", data, tree + node * node_bytes)
        path = f"{path}/{name_of(offset)}" if node else ""
        if flags & FOLDER:
            count, first = struct.unpack_from(">II", data, tree + node * node_bytes + 6)
            for child in range(first, first + count):
                yield from walk(child, path)
            return
        (start,) = struct.unpack_from(">I", data, tree + node * node_bytes + 10)
        content = content_of(start, flags)
        if content is not None:
            yield path, content

    yield from walk(0, "")


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
