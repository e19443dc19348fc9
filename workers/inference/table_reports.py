"""The report of a table: types, missing values, histograms, problems by row and column."""

from dataclasses import asdict
from uuid import UUID

from backend.errors import NotFound
from backend.schemas.uploads import TableRead
from backend.services.uploads import files, table_reports
from backend.services.uploads.refusal import Refusal
from backend.services.uploads.table_reports import Kept
from backend.storage import storage
from models.core.contract import registry
from models.core.contract.errors import InputError
from models.core.contract.messages import parts_of
from models.core.tables.read_options import ReadOptions

MAX_PROBLEMS = 200


def write_report(upload_id: UUID, options: str) -> None:
    """Read the table with these options (JSON); store its report, or its error, beside the upload."""
    try:
        upload = files.read_row(upload_id)
        data = storage().get(upload.key)
    except (NotFound, FileNotFoundError):
        return  # deleted in the meantime
    reading = ReadOptions.model_validate_json(options)
    try:
        kept = Kept(report=report_of(data, reading))
    except InputError as error:
        kept = Kept(refusal=Refusal.of(error))
    table_reports.keep(upload_id, table_reports.key_of(upload.sha256, reading), kept)


def report_of(data: bytes, reading: ReadOptions) -> TableRead:
    """Types of unknown columns are ignored: another delimiter gives other columns.

    Raises:
        InputError: not a table, or a malformed one, with the place.
    """
    # pandas is imported with the first table: most of a worker's start would be spent on it
    frame = registry.core("tables.csv_reader").read(
        data, reading.model_copy(update={"types": {}}), expected=reading.types
    )
    table = registry.core("tables.profile").profile(frame)
    found, problems = asdict(table), table.problems
    return TableRead.model_validate(
        {
            **found,
            "delimiter": frame.notation.delimiter,
            "decimal": frame.notation.decimal.replace("guess", ""),
            "encoding": frame.encoding,
            "has_header": frame.has_header,
            "sheets": frame.sheets,
            "sheet": frame.sheet,
            "problems": [
                {**asdict(problem), "what_message": parts_of(problem.what)}
                for problem in problems[:MAX_PROBLEMS]
            ],
            "problems_total": len(problems),
        }
    )
