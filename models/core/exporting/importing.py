"""A ZIP of a model from elsewhere: checked byte by byte before anything of it is used.

Nothing is unpacked by the names in the ZIP: the weights and the card are written under names of our own.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError
from safetensors import SafetensorError, safe_open

from models.core.contract import registry
from models.core.contract.checkpoint import METADATA_KEY
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.messages import Text
from models.core.exporting.manifest import CARD, MANIFEST, SUMS, WEIGHTS, Manifest, Part

MAX_FILES = 32
MAX_TEXT = 1_000_000  # bytes of the manifest and of the card
_BLOCK = 1 << 20

NOT_A_MODEL = Text("core.importing.not_a_model", "The ZIP is not a model of Glassbox: {reason}.")
NO_MANIFEST = Text("core.importing.no_manifest", "it has no {name}")
DAMAGED = Text("core.importing.damaged", "{name} is damaged: {reason}.")
TOO_LARGE = Text("core.importing.too_large", "{name} has {bytes:,} bytes; the limit is {limit:,}.")
TOO_MANY = Text("core.importing.too_many", "The ZIP has {count:,} files; a model has at most {limit}.")
BAD_NAME = Text("core.importing.bad_name", "The ZIP has the file {name!r}, which belongs to no model.")
TWICE = Text("core.importing.twice", "The ZIP has the file {name!r} twice.")
ENCRYPTED = Text("core.importing.encrypted", "{name} is encrypted.")
MISSING = Text("core.importing.missing", "{name} is listed in {manifest}, and missing in the ZIP.")
OTHER_SIZE = Text("core.importing.other_size", "{name} has {found:,} bytes; {manifest} lists {listed:,}.")
OTHER_HASH = Text("core.importing.other_hash", "{name} has another SHA-256 than {manifest} lists.")
UNKNOWN = Text(
    "core.importing.unknown_capability", "This Glassbox has no capability {name!r}; available: {known}."
)
OTHER_ARCHITECTURE = Text(
    "core.importing.other_architecture",
    "The weights are those of {found!r}; {manifest} lists the architecture {listed!r}.",
)
DOES_NOT_FIT = Text("core.importing.does_not_fit", "The weights cannot be loaded: {reason}")


def extract(path: Path, folder: Path, max_bytes: int) -> Manifest:
    """Check the ZIP, write its weights and its card into `folder`, and return its manifest.

    The predictor is not built: see `build`.

    Raises:
        InputError: with the file and the reason.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive)
            manifest = _manifest(archive, entries)
            _check_files(archive, entries, manifest, folder, max_bytes)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise InputError(NOT_A_MODEL(reason=str(error))) from error
    _check_weights(folder / WEIGHTS, manifest)
    return manifest


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    listed = archive.infolist()
    if len(listed) > MAX_FILES:
        raise InputError(TOO_MANY(count=len(listed), limit=MAX_FILES))
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in listed:
        if not entry.filename or set(entry.filename) & set("/\\:") or entry.filename.startswith("."):
            raise InputError(BAD_NAME(name=entry.filename[:200]))
        if entry.filename in entries:
            raise InputError(TWICE(name=entry.filename))
        if entry.flag_bits & 1:
            raise InputError(ENCRYPTED(name=entry.filename))
        entries[entry.filename] = entry
    return entries


def _manifest(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> Manifest:
    if MANIFEST not in entries:
        raise InputError(NOT_A_MODEL(reason=str(NO_MANIFEST(name=MANIFEST))))
    data = b"".join(_blocks(archive, entries[MANIFEST], MAX_TEXT))
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or MANIFEST
        raise InputError(DAMAGED(name=MANIFEST, reason=f"{place}: {first['msg']}")) from error
    for name in entries:
        if name not in manifest.files and name not in (MANIFEST, SUMS):
            raise InputError(BAD_NAME(name=name[:200]))
    for name in (WEIGHTS, CARD, *manifest.files):
        if name not in entries or name not in manifest.files:
            raise InputError(MISSING(name=name[:200], manifest=MANIFEST))
    return manifest


def _check_files(
    archive: zipfile.ZipFile,
    entries: dict[str, zipfile.ZipInfo],
    manifest: Manifest,
    folder: Path,
    max_bytes: int,
) -> None:
    total = sum(entry.file_size for entry in entries.values())
    if total > max_bytes:
        raise InputError(TOO_LARGE(name="The ZIP", bytes=total, limit=max_bytes))
    for name, part in manifest.files.items():
        target = folder / name if name in (WEIGHTS, CARD) else None
        _check_file(archive, entries[name], part, target)


def _check_file(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, part: Part, target: Path | None) -> None:
    if entry.file_size != part.bytes:
        size = {"found": entry.file_size, "listed": part.bytes}
        raise InputError(OTHER_SIZE(name=entry.filename, manifest=MANIFEST, **size))
    limit = MAX_TEXT if entry.filename == CARD else part.bytes
    digest = hashlib.sha256()
    file = target.open("wb") if target is not None else None
    try:
        for block in _blocks(archive, entry, limit):
            digest.update(block)
            if file is not None:
                file.write(block)
    finally:
        if file is not None:
            file.close()
    if digest.hexdigest() != part.sha256:
        raise InputError(OTHER_HASH(name=entry.filename, manifest=MANIFEST))


def _blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """The content, read no further than `limit`, whatever the header states."""
    if entry.file_size > limit:
        raise InputError(TOO_LARGE(name=entry.filename, bytes=entry.file_size, limit=limit))
    try:
        with archive.open(entry) as source:
            while block := source.read(_BLOCK):
                yield block
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError(DAMAGED(name=entry.filename, reason=str(error))) from error


def _check_weights(weights: Path, manifest: Manifest) -> None:
    known = registry.cards()
    if manifest.model.capability not in known:
        raise InputError(UNKNOWN(name=manifest.model.capability, known=", ".join(sorted(known))))
    try:
        with safe_open(weights, framework="numpy") as file:
            config = json.loads((file.metadata() or {})[METADATA_KEY])
        found = str(config.get("architecture", ""))
    except (SafetensorError, KeyError, ValueError, AttributeError, OSError) as error:
        raise InputError(DAMAGED(name=WEIGHTS, reason=str(error))) from error
    if found != manifest.model.architecture:
        listed = manifest.model.architecture
        raise InputError(OTHER_ARCHITECTURE(found=found[:200], listed=listed, manifest=MANIFEST))
    if not (weights.with_name(CARD)).read_bytes().isascii():
        _check_text(weights.with_name(CARD))


def _check_text(card: Path) -> None:
    try:
        card.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(DAMAGED(name=CARD, reason=str(error))) from error


def build(weights: Path, capability: str) -> None:
    """Build the predictor. Raises InputError: the weights do not fit the architecture that they name."""
    try:
        registry.code(capability, "predict").Predictor(weights, "cpu")
    except WeightsError as error:
        raise InputError(DOES_NOT_FIT(reason=str(error))) from error
    except Exception as error:
        # whatever a config from elsewhere does to the code is an error of the file
        raise InputError(DOES_NOT_FIT(reason=f"{type(error).__name__}: {error}")) from error
