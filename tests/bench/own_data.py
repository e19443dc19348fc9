"""Own data on a fresh server, over HTTP: seconds by step. Run on a quiet machine.

    python -m tests.bench.own_data photos --dataset data/kinds.zip --weights data/files/pretrained
    python -m tests.bench.own_data files --form folders

`photos`: 20 photos of each of three classes become a served model (target: 15 s on two cores).
`files`: an archive of 50,000 small pictures becomes a dataset with a frozen version; 60,000 are refused.
"""

import argparse
import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.core.datasets import archive
from tests.application import Application
from tests.bench.large import Memory

CLASSES, EACH = ("fish", "mammal", "tool"), 20
ZIP = {"content-type": "application/zip"}
SIDE = 24  # pixels of a generated picture
SETTINGS = {"GLASSBOX_LOG_LEVEL": "WARNING"}


class Steps:
    """Prints what each step took."""

    def __init__(self) -> None:
        self.started = self.last = time.monotonic()

    def __call__(self, name: str) -> None:
        now = time.monotonic()
        print(f"{name:45} {now - self.last:7.1f} s, {now - self.started:7.1f} s in all", flush=True)
        self.last = now


def ended(application: Application, job: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The job when it has ended."""
    done: dict[str, Any] = {}

    def has_ended() -> bool:
        done.update(application.job(job["id"]))
        return done["status"] in ("succeeded", "failed", "canceled")

    application.wait_for(has_ended, seconds, "the job has not ended")
    return done


def imported(
    application: Application, data: bytes, step: Steps, seconds: float
) -> tuple[dict[str, Any], Any]:
    """The dataset of an archive, or the job that refused it."""
    upload = application.ask("POST", "/v1/uploads?name=own.zip", data, ZIP).json
    step("upload")
    dataset = application.post("/v1/datasets", {"name": "Own", "upload_id": upload["id"]}).json
    job = ended(application, dataset["job"], seconds)
    step("import, check and first version")
    return dataset, job


def photos_of(path: Path) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A ZIP with folders of the first photos of each class, and the further photos with their class."""
    rest: list[tuple[str, bytes]] = []
    packed = io.BytesIO()
    counts = dict.fromkeys(CLASSES, 0)
    with archive.load(path) as dataset, zipfile.ZipFile(packed, "w") as writing:
        for picture in dataset.manifest.pictures:
            label = picture.annotation.label if picture.annotation else None
            if label not in counts:
                continue
            counts[label] += 1
            if counts[label] <= EACH:
                writing.writestr(f"{label}/{Path(picture.file).name}", dataset.read(picture))
            else:
                rest.append((label, dataset.read(picture)))
    return packed.getvalue(), rest


def photos(path: Path, weights: Path) -> None:
    data, rest = photos_of(path)
    with Application(**SETTINGS, GLASSBOX_WEIGHTS_FOLDER=str(weights.resolve())) as application:
        step = Steps()
        dataset, job = imported(application, data, step, 60)
        assert job["status"] == "succeeded", job["error"]
        training = {"capability": "classification", "task": "train", "dataset_id": dataset["id"]}
        trained = ended(application, application.post("/v1/jobs", training).json, 120)
        assert trained["status"] == "succeeded", trained["error"]
        step("training")
        model = trained["result"]["model"]["name"]
        address = f"/v1/predict/classification?model={model}"
        right = 0
        for number, (label, photo) in enumerate(rest):
            answer = application.post(address, photo, **{"content-type": "image/jpeg"}).json
            right += answer["result"]["label"] == label
            if number == 0:
                step("first answer")
        print(f"{right} of {len(rest)} further photos right; {json.dumps(trained['metrics'])}")


def pictures(count: int) -> Iterator[tuple[str, bytes]]:
    """Small PNG pictures of four classes by path, no two alike."""
    random = np.random.default_rng(0)
    for number in range(count):
        file = io.BytesIO()
        coarse = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        coarse.resize((SIDE, SIDE), Image.Resampling.BILINEAR).save(file, "PNG", compress_level=1)
        yield f"class {number % 4}/{number:05}.png", file.getvalue()


def folders(count: int) -> bytes:
    """Folders are classes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as writing:
        for name, data in pictures(count):
            writing.writestr(name, data)
    return packed.getvalue()


def coco(count: int) -> bytes:
    """A box in each picture."""
    packed = io.BytesIO()
    about: dict[str, list[dict[str, Any]]] = {
        "images": [],
        "annotations": [],
        "categories": [{"id": 1 + number, "name": f"thing {number}"} for number in range(4)],
    }
    with zipfile.ZipFile(packed, "w") as writing:
        for number, (_, data) in enumerate(pictures(count - 1)):
            name = f"{number:05}.png"
            writing.writestr(f"images/{name}", data)
            about["images"].append({"id": number, "file_name": name, "width": SIDE, "height": SIDE})
            box = {"bbox": [2, 3, 10, 8], "area": 80, "iscrowd": 0, "category_id": 1 + number % 4}
            about["annotations"].append({"id": number, "image_id": number, **box})
        writing.writestr("annotations.json", json.dumps(about))
    return packed.getvalue()


def files(form: str, count: int) -> None:
    make = {"folders": folders, "coco": coco}[form]
    data, too_many = make(count), make(60_000)
    with Application(**SETTINGS) as application:
        memory = Memory(application)
        step = Steps()
        dataset, job = imported(application, data, step, 3_000)
        print(job["status"], job["error"], f"worker at most {memory.peak():.0f} MB")
        address = f"/v1/datasets/{dataset['id']}"
        found = application.get(address).json
        step(f"the dataset: {found['pictures']:,} pictures")
        cursor, seen = "", 0
        for _ in range(10):
            page = application.get(f"{address}/pictures?limit=100{cursor}").json
            seen, cursor = seen + len(page["items"]), f"&cursor={page['next_cursor']}"
        step(f"{seen:,} pictures by pages of 100")
        version = ended(application, application.post(f"{address}/versions", {"seed": 1}).json, 3_000)
        step(f"another version: {version['status']}")
        refused = application.ask("POST", "/v1/uploads?name=many.zip", too_many, ZIP)
        step(f"60,000 files: {refused.status}: {refused.json['detail']}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = parser.add_subparsers(dest="part", required=True)
    of_photos = parts.add_parser("photos")
    of_photos.add_argument(
        "--dataset", type=Path, required=True, help="as models.classification.recipe.photos"
    )
    of_photos.add_argument("--weights", type=Path, required=True, help="folder with the weights of nanodet-g")
    of_files = parts.add_parser("files")
    of_files.add_argument("--form", choices=("folders", "coco"), default="folders")
    of_files.add_argument("--count", type=int, default=50_000)
    options = parser.parse_args()
    if options.part == "photos":
        photos(options.dataset, options.weights)
    else:
        files(options.form, options.count)


if __name__ == "__main__":
    main()
