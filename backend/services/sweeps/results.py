"""What a sweep has found so far, or at its end."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from backend.database import reading
from backend.errors import NotFound
from backend.schemas.sweeps import SweepRead
from backend.services.jobs import fits
from backend.services.sweeps.summary import Outcome, summarize
from backend.tables import Task, jobs
from models.core.contract.messages import Text

_NO_SWEEP = Text("core.sweeps.not_found", "The sweep {job_id} does not exist.")

# of the result only what is compared: the answers of 500 predictions are large
_FITS = select(
    *(jobs.c[name] for name in ("id", "status", "metrics", "error", "error_message")),
    (jobs.c.finished_at - jobs.c.started_at).label("seconds"),
    jobs.c.result["measured_on"].label("measured_on"),
    jobs.c.result["quality"].label("quality"),
    jobs.c.result["best"].label("best"),
).order_by(jobs.c.cell)


def read(job_id: UUID, figure: str | None = None) -> SweepRead:
    """The sweep so far; `figure`: another metric to compare by. Raises NotFound."""
    query = select(jobs).where(jobs.c.id == job_id, jobs.c.task == Task.SWEEP)
    with reading() as connection:
        job = connection.execute(query).one_or_none()
        if job is None:
            raise NotFound(_NO_SWEEP(job_id=str(job_id)))
        rows = connection.execute(_FITS.where(fits.of(job_id))).all()
    return summarize(
        [_outcome(row) for row in rows],
        job.params,
        capability=job.capability,
        name=job.name,
        status=job.status,
        figure=figure,
        job_id=job_id,
    )


def _outcome(row: Row[Any]) -> Outcome:
    return Outcome(
        status=row.status,
        metrics=row.metrics or {},
        measured_on=row.measured_on,
        quality=row.quality or {},
        figure=(row.best or {}).get("figure"),
        seconds=row.seconds,
        message=row.error,
        message_parts=row.error_message or (),
        job_id=row.id,
    )
