"""`python -m backend.openapi` writes docs/openapi.json, from which the frontend's types are made."""

import json
from pathlib import Path

from backend.main import create_app

FILE = Path("docs/openapi.json")


def text() -> str:
    return json.dumps(create_app().openapi(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
