"""Pictures are rendered one by one, and no thread that answers predictions waits for them."""

import threading
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from backend.errors import StorageAway
from workers.inference import renditions as worker
from workers.inference.queue_threads import QueueThreads

SOON = 20.0


class Rendering:
    """Stands in for the rendering of pictures; each waits until it is released."""

    def __init__(self) -> None:
        self.started: list[UUID] = []
        self.has_started = threading.Semaphore(0)
        self.released = threading.Semaphore(0)
        self.errors: dict[UUID, Exception] = {}

    def __call__(self, upload_id: UUID) -> None:
        self.started.append(upload_id)
        self.has_started.release()
        assert self.released.acquire(timeout=SOON)
        if upload_id in self.errors:
            raise self.errors[upload_id]

    def finish(self, count: int) -> None:
        """Let the one that is being rendered and the next ones end, `count` in all."""
        for _ in range(count):
            assert self.has_started.acquire(timeout=SOON)
            self.released.release()


@pytest.fixture
def rendering() -> Rendering:
    return Rendering()


@pytest.fixture
def renditions(rendering: Rendering) -> Iterator[QueueThreads]:
    stopping = threading.Event()
    made = worker.queue(stopping, rendering)
    yield made
    stopping.set()
    made.stop()


def test_requests_return_at_once_and_pictures_are_rendered_one_by_one(
    renditions: QueueThreads, rendering: Rendering
) -> None:
    uploads = [uuid4() for _ in range(10)]  # more than a worker has threads
    for upload_id in uploads:
        renditions.add(upload_id)
    assert rendering.has_started.acquire(timeout=SOON)
    for upload_id in uploads:
        renditions.add(upload_id)  # a page requests it again while it waits
    assert rendering.started == uploads[:1]

    rendering.has_started.release()
    rendering.finish(len(uploads))
    renditions.add(uploads[0])  # such as after a lost message
    rendering.finish(1)
    assert rendering.started == [*uploads, uploads[0]]


@pytest.mark.parametrize("error", [StorageAway(5, "away"), ValueError("a bug")])
def test_a_picture_that_cannot_be_rendered_does_not_hold_up_the_others(
    renditions: QueueThreads, rendering: Rendering, error: Exception
) -> None:
    uploads = [uuid4(), uuid4()]
    rendering.errors[uploads[0]] = error
    for upload_id in uploads:
        renditions.add(upload_id)
    rendering.finish(2)

    assert rendering.started == uploads
