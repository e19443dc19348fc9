"""docker-compose.yml as read by Docker Compose, which needs no Docker engine."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from tests.application import ROOT

PROGRAM = Path(sys.executable).parent / "docker-compose"
SECRETS = {"POSTGRES_PASSWORD": "abc123", "GLASSBOX_API_KEYS": '["a-key"]'}


def config(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "--file", ROOT / "docker-compose.yml", "--env-file", "/dev/null", *options],
        env={"PATH": os.environ["PATH"], "HOME": str(ROOT / "tests"), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def services() -> dict[str, dict[str, Any]]:
    """Every service, including those for GPUs, with all variables filled in."""
    done = config("--profile", "*", "config", "--format", "json", **SECRETS)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["services"]
