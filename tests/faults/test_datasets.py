"""A worker is killed in the middle of an import: another one continues, and nothing is lost or double."""

import io
import os
import signal
import time
import zipfile
from typing import Any

import pytest

from tests.application import Application
from tests.backend.services.datasets.requests import picture
from tests.faults.test_nothing_is_lost import QUICK_LEASES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PICTURES = 2_000


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for number in range(PICTURES):
            # other sizes: other contents
            packed.writestr(
                f"class {number % 4}/{number}.png", picture(number, (40 + number // 40, 30 + number % 40))
            )
    return buffer.getvalue()


def pictures(application: Application, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: Any = ""
    while cursor is not None:
        page = application.get(f"{address}/pictures?limit=200{cursor}").json
        found += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    return found


def test_an_import_survives_its_workers() -> None:
    with Application(**QUICK_LEASES) as application:
        kind = {"content-type": "application/zip"}
        upload = application.ask("POST", "/v1/uploads?name=shapes.zip", archive(), kind).json
        made = application.post("/v1/datasets", {"name": "Shapes", "upload_id": upload["id"]}).json
        address = f"/v1/datasets/{made['id']}"
        for least in (1, PICTURES // 2):
            application.wait_for(
                lambda least=least: application.get(address).json["pictures"] >= least,
                120,
                "nothing is imported",
            )
            for pid in application.workers("predict"):
                os.kill(pid, signal.SIGKILL)
            time.sleep(2)

        def has_ended() -> bool:
            return application.job(made["job"]["id"])["status"] in ("succeeded", "failed")

        application.wait_for(has_ended, 300, "the import does not end")

        job = application.job(made["job"]["id"])
        assert (job["status"], job["error"]) == ("succeeded", None)
        assert job["attempt"] >= 2
        found = pictures(application, address)
        assert (len(found), len({each["name"] for each in found})) == (PICTURES, PICTURES)
        assert application.get(f"{address}/versions/1").json["report"]["counts"]["pictures"] == PICTURES
        files = list((application.folder / "data" / "files" / "uploads").glob(f"*/{made['id']}-*"))
        assert len(files) == len({each["upload_id"] for each in found})
