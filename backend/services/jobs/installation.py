"""Jobs that install the weights of a pretrained model: fetched, checked and converted by a worker."""

from sqlalchemy import Connection, Row, select

from backend.database import transaction
from backend.errors import Conflict
from backend.schemas.jobs import JobRead
from backend.services.jobs import queries
from backend.services.jobs.submission import Queue, dispatch
from backend.services.models import catalog
from backend.tables import Status, Task, jobs
from models.core.contract.messages import Text

_IS_INSTALLED = Text("core.models.is_installed", "The weights of {name} are already installed.")
_CANNOT_BE = Text(
    "core.models.cannot_be_installed", "{name} is not a pretrained model: nothing can be fetched."
)


def install(name: str, *, request_id: str | None = None) -> JobRead:
    """The job that installs the model's weights: a queued or running one, or a new one.

    Raises:
        NotFound: no such model.
        Conflict: it is installed already, or it is not a pretrained model.
        TooManyJobs: the queue is full.
    """
    model = catalog.newest_of(name)
    if model.source != "pretrained":
        raise Conflict(_CANNOT_BE(name=name))
    if catalog.is_usable(model):
        raise Conflict(_IS_INSTALLED(name=name))
    with transaction() as connection:
        job, is_new = _job(connection, model, request_id)
    if is_new:
        dispatch([job])
    return job


def _job(
    connection: Connection, model: Row[tuple[object, ...]], request_id: str | None
) -> tuple[JobRead, bool]:
    # two simultaneous requests may add two jobs: the second one finds the weights installed
    under_way = select(jobs.c.id).where(
        jobs.c.model_id == model.id,
        jobs.c.task == Task.INSTALL,
        jobs.c.status.in_([Status.QUEUED, Status.RUNNING]),
    )
    earlier = connection.scalar(under_way.limit(1))
    if earlier is not None:
        return queries.read_one(connection, earlier), False
    queue = Queue(connection)
    values = {
        "name": model.title,
        "capability": model.capability,
        "task": Task.INSTALL,
        "params": {},
        "inspect": False,
        "picture": False,
        "request_id": request_id,
    }
    job = queue.add(values, model, {})
    queue.flush()
    return job, True
