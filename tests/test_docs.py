"""The documents name what exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.settings import Settings
from models.core.contract import registry
from models.core.contract.card import Kind

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PACKAGES = ("backend", "workers", "models", "tests")
SUFFIXES = ("py", "ts", "tsx", "mjs", "css", "md", "json", "yml", "toml", "svg", "png", "jpg", "safetensors")
# made by a build, by a user, or by the guide's example (tests/test_guide.py)
NOT_IN_THE_REPOSITORY = re.compile(r"frontend/dist|models[./]binarization|data/|\.venv/|files/|/")

PATH = re.compile(
    r"(?<![\w./:])(?:backend|workers|models|frontend|tests|docs|requirements)/[\w./<>*-]*"
    rf"|(?<=`)[\w./<>*-]+/[\w.<>*-]+\.(?:{'|'.join(SUFFIXES)})(?=`)"
)
MODULE = re.compile(rf"(?<![\w./-])(?:{'|'.join(PACKAGES)})(?:\.[A-Za-z_]\w*)+(?![\w/])")


def _named(pattern: re.Pattern[str]) -> Iterator[tuple[Path, str]]:
    for document in DOCUMENTS:
        for found in pattern.findall(document.read_text("utf-8")):
            name = found.rstrip(".-")
            if not NOT_IN_THE_REPOSITORY.match(name):
                yield document, name


def _exists(document: Path, path: str) -> bool:
    """Whether a file or folder has that path, in the repository, beside the document or in a capability.

    `<name>` and `*` stand for any part.
    """
    pattern = re.sub(r"<[^>]*>", "*", path.rstrip("/"))
    return any(any(folder.glob(pattern)) for folder in (ROOT, document.parent, *(ROOT / "models").iterdir()))


def _module_exists(dotted: str) -> bool:
    """Whether it is a module, or a name that a module defines."""
    place, parts = ROOT, dotted.split(".")
    while parts and (place / parts[0]).is_dir():
        place /= parts.pop(0)
    if not parts:
        return True
    file = place / f"{parts.pop(0)}.py"
    return file.is_file() and (not parts or parts[0] in _definitions(file))


def _definitions(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`GLASSBOX_{name.upper()}`" in (ROOT / "docs" / "settings.md").read_text("utf-8")


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_stage_is_documented(kind: Kind) -> None:
    assert f"`{kind}`" in (ROOT / "docs" / "stages.md").read_text("utf-8")


def test_the_readme_lists_every_capability() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shipped = [name for name in registry.cards() if (ROOT / "models" / name).exists()]

    assert [name for name in shipped if f"`{name}`" not in readme] == []


def test_links_between_documents_resolve() -> None:
    broken = []
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", document.read_text("utf-8")):
            if not (document.parent / target).exists():
                broken.append(f"{document.name}: {target}")

    assert broken == []


def test_paths_in_documents_exist() -> None:
    missing = {f"{document.name}: {path}" for document, path in _named(PATH) if not _exists(document, path)}

    assert sorted(missing) == []


def test_modules_in_documents_exist() -> None:
    missing = {f"{document.name}: {name}" for document, name in _named(MODULE) if not _module_exists(name)}

    assert sorted(missing) == []


@pytest.mark.parametrize("name", ["models.core.contract.card.Card", "backend.http", "tests.bench.load"])
def test_a_module_or_a_name_in_it_is_found(name: str) -> None:
    assert _module_exists(name)


@pytest.mark.parametrize("name", ["models.core.contract.card.Kard", "backend.broker", "tests.bench.laod"])
def test_a_name_of_nothing_is_not_found(name: str) -> None:
    assert not _module_exists(name)
