"""Which datasets a training or an audit can use, and what it reads of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from backend.errors import Conflict, Invalid
from backend.services.datasets import rows, versions
from backend.tables import Task, uploads
from backend.tables import dataset_version_uploads as version_uploads
from models.core.contract.card import Card, Input, MediaKind
from models.core.contract.dataset import DatasetKind
from models.core.contract.messages import Message, Text

KINDS = {
    DatasetKind.CLASSES: Text("core.datasets.requests.kinds.classes", "pictures with a class each"),
    DatasetKind.BOXES: Text("core.datasets.requests.kinds.boxes", "pictures with boxes"),
    DatasetKind.MASKS: Text("core.datasets.requests.kinds.masks", "pictures with masks"),
    DatasetKind.PICTURES: Text("core.datasets.requests.kinds.pictures", "pictures without labels"),
    DatasetKind.TABLE: Text("core.datasets.requests.kinds.table", "a table"),
}
_TAKES_NO_DATASET = Text("core.datasets.requests.takes_none", "{title} does not train on datasets.")
_OTHER_KIND = Text(
    "core.datasets.requests.takes_other", "{title} trains on {kinds}, but the dataset {name!r} has {kind}."
)
_NOT_AUDITED_ON = Text("core.datasets.requests.not_audited", "{title} is not audited on datasets.")
_AUDITS_OTHER_KIND = Text(
    "core.datasets.requests.audits_other",
    "{title} is audited on {kinds}, but the dataset {name!r} has {kind}.",
)
_OR = Text("core.datasets.requests.or", "{first} or {second}")
_NO_VERSION = Text(
    "core.datasets.requests.no_version",
    "The dataset {name!r} has no version yet; make one first.",
)


@dataclass(frozen=True)
class Data:
    """What a training or an audit uses: one version of a dataset."""

    dataset: Row[Any]
    version: int
    upload: Row[Any] | None  # of a table, which is read as an upload


def kinds_of(card: Card) -> tuple[DatasetKind, ...]:
    """The kinds of datasets that a training of the capability takes."""
    return _with_tables(card.trains_on_datasets, card.trains_on)


def audited_kinds_of(card: Card) -> tuple[DatasetKind, ...]:
    """The kinds of datasets that an audit of the capability takes."""
    return _with_tables(card.audits_on_datasets, card.audits_on)


def _with_tables(kinds: tuple[DatasetKind, ...], upload: Input | None) -> tuple[DatasetKind, ...]:
    """A dataset with a table is read as an upload, and taken wherever one is."""
    on_tables = upload is not None and upload.kind == MediaKind.TABLE
    return tuple(dict.fromkeys((*kinds, *((DatasetKind.TABLE,) if on_tables else ()))))


def _taken_by(card: Card, task: Task) -> tuple[DatasetKind, ...]:
    return audited_kinds_of(card) if task == Task.AUDIT else kinds_of(card)


def check_card(card: Card, task: Task) -> None:
    """Raises Invalid: the capability does this on no datasets."""
    if not _taken_by(card, task):
        text = _NOT_AUDITED_ON if task == Task.AUDIT else _TAKES_NO_DATASET
        raise _refused(text(title=card.title))


def resolve(connection: Connection, card: Card, task: Task, dataset_id: UUID, version: int | None) -> Data:
    """The version that a training or an audit uses; None: the newest.

    Raises:
        NotFound: no such dataset or version.
        Conflict: the dataset has no version.
        Invalid: the capability takes other kinds of datasets.
    """
    dataset = rows.find_complete(connection, dataset_id)
    kinds = _taken_by(card, task)
    if dataset.kind not in kinds:
        taken = _either([KINDS[kind]() for kind in kinds])
        about = {"title": card.title, "kinds": taken, "name": dataset.name}
        text = _AUDITS_OTHER_KIND if task == Task.AUDIT else _OTHER_KIND
        raise _refused(text(**about, kind=KINDS[DatasetKind(dataset.kind)]()))
    if version is None:
        found = versions.newest(connection, dataset_id)
        if found is None:
            raise Conflict(_NO_VERSION(name=dataset.name))
    else:
        found = versions.find(connection, dataset_id, version)
    is_table = dataset.kind == DatasetKind.TABLE
    upload = _upload_of(connection, dataset_id, found.version) if is_table else None
    return Data(dataset, found.version, upload)


def _upload_of(connection: Connection, dataset_id: UUID, version: int) -> Row[Any]:
    of_it = version_uploads.c.dataset_id == dataset_id, version_uploads.c.version == version
    query = select(uploads).join(version_uploads, version_uploads.c.upload_id == uploads.c.id)
    return connection.execute(query.where(*of_it)).one()


def _either(names: list[Message]) -> Message:
    found = names[0]
    for name in names[1:]:
        found = _OR(first=found, second=name)
    return found


def _refused(detail: str) -> Invalid:
    return Invalid(detail, errors=[{"pointer": "/dataset_id", "detail": detail}])
