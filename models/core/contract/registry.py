"""Finds the capabilities: every folder with a card.py is one. Loads no model code until asked.

The capabilities of Glassbox lie in `models`; a deployment may name further packages of the same shape
(`include`), and nothing else changes.
"""

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from models.core.contract.card import Card

_packages = ["models"]


def include(package: str) -> None:
    """Look for capabilities in `package` too: an importable package whose folders hold a card.py."""
    if package not in _packages:
        _packages.append(package)
        for known in (_homes, cards, translations):
            known.cache_clear()


@cache
def _homes() -> dict[str, str]:
    """Capability name -> the package it lies in."""
    homes: dict[str, str] = {}
    for package in _packages:
        for root in import_module(package).__path__:
            for file in sorted(Path(root).glob("*/card.py")):
                if file.parent.name in homes:
                    raise ValueError(f"two capabilities are named {file.parent.name!r}: {package} has one")
                homes[file.parent.name] = package
    return homes


@cache
def cards() -> dict[str, Card]:
    """Every capability's card by its name."""
    return {name: import_module(f"{home}.{name}.card").CARD for name, home in _homes().items()}


@cache
def translations(language: str) -> dict[str, str]:
    """English text -> the same in `language`, for what the capabilities tell of themselves; empty: none.

    They lie beside the code that says them, in translations/<language>.json; core has those of several.
    """
    texts: dict[str, str] = {}
    for module in ("models.core", *(f"{home}.{name}" for name, home in _homes().items())):
        for root in import_module(module).__path__:
            file = Path(root) / "translations" / f"{language}.json"
            if file.is_file():
                texts |= json.loads(file.read_text("utf-8"))
    return texts


def code(name: str, part: str) -> ModuleType:
    """The module `part` (predict, train, evaluate, pretrained.pull) of capability `name`. May load torch.

    Raises:
        ModuleNotFoundError: the capability has no such part.
    """
    return import_module(f"{_homes()[name]}.{name}.{part}")
