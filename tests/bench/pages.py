"""How fast the networks are that run in the pages: frames a second of the GAN, milliseconds to decode.

Run as `python -m tests.bench.pages`, after `npm run build` in frontend. Chromium without a GPU, on whatever
this machine has to do otherwise: the figures are printed, and nothing fails on them.
"""

import os
import subprocess

from tests.application import ROOT, Application

MARK = "speed: "


def main() -> None:
    with Application(GLASSBOX_CAPABILITY_PACKAGES="[]") as application:
        done = subprocess.run(
            ["npm", "run", "--silent", "e2e:speed"],
            cwd=ROOT / "frontend",
            env={**os.environ, "BASE_URL": application.url},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(done.stdout[-4000:] + done.stderr[-2000:])
    for line in done.stdout.splitlines():
        if MARK in line:
            print(line.split(MARK, 1)[1])


if __name__ == "__main__":
    main()
