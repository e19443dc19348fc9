"""A browser draws pictures as they are read: what it draws itself, and what the server renders for it."""

import base64
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from models.core.images.codec import decode
from tests.application import ROOT
from tests.backend.services.uploads.test_renditions import OWN, RENDERED
from tests.models.core.images.pictures import (
    P3_PRIMARIES,
    SRGB_PRIMARIES,
    bmp,
    chunk,
    colors,
    gamma,
    gif,
    png,
    primaries,
    saved,
    shades,
)

ROUNDING = 2  # of another color management
LOSS = 12  # of another JPEG decoder
SCRIPT = """
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
const { chromium } = createRequire(process.argv[2] + "/package.json")("@playwright/test");
const system = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"];
const browser = await chromium.launch({ executablePath: existsSync(system) ? system : undefined, args });
const page = await browser.newPage();
const drawn = {};
for (const { name, type, path } of JSON.parse(readFileSync(process.argv[3], "utf8"))) {
  const url = `data:${type};base64,${readFileSync(path).toString("base64")}`;
  drawn[name] = await page.evaluate(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const text = Array.from(data, (value) => String.fromCharCode(value)).join("");
    return { width: canvas.width, height: canvas.height, data: btoa(text) };
  }, url);
}
console.log(JSON.stringify(drawn));
await browser.close();
"""
TYPES = {b"\x89PN": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF": "image/gif", b"RIF": "image/webp"}
MASKS = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
BGRA = np.dstack([colors()[:, :, ::-1], shades()])
FRAMES = [Image.new("RGB", (20, 10), color) for color in ("red", "blue")]

# Without a BMP whose alpha is 0 throughout: Chromium drew its colors, and newer ones draw nothing. Models
# take the colors (test_picture_colors), and pages show a rendition of every BMP.
DRAWN = {
    **{f"gamma {value}": png(colors(), 2, extra=gamma(value)) for value in (0, 22_727, 30_000, 43_000, 45_000,
                                                                          45_455, 48_000, 55_000, 100_000)},
    **{f"gray, gamma {value}": png(shades(), 0, extra=gamma(value)) for value in (30_000, 45_455, 100_000)},
    "gamma and primaries": png(colors(), 2, extra=gamma(45_455) + primaries(SRGB_PRIMARIES)),
    "gamma and wide primaries": png(colors(), 2, extra=gamma(50_000) + primaries(P3_PRIMARIES)),
    "primaries alone": png(colors(), 2, extra=primaries(P3_PRIMARIES)),
    "sRGB before gamma": png(colors(), 2, extra=gamma(100_000) + chunk(b"sRGB", b"\0")),
    "coded Display P3": png(colors(), 2, extra=chunk(b"cICP", bytes((12, 13, 0, 1)))),
    "gray of 16 bits": png(shades() * 257, 0, bits=16),
    "a transparent gray of 16 bits": png(shades() * 257, 0, bits=16, extra=chunk(b"tRNS", b"\x01\x01")),
    "a transparent color": png(colors(), 2, extra=chunk(b"tRNS", b"\0\x33\0\xc3\0\x33")),
    "gray with alpha and gamma": png(np.dstack([shades(), shades()[::-1]]), 4, extra=gamma(100_000)),
    "BMP": bmp(BGRA, 3),
    "BMP with alpha": bmp(BGRA, 4, MASKS),
    "GIF smaller than its canvas": gif((8, 8), (2, 2, 4, 4)),
    "GIF with a transparent color": gif((8, 8), (2, 2, 4, 4), transparent=1),
    "animated PNG": saved(FRAMES[0], "PNG", save_all=True, append_images=FRAMES[1:]),
    "animated PNG with a picture of its own": saved(Image.new("RGB", (20, 10), "green"), "PNG", save_all=True,
                                                   append_images=FRAMES, default_image=True),
    "animated WebP": saved(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:], lossless=True),
}  # fmt: skip


def as_browser_draws(files: dict[str, bytes], folder: Path) -> dict[str, np.ndarray]:
    """(H, W, 3) of each file, over white."""
    listed = []
    for place, (name, data) in enumerate(files.items()):
        path = folder / str(place)
        path.write_bytes(data)
        listed.append({"name": name, "type": TYPES.get(data[:3], "image/bmp"), "path": str(path)})
    (folder / "list.json").write_text(json.dumps(listed))
    (folder / "draw.mjs").write_text(SCRIPT)
    command = ["node", str(folder / "draw.mjs"), str(ROOT / "frontend"), str(folder / "list.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {
        name: np.frombuffer(base64.b64decode(each["data"]), np.uint8).reshape(
            each["height"], each["width"], 4
        )[:, :, :3]
        for name, each in json.loads(done.stdout).items()
    }


def assert_alike(drawn: np.ndarray, data: bytes, tolerance: int) -> None:
    expected = np.asarray(decode(data)).astype(int)
    assert drawn.shape == expected.shape
    assert np.abs(drawn - expected).max() <= tolerance


@pytest.mark.slow
def test_pictures_are_read_as_a_browser_draws_them(tmp_path: Path) -> None:
    drawn = as_browser_draws(DRAWN, tmp_path)

    for name, data in DRAWN.items():
        np.testing.assert_allclose(drawn[name], np.asarray(decode(data)), atol=ROUNDING, err_msg=name)


@pytest.mark.slow
@pytest.mark.usefixtures("inline_worker")
def test_a_browser_draws_the_pages_picture_as_the_model_took_it(client: TestClient, tmp_path: Path) -> None:
    files = {**OWN, **RENDERED}
    shown = {}
    for name, data in files.items():
        upload = client.post("/v1/uploads", files={"file": ("own.picture", data)}).json()
        shown[name] = client.get(upload["picture_url"]).content

    drawn = as_browser_draws(shown, tmp_path)

    for name, data in files.items():
        is_jpeg = shown[name].startswith(b"\xff\xd8") or shown[name].startswith(b"RIFF")
        assert_alike(drawn[name], data, LOSS if is_jpeg else 0)
