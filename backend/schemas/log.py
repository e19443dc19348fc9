"""The log of decisions."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import MessagePart, Page, Read


class LogEntryRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.LOG_ENTRY))

    position: int | None = Field(description="In the chain; null: it is added within seconds.")
    at: datetime
    action: str = Field(
        description="predict, train, audit or sweep: a job has ended; review, review_band, default_model, "
        "rename_model, delete_model or delete_dataset; prune or forget: something was deleted from the log."
    )
    content: dict[str, Any] = Field(description="The job, the model and the outcome; names nobody.")
    details: dict[str, Any] = Field(
        description="What may be personal data: `by`, the name of a key or a person; `inputs`, the names and "
        "SHA-256 of files; `answer`, the SHA-256 of the answer."
    )
    deleted: list[str] = Field(description="Names of details that were deleted.")
    hash: str | None = Field(description="SHA-256 of the entry, which includes that of the entry before it.")


class LogList(Page):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.page(examples.LOG_ENTRY)))

    items: list[LogEntryRead]


class LogProblem(Read):
    position: int
    text: str
    text_parts: list[MessagePart] = Field(description="`text` as ids and values.")


class LogVerification(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.LOG_VERIFICATION))

    is_valid: bool
    entries: int = Field(description="Entries in the chain.")
    first: int = Field(description="Position of the oldest entry; 0: there is none.")
    last: int
    head: str = Field(description="Hash of the newest entry: note it elsewhere, with its position.")
    waiting: int = Field(description="Entries that are not in the chain yet.")
    deleted_details: int
    problems: list[LogProblem] = Field(description="At most 100.")
