"""The lock files agree, carry hashes, and name no registry."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_pinned_requirements_agree() -> None:
    pins: dict[str, set[str]] = {}
    for group in ("dev", "web", "worker", "s3"):
        for line in (ROOT / "requirements" / f"{group}.txt").read_text("utf-8").splitlines():
            if "==" in line and not line.startswith((" ", "#")):
                name, _, version = line.rstrip(" \\").partition("==")
                pinned, _, condition = version.partition(" ; ")
                pins.setdefault(f"{name} {condition}", set()).add(pinned)

    assert {name: versions for name, versions in pins.items() if len(versions) > 1} == {}


@pytest.mark.parametrize("group", ["dev", "web", "worker", "s3", "uv"])
def test_requirements_name_no_registry_and_carry_hashes(group: str) -> None:
    text = (ROOT / "requirements" / f"{group}.txt").read_text("utf-8")

    assert "://" not in text
    assert text.count("--hash=sha256:") >= text.count("==")


def test_the_npm_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text("utf-8")
