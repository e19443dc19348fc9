"""The pages in a real browser against a real server: frontend/e2e, run by Playwright."""

import os
import subprocess

import pytest

from tests.application import ROOT, Application


@pytest.mark.slow
@pytest.mark.timeout(2_400)
def test_the_pages_work_in_a_browser() -> None:
    with Application(GLASSBOX_CAPABILITY_PACKAGES="[]") as application:
        done = subprocess.run(
            ["npm", "run", "e2e"],
            cwd=ROOT / "frontend",
            env={**os.environ, "BASE_URL": application.url, "CI": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
