"""Pictures as models take them, for pages that could not draw the uploaded file alike."""

import threading
from collections.abc import Callable
from uuid import UUID

from backend.services.uploads import renditions
from models.core.images.rendition import render
from workers.inference.queue_threads import QueueThreads


def write_rendition(upload_id: UUID) -> None:
    """Render the upload, or store the reason why it cannot be."""
    renditions.write(upload_id, render)


def queue(stopping: threading.Event, write: Callable[[UUID], None] = write_rendition) -> QueueThreads:
    """Renders one picture after another.

    A picture of the most pixels takes 500 MB and some seconds: the threads that answer predictions neither
    render nor wait for each other.
    """
    return QueueThreads(
        "renditions", write, stopping, put_off="The rendition of a picture waits for the next request"
    )
