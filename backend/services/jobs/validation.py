"""Job requests, checked against the capability's card before anything is read or stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Row

from backend.errors import Conflict, Invalid, NotFound, UnsupportedMedia, pointer
from backend.http.field_errors import field_error
from backend.http.upload_stream import UploadStream
from backend.services.datasets import training
from backend.services.jobs import tasks
from backend.services.uploads.files import Stored
from backend.tables import Task
from models.core.contract import registry
from models.core.contract.card import Card, Input, MediaKind, Params
from models.core.contract.messages import Text

P = TypeVar("P", bound=Params)

_ON_DATASETS = (Task.TRAIN, Task.AUDIT)
ONLY = ""  # name of the input where a capability has one

_KINDS = {
    "image": Text("core.kinds.images", "images"),
    "table": Text("core.kinds.tables", "tables"),
    "archive": Text("core.kinds.archives", "ZIP archives"),
}
_KIND = {
    "image": Text("core.kinds.image", "an image"),
    "table": Text("core.kinds.table", "a table"),
    "archive": Text("core.kinds.archive", "a ZIP archive"),
}
_OTHER_KIND = Text(
    "core.inputs.other_kind",
    "{title} takes {kinds}, but {name!r} is {kind}. Choose another file.",
)
_MISSING = Text("core.inputs.missing", "{title} needs the input {name!r}.")
_UNKNOWN = Text("core.inputs.unknown", "{title} has no input {name!r}; its inputs are: {known}.")
_TAKES_NONE = Text("core.inputs.takes_none", "{title} takes no input.")
_TAKES_NO_DATA = Text("core.inputs.takes_no_data", "{title} trains only on the data that it ships with.")
_TAKES_SEVERAL = Text("core.inputs.takes_several", "{title} takes several inputs; name each: {known}.")
_TWICE = Text("core.inputs.twice", "The input {name!r} was sent twice.")
_NOT_INSTALLED = Text(
    "core.inputs.not_installed", "The capability {capability!r} is no longer installed on this server."
)
_SENT_TWICE = Text("core.fields.sent_twice", "was sent twice")
_NO_INPUT = Text("core.fields.no_input", "is not an input")
_REQUIRED = Text("core.fields.required", "is required")
_NAMES_NONE = Text("core.fields.names_none", "does not name an input")
_IS_NOT = Text("core.fields.is_not", "is not {kind}")
_NO_TRAINING = Text("core.fields.no_training", "train is not available")
_INVALID = Text("core.fields.invalid_params", "Invalid params: {name}: {problem}.")
_NO_MODEL = Text("core.fields.no_model", "only a training makes a model")
_ON_DATASET = Text(
    "core.inputs.on_dataset",
    "dataset_id names the data of a training or an audit; send it without upload_id and inputs.",
)
_NO_DATASET = Text(
    "core.inputs.no_dataset", "dataset_version is a version of the dataset that dataset_id names; send both."
)
_UNTRAINABLE = Text("core.inputs.untrainable", "{title} cannot be trained.")
_NO_AUDIT = Text("core.fields.no_audit", "audit is not available")
_UNAUDITABLE = Text("core.inputs.unauditable", "{title} cannot be audited.")
_ONLY_DATASETS = Text("core.inputs.only_datasets", "{title} is audited on a dataset: send its dataset_id.")


@dataclass(frozen=True)
class JobRequest:
    """A requested job. Its params are complete, and its inputs are those of the card."""

    card: Card
    task: Task
    params: Mapping[str, Any]
    inputs: Mapping[str, UploadStream | Stored | UUID]
    inspect: bool  # store the stages with the answer
    model: str | None = None
    picture: bool = False  # also answer with a picture
    reuse: bool = False  # accept the stored answer of an equal job
    dataset_id: UUID | None = None  # that a training or an audit uses, instead of an input
    dataset_version: int | None = None  # None: the newest
    idempotency_key: str | None = None
    request_id: str | None = None
    name: str | None = None  # by default the file names of the inputs
    description: str = ""
    tags: tuple[str, ...] = ()
    model_name: str | None = None  # of the model that a training makes
    requested_by: str | None = None  # name of the API key

    def labels(self) -> list[Any]:
        """What a repeated request must have in common besides its question."""
        return [self.model, self.name, self.description, self.tags, self.model_name]

    def question(self) -> list[Any]:
        """Everything that the answer depends on, besides the inputs and the weights."""
        question = [self.card.name, self.task, self.params, self.inspect, self.picture]
        return [*question, str(self.dataset_id), self.dataset_version] if self.dataset_id else question


def check_installed(capability: str) -> None:
    """Raises Conflict: a stored job's capability is no longer there, so it cannot be repeated."""
    if capability not in registry.cards():
        raise Conflict(_NOT_INSTALLED(capability=capability))


def check_request(
    capability: str,
    task: Task,
    params: Mapping[str, Any],
    inputs: Mapping[str, UploadStream | Stored | UUID],
    *,
    inspect: bool | None = None,
    dataset_id: UUID | None = None,
    at: str = "/inputs",
    **options: Any,
) -> JobRequest:
    """All checks that need no database.

    Args:
        inputs: by name; `ONLY` names the input of a capability that has one.
        inspect: None: the card's `keeps_stages`.
        dataset_id: of a training or an audit, instead of inputs.
        at: JSON pointer to the inputs in the request.
        options: the further fields of `JobRequest`.

    Raises:
        NotFound: no such capability.
        Invalid: params or inputs do not match its card.
    """
    card = registry.cards().get(capability)
    if card is None:
        known = ", ".join(sorted(registry.cards()))
        raise NotFound(f"Capability {capability!r} does not exist; available: {known}.")
    complete = _check_params(card, task, params)
    if options.get("model_name") is not None and task != Task.TRAIN:
        raise Invalid(_NO_MODEL(), errors=[{"pointer": "/model_name", "detail": _NO_MODEL()}])
    if dataset_id is None:
        if options.get("dataset_version") is not None:
            raise Invalid(_NO_DATASET(), errors=[{"pointer": "/dataset_version", "detail": _NO_DATASET()}])
        named = _check_inputs(card, task, inputs, at)
    else:
        named = _check_dataset(card, task, inputs)
    # an audit is the record of what it counted, and is made once
    keeps = task == Task.AUDIT or (card.keeps_stages if inspect is None else inspect)
    return JobRequest(card, task, complete, named, keeps, dataset_id=dataset_id, **options)


def _check_dataset(card: Card, task: Task, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """No inputs: the dataset takes their place. Raises Invalid."""
    if task not in _ON_DATASETS or given:
        detail = _ON_DATASET()
        raise Invalid(detail, errors=[{"pointer": "/dataset_id", "detail": detail}])
    training.check_card(card, task)
    return {}


def _check_inputs(
    card: Card, task: Task, given: Mapping[str, Any], at: str
) -> Mapping[str, UploadStream | Stored | UUID]:
    taken = {each.name: each for each in tasks.REQUIREMENTS[task].inputs(card)}
    if task == Task.AUDIT and not taken:
        raise Invalid(
            _ONLY_DATASETS(title=card.title), errors=[{"pointer": "/dataset_id", "detail": _REQUIRED()}]
        )
    if ONLY in given:
        name = _only(card, task, taken, at)
        if name in given:
            where = [{"pointer": _at(at, name), "detail": _SENT_TWICE()}]
            raise Invalid(_TWICE(name=name), errors=where)
        given = {name if each == ONLY else each: value for each, value in given.items()}
    known = ", ".join(taken)
    for name in given:
        if name not in taken:
            detail = _UNKNOWN(title=card.title, name=name[:80], known=known or "none")
            raise Invalid(detail, errors=[{"pointer": _at(at, name[:80]), "detail": _NO_INPUT()}])
    for each in taken.values():
        if _is_needed(card, task, each) and each.name not in given:
            where = _pointer_to_only(at) if len(taken) == 1 else _at(at, each.name)
            detail = _MISSING(title=card.title, name=each.name)
            raise Invalid(detail, errors=[{"pointer": where, "detail": _REQUIRED()}])
    return given


def _only(card: Card, task: Task, taken: Mapping[str, Input], at: str) -> str:
    if len(taken) == 1:
        return next(iter(taken))
    if taken:
        detail = _TAKES_SEVERAL(title=card.title, known=", ".join(taken))
    else:
        detail = (_TAKES_NO_DATA if task == Task.TRAIN else _TAKES_NONE)(title=card.title)
    where = _pointer_to_only(at)
    raise Invalid(detail, errors=[{"pointer": where, "detail": _NAMES_NONE()}])


def _is_needed(card: Card, task: Task, taken: Input) -> bool:
    return taken.required or (task == Task.TRAIN and card.sample_dataset is None)


def _pointer_to_only(at: str) -> str:
    return "/upload_id" if at == "/inputs" else "/file"


def _at(at: str, name: str) -> str:
    return at + pointer([name])


@dataclass(frozen=True)
class Sent:
    """A file that has no row."""

    name: str
    kind: MediaKind


def check_uploads(request: JobRequest, uploads: Mapping[str, Row[Any] | Sent]) -> None:
    """Raises UnsupportedMedia: an input is an upload of another kind."""
    for taken in tasks.REQUIREMENTS[request.task].inputs(request.card):
        upload = uploads.get(taken.name)
        if upload is not None and upload.kind != taken.kind:
            raise UnsupportedMedia(
                _OTHER_KIND(
                    title=request.card.title,
                    kinds=_KINDS[taken.kind](),
                    name=upload.name,
                    kind=_KIND[upload.kind](),
                ),
                errors=[{"pointer": _at("/inputs", taken.name), "detail": _IS_NOT(kind=_KIND[taken.kind]())}],
            )


def _check_params(card: Card, task: Task, params: Mapping[str, Any]) -> dict[str, Any]:
    """All params with defaults, so that the row is enough to repeat the job."""
    about = tasks.REQUIREMENTS[task]
    if not about.is_requestable:
        where = [{"pointer": "/task", "detail": "cannot be requested"}]
        raise Invalid(f"Jobs of task {task} are created by {about.created_by}.", errors=where)
    declared = about.params(card)
    if declared is None:
        reason, detail = (
            (_NO_AUDIT(), _UNAUDITABLE(title=card.title))
            if task == Task.AUDIT
            else (_NO_TRAINING(), _UNTRAINABLE(title=card.title))
        )
        raise Invalid(detail, errors=[{"pointer": "/task", "detail": reason}])
    return fitting(declared, params).model_dump(mode="json")


def fitting(declared: type[P], params: Mapping[str, Any]) -> P:
    """The params with defaults. Raises Invalid: they do not match the declaration."""
    try:
        return declared.model_validate(dict(params))
    except ValidationError as error:
        problems = [
            field_error(problem, ["params", *problem["loc"]], declared.model_fields)
            for problem in error.errors(include_url=False, include_input=False)
        ]
        first = problems[0]
        name = first["pointer"].removeprefix("/params/")
        raise Invalid(_INVALID(name=name, problem=first["detail"]), errors=problems) from error
