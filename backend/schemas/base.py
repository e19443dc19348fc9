"""What every body is made of."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """What a client sends: an unknown field is a mistake worth naming."""

    model_config = ConfigDict(extra="forbid")


class Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)
