"""The log of decisions: its entries, its chain, and what is noticed when somebody changes it by hand."""

import multiprocessing
import os
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from backend.database import engine, reading, transaction
from backend.services.log import forgetting, pruning, sealing
from backend.services.log.chain import canonical, commitment, entry_hash
from backend.services.log.record import Entry, record, record_all
from backend.services.log.verification import Place, verify
from backend.tables import log_entries


def fill(number: int, **details: Any) -> None:
    with transaction() as connection:
        record_all(connection, [Entry("predict", {"job_id": str(n)}, details) for n in range(number)])


def entries() -> list[Any]:
    with reading() as connection:
        return list(connection.execute(select(log_entries).order_by(log_entries.c.id)).all())


def by_hand(statement: str, **values: Any) -> None:
    with transaction() as connection:
        connection.execute(text(statement), values)


@pytest.fixture
def chain(database: Any) -> None:  # noqa: ARG001
    """Ten entries in the chain, of Anna's."""
    fill(10, by="anna")
    assert sealing.seal() == 10
    assert verify().problems == []


def test_a_hash_can_be_computed_by_hand() -> None:
    """The SHA-256 of texts written out here, as `sha256sum` prints them."""
    assert canonical({"b": [1, None], "a": "Ü"}) == '{"a":"Ü","b":[1,null]}'.encode()
    expected = "08d2bb73f16b27558d7a5e3cf32624b135dcfd02df150f5ccd352788d912b4f2"
    assert commitment(["00", "anna"]) == expected
    expected = "5eec1c41b4573958672090e9c9049640496fbbf5c3ce996bd78925bae3267ec4"
    assert entry_hash(1, 2.5, {"action": "train"}, {}, "00") == expected


FIRST = "UPDATE log_entries SET position = position + 100 WHERE position >= 4"
COPY = (
    "INSERT INTO log_entries (position, at, content, commitments, details, previous_hash, hash) "
    "SELECT 4, at, content, commitments, details, previous_hash, hash FROM log_entries WHERE position = 3"
)
BY_HAND = {  # what is changed -> the statements, and the position that is reported
    "content": (['UPDATE log_entries SET content = \'{"action": "train"}\' WHERE position = 4'], 4),
    "detail": (['UPDATE log_entries SET details = \'{"by": ["00", "ben"]}\' WHERE position = 4'], 4),
    "new detail": (['UPDATE log_entries SET details = \'{"why": ["00", ""]}\' WHERE position = 4'], 4),
    "detail deleted": (["UPDATE log_entries SET details = '{}' WHERE position = 4"], 4),
    "commitments": (["UPDATE log_entries SET commitments = '[]' WHERE position = 4"], 4),
    "time": (["UPDATE log_entries SET at = at + 1 WHERE position = 4"], 4),
    "deleted": (["DELETE FROM log_entries WHERE position = 4"], 4),
    "first deleted": (["DELETE FROM log_entries WHERE position = 1"], 1),
    "last deleted": (["DELETE FROM log_entries WHERE position = 10"], 10),
    "all deleted": (["DELETE FROM log_entries"], 10),
    "unsealed": (["UPDATE log_entries SET position = NULL WHERE position = 4"], 4),
    "reordered": (
        [
            "UPDATE log_entries SET position = 0 WHERE position = 4",
            "UPDATE log_entries SET position = 4 WHERE position = 7",
            "UPDATE log_entries SET position = 7 WHERE position = 0",
        ],
        4,
    ),
    "inserted": (
        [FIRST, "UPDATE log_entries SET position = position - 99 WHERE position >= 100", COPY],
        4,
    ),
    "head changed": (["UPDATE log_head SET hash = '00'"], 10),
}


@pytest.mark.usefixtures("database")
def test_a_change_by_hand_is_found_and_stays_found() -> None:
    for name, (statements, position) in BY_HAND.items():
        by_hand("DELETE FROM log_entries")
        by_hand("DELETE FROM log_head")
        fill(10, by="anna")
        sealing.seal()
        assert verify().problems == []

        for statement in statements:
            by_hand(statement)

        assert position in [problem.position for problem in verify().problems], name
        fill(3, by="ben")
        sealing.seal()
        assert verify().problems, name


@pytest.mark.usefixtures("database")
def test_entries_without_their_head_are_noticed() -> None:
    for statement in ("DELETE FROM log_head", "UPDATE log_head SET position = 9"):
        fill(10, by="anna")
        sealing.seal()
        by_hand(statement)

        assert verify().problems
        fill(1)
        sealing.seal()
        assert verify().problems == []  # no entry was changed


@pytest.mark.usefixtures("chain")
def test_a_chain_that_was_computed_anew_is_found_by_a_noted_hash() -> None:
    noted = Place(verify().last, verify().head)
    by_hand('UPDATE log_entries SET content = \'{"action": "train"}\' WHERE position = 4')
    by_hand("UPDATE log_entries SET position = NULL")
    by_hand("DELETE FROM log_head")
    sealing.seal()

    assert verify().problems == []
    assert [problem.position for problem in verify(noted).problems] == [10]


@pytest.mark.usefixtures("chain")
def test_what_is_forgotten_leaves_a_valid_chain() -> None:
    fill(2, by="ben", inputs=[{"name": "image", "file": "face.jpg", "sha256": "ab" * 32}], answer="cd" * 32)
    job_id = uuid4()
    with transaction() as connection:
        record(connection, "train", {"job_id": str(job_id)}, by='Ünal "x" %_\\', details={"answer": "ef"})

    assert forgetting.forget_person("anna") == 10
    assert forgetting.forget_person("nobody") == 0
    assert forgetting.forget_file("face.jpg") == 2
    assert forgetting.forget_job(job_id) == 1

    found = verify()
    assert (found.problems, found.deleted_details) == ([], 10 + 2 * 2 + 2)
    assert [set(row.details) for row in entries()][9:13] == [set(), {"by"}, {"by"}, set()]
    assert "anna" not in str([row._mapping for row in entries()])
    by_hand("UPDATE log_entries SET details = '{}' WHERE position = 11")
    assert [problem.position for problem in verify().problems] == [11]


@pytest.mark.usefixtures("chain")
def test_a_pruned_prefix_verifies_by_its_anchor() -> None:
    noted = Place(3, entries()[2].hash)
    with transaction() as connection:
        connection.execute(update(log_entries).where(log_entries.c.position <= 6).values(at=1.0))
    assert len(verify().problems) == 6  # their times were changed

    assert pruning.prune(3_600) == 6
    assert pruning.prune(3_600) == 0

    found = verify(noted)
    assert (found.problems, found.first, found.waiting) == ([], 7, 1)
    sealing.seal()
    assert (verify().problems, verify().entries) == ([], 5)
    with transaction() as connection:
        anchor = connection.execute(select(log_entries).order_by(log_entries.c.id.desc()).limit(1)).one()
        changed = {**anchor.content, "hash": "0" * 64}
        connection.execute(update(log_entries).where(log_entries.c.id == anchor.id).values(content=changed))
    assert {problem.position for problem in verify().problems} == {1, 11}


@pytest.mark.usefixtures("chain")
def test_everything_may_be_pruned() -> None:
    assert pruning.prune(-1.0) == 10
    assert verify().problems == []
    sealing.seal()
    assert (verify().problems, verify().first, verify().last) == ([], 11, 11)


def _seal(start: Any) -> None:
    engine.cache_clear()  # a connection must not be shared with the parent
    start.wait()
    for _ in range(20):
        sealing.seal()
    os._exit(0)


@pytest.mark.usefixtures("database")
def test_processes_that_seal_at_once_make_one_chain() -> None:
    fork = multiprocessing.get_context("fork")
    start = fork.Event()
    sealers = [fork.Process(target=_seal, args=(start,)) for _ in range(3)]
    for process in sealers:
        process.start()
    start.set()
    for _ in range(10):
        fill(120, by="anna")
    for process in sealers:
        process.join()
    sealing.seal()

    found = verify()
    assert (found.problems, found.entries, found.last) == ([], 1_200, 1_200)
