"""`python -m backend.openapi` writes docs/openapi.json, from which the frontend's types are made."""

import json
from pathlib import Path

from backend.http import openapi_document
from backend.main import create_app
from models.core.contract import registry

FILE = Path("docs/openapi.json")


def text() -> str:
    """The document of a server with the capabilities of Glassbox."""
    cards = {name: card for name, card in registry.cards().items() if registry.is_own(name)}
    return json.dumps(openapi_document.describe(create_app(), cards), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
