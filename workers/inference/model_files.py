"""Files of models: written for requests, and checked when they come from elsewhere."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from backend.errors import NotFound
from backend.messaging import tickets
from backend.services.models import exports, imports
from backend.services.models.exports import FAILED, Form
from backend.services.models.imports import Outcome
from backend.services.uploads import files
from backend.services.uploads.refusal import Refusal
from backend.settings import settings
from backend.storage import storage
from models.core.contract.errors import InputError
from models.core.exporting.manifest import CARD, WEIGHTS
from workers import exporting
from workers.exporting import Refused

log = logging.getLogger(__name__)


def write_export(model_id: UUID, form: Form) -> None:
    """Write one form of a model into the storage, or note why that is impossible."""
    try:
        requested = exports.of(model_id, form)
    except NotFound:
        return  # deleted in the meantime
    with TemporaryDirectory(dir=_folder()) as name:
        file = Path(name) / requested.file_name
        try:
            exporting.write_apart(model_id, form, file)
        except Refused as error:
            exports.refuse(requested, error.refusal)
        except RuntimeError:
            log.exception("model %s was not exported as %s", model_id, form)
            exports.refuse(requested, Refusal.of(InputError(FAILED())), is_final=False)
        else:
            exports.keep(requested, file)
        finally:
            tickets.release_model_file(model_id, form)


def import_model(upload_id: UUID) -> None:
    """Check an uploaded ZIP, register its model, and store the outcome."""
    try:
        upload = files.read_row(upload_id)
    except NotFound:
        return  # deleted in the meantime
    with TemporaryDirectory(dir=_folder()) as name:
        folder = Path(name)
        try:
            manifest = exporting.extract_apart(storage().local(upload.key, folder), folder)
            card = (folder / CARD).read_text("utf-8")
            outcome = imports.register(manifest, card, folder / WEIGHTS)
        except Refused as error:
            outcome = Outcome(refusal=error.refusal)
        except RuntimeError:
            log.exception("upload %s was not imported", upload_id)
            outcome = Outcome(refusal=Refusal.of(InputError(imports.FAILED())))
    imports.end(upload_id, outcome)
    tickets.release_import(upload_id)


def _folder() -> Path:
    folder = settings().work_folder() / "models"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
