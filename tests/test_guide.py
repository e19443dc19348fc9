"""docs/adding-a-capability.md works as it is written: its code is a capability, and passes the linters."""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.core.contract import messages, registry
from models.core.contract.errors import InputError
from models.core.contract.prediction import Opened, Role, answer_opened

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "adding-a-capability.md"
PACKAGE, NAME = "guide_capabilities", "binarization"
BLOCK = re.compile(r"```python\n# (models/\S+\.py)\n(.*?)```", re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The guide's files, in a folder laid out as `models` is."""
    files = {Path(path).name: code for path, code in BLOCK.findall(GUIDE.read_text("utf-8"))}
    assert files.keys() == {"architecture.py", "card.py", "predict.py"}
    made = tmp_path / PACKAGE / NAME
    made.mkdir(parents=True)
    for name, code in {"__init__.py": "", **files}.items():
        (made / name).write_text(code.replace(f"models.{NAME}", f"{PACKAGE}.{NAME}"), "utf-8")
    return made


@pytest.fixture
def capability(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The guide's capability, found by the registry as those of a deployment's own package are."""
    monkeypatch.syspath_prepend(str(folder.parents[1]))
    monkeypatch.setattr(registry, "_packages", [])  # only the guide's, so that no other card is loaded
    _clear_caches()
    registry.include(PACKAGE)
    yield NAME
    for module in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[module]
    # texts of the application's modules stay, which may have been imported first for the guide
    for text in [name for name in messages._declared if name.startswith(f"{NAME}.")]:
        del messages._declared[text]
    _clear_caches()


def _clear_caches() -> None:
    for cached in (registry._homes, registry.cards, registry.translations):
        cached.cache_clear()


def picture() -> bytes:
    """Gray 40 on the left, 200 on the right quarter."""
    pixels = np.full((8, 16), 40, np.uint8)
    pixels[:, 12:] = 200
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def opened(capability: str, **params: Any) -> Opened:
    predictor = registry.code(capability, "predict").Predictor(None, "cpu")
    card = registry.cards()[capability]
    return answer_opened(predictor, {"image": picture()}, card.predict_params(**params))


def test_the_guides_capability_answers(capability: str) -> None:
    prediction = opened(capability).prediction

    assert 40 <= prediction.result["threshold"] < 200
    assert prediction.result["share"] == 0.25
    assert np.asarray(Image.open(io.BytesIO(prediction.outputs[0].data))).sum() == 8 * 4


def test_the_guides_answer_can_be_opened(capability: str) -> None:
    stages = opened(capability).stages

    assert [stage.role for stage in stages] == [Role.INPUT, None, Role.ANSWER]
    assert stages[2].explanation.startswith("25% of the pixels")
    assert [part["id"] for part in stages[1].about["explanation_message"]] == [
        "binarization.variance.explanation"
    ]
    assert all(stage.json for stage in stages)


def test_the_guides_params_are_applied(capability: str) -> None:
    assert opened(capability, threshold=210).prediction.result == {
        "threshold": 210,
        "share": 0.0,
        "image": {"width": 16, "height": 8},
    }


def test_the_guides_capability_refuses_what_it_cannot_read(capability: str) -> None:
    predictor = registry.code(capability, "predict").Predictor(None, "cpu")
    params = registry.cards()[capability].predict_params()
    for inputs in ({}, {"image": b"not a picture"}):
        with pytest.raises(InputError):
            predictor.decode(inputs, params)


def test_the_guides_model_is_built_in(capability: str) -> None:
    assert [model.source for model in registry.cards()[capability].models] == ["built-in"]


@pytest.mark.parametrize("command", [["check"], ["format", "--check", "--diff"]], ids=["check", "format"])
def test_the_guides_code_passes_the_linter(folder: Path, command: list[str]) -> None:
    ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    # --config sets first-party packages by the project's folders; the copy's own package is one of them
    own = ["--config", f"src = ['{ROOT}', '{folder.parents[1]}']"] if command == ["check"] else []
    run = subprocess.run([*ruff, *own, str(folder)], capture_output=True, text=True, check=False, cwd=ROOT)

    assert run.returncode == 0, run.stdout + run.stderr
