"""Pictures are rendered one by one, and no thread that answers predictions waits for them."""

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest

from backend.errors import StorageAway
from backend.services.uploads.renditions import Rendition
from workers.inference import renditions as worker
from workers.inference.queue_threads import QueueThreads
from workers.inference.renditions import Requested

SOON = 20.0


class Rendering:
    """Stands in for the rendering of pictures; each waits until it is released."""

    def __init__(self) -> None:
        self.started: list[Requested] = []
        self.has_started = threading.Semaphore(0)
        self.released = threading.Semaphore(0)
        self.errors: dict[Requested, Exception] = {}

    def __call__(self, requested: Requested) -> None:
        self.started.append(requested)
        self.has_started.release()
        assert self.released.acquire(timeout=SOON)
        if requested in self.errors:
            raise self.errors[requested]

    def finish(self, count: int) -> None:
        """Let the one that is being rendered and the next ones end, `count` in all."""
        for _ in range(count):
            assert self.has_started.acquire(timeout=SOON)
            self.released.release()


@pytest.fixture
def rendering() -> Rendering:
    return Rendering()


@pytest.fixture
def renditions(rendering: Rendering) -> Iterator[QueueThreads[Requested]]:
    stopping = threading.Event()
    made = worker.queue(stopping, rendering)
    yield made
    stopping.set()
    made.stop()


def test_requests_return_at_once_and_pictures_are_rendered_one_by_one(
    renditions: QueueThreads[Requested], rendering: Rendering
) -> None:
    uploads = [
        (uuid4(), rendition) for _ in range(5) for rendition in Rendition
    ]  # more than a worker has threads
    for each in uploads:
        renditions.add(each)
    assert rendering.has_started.acquire(timeout=SOON)
    for each in uploads:
        renditions.add(each)  # a page requests it again while it waits
    assert rendering.started == uploads[:1]

    rendering.has_started.release()
    rendering.finish(len(uploads))
    renditions.add(uploads[0])  # such as after a lost message
    rendering.finish(1)
    assert rendering.started == [*uploads, uploads[0]]


@pytest.mark.parametrize("error", [StorageAway(5, "away"), ValueError("a bug")])
def test_a_picture_that_cannot_be_rendered_does_not_hold_up_the_others(
    renditions: QueueThreads[Requested], rendering: Rendering, error: Exception
) -> None:
    upload_id = uuid4()
    uploads = [(upload_id, rendition) for rendition in Rendition]
    rendering.errors[uploads[0]] = error
    for each in uploads:
        renditions.add(each)
    rendering.finish(2)

    assert rendering.started == uploads
