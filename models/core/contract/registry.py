"""Finds the capabilities: every folder with a card.py is one. Loads model code only on request.

The capabilities of Glassbox are in `models`; a deployment can add packages of the same structure (`include`).
"""

import json
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from models.core.contract.card import Card, ModelCard

_packages = ["models"]
_finders: list[Callable[[str], Path | None]] = []  # of fetched weights


def include(package: str) -> None:
    """Also find the capabilities in `package`, an importable package whose folders contain a card.py."""
    if package not in _packages:
        _packages.append(package)
        for known in (_homes, cards, translations):
            known.cache_clear()


@cache
def _homes() -> dict[str, str]:
    """Capability name -> its package."""
    homes: dict[str, str] = {}
    for package in _packages:
        for root in import_module(package).__path__:
            for file in sorted(Path(root).glob("*/card.py")):
                if file.parent.name in homes:
                    raise ValueError(
                        f"two capabilities have the name {file.parent.name!r}: one is in {package}"
                    )
                homes[file.parent.name] = package
    return homes


@cache
def cards() -> dict[str, Card]:
    """Every capability's card by its name."""
    return {name: import_module(f"{home}.{name}.card").CARD for name, home in _homes().items()}


def is_own(name: str) -> bool:
    """Whether the capability is one of Glassbox itself."""
    return _homes()[name] == _packages[0]


@cache
def translations(language: str) -> dict[str, str]:
    """Text id -> text in `language`, of all capabilities; empty if there is no translation.

    The texts are in translations/<language>.json beside the code; those of core are shared by several.
    """
    texts: dict[str, str] = {}
    for module in ("models.core", *(f"{home}.{name}" for name, home in _homes().items())):
        for root in import_module(module).__path__:
            file = Path(root) / "translations" / f"{language}.json"
            if file.is_file():
                texts |= json.loads(file.read_text("utf-8"))
    return texts


def folder(name: str) -> Path:
    """The folder of the capability."""
    return Path(import_module(f"{_homes()[name]}.{name}").__path__[0])


def code(name: str, part: str) -> ModuleType:
    """The module `part` (predict, train, evaluate, pretrained.pull) of capability `name`. May load torch.

    Raises:
        ModuleNotFoundError: the capability has no such part.
    """
    return import_module(f"{_homes()[name]}.{name}.{part}")


def core(part: str) -> ModuleType:
    """The module `part` of models.core, such as tables.profile, for what is heavy and rarely needed."""
    return import_module(f"models.core.{part}")


def weights(capability: str, model: str) -> Path:
    """The shipped weights of another capability's model, found by name.

    Raises:
        LookupError: no such capability, or no such model that ships.
    """
    if capability in cards():
        for declared in cards()[capability].models:
            if declared.name == model and declared.weights is not None:
                return declared.weights
    raise LookupError(f"{capability} ships no model {model!r}")


def find_fetched_with(find: Callable[[str], Path | None]) -> None:
    """Let `installed_weights` find fetched weights by their model's name with `find`."""
    _finders[:] = [find]


def installed_weights(model: ModelCard) -> Path | None:
    """The weights of a card's model if they are installed."""
    if model.weights is not None:
        return model.weights if model.weights.exists() else None
    return next((path for find in _finders if (path := find(model.name)) is not None), None)
