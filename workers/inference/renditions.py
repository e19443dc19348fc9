"""Pictures as models take them, for pages that cannot draw the file alike, or show many small."""

import threading
from collections.abc import Callable
from uuid import UUID

from backend.services.uploads import renditions
from backend.services.uploads.renditions import Rendition
from models.core.images.rendition import render, thumbnail
from workers.inference.queue_threads import QueueThreads

Requested = tuple[UUID, Rendition]
_RENDERERS = {Rendition.PICTURE: render, Rendition.THUMBNAIL: thumbnail}


def write_rendition(requested: Requested) -> None:
    """Render the upload, or store the reason why it cannot be."""
    upload_id, rendition = requested
    renditions.write(upload_id, rendition, _RENDERERS[rendition])


def queue(
    stopping: threading.Event, write: Callable[[Requested], None] = write_rendition
) -> QueueThreads[Requested]:
    """Renders one picture after another.

    A picture of the most pixels takes 500 MB and some seconds: the threads that answer predictions neither
    render nor wait for each other.
    """
    return QueueThreads(
        "renditions", write, stopping, put_off="The rendition of a picture waits for the next request"
    )
