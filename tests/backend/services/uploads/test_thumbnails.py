"""Small renditions of pictures, for lists of many."""

import io

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from backend.storage import storage
from models.core.images.codec import decode
from models.core.images.rendition import THUMBNAIL_SIDE
from tests.backend.services.uploads.test_renditions import RENDERED, exif, sent, xmp
from tests.models.core.images.pictures import saved

RAMP = np.stack(np.meshgrid(np.linspace(0, 255, 1600), np.linspace(0, 255, 1200)), axis=2)
LARGE = Image.fromarray(np.dstack([RAMP, np.full((1200, 1600), 90.0)]).astype(np.uint8))
FILES = {
    "JPEG": saved(LARGE, "JPEG"),
    "JPEG on its side": saved(LARGE, "JPEG", exif=exif(6)),
    "JPEG on its side by XMP": saved(LARGE, "JPEG", xmp=xmp(6).encode()),
    "progressive JPEG": saved(LARGE, "JPEG", progressive=True),
    "CMYK JPEG": saved(LARGE.convert("CMYK"), "JPEG"),
    "gray JPEG": saved(LARGE.convert("L"), "JPEG"),
    "PNG on its side": saved(LARGE, "PNG", exif=exif(6)),
    "WebP": saved(LARGE, "WEBP", quality=90),
    "TIFF": saved(LARGE, "TIFF"),
    "transparent PNG": saved(Image.merge("RGBA", (*LARGE.split(), LARGE.getchannel(0))), "PNG"),
}


def thumbnail(client: TestClient, data: bytes) -> Image.Image:
    answer = client.get(sent(client, data)["thumbnail_url"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    assert len(answer.content) < 60_000
    return Image.open(io.BytesIO(answer.content))


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("name", FILES)
def test_a_thumbnail_is_the_picture_as_models_take_it_but_small(client: TestClient, name: str) -> None:
    whole = decode(FILES[name])
    shown = thumbnail(client, FILES[name])

    assert max(shown.size) == THUMBNAIL_SIDE
    assert shown.width / shown.height == pytest.approx(whole.width / whole.height, rel=0.01)
    expected = np.asarray(whole.resize(shown.size, Image.Resampling.BOX), dtype=float)
    assert np.abs(np.asarray(shown.convert("RGB"), dtype=float) - expected).mean() < 4


@pytest.mark.usefixtures("inline_worker")
def test_a_narrow_picture_keeps_a_pixel(client: TestClient) -> None:
    assert thumbnail(client, saved(Image.new("RGB", (6000, 3), "red"), "TIFF")).size == (THUMBNAIL_SIDE, 1)


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("name", RENDERED)
def test_a_small_picture_is_not_enlarged(client: TestClient, name: str) -> None:
    assert thumbnail(client, RENDERED[name]).size == decode(RENDERED[name]).size


def test_a_small_file_that_browsers_draw_alike_is_its_own_thumbnail(client: TestClient) -> None:
    data = saved(LARGE.resize((320, 240)), "JPEG")
    answer = client.get(sent(client, data)["thumbnail_url"])

    assert answer.content == data


@pytest.mark.usefixtures("inline_worker")
def test_a_thumbnail_is_made_once_and_deleted_with_its_upload(client: TestClient) -> None:
    upload = sent(client, FILES["JPEG"])
    first = client.get(upload["thumbnail_url"])
    key = f"renditions/{upload['sha256'][:2]}/{upload['sha256']}.thumbnail"
    assert storage().get(key) == first.content
    storage().put(key, b"kept")

    assert client.get(upload["thumbnail_url"]).content == b"kept"
    assert first.headers["etag"] != client.get(upload["picture_url"]).headers["etag"]
    same = {"if-none-match": first.headers["etag"]}
    assert client.get(upload["thumbnail_url"], headers=same).status_code == 304
    client.delete(f"/v1/uploads/{upload['id']}")
    with pytest.raises(FileNotFoundError):
        storage().get(key)
    assert client.get(upload["thumbnail_url"]).status_code == 404


@pytest.mark.usefixtures("inline_worker")
def test_a_thumbnail_and_the_whole_rendition_do_not_take_each_others_place(client: TestClient) -> None:
    upload = sent(client, FILES["TIFF"])
    small = client.get(upload["thumbnail_url"]).content
    whole = client.get(upload["picture_url"]).content

    assert Image.open(io.BytesIO(small)).size == (384, 288)
    assert Image.open(io.BytesIO(whole)).size == (1600, 1200)


@pytest.mark.usefixtures("inline_worker")
def test_lists_name_the_thumbnails_of_their_pictures(client: TestClient) -> None:
    upload = sent(client, FILES["JPEG"])
    dataset = client.post("/v1/datasets", json={"name": "Ramps"}).json()
    address = f"/v1/datasets/{dataset['id']}"
    client.post(f"{address}/pictures", json={"pictures": [{"upload_id": upload["id"]}]})
    (picture,) = client.get(f"{address}/pictures").json()["items"]

    assert picture["thumbnail_url"] == upload["thumbnail_url"]
    assert client.get(address).json()["preview"] == [upload["thumbnail_url"]]
