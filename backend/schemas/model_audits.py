"""What audits found about a model, in its card."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import Body, Description, MessagePart, Read

_AUDIT = {
    "id": examples.UPLOAD_ID,
    "job_id": examples.JOB_ID,
    "author": "Ada",
    "created_at": "2026-01-31T12:00:00Z",
    "model": {"name": "admission", "version": 1},
    "intended_use": "To sort applications for a first reading by a person.",
    "finding": "The model does not serve all groups alike: …",
    "group": "side",
    "gaps": [
        {
            "measure": "recall",
            "highest": "north",
            "lowest": "south",
            "difference": 0.24,
            "low": 0.17,
            "high": 0.3,
            "is_distinct": True,
            "text": "recall: 0.24 between south and north (95 %: 0.17 to 0.3)",
        }
    ],
    "section": "## Audit of 2026-01-31\n\n…",
    "section_message": [{"id": "core.model_audits.section", "values": {"date": "2026-01-31"}}],
}


class ModelAuditCreate(Body):
    model_config = ConfigDict(
        json_schema_extra=examples.example({"job_id": examples.JOB_ID, "author": "Ada"})
    )

    job_id: UUID = Field(description="An audit of this model that has succeeded.")
    author: Description = Field("", max_length=200, description="By default the name of the API key.")
    intended_use: Description = Field("", description="What the model is meant for, and what not.")


class AuditedModel(Read):
    name: str
    version: int


class GapRead(Read):
    model_config = ConfigDict(extra="allow", from_attributes=True)

    measure: str
    highest: str
    lowest: str
    difference: float
    low: float
    high: float
    is_distinct: bool = Field(description="The interval leaves out 0.")
    text: str = Field(description="The same as a sentence.")


class ModelAuditRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(_AUDIT))

    id: UUID
    job_id: UUID | None = Field(description="Null: it was deleted; the section stays.")
    author: str
    created_at: datetime
    model: AuditedModel
    intended_use: str
    finding: str
    group: str
    gaps: list[GapRead]
    section: str = Field(description="Markdown, as the model card has it.")
    section_message: list[MessagePart] = Field(description="The same as ids and values.")


class ModelAuditList(Read):
    model_config = ConfigDict(json_schema_extra=examples.example({"items": [_AUDIT]}))

    items: list[ModelAuditRead]
