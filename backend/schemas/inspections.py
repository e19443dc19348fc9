"""The stages that open an answer."""

from uuid import UUID

from pydantic import Field

from backend.schemas.base import Read
from models.core.contract.card import Kind


class CodeRead(Read):
    name: str
    file: str
    line: int
    source: str


class StageRead(Read):
    id: str
    kind: Kind
    title: str
    explanation: str
    count: int | None
    bytes: int
    data_url: str
    files: dict[str, str] = Field(description="Name -> address, of the pictures that the data names.")
    code: CodeRead | None


class InspectionRead(Read):
    job_id: UUID
    stages: list[StageRead]
