"""A table read for its column report: types, missing values, histograms, problems by row and column."""

from dataclasses import asdict
from uuid import UUID

from backend.errors import NotFound
from backend.schemas.uploads import TableRead
from backend.services.uploads import files, table_reports
from backend.services.uploads.table_reports import Kept
from backend.storage import storage
from models.core.contract.errors import InputError
from models.core.tables import csv_reader
from models.core.tables.profile import report
from models.core.tables.read_options import Reading

MOST_PROBLEMS = 200


def look(upload_id: UUID, told: str) -> None:
    """Read the table as `told` (JSON); keep its report, or why it cannot be read, beside the upload."""
    try:
        upload = files.read_row(upload_id)
    except NotFound:
        return  # deleted meanwhile
    reading = Reading.model_validate_json(told)
    try:
        kept = Kept(report=_report(storage().get(upload.key), reading))
    except InputError as error:
        kept = Kept(refusal=str(error))
    table_reports.keep(upload_id, table_reports.key_of(upload.sha256, reading), kept)


def _report(data: bytes, reading: Reading) -> TableRead:
    """Types of columns that are not there are passed over: another delimiter makes other columns.

    Raises:
        InputError: no table, or an odd one; it says where.
    """
    frame = csv_reader.read(data, reading.model_copy(update={"types": {}}), expected=reading.types)
    found = asdict(report(frame))
    problems = found.pop("problems")
    return TableRead.model_validate(
        {
            **found,
            "delimiter": frame.notation.delimiter,
            "encoding": frame.encoding,
            "has_header": frame.has_header,
            "problems": problems[:MOST_PROBLEMS],
            "problems_total": len(problems),
        }
    )
