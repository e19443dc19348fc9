"""Pictures as models take them, for pages that could not draw the uploaded file alike."""

import threading
from uuid import UUID

from backend.services.uploads import renditions
from models.core.images.rendition import render

_ONE_AT_A_TIME = threading.Lock()  # a picture of the most pixels takes 500 MB


def write_rendition(upload_id: UUID) -> None:
    """Render the upload, or store the reason why it cannot be."""
    with _ONE_AT_A_TIME:
        renditions.write(upload_id, render)
