"""Signing in."""

from pydantic import Field

from backend.schemas.base import Body, Read


class SessionCreate(Body):
    key: str = Field(max_length=500, description="One of the server's API keys.")


class SessionRead(Read):
    key_needed: bool = Field(description="Whether this server asks for a key at all.")
    signed_in: bool = Field(description="Whether this request would be let in.")
