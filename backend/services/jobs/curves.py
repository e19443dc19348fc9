"""The metrics of trainings by step; kept longer than the events in Redis."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.database import reading
from backend.tables import metrics


def points(job_id: UUID) -> list[dict[str, Any]]:
    """[{"step", "name", "value"}], in the order of the steps."""
    with reading() as connection:
        rows = connection.execute(
            select(metrics.c.step, metrics.c.name, metrics.c.value)
            .where(metrics.c.job_id == job_id)
            .order_by(metrics.c.step, metrics.c.name)
        )
        return [dict(row._mapping) for row in rows]
