"""The properties of each task. A new task needs an entry here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_

from backend.tables import Queue, Task, jobs
from models.core.contract.audit import ModelAuditParams
from models.core.contract.card import Card, Input, Params


@dataclass(frozen=True)
class Requirements:
    """One task.

    Attributes:
        params: the params that a card declares for it; None: the capability does not offer the task.
        inputs: the inputs that a card declares for it.
        names_model: the job is about a model, which is found when the job is created.
        runs_on_model: claimed by model and in batches, after a ticket; other jobs are claimed one by one,
            after a message that names the job.
        created_by: the request that creates its jobs, where it is not that for jobs.
    """

    queue: Queue
    params: Callable[[Card], type[Params] | None]
    inputs: Callable[[Card], tuple[Input, ...]]
    runs_on_model: bool
    names_model: Callable[[Card], bool] = lambda _: False
    created_by: str = ""

    @property
    def is_requestable(self) -> bool:
        """Clients can request a job of it by its name."""
        return not self.created_by


REQUIREMENTS: dict[Task, Requirements] = {
    Task.PREDICT: Requirements(
        Queue.PREDICT, lambda card: card.predict_params, lambda card: card.inputs, runs_on_model=True
    ),
    Task.TRAIN: Requirements(
        Queue.TRAIN,
        lambda card: card.train_params,
        lambda card: (card.trains_on,) if card.trains_on else (),
        runs_on_model=False,
    ),
    # repeats a prediction and computes its stages instead of its answer
    Task.INSPECT: Requirements(
        Queue.PREDICT,
        lambda card: card.predict_params,
        lambda card: card.inputs,
        runs_on_model=True,
        created_by="GET /v1/jobs/{id}/inspection",
    ),
    Task.INSTALL: Requirements(
        Queue.PREDICT,
        lambda _: None,
        lambda _: (),
        runs_on_model=False,
        created_by="POST /v1/models/{name}/install",
    ),
    Task.CHECK: Requirements(
        Queue.PREDICT, lambda _: None, lambda _: (), runs_on_model=False, created_by="POST /v1/datasets"
    ),
    Task.AUDIT: Requirements(
        Queue.PREDICT,
        lambda card: card.audit_params,
        lambda card: (card.audits_on,) if card.audits_on else (),
        runs_on_model=False,
        names_model=lambda card: issubclass(card.audit_params or Params, ModelAuditParams),
    ),
    # its params are checked by `services.sweeps`
    Task.SWEEP: Requirements(
        Queue.TRAIN, lambda _: None, lambda _: (), runs_on_model=False, created_by="POST /v1/sweeps"
    ),
}


OF_QUEUE: dict[Queue, tuple[Task, ...]] = {
    queue: tuple(task for task, about in REQUIREMENTS.items() if about.queue == queue) for queue in Queue
}
# not among the jobs of a list: they belong to another job, to a model, or to a dataset
UNLISTED = (Task.INSPECT, Task.INSTALL, Task.CHECK)
ON_MODELS = tuple(task for task, about in REQUIREMENTS.items() if about.runs_on_model)


def is_among(allowed: Iterable[Task]) -> ColumnElement[bool]:
    """The condition that a job has one of these tasks. Unlike IN, its text is fixed: it is compiled once."""
    return or_(*(jobs.c.task == task for task in allowed))


def offered(card: Card) -> list[Task]:
    """The tasks that clients can request of the capability."""
    return [task for task, about in REQUIREMENTS.items() if about.is_requestable and about.params(card)]
