"""Sign-in."""

from pydantic import Field

from backend.schemas.base import Body, Read


class SessionCreate(Body):
    key: str = Field(max_length=500, description="One of the server's API keys.")


class SessionRead(Read):
    key_needed: bool = Field(description="Whether this server requires a key.")
    signed_in: bool = Field(description="Whether this request is admitted.")
