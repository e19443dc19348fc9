"""Jobs that are written together: each as if it were the only one."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, delete, event, insert, select
from sqlalchemy.exc import IntegrityError

from backend.database import engine, transaction
from backend.errors import KeyReused, NotFound, TooManyJobs, Unavailable, UnsupportedMedia
from backend.http.upload_stream import UploadStream
from backend.schemas.jobs import JobRead
from backend.services.jobs import commands, queries, submission
from backend.services.jobs.validation import ONLY, JobRequest, check_request
from backend.services.uploads import files
from backend.settings import settings
from backend.tables import Status, Task, uploads
from backend.tables import jobs as job_rows
from tests.capabilities.tiny.card import HERE
from workers.inference.server import Inference

PICTURE = (HERE / "sample.jpg").read_bytes()


def stream(number: int = 0) -> UploadStream:
    """The sample with a byte after its end: another content."""
    file = UploadStream("waves.jpg", 10**8)
    file.write(PICTURE + bytes([number]))
    return file


def stored(number: int = 0) -> files.Stored:
    return files.store(stream(number))


def request(number: int = 0, **options: Any) -> JobRequest:
    return on(stored(number), **options)


def on(given: UploadStream | files.Stored | UUID, **options: Any) -> JobRequest:
    return check_request("tiny", Task.PREDICT, {}, {ONLY: given}, **options)


def watched(requests: list[JobRequest]) -> tuple[list[JobRead], list[str]]:
    """The written jobs, and the statements that were executed."""
    made: list[JobRead | Exception] = []
    ran = statements(lambda: made.extend(submission.submit(requests)))
    return written(made), ran


def statements(action: Callable[[], object]) -> list[str]:
    """The statements that this thread executes in the meantime."""
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
def test_a_batch_keeps_its_order_and_an_error_concerns_one_request() -> None:
    nowhere = on(uuid4())
    answers = submission.submit([request(1), nowhere, request(2), request(3, model="tiny@99"), request(4)])

    made = written(answers)
    assert [type(answer) for answer in answers] == [JobRead, NotFound, JobRead, NotFound, JobRead]
    assert [job.queue and job.queue.position for job in made] == [1, 2, 3]
    newest_first = [job.id for job in queries.page().items if job.status == Status.QUEUED]
    assert newest_first == [job.id for job in reversed(made)]
    assert [commands.read(job.id).created_at for job in made] == [job.created_at for job in made]


@pytest.mark.usefixtures("client")
def test_a_batch_takes_no_more_statements_than_one_job() -> None:
    def count(requests: list[JobRequest]) -> int:
        made, ran = watched(requests)
        assert len(made) == len(requests)
        return len(ran)

    submission.submit([request(0)])  # measures the queue's pace, once a second
    assert (
        count([request(number, reuse=True) for number in range(1, 9)]) <= count([request(9, reuse=True)]) <= 7
    )


@pytest.mark.usefixtures("client")
def test_a_page_of_queued_jobs_takes_no_more_statements_than_one() -> None:
    submission.submit([request(number) for number in range(8)])
    queries.page()  # measures the queue's pace, once a second
    few, many = (statements(lambda limit=limit: queries.page(limit=limit)) for limit in (1, 8))

    assert [job.queue and job.queue.position for job in queries.page(limit=8).items] == list(range(8, 0, -1))
    assert len(many) <= len(few)


def test_files_are_stored_with_their_jobs_and_a_bad_one_concerns_one_request(client: Any) -> None:
    text = UploadStream("text.jpg", 10**8)
    text.write(b"no picture of any kind")
    known = stored(1)
    one, refused, two, new = submission.submit([on(stream(1)), on(text), on(known), on(stream(2))])

    assert isinstance(refused, UnsupportedMedia)
    first, second, third = written([one, two, new])
    assert first.upload_id == second.upload_id != third.upload_id
    assert client.get(f"/v1/uploads/{third.upload_id}/content").content == PICTURE + bytes([2])


@pytest.mark.usefixtures("client")
def test_an_answer_is_found_at_once_however_many_there_are(inline_worker: Inference) -> None:
    (made,) = written(submission.submit([request(1)]))
    inline_worker.serve(UUID(str(made.model and made.model.id)))
    with transaction() as connection:
        row = dict(connection.execute(select(job_rows).where(job_rows.c.id == made.id)).one()._mapping)
        connection.execute(insert(job_rows), [{**row, "id": uuid4()} for _ in range(2_000)])
    found, ran = watched([request(1, reuse=True)])

    assert found[0].status == Status.SUCCEEDED
    searches = [statement for statement in ran if "answer_key =" in statement]
    assert len(searches) == 1
    assert "LIMIT" in searches[0]


@pytest.mark.usefixtures("client")
def test_one_key_used_twice_at_the_same_moment_creates_one_job() -> None:
    first, again, other = submission.submit(
        [
            request(1, idempotency_key="mine"),
            request(1, idempotency_key="mine"),
            request(2, idempotency_key="mine"),
        ]
    )

    assert isinstance(first, JobRead)
    assert isinstance(again, JobRead)
    assert first.id == again.id
    assert isinstance(other, KeyReused)


@contextmanager
def before(start: str, *actions: Callable[[], object]) -> Iterator[None]:
    """Run one action before each statement that begins so, as another process could at that moment."""
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


@pytest.mark.parametrize("backend_name", ["sqlite"], indirect=True)  # its own way of another process
@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("is_batch", [False, True])
def test_a_key_that_another_process_uses_at_the_same_moment_finds_its_job(is_batch: bool) -> None:
    (rival,) = written(submission.submit([request(1, idempotency_key="mine")]))
    elsewhere("UPDATE jobs SET idempotency_key = 'not yet' WHERE idempotency_key = 'mine'")()

    def refuse() -> None:
        raise IntegrityError("", {}, Exception("UNIQUE constraint failed: jobs.idempotency_key"))

    appear = elsewhere("UPDATE jobs SET idempotency_key = 'mine' WHERE idempotency_key = 'not yet'")
    batch = [request(1, idempotency_key="mine"), *([request(2)] if is_batch else [])]
    with before("INSERT INTO jobs", refuse), before("BEGIN", lambda: None, appear):
        answers = submission.submit(batch)

    assert written(answers)[0].id == rival.id
    assert len(written(answers)) == len(batch)


@pytest.mark.usefixtures("client")
def test_a_request_refused_at_every_try_gets_its_own_error() -> None:
    def refuse() -> None:
        raise IntegrityError("", {}, Exception("UNIQUE constraint failed"))

    with before("INSERT INTO jobs", *[refuse] * (1 + files.TRIES)):
        first, second = submission.submit([request(1), request(2)])

    assert isinstance(first, Unavailable)
    assert first.headers == {"Retry-After": "1"}
    assert isinstance(second, JobRead)


@contextmanager
def rival_of(file: files.Stored, races: int) -> Iterator[None]:
    """Another process sends the same file before each insertion, and deletes it before it is read."""
    other = create_engine(engine().url)
    row = {**file.values, "id": uuid4(), "created_at": 1.0}

    def send() -> None:
        with other.begin() as connection:
            connection.execute(insert(uploads).values(row))

    def remove() -> None:
        with other.begin() as connection:
            connection.execute(delete(uploads).where(uploads.c.id == row["id"]))

    with before("INSERT INTO uploads", *[send] * races), before("SELECT uploads", *[remove] * races):
        yield
    other.dispose()


# SQLite has one writer at a time, so nothing happens between the two statements
@pytest.mark.parametrize("backend_name", ["postgresql"], indirect=True)
def test_a_file_that_others_send_and_delete_at_the_same_moment_is_written_at_a_later_try(client: Any) -> None:
    file = stored(1)
    with rival_of(file, races=files.TRIES):
        (job,) = written(submission.submit([on(file)]))

    assert client.get(f"/v1/uploads/{job.upload_id}/content").content == PICTURE + bytes([1])


@pytest.mark.parametrize("backend_name", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("client")
def test_a_file_that_others_never_leave_alone_is_refused_and_not_left_over(data_folder: Path) -> None:
    file = stored(1)
    with rival_of(file, races=1 + files.TRIES):
        (answer,) = submission.submit([on(file)])

    assert isinstance(answer, Unavailable)
    assert not (data_folder / "files" / file.values["key"]).exists()


@pytest.mark.parametrize("backend_name", ["sqlite"], indirect=True)  # its own way of another process
def test_an_upload_deleted_after_its_file_was_stored_ahead_is_stored_again(client: Any) -> None:
    client.post("/v1/uploads", files={"file": ("waves.jpg", PICTURE + bytes([1]))})
    found = stored(1)
    assert found.row is not None
    with before("BEGIN", elsewhere("DELETE FROM uploads"), elsewhere("DELETE FROM uploads")):
        (job,) = written(submission.submit([on(found)]))

    assert client.get(f"/v1/uploads/{job.upload_id}/content").content == PICTURE + bytes([1])


@pytest.mark.parametrize("backend_name", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("client")
def test_an_upload_that_others_delete_again_and_again_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSBOX_KEEP_DAYS", "1")
    settings.cache_clear()
    stored_before = stored(1)

    other = create_engine(engine().url)

    def send() -> None:
        with other.begin() as connection:
            row = {**stored_before.values, "id": uuid4(), "created_at": 1.0}
            connection.execute(insert(uploads).values(row))

    gone = elsewhere("DELETE FROM uploads")
    with (
        before("SELECT uploads", *[send] * (1 + files.TRIES)),
        before("BEGIN", *[gone] * files.TRIES),
        pytest.raises(Unavailable),
    ):
        files.create(stream(1))
    other.dispose()


@pytest.mark.parametrize("backend_name", ["sqlite"], indirect=True)  # its own way of another process
def test_a_content_whose_upload_is_deleted_at_the_same_moment_is_stored_again(client: Any) -> None:
    deleted = client.post("/v1/uploads", files={"file": ("waves.jpg", PICTURE + bytes([1]))}).json()["id"]
    with before("BEGIN", elsewhere("DELETE FROM uploads")):
        (job,) = written(submission.submit([on(stream(1))]))

    assert str(job.upload_id) != deleted
    assert client.get(f"/v1/uploads/{job.upload_id}/content").content == PICTURE + bytes([1])


@pytest.mark.parametrize("backend_name", ["sqlite"], indirect=True)  # its own way of another process
def test_an_upload_that_is_deleted_at_the_same_moment_is_not_found_by_its_id(client: Any) -> None:
    upload_id = UUID(
        client.post("/v1/uploads", files={"file": ("waves.jpg", PICTURE + bytes([1]))}).json()["id"]
    )
    with before("BEGIN", elsewhere("DELETE FROM uploads")):
        (answer,) = submission.submit([on(upload_id)])

    assert isinstance(answer, NotFound)


def test_of_two_simultaneous_uploads_of_one_content_one_file_is_kept(client: Any, data_folder: Path) -> None:
    folder = data_folder / "files" / "uploads"
    before = len([path for path in folder.rglob("*") if path.is_file()])
    first, second = stored(1), stored(1)
    one, two = written(submission.submit([on(first)]) + submission.submit([on(second)]))

    assert one.upload_id == two.upload_id
    assert client.get(f"/v1/uploads/{one.upload_id}/content").content == PICTURE + bytes([1])
    assert len([path for path in folder.rglob("*") if path.is_file()]) == before + 1


def test_the_same_content_twice_in_a_batch_is_stored_once(client: Any) -> None:
    one, two = written(submission.submit([request(1), request(1)]))

    assert one.id != two.id
    assert one.upload_id == two.upload_id
    assert client.get(f"/v1/uploads/{one.upload_id}").json()["name"] == "waves.jpg"


@pytest.mark.usefixtures("client")
def test_a_batch_stops_where_the_queue_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSBOX_MAX_QUEUED", "2")
    settings.cache_clear()
    answers = submission.submit([request(1), request(2), request(3)])

    assert [type(answer) for answer in answers] == [JobRead, JobRead, TooManyJobs]


def test_a_stored_answer_is_found_for_requests_that_accept_one(inline_worker: Inference) -> None:
    (made,) = written(submission.submit([request(1)]))
    inline_worker.serve(UUID(str(made.model and made.model.id)))
    found, fresh, new = written(
        submission.submit([request(1, reuse=True), request(1), request(2, reuse=True)])
    )

    assert found.id == made.id
    assert found.status == Status.SUCCEEDED
    assert len({made.id, fresh.id, new.id}) == 3
