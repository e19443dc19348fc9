"""What users write about models: title, name, description, tags and model card."""

from typing import Any

from sqlalchemy import Connection, Row, select, update

from backend.database import transaction
from backend.errors import Conflict, Invalid
from backend.schemas.models import ModelRead, ModelUpdate
from backend.services.log.record import identity, record
from backend.services.models import cards, catalog
from backend.services.models.naming import OWN
from backend.services.reviews.waiting import has_confidence
from backend.tables import FINAL, jobs, models
from models.core.contract.messages import Text

_NOT_EDITABLE = Text(
    "core.models.not_renamable", "{name} is part of Glassbox; only models trained here can be renamed."
)
_CARD_NOT_EDITABLE = Text(
    "core.models.card_not_editable",
    "{name} is part of Glassbox; only the cards of models trained here can be edited.",
)
_NO_CONFIDENCE = Text(
    "core.models.no_confidence", "The answers of {name} have no confidence, so none can be chosen for review."
)
_BAND_ENDS = Text("core.models.band_ends", "review_from and review_to belong together: set both, or neither.")
_BAND_ORDER = Text("core.models.band_order", "review_from is {low}, above review_to, {high}.")
_BAND = ("review_from", "review_to")
_OF_VERSION = ("description", "tags", *_BAND)
_TAKEN = Text("core.models.name_taken", "A model named {name} exists; choose another name.")
_TAKEN_DELETED = Text(
    "core.models.name_taken_deleted", "{name} was the name of a deleted model; choose another name."
)


def edit(name: str, changes: ModelUpdate, version: int | None = None, *, by: str | None = None) -> ModelRead:
    """Write the given fields: name and title of all versions, the others of one, by default the newest.

    Raises:
        NotFound.
        Conflict: it is part of Glassbox, which has its name, title and card; or the new name is taken.
    """
    given = changes.model_dump(exclude_unset=True)
    with transaction() as connection:
        row = catalog.of_version(connection, name, version)
        if row.source not in OWN and given.keys() & {"name", "title", "card"}:
            refused = _CARD_NOT_EDITABLE if "card" in given else _NOT_EDITABLE
            raise Conflict(refused(name=name))
        _check_band(row, given)
        _write(connection, row, given)
        if given.keys() & set(_BAND):
            band = {end: given.get(end, row._mapping[end]) for end in _BAND}
            content = {"capability": row.capability, "model": identity(row), **band}
            record(connection, "review_band", content, by=by)
        if "name" in given and given["name"] != name:
            rename(connection, name, given["name"])
            content = {"capability": row.capability, "model": identity(row), "name": given["name"]}
            record(connection, "rename_model", content, by=by)
        return catalog.show(catalog.of_version(connection, given.get("name", name), row.version))


def _check_band(row: Row[Any], given: dict[str, Any]) -> None:
    """Raises Invalid: the answers have no confidence, or the ends of the band do not fit each other."""
    low, high = (given.get(end, row._mapping[end]) for end in _BAND)
    problem = None
    if (low is None) != (high is None):
        problem = _BAND_ENDS()
    elif low is not None and high is not None and low > high:
        problem = _BAND_ORDER(low=low, high=high)
    elif low is not None and not has_confidence(row.capability):
        problem = _NO_CONFIDENCE(name=row.name)
    changed = [end for end in _BAND if end in given]
    if changed and problem is not None:
        raise Invalid(problem, errors=[{"pointer": f"/{changed[0]}", "detail": problem}])


def _write(connection: Connection, row: Row[Any], given: dict[str, Any]) -> None:
    if "title" in given:
        of_it = models.c.name == row.name
        connection.execute(update(models).where(of_it).values(title=given["title"]))
    values = {field: given[field] for field in _OF_VERSION if field in given}
    if "card" in given:
        card = connection.scalar(select(models.c.card).where(models.c.id == row.id)) or ""
        values["card"] = cards.edited(card, given["card"])
    if values:
        connection.execute(update(models).where(models.c.id == row.id).values(values))


def rename(connection: Connection, old: str, new: str) -> None:
    """Rename all versions, also in the results of their trainings, and in those that make the next ones.

    Raises Conflict: the new name is taken; nothing was written.
    """
    taken = connection.execute(select(models.c.deleted_at).where(models.c.name == new)).all()
    if taken:
        is_kept = any(row.deleted_at is None for row in taken)
        raise Conflict((_TAKEN if is_kept else _TAKEN_DELETED)(name=new))
    promised = select(jobs.c.id).where(jobs.c.model_name == new, jobs.c.status.not_in(FINAL))
    if connection.scalar(promised.limit(1)) is not None:
        raise Conflict(_TAKEN(name=new))
    connection.execute(update(models).where(models.c.name == old).values(name=new))
    connection.execute(update(jobs).where(jobs.c.model_name == old).values(model_name=new))
    of_trainings = select(jobs.c.id, jobs.c.result).join(models, models.c.job_id == jobs.c.id)
    for job_id, result in connection.execute(of_trainings.where(models.c.name == new)).all():
        if result and "model" in result:
            renamed = {**result, "model": {**result["model"], "name": new}}
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(result=renamed))
