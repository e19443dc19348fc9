"""Pictures as models take them, for pages that could not draw the uploaded file alike."""

import io
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from backend.services.uploads import files, renditions
from backend.storage import storage
from models.core.images.codec import decode
from tests.models.core.images.pictures import colors, gamma, gif, png, saved, tiff

PICTURE = Image.fromarray(np.kron(colors(), np.ones((4, 2, 1))).astype(np.uint8))
FRAMES = {"save_all": True, "append_images": [Image.new("RGB", PICTURE.size, "blue")]}


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def xmp(orientation: int) -> str:
    return f'<rdf:Description tiff:Orientation="{orientation}"/>'


def with_xmp(orientation: int) -> bytes:

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp(orientation))
    return saved(PICTURE, "PNG", pnginfo=info)


OWN = {
    "a PNG file": saved(PICTURE, "PNG"),
    "a gray PNG file": saved(PICTURE.convert("L"), "PNG"),
    "a JPEG file": saved(PICTURE, "JPEG"),
    "a JPEG file on its side": saved(PICTURE, "JPEG", exif=exif(6)),
    "a WebP file": saved(PICTURE, "WEBP"),
}
RENDERED = {
    "TIFF": saved(PICTURE, "TIFF"),
    "TIFF on its side": saved(PICTURE, "TIFF", exif=exif(6)),
    "PNM": saved(PICTURE, "PPM"),
    "BMP": saved(PICTURE, "BMP"),
    "HEIC": saved(PICTURE, "HEIF", quality=100),
    "AVIF": saved(PICTURE, "AVIF"),
    "CMYK": saved(PICTURE.convert("CMYK"), "JPEG"),
    "JPEG on its side by XMP": saved(PICTURE, "JPEG", xmp=xmp(6).encode()),
    "WebP on its side": saved(PICTURE, "WEBP", exif=exif(6), lossless=True),
    "PNG on its side": saved(PICTURE, "PNG", exif=exif(6)),
    "PNG on its side by XMP": with_xmp(6),
    "PNG with a gamma": png(colors(), 2, extra=gamma(100_000)),
    "PNG of 16 bits": png(colors() * 257, 2, bits=16),
    "gray PNG of 16 bits": png(colors()[:, :, 0] * 257, 0, bits=16),
    "transparent PNG": saved(PICTURE.convert("RGBA"), "PNG"),
    "float TIFF": tiff((colors()[:, :, 0] / 255).astype("<f4"), kind=3),
    "one bit": saved(PICTURE.convert("1"), "TIFF"),
    "GIF smaller than its canvas": gif((8, 8), (2, 2, 4, 4)),
    "animated GIF": saved(PICTURE, "GIF", **FRAMES),
    "animated WebP": saved(PICTURE, "WEBP", lossless=True, **FRAMES),
    "animated PNG": saved(PICTURE, "PNG", **FRAMES),
}


def sent(client: TestClient, data: bytes) -> dict[str, Any]:
    answer = client.post("/v1/uploads", files={"file": ("own.picture", data)})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("name", RENDERED)
def test_what_browsers_draw_differently_is_rendered_as_models_take_it(client: TestClient, name: str) -> None:
    upload = sent(client, RENDERED[name])
    answer = client.get(upload["picture_url"])
    shown = Image.open(io.BytesIO(answer.content))

    assert answer.headers["content-type"] == "image/png"
    assert (shown.mode, shown.size) == ("RGB", (upload["width"], upload["height"]))
    assert np.array_equal(np.asarray(shown), np.asarray(decode(RENDERED[name])))


@pytest.mark.parametrize("name", OWN)
def test_what_browsers_draw_alike_is_the_file_itself(client: TestClient, name: str) -> None:
    answer = client.get(sent(client, OWN[name])["picture_url"])

    assert answer.content == OWN[name]


@pytest.mark.usefixtures("inline_worker")
def test_a_rendition_is_made_once_and_deleted_with_its_upload(client: TestClient) -> None:
    upload = sent(client, RENDERED["TIFF"])
    first = client.get(upload["picture_url"])
    row = files.read_row(UUID(upload["id"]))
    storage().get(f"{renditions.keys_of(row.sha256)}.image")
    etag = {"if-none-match": first.headers["etag"]}

    assert client.get(upload["picture_url"], headers=etag).status_code == 304
    client.delete(f"/v1/uploads/{upload['id']}")
    with pytest.raises(FileNotFoundError):
        storage().get(f"{renditions.keys_of(row.sha256)}.image")
    assert client.get(upload["picture_url"]).status_code == 404


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("name", ["picture", "thumbnail"])
def test_a_picture_that_cannot_be_decoded_has_no_rendition(client: TestClient, name: str) -> None:
    upload = sent(client, RENDERED["TIFF"][:-2000])

    for _ in range(2):
        answer = client.get(upload[f"{name}_url"])
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("The TIFF picture is damaged: ")


@pytest.mark.parametrize("name", ["picture", "thumbnail"])
def test_a_table_has_no_rendition(client: TestClient, name: str) -> None:
    upload = sent(client, b"a,b\n1,2\n")

    assert upload[f"{name}_url"] is None
    assert client.get(f"/v1/uploads/{upload['id']}/{name}").status_code == 415


@pytest.mark.usefixtures("inline_worker")
def test_a_large_picture_is_rendered_at_a_bounded_size(client: TestClient) -> None:
    upload = sent(client, saved(Image.new("L", (8000, 3000), 77), "TIFF", compression="tiff_lzw"))
    answer = client.get(upload["picture_url"])
    shown = Image.open(io.BytesIO(answer.content))

    assert answer.headers["content-type"] == "image/jpeg"
    assert shown.width * shown.height <= 16_000_000
    assert shown.width / shown.height == pytest.approx(8 / 3, rel=0.001)
    assert shown.getpixel((50, 50)) == (77, 77, 77)
