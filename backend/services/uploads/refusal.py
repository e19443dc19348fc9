"""Why a worker could not read an uploaded file: stored beside what it computes, and raised for requests."""

from typing import Self

from pydantic import BaseModel

from backend.errors import Invalid
from backend.schemas.base import MessagePart
from models.core.contract.messages import Message, message_of, parts_of


class Refusal(BaseModel):
    """The text of an InputError or another error for people, with its parts for other languages."""

    detail: str
    message: list[MessagePart] = []

    @classmethod
    def of(cls, error: Exception) -> Self:
        return cls(detail=str(error), message=[MessagePart(**part) for part in parts_of(message_of(error))])

    def problem(self) -> Invalid:
        detail = Message(self.detail, [part.model_dump() for part in self.message])
        return Invalid(detail, errors=[{"pointer": "/file", "detail": detail}])
