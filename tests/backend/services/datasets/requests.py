"""Requests about datasets, as pages send them."""

import io
from typing import Any

from fastapi.testclient import TestClient
from PIL import Image

BOX = {"label": "cow", "box": [1, 2, 11, 12]}


def picture(number: int, size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture that resembles no other one: a bright square at a place of its own."""
    image = Image.new("RGB", size, (20, 30, 40))
    x, y = number * 7 % (size[0] - 8), number * 11 % (size[1] - 8)
    image.paste((250, 255 - number % 200, 240), (x, y, x + 8, y + 8))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def upload(client: TestClient, data: bytes, name: str = "a.png") -> str:
    return client.post("/v1/uploads", files={"file": (name, data)}).json()["id"]


def create(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/datasets", json={"name": "Meadow", **body})
    assert answer.status_code in (201, 202), answer.text
    return answer.json()


def add(client: TestClient, dataset: dict[str, Any], *pictures: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post(f"/v1/datasets/{dataset['id']}/pictures", json={"pictures": pictures})
    assert answer.status_code == 201, answer.text
    return answer.json()["items"]


def fill(client: TestClient, dataset: dict[str, Any], labels: list[str | None]) -> list[dict[str, Any]]:
    """A picture with each of the labels."""
    given = [
        {
            "upload_id": upload(client, picture(number), f"{number}.png"),
            "annotation": label and {"label": label},
        }
        for number, label in enumerate(labels)
    ]
    return add(client, dataset, *given)


def change(client: TestClient, dataset: dict[str, Any], shown: dict[str, Any], **body: Any) -> Any:
    address = f"/v1/datasets/{dataset['id']}/pictures/{shown['id']}"
    return client.patch(address, json={"revision": shown["revision"], **body})


def read(client: TestClient, dataset: dict[str, Any], rest: str = "") -> Any:
    return client.get(f"/v1/datasets/{dataset['id']}{rest}").json()
