"""Jobs that are written together: each as if it had come alone."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.exc import IntegrityError

from backend.database import engine, transaction
from backend.errors import Conflict, NotFound, TooManyJobs, UnsupportedMedia
from backend.http.upload_stream import Incoming
from backend.schemas.jobs import JobRead
from backend.services.jobs import commands, queries, submission
from backend.services.jobs.submission import Order
from backend.services.jobs.validation import draft
from backend.services.uploads import files
from backend.settings import settings
from backend.tables import Status, Task
from backend.tables import jobs as job_rows
from tests.capabilities.tiny.card import HERE
from workers.inference.server import Inference

PICTURE = (HERE / "sample.jpg").read_bytes()


def incoming(number: int = 0) -> Incoming:
    """The sample with a byte behind its end, which makes another content of it."""
    file = Incoming("waves.jpg", 10**8)
    file.take(PICTURE + bytes([number]))
    return file


def stored(number: int = 0) -> files.Stored:
    return files.store(incoming(number))


def order(number: int = 0, **wishes: Any) -> Order:
    return Order(draft("tiny", Task.PREDICT, {}, **wishes), stored(number))


def watched(orders: list[Order]) -> tuple[list[JobRead], list[str]]:
    """The jobs that were written, and the statements that it took."""
    made: list[JobRead | Exception] = []
    ran = statements(lambda: made.extend(submission.submit(orders)))
    return written(made), ran


def statements(action: Callable[[], object]) -> list[str]:
    """What this thread asks of the database meanwhile."""
    ran: list[str] = []
    me = threading.get_ident()

    def note(*happening: Any) -> None:
        if threading.get_ident() == me:
            ran.append(happening[2])

    event.listen(engine(), "before_cursor_execute", note)
    try:
        action()
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    return ran


def written(answers: list[JobRead | Exception]) -> list[JobRead]:
    return [answer for answer in answers if isinstance(answer, JobRead)]


@pytest.mark.usefixtures("client")
def test_a_batch_keeps_its_order_and_one_error_is_nobody_elses() -> None:
    nowhere = Order(draft("tiny", Task.PREDICT, {}), uuid4())
    answers = submission.submit([order(1), nowhere, order(2), order(3, model="tiny@99"), order(4)])

    made = written(answers)
    assert [type(answer) for answer in answers] == [JobRead, NotFound, JobRead, NotFound, JobRead]
    assert [job.queue and job.queue.position for job in made] == [1, 2, 3]
    newest_first = [job.id for job in queries.page().items if job.status == Status.QUEUED]
    assert newest_first == [job.id for job in reversed(made)]
    assert [commands.read(job.id).created_at for job in made] == [job.created_at for job in made]


@pytest.mark.usefixtures("client")
def test_a_batch_takes_no_more_statements_than_one_job() -> None:
    def count(orders: list[Order]) -> int:
        made, ran = watched(orders)
        assert len(made) == len(orders)
        return len(ran)

    submission.submit([order(0)])  # measures the queue's pace, once a second
    assert count([order(number, reuse=True) for number in range(1, 9)]) <= count([order(9, reuse=True)]) <= 7


@pytest.mark.usefixtures("client")
def test_a_page_of_queued_jobs_takes_no_more_statements_than_one() -> None:
    submission.submit([order(number) for number in range(8)])
    queries.page()  # measures the queue's pace, once a second
    few, many = (statements(lambda limit=limit: queries.page(limit=limit)) for limit in (1, 8))

    assert [job.queue and job.queue.position for job in queries.page(limit=8).items] == list(range(8, 0, -1))
    assert len(many) <= len(few)


def test_files_are_stored_with_their_jobs_and_a_bad_one_is_nobody_elses(client: Any) -> None:
    text = Incoming("words.jpg", 10**8)
    text.take(b"no picture of any kind")
    tiny = draft("tiny", Task.PREDICT, {})
    known = stored(1)
    one, refused, two, new = submission.submit(
        [Order(tiny, incoming(1)), Order(tiny, text), Order(tiny, known), Order(tiny, incoming(2))]
    )

    assert isinstance(refused, UnsupportedMedia)
    first, second, third = written([one, two, new])
    assert first.upload_id == second.upload_id != third.upload_id
    assert client.get(f"/v1/uploads/{third.upload_id}/content").content == PICTURE + bytes([2])


@pytest.mark.usefixtures("client")
def test_an_answer_is_found_at_once_however_many_there_are(inline_worker: Inference) -> None:
    (made,) = written(submission.submit([order(1)]))
    inline_worker.serve(UUID(str(made.model and made.model.id)))
    with transaction() as connection:
        row = dict(connection.execute(select(job_rows).where(job_rows.c.id == made.id)).one()._mapping)
        connection.execute(insert(job_rows), [{**row, "id": uuid4()} for _ in range(2_000)])
    found, ran = watched([order(1, reuse=True)])

    assert found[0].status == Status.SUCCEEDED
    asked = [statement for statement in ran if "answer_key =" in statement]
    assert len(asked) == 1
    assert "LIMIT" in asked[0]


@pytest.mark.usefixtures("client")
def test_one_key_used_twice_at_the_same_moment_makes_one_job() -> None:
    first, again, other = submission.submit(
        [
            order(1, idempotency_key="mine"),
            order(1, idempotency_key="mine"),
            order(2, idempotency_key="mine"),
        ]
    )

    assert isinstance(first, JobRead)
    assert isinstance(again, JobRead)
    assert first.id == again.id
    assert isinstance(other, Conflict)


@contextmanager
def before(start: str, *actions: Callable[[], object]) -> Iterator[None]:
    """Do one action before each statement that begins so: what another process does at that moment."""
    left = list(actions)

    def act(*happening: Any) -> None:
        if happening[2].startswith(start) and left:
            left.pop(0)()

    event.listen(engine(), "before_cursor_execute", act)
    try:
        yield
    finally:
        event.remove(engine(), "before_cursor_execute", act)


def elsewhere(statement: str) -> Callable[[], object]:
    """A statement of another process, which has its own connection."""

    def run() -> None:
        with closing(sqlite3.connect(str(engine().url.database))) as connection:
            connection.execute(statement)
            connection.commit()

    return run


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("is_batch", [False, True])
def test_a_key_that_another_process_uses_at_the_same_moment_finds_its_job(is_batch: bool) -> None:
    (rival,) = written(submission.submit([order(1, idempotency_key="mine")]))
    elsewhere("UPDATE jobs SET idempotency_key = 'not yet' WHERE idempotency_key = 'mine'")()

    def refuse() -> None:
        raise IntegrityError("", {}, Exception("UNIQUE constraint failed: jobs.idempotency_key"))

    appear = elsewhere("UPDATE jobs SET idempotency_key = 'mine' WHERE idempotency_key = 'not yet'")
    mine = [order(1, idempotency_key="mine"), *([order(2)] if is_batch else [])]
    with before("INSERT INTO jobs", refuse), before("BEGIN", lambda: None, appear):
        answers = submission.submit(mine)

    assert written(answers)[0].id == rival.id
    assert len(written(answers)) == len(mine)


@pytest.mark.usefixtures("client")
def test_what_the_database_refuses_twice_is_the_error_of_that_order_alone() -> None:
    def refuse() -> None:
        raise IntegrityError("", {}, Exception("UNIQUE constraint failed"))

    with before("INSERT INTO jobs", refuse, refuse):
        first, second = submission.submit([order(1), order(2)])

    assert isinstance(first, IntegrityError)
    assert isinstance(second, JobRead)


def test_a_content_whose_upload_is_deleted_at_the_same_moment_is_stored_anew(client: Any) -> None:
    deleted = client.post("/v1/uploads", files={"file": ("waves.jpg", PICTURE + bytes([1]))}).json()["id"]
    with before("BEGIN", elsewhere("DELETE FROM uploads")):
        (job,) = written(submission.submit([Order(draft("tiny", Task.PREDICT, {}), incoming(1))]))

    assert str(job.upload_id) != deleted
    assert client.get(f"/v1/uploads/{job.upload_id}/content").content == PICTURE + bytes([1])


def test_an_upload_that_is_deleted_at_the_same_moment_is_not_found_by_its_id(client: Any) -> None:
    upload_id = UUID(
        client.post("/v1/uploads", files={"file": ("waves.jpg", PICTURE + bytes([1]))}).json()["id"]
    )
    with before("BEGIN", elsewhere("DELETE FROM uploads")):
        (answer,) = submission.submit([Order(draft("tiny", Task.PREDICT, {}), upload_id)])

    assert isinstance(answer, NotFound)


def test_of_two_that_bring_one_content_at_the_same_moment_one_file_is_kept(
    client: Any, data_folder: Path
) -> None:
    folder = data_folder / "files" / "uploads"
    before = len([path for path in folder.rglob("*") if path.is_file()])
    first, second = stored(1), stored(1)
    one, two = written(
        submission.submit([Order(draft("tiny", Task.PREDICT, {}), first)])
        + submission.submit([Order(draft("tiny", Task.PREDICT, {}), second)])
    )

    assert one.upload_id == two.upload_id
    assert client.get(f"/v1/uploads/{one.upload_id}/content").content == PICTURE + bytes([1])
    assert len([path for path in folder.rglob("*") if path.is_file()]) == before + 1


def test_the_same_content_twice_in_a_batch_is_kept_once(client: Any) -> None:
    one, two = written(submission.submit([order(1), order(1)]))

    assert one.id != two.id
    assert one.upload_id == two.upload_id
    assert client.get(f"/v1/uploads/{one.upload_id}").json()["name"] == "waves.jpg"


@pytest.mark.usefixtures("client")
def test_a_batch_stops_where_the_queue_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSBOX_MAX_QUEUED", "2")
    settings.cache_clear()
    answers = submission.submit([order(1), order(2), order(3)])

    assert [type(answer) for answer in answers] == [JobRead, JobRead, TooManyJobs]


def test_a_stored_answer_is_found_for_those_of_a_batch_that_take_one(inline_worker: Inference) -> None:
    (made,) = written(submission.submit([order(1)]))
    inline_worker.serve(UUID(str(made.model and made.model.id)))
    found, fresh, new = written(submission.submit([order(1, reuse=True), order(1), order(2, reuse=True)]))

    assert found.id == made.id
    assert found.status == Status.SUCCEEDED
    assert len({made.id, fresh.id, new.id}) == 3
