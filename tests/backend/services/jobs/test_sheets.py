"""The sheets of samples of trainings: kept, replaced, limited, deleted."""

from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from backend.services.jobs import leases, recovery, sheets
from backend.services.jobs.leases import Claim, Ending
from backend.settings import settings
from backend.tables import Status


@pytest.fixture
def claim(client: TestClient) -> Claim:
    job = client.post("/v1/jobs", json={"capability": "tiny", "task": "train"}).json()
    claimed = leases.claim_job(UUID(job["id"]), "node/boot")
    assert claimed is not None
    return claimed


def _store(claim: Claim, step: int, png: bytes = b"png") -> bool:
    return sheets.store(claim, {"step": step, "file": f"samples-{step}.png"}, png)


def _files() -> list[Path]:
    return list((settings().data_folder / "files" / "artifacts").rglob("sheet-*"))


def test_a_sheet_is_fetched_by_its_address_while_the_training_runs(client: TestClient, claim: Claim) -> None:
    _store(claim, 20, b"later")
    _store(claim, 10, b"earlier")

    assert [sheet["step"] for sheet in sheets.read(claim.job_id)] == [10, 20]
    answer = client.get(sheets.read(claim.job_id)[0]["url"])
    assert (answer.content, answer.headers["content-type"]) == (b"earlier", "image/png")
    assert client.get(f"/v1/jobs/{claim.job_id}").json()["artifacts"] == []
    assert client.get(f"/v1/jobs/{claim.job_id}/inspection").status_code == 409


def test_a_sheet_of_the_same_step_is_replaced_unless_it_is_equal(claim: Claim) -> None:
    _store(claim, 10, b"first")
    (first,) = sheets.read(claim.job_id)
    _store(claim, 10, b"first")
    assert sheets.read(claim.job_id) == [first]

    _store(claim, 10, b"second")
    (second,) = sheets.read(claim.job_id)
    assert second["url"] != first["url"]
    assert [file.read_bytes() for file in _files()] == [b"second"]


def test_a_lost_claim_keeps_no_sheet(claim: Claim) -> None:
    _store(claim, 10)
    recovery.reclaim("node", "node/next")

    assert not _store(claim, 20)
    assert [sheet["step"] for sheet in sheets.read(claim.job_id)] == [10]


def test_a_job_keeps_50_sheets_of_about_a_megabyte(claim: Claim) -> None:
    for step in range(sheets.MOST):
        _store(claim, step)

    with pytest.raises(ValueError, match="50 sheets at most"):
        _store(claim, sheets.MOST)
    with pytest.raises(ValueError, match="at most"):
        _store(claim, 1, bytes(sheets.MAX_BYTES + 1))
    _store(claim, 1, b"replaced")  # of a known step
    assert len(sheets.read(claim.job_id)) == sheets.MOST


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELED])
def test_deleting_a_training_deletes_its_sheets(client: TestClient, claim: Claim, status: Status) -> None:
    _store(claim, 10)
    leases.finish([Ending(claim, status)], {})
    assert len(_files()) == 1

    assert client.delete(f"/v1/jobs/{claim.job_id}").status_code == 204
    assert _files() == []
