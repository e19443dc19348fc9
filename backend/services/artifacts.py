"""Files that jobs made."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from backend.database import reading
from backend.errors import NotFound
from backend.tables import artifacts


def read_row(artifact_id: UUID) -> Row[Any]:
    """Raises NotFound."""
    with reading() as connection:
        row = connection.execute(select(artifacts).where(artifacts.c.id == artifact_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no artifact {artifact_id}; its job may have been deleted.")
    return row


def first_image(job_id: UUID) -> Row[Any] | None:
    """The picture that a job answered with; None: it has none."""
    query = (
        select(artifacts)
        .where(artifacts.c.job_id == job_id, artifacts.c.role == "output", artifacts.c.kind == "image")
        .order_by(artifacts.c.position)
        .limit(1)
    )
    with reading() as connection:
        return connection.execute(query).one_or_none()
