"""Pictures as models take them, for pages that could not draw the uploaded file alike."""

import logging
import threading
from collections.abc import Callable
from uuid import UUID

from backend.services.uploads import renditions
from models.core.images.rendition import render
from workers.inference.patience import until_next_message

log = logging.getLogger(__name__)


def write_rendition(upload_id: UUID) -> None:
    """Render the upload, or store the reason why it cannot be."""
    renditions.write(upload_id, render)


class Renditions:
    """A thread that renders one picture after another, started with the first of them.

    A picture of the most pixels takes 500 MB and some seconds: the threads that answer predictions neither
    render nor wait for each other.
    """

    def __init__(self, stopping: threading.Event, write: Callable[[UUID], None] = write_rendition):
        self._stopping, self._write = stopping, write
        self._changed = threading.Condition()
        self._waiting: dict[UUID, None] = {}  # in the order of the requests, each once
        self._thread: threading.Thread | None = None

    def add(self, upload_id: UUID) -> None:
        """Render the upload soon; returns at once."""
        with self._changed:
            self._waiting[upload_id] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="renditions", daemon=True)
                self._thread.start()
            self._changed.notify()

    def stop(self) -> None:
        """End the thread; call it after `stopping` was set."""
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        while (upload_id := self._next()) is not None:
            try:
                with until_next_message("The rendition of a picture waits for the next request"):
                    self._write(upload_id)
            except Exception:
                log.exception("the picture of upload %s is not rendered", upload_id)
            with self._changed:
                del self._waiting[upload_id]  # now, so that a request during the rendering adds none

    def _next(self) -> UUID | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping.is_set())
            return None if self._stopping.is_set() else next(iter(self._waiting))
