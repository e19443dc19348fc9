"""A job before it is written: what was asked for, checked against the capability's card."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import Row

from backend.errors import Invalid, NotFound, UnsupportedMedia, pointer
from backend.tables import Task
from models.core.contract import registry
from models.core.contract.card import Card, Params

P = TypeVar("P", bound=Params)

_ALL = {"image": "images", "table": "tables", "archive": "ZIP archives"}
_ONE = {"image": "an image", "table": "a table", "archive": "a ZIP archive"}


@dataclass(frozen=True)
class Draft:
    """A job that is not written yet; its params are checked."""

    card: Card
    task: Task
    params: Mapping[str, Any]
    model: str | None = None
    inspect: bool = True
    picture: bool = False
    idempotency_key: str | None = None
    request_id: str | None = None
    reuse: bool = False  # a finished job that must have the same answer will do

    def question(self) -> list[Any]:
        """What the answer depends on, besides the input and the weights."""
        return [self.card.name, self.task, self.params, self.inspect, self.picture]


def draft(capability: str, task: Task, params: Mapping[str, Any], **wishes: Any) -> Draft:
    """Check what can be checked without the database.

    Raises:
        NotFound: no such capability.
        Invalid: the params do not fit its card.
    """
    card = registry.cards().get(capability)
    if card is None:
        known = ", ".join(sorted(registry.cards()))
        raise NotFound(f"There is no capability {capability!r}; there are: {known}.")
    return Draft(card, task, _check_params(card, task, params), **wishes)


def check_input(drafted: Draft, upload: Row[Any] | None) -> None:
    """Raises Invalid or UnsupportedMedia: there is nothing to work on, or it is of another kind."""
    card = drafted.card
    if drafted.task == Task.TRAIN:
        _check_data(card, upload)
    elif upload is None:
        where = [{"pointer": "/upload_id", "detail": "is needed"}]
        raise Invalid("A prediction needs an upload_id to predict from.", errors=where)
    elif upload.kind != card.accepts:
        raise UnsupportedMedia(
            f"{card.title} takes {_ALL[card.accepts]}; {upload.name!r} was read as {_ONE[upload.kind]}. "
            "Choose another file."
        )


def _check_data(card: Card, upload: Row[Any] | None) -> None:
    if upload is None:
        if card.sample_dataset is None:
            where = [{"pointer": "/upload_id", "detail": "is needed"}]
            raise Invalid(f"{card.title} brings no data of its own to train on.", errors=where)
    elif card.trains_on is None:
        where = [{"pointer": "/upload_id", "detail": "must be left out"}]
        raise Invalid(f"{card.title} trains on no upload, only on the data it brings.", errors=where)
    elif upload.kind != card.trains_on:
        raise UnsupportedMedia(
            f"{card.title} trains on {_ALL[card.trains_on]}; "
            f"{upload.name!r} was read as {_ONE[upload.kind]}. Choose another file."
        )


def _check_params(card: Card, task: Task, params: Mapping[str, Any]) -> dict[str, Any]:
    """All params, the defaults filled in, so that the row alone repeats the job."""
    declared = card.predict_params if task == Task.PREDICT else card.train_params
    if declared is None:
        raise Invalid(
            f"{card.title} has nothing to train.", errors=[{"pointer": "/task", "detail": "not train"}]
        )
    return fitting(declared, params).model_dump(mode="json")


def fitting(declared: type[P], params: Mapping[str, Any]) -> P:
    """The params with the defaults filled in. Raises Invalid: they are not as declared."""
    try:
        return declared.model_validate(dict(params))
    except ValidationError as error:
        problems = [
            {"pointer": pointer(["params", *problem["loc"]]), "detail": problem["msg"]}
            for problem in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        first = problems[0]
        detail = f"{first['pointer'].removeprefix('/params/')}: {first['detail']}."
        raise Invalid(f"The params do not fit: {detail}", errors=problems) from error
