"""Small packages as npm and pip hand them out, their sources, and stand-ins for both programs."""

import base64
import gzip
import hashlib
import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.core.weights.sources import Member, Source

NUMBERS = np.arange(6, dtype="<f2").tobytes() + np.array([7.5], "<f4").tobytes()
MANIFEST = json.dumps(
    {
        "weightsManifest": [
            {
                "paths": ["tiny.bin"],
                "weights": [
                    {"name": "kernel", "shape": [2, 3], "dtype": "float32",
                     "quantization": {"dtype": "float16", "original_dtype": "float32"}},
                    {"name": "bias", "shape": [1], "dtype": "float32"},
                    {"name": "none", "shape": [0, 4], "dtype": "int32"},
                ],
            }
        ]
    }
).encode()  # fmt: skip
FILES = {"package/tiny.json": MANIFEST, "package/tiny.bin": NUMBERS}


def tarball(files: Mapping[str, bytes]) -> bytes:
    """The same bytes whenever it is called."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def wheel(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def source_of(package: bytes, files: Mapping[str, bytes] = FILES, sha256: str = "") -> Source:
    """A source of npm whose hashes are those of `package` and `files`."""
    digest = base64.b64encode(hashlib.sha512(package).digest()).decode()
    members = tuple(
        Member(path, len(content), hashlib.sha256(content).hexdigest()) for path, content in files.items()
    )
    return Source(
        name="tiny-large", capability="tiny", registry="npm", package="@tests/tiny", version="1.2.3",
        integrity=f"sha512-{digest}", package_bytes=len(package), members=members, converter="convert",
        weights_bytes=0, sha256=sha256, license="Apache-2.0", credit="The tests",
    )  # fmt: skip


def as_wheel(source: Source, package: bytes) -> Source:
    """The same of PyPI."""
    return replace(
        source,
        registry="PyPI",
        package="tests-tiny",
        integrity=f"sha256:{hashlib.sha256(package).hexdigest()}",
        package_bytes=len(package),
    )


def program(path: Path, script: str) -> None:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
