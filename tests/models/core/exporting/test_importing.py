"""Models from elsewhere: everything about their ZIP is checked before it is used."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from models.core.contract import registry
from models.core.contract.errors import InputError
from models.core.exporting import importing, package
from models.core.exporting.manifest import CARD, MANIFEST, SUMS, WEIGHTS, About, Manifest
from tests.capabilities.tiny.card import HERE

Files = dict[str, bytes]
ABOUT = About(
    name="garden-birds",
    version=2,
    capability="tiny",
    title="Garden birds",
    summary="Boxes",
    architecture="tiny",
    license="CC0-1.0",
    source="trained",
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """The entries of an exported model without a network."""
    registry.include("tests.capabilities")
    archive = tmp_path / "exported.zip"
    weights = HERE / "tiny.safetensors"
    package.write(archive, ABOUT, weights=weights, card="# Birds\n", exported=None, example=None)
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(files: Files, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def changed(files: Files, name: str, content: bytes, *, listed: bool = False) -> Files:
    """With another content of one file, whose size and hash are listed if that is requested."""
    manifest = json.loads(files[MANIFEST])
    if listed:
        manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    return files | {name: content, MANIFEST: json.dumps(manifest).encode()}


def edited(files: Files, **model: object) -> Files:
    manifest = json.loads(files[MANIFEST])
    manifest["model"] |= model
    return files | {MANIFEST: json.dumps(manifest).encode()}


def without(files: Files, name: str) -> Files:
    return {key: content for key, content in files.items() if key != name}


def test_an_exported_model_comes_back_byte_by_byte(files: Files, tmp_path: Path) -> None:
    manifest = importing.extract(packed(files, tmp_path / "model.zip"), tmp_path, 10_000_000)
    importing.build(tmp_path / WEIGHTS, "tiny")

    assert manifest.model == ABOUT
    assert (tmp_path / WEIGHTS).read_bytes() == (HERE / "tiny.safetensors").read_bytes()
    assert (tmp_path / CARD).read_text("utf-8") == "# Birds\n"
    sums = dict(line.split("  ")[::-1] for line in files[SUMS].decode().splitlines())
    assert {name: hashlib.sha256(files[name]).hexdigest() for name in sums} == sums


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda files: without(files, MANIFEST), "no manifest.json"),
        (lambda files: without(files, WEIGHTS), "weights.safetensors is listed in"),
        (lambda files: files | {MANIFEST: b"{"}, "manifest.json is damaged"),
        (lambda files: files | {MANIFEST: b"[" * 100_000}, "manifest.json is damaged"),
        (lambda files: edited(files, name="../birds"), "model.name"),
        (lambda files: edited(files, version=0), "model.version"),
        (lambda files: edited(files, capability="juggling"), "no capability 'juggling'"),
        (lambda files: edited(files, architecture="unet"), "the architecture 'unet'"),
        (lambda files: changed(files, WEIGHTS, files[WEIGHTS][:-1]), "has 71,231 bytes"),
        (lambda files: changed(files, WEIGHTS, files[WEIGHTS][:-1] + b"x"), "another SHA-256"),
        (lambda files: changed(files, WEIGHTS, b"\x80\x04pickle", listed=True), "safetensors is damaged"),
        (lambda files: changed(files, CARD, b"\xff\xfe", listed=True), "card.md is damaged"),
        (lambda files: changed(files, CARD, b"x" * 2_000_000, listed=True), "card.md has 2,000,000 bytes"),
        (lambda files: files | {"../../evil": b""}, "'../../evil'"),
        (lambda files: files | {"/etc/passwd": b""}, "'/etc/passwd'"),
        (lambda files: files | {"sitecustomize.py": b"raise SystemExit"}, "'sitecustomize.py'"),
        (lambda files: files | {f"{number}.txt": b"" for number in range(40)}, "at most 32"),
        (lambda files: changed(files, "big.bin", b"0" * 20_000_000, listed=True), "the limit is 10,000,000"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_its_name(
    files: Files, tmp_path: Path, change: Callable[[Files], Files], message: str
) -> None:
    folder = tmp_path / "extracted"
    folder.mkdir()

    with pytest.raises(InputError) as error:
        importing.extract(packed(change(files), tmp_path / "model.zip"), folder, 10_000_000)

    assert message in str(error.value)
    assert {path.name for path in folder.iterdir()} <= {WEIGHTS, CARD}


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.zip").write_bytes(b"PK\x03\x04 and no more")

    with pytest.raises(InputError, match="not a model of Glassbox"):
        importing.extract(tmp_path / "model.zip", tmp_path, 10_000_000)


def test_weights_that_do_not_fit_are_refused(files: Files, tmp_path: Path) -> None:
    importing.extract(packed(files, tmp_path / "model.zip"), tmp_path, 10_000_000)

    with pytest.raises(InputError, match="cannot be loaded"):
        importing.build(tmp_path / WEIGHTS, "super_resolution")


def test_an_unknown_field_of_a_later_version_is_ignored(files: Files) -> None:
    later = json.loads(files[MANIFEST]) | {"signature": "…"}

    assert Manifest.model_validate(later).model == ABOUT
