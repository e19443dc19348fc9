"""The pages in a real browser on a real server: frontend/e2e, run by Playwright."""

import os
import subprocess

import pytest

from tests.application import ROOT, Application


def run(application: Application, script: str) -> None:
    done = subprocess.run(
        ["npm", "run", script],
        cwd=ROOT / "frontend",
        env={**os.environ, "BASE_URL": application.url, "CI": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.timeout(3_600)  # 26 minutes on two quiet cores
def test_the_pages_work_in_a_browser() -> None:
    with Application(GLASSBOX_CAPABILITY_PACKAGES="[]") as application:
        run(application, "e2e")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_pages_take_no_input_and_two_inputs() -> None:
    with Application() as application:  # with the toy capabilities of tests/capabilities
        run(application, "e2e:toys")
