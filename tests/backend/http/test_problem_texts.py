"""Problems can be read in any language: title, detail and field errors come with ids and values."""

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field, ValidationError

from backend.errors import AppError
from backend.http.field_errors import field_error
from models.core.contract import registry
from models.core.contract.messages import Message, parts_of


def test_a_field_error_has_an_id_and_its_values(client: TestClient) -> None:
    problem = client.post("/v1/jobs", json={"capability": "clustering", "params": {"n_clusters": 0}}).json()

    assert problem["title_message"] == [{"id": "core.problems.invalid", "values": {}}]
    (error,) = problem["errors"]
    assert error["pointer"] == "/params/n_clusters"
    assert error["detail"] == "Input should be greater than or equal to 1"
    assert error["detail_message"] == [{"id": "core.fields.greater_than_equal", "values": {"ge": 1}}]
    assert problem["detail_message"][0]["id"] == "core.fields.invalid_params"


class Fields(BaseModel):
    count: int = Field(1, ge=1, le=9)
    share: float = Field(0.5, gt=0, lt=1)
    name: str = Field("a", min_length=1, max_length=3)
    names: list[str] = Field([], max_length=1)


@pytest.mark.parametrize(
    "values",
    [
        {"count": 0},
        {"count": 10},
        {"count": "x"},
        {"count": 1.5},
        {"share": 0},
        {"share": 1},
        {"name": ""},
        {"name": "abcd"},
        {"name": 1},
        {"names": "a"},
    ],
)
def test_the_english_text_is_that_of_pydantic(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        Fields.model_validate(values)
    (found,) = caught.value.errors()

    detail = field_error(found, found["loc"])["detail"]

    assert detail == found["msg"]
    assert parts_of(detail)


def test_an_unknown_kind_of_error_keeps_pydantics_text() -> None:
    assert field_error({"type": "new", "msg": "Something else", "loc": ()}, ())["detail"] == "Something else"


@pytest.mark.parametrize("kind", [AppError, *AppError.__subclasses__()])
def test_every_title_has_a_german_translation(kind: type[AppError]) -> None:
    assert isinstance(kind.title, Message)
    assert kind.title.parts[0]["id"] in registry.translations("de")
