"""The stages of an answer."""

from uuid import UUID

from pydantic import ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import MessagePart, Read
from models.core.contract.card import Kind
from models.core.contract.prediction import Role


class CodeRead(Read):
    name: str
    file: str
    line: int
    source: str


class StageRead(Read):
    id: str
    kind: Kind
    role: Role | None = Field(description="input: as the model received it. answer: the answer itself.")
    title: str
    title_message: list[MessagePart]
    explanation: str
    explanation_message: list[MessagePart]
    count: int | None
    bytes: int
    data_url: str
    files: dict[str, str] = Field(description="Name -> address of the pictures named in the data.")
    code: CodeRead | None


class InspectionRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.INSPECTION))

    job_id: UUID
    stages: list[StageRead]
