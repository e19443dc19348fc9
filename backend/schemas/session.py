"""Sign-in."""

from pydantic import ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import Body, Read


class SessionCreate(Body):
    model_config = ConfigDict(json_schema_extra=examples.example({"key": "a-long-random-text"}))

    key: str = Field(max_length=500, description="One of the server's API keys.")


class SessionRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example({"key_needed": True, "signed_in": True}))

    key_needed: bool = Field(description="Whether this server requires a key.")
    signed_in: bool = Field(description="Whether this request is admitted.")
    max_upload_bytes: int = Field(description="Maximum bytes of one upload other than a ZIP archive.")
    max_archive_bytes: int = Field(description="Maximum bytes of one ZIP archive.")
