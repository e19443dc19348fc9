"""The documents name what there is."""

import re
from pathlib import Path

import pytest

from backend.settings import Settings
from models.core.contract import registry
from models.core.contract.card import Kind

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`GLASSBOX_{name.upper()}`" in (ROOT / "docs" / "settings.md").read_text("utf-8")


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_stage_is_documented(kind: Kind) -> None:
    assert f"`{kind}`" in (ROOT / "docs" / "stages.md").read_text("utf-8")


def test_every_capability_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shipped = [name for name in registry.cards() if (ROOT / "models" / name).exists()]

    assert [name for name in shipped if f"`{name}`" not in readme] == []


def test_links_within_the_documents_lead_somewhere() -> None:
    broken = []
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", document.read_text("utf-8")):
            if not (document.parent / target).exists():
                broken.append(f"{document.name}: {target}")

    assert broken == []
